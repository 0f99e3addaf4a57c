//! Names of hosts, from the system's own resolver, and addresses as the C library spells them.
//!
//! `getnameinfo(3)` looks where `nsswitch.conf(5)` says: `/etc/hosts`, then as a rule a name server.
//! Doing that without the C library would be another answer than the tools give.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The name of the host with this address; `None` where it has none.
pub(crate) fn name(addr: IpAddr) -> Option<String> {
    let socket = SocketAddr::new(addr, 0);
    let (host, _port) = dns_lookup::getnameinfo(&socket, NAME_REQUIRED).ok()?;
    Some(host)
}

/// The address in numbers, a mapped one as IPv4.
pub(crate) fn numeric(addr: IpAddr) -> String {
    match addr.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => compatible(v6).unwrap_or_else(|| v6.to_string()),
    }
}

/// `::a.b.c.d`, as `inet_ntop(3)` spells what was once an IPv4-compatible address (RFC 4291
/// §2.5.5.1).
fn compatible(v6: Ipv6Addr) -> Option<String> {
    let segments = v6.segments();
    (segments[..6] == [0; 6] && segments[6] != 0).then(|| v6.to_ipv4())?.map(|v4| format!("::{v4}"))
}

/// `NI_NAMEREQD` of `netdb.h`: no numbers in place of a name.
const NAME_REQUIRED: i32 = 8;
