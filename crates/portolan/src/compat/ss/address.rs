//! How `ss` writes an end of an internet socket: `127.0.0.53%lo:domain`, `[::1]:631`, `*:443`.
//!
//! Source of truth: what `ss` 6.1 prints; addresses as `inet_ntop(3)` of glibc writes them.

use std::net::IpAddr;

use sockets::{Endpoint, Family, Socket};

use super::names::Names;
use super::row::Address;
use crate::compat::inet_ntop::v6_text;

/// The two ends of `socket`, the local one with its device.
pub(super) fn ends(socket: &Socket, names: &Names) -> (Address, Address) {
    let host = |end: &Endpoint| host_text(socket.family, socket.v6only == Some(true), end.addr);
    let mut local = host(&socket.local);
    if let Some(device) = &socket.device {
        local = format!("{local}%{}", device.name);
    }
    let port = |end: &Endpoint| names.port(end.port, socket.proto);
    (
        Address::new(local, ":", port(&socket.local)),
        Address::new(host(&socket.remote), ":", port(&socket.remote)),
    )
}

/// The address of a socket of `family`: `*` where it takes both families.
pub(super) fn host_text(family: Family, v6only: bool, addr: IpAddr) -> String {
    match addr {
        IpAddr::V6(addr) if addr.is_unspecified() && !v6only => "*".to_owned(),
        IpAddr::V6(addr) => format!("[{}]", v6_text(addr)),
        IpAddr::V4(addr) if family == Family::V6 => format!("[{}]", addr.to_ipv6_mapped()),
        IpAddr::V4(addr) => addr.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn addresses_look_like_inet_ntop() {
        for (addr, text) in [
            ("::", "[::]"),
            ("::1", "[::1]"),
            ("::1.2.3.4", "[::1.2.3.4]"),
            ("::1:0", "[::0.1.0.0]"),
            ("::ffff:127.0.0.1", "[::ffff:127.0.0.1]"),
            ("::ffff:0.0.0.0", "[::ffff:0.0.0.0]"),
            ("fd00:0:0:1::1", "[fd00:0:0:1::1]"),
            ("fd00:0:1:0:1:0:0:1", "[fd00:0:1:0:1::1]"),
            ("1:0:2:3:4:5:6:7", "[1:0:2:3:4:5:6:7]"),
        ] {
            assert_eq!(host_text(Family::V6, true, addr.parse().unwrap()), text);
        }
    }

    #[test]
    fn only_an_address_for_both_families_is_a_star() {
        let v6 = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        let v4 = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        assert_eq!(host_text(Family::V6, false, v6), "*");
        assert_eq!(host_text(Family::V6, true, v6), "[::]");
        assert_eq!(host_text(Family::V4, false, v4), "0.0.0.0");
    }
}
