//! IPv6 addresses in the writing of glibc's `inet_ntop(3)`, which the tools print.

use std::net::Ipv6Addr;

/// `addr` as glibc writes it: unlike the standard library's, addresses in `::/96` end in dots
/// (`::192.0.2.1`).
pub(super) fn v6_text(addr: Ipv6Addr) -> String {
    match addr.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            let v4 = addr.to_ipv4().expect("::/96 is IPv4-compatible");
            format!("::{v4}")
        }
        _ => addr.to_string(),
    }
}
