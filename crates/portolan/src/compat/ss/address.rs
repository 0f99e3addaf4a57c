//! How `ss` writes an end of an internet socket: `127.0.0.53%lo:domain`, `[::1]:631`, `*:443`.
//!
//! Source of truth: what `ss` 6.1 prints; addresses as `inet_ntop(3)` of glibc writes them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use registry::{Port, PortRange, Proto};
use sockets::{Endpoint, Family, Socket, Source};

use super::row::Address;
use crate::compat::services::Services;

/// Names ports, or leaves them as numbers.
#[derive(Debug)]
pub(super) struct PortNames {
    /// `None` with `-n`.
    services: Option<Services>,
    /// Ports that are never named: those that connections get by chance.
    ephemeral: PortRange,
}

impl PortNames {
    /// Reads the names of this host.
    pub(super) fn read(source: &impl Source) -> PortNames {
        let ephemeral = source.port_settings().map_or(NO_SETTINGS, |settings| settings.ephemeral);
        PortNames { services: Some(Services::read()), ephemeral }
    }

    /// Numbers only.
    pub(super) fn numeric() -> PortNames {
        PortNames { services: None, ephemeral: PortRange::ALL }
    }

    fn text(&self, port: Port, proto: Proto) -> Vec<u8> {
        if port == Port::NONE {
            return b"*".to_vec();
        }
        let named = self.services.as_ref().filter(|_| !self.ephemeral.contains(port));
        match named.and_then(|services| services.name(port, proto)) {
            Some(name) => name.to_vec(),
            None => port.to_string().into_bytes(),
        }
    }
}

/// The two ends of `socket`, the local one with its device.
pub(super) fn ends(socket: &Socket, names: &PortNames) -> (Address, Address) {
    let host = |end: &Endpoint| host_text(socket.family, socket.v6only == Some(true), end.addr);
    let mut local = host(&socket.local);
    if let Some(device) = &socket.device {
        local = format!("{local}%{}", device.name);
    }
    let port = |end: &Endpoint| names.text(end.port, socket.proto);
    (
        Address::new(local, b':', port(&socket.local)),
        Address::new(host(&socket.remote), b':', port(&socket.remote)),
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

/// `addr` as glibc writes it: unlike here, addresses in `::/96` end in dots (`::192.0.2.1`).
fn v6_text(addr: Ipv6Addr) -> String {
    let [.., a, b, c, d] = addr.octets();
    match addr.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => format!("::{}", Ipv4Addr::new(a, b, c, d)),
        _ => addr.to_string(),
    }
}

/// What is not named on a host whose range cannot be read: the range of Linux before 2.4.
const NO_SETTINGS: PortRange = match PortRange::new(Port(1024), Port(4999)) {
    Some(range) => range,
    None => PortRange::ALL,
};

#[cfg(test)]
mod tests {
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

    #[test]
    fn ports_by_chance_are_never_named() {
        let ephemeral = PortRange::new(Port(32768), Port(60999)).unwrap();
        let services = Some(Services::parse(b"http 80/tcp\nodd 40000/tcp\n"));
        let names = PortNames { services, ephemeral };
        let text = |port, proto| String::from_utf8(names.text(Port(port), proto)).unwrap();
        assert_eq!(text(80, Proto::Tcp), "http");
        assert_eq!(text(80, Proto::Udp), "80");
        assert_eq!(text(40000, Proto::Tcp), "40000");
        assert_eq!(text(0, Proto::Tcp), "*");
    }
}
