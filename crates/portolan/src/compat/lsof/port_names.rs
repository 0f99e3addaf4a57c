//! Names of ports, found or missed as `lsof` 4.95 does.
//!
//! It looks up its first ten ports one by one and remembers the numbers that had no name, whatever the
//! protocol: until then a nameless `67/tcp` hides the name of `67/udp` after it. From the eleventh on
//! it knows all names.

use std::collections::HashSet;

use registry::{Port, Proto};

use crate::compat::services::Services;

/// The names of this host, asked for in the order in which they are printed.
#[derive(Debug)]
pub(super) struct PortNames {
    services: Services,
    found: HashSet<(Proto, Port)>,
    nameless: HashSet<Port>,
    asked: usize,
}

impl PortNames {
    /// Those of `services`.
    pub(super) fn of(services: Services) -> PortNames {
        PortNames { services, found: HashSet::new(), nameless: HashSet::new(), asked: 0 }
    }

    /// The name of the next port to print.
    pub(super) fn next(&mut self, port: Port, proto: Proto) -> Option<&[u8]> {
        let name = self.services.name(port, proto);
        if self.asked == ASKED_ONE_BY_ONE || self.found.contains(&(proto, port)) {
            return name;
        }
        if self.nameless.contains(&port) {
            return None;
        }
        self.asked += 1;
        match name {
            Some(_) => self.found.insert((proto, port)),
            None => self.nameless.insert(port),
        };
        name
    }
}

/// How many ports are looked up one by one.
const ASKED_ONE_BY_ONE: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nameless_port_hides_other_protocols_until_ten_were_asked_for() {
        let services = Services::parse(b"ntp 123/udp\necho 7/tcp\nsnmp 161/udp\n");
        let mut ports = PortNames::of(services);
        assert_eq!(ports.next(Port(123), Proto::Tcp), None);
        assert_eq!(ports.next(Port(123), Proto::Udp), None);
        assert_eq!(ports.next(Port(161), Proto::Udp), Some(&b"snmp"[..]));
        assert_eq!(ports.next(Port(161), Proto::Tcp), None);
        assert_eq!(ports.next(Port(161), Proto::Udp), Some(&b"snmp"[..]));
        for port in 1000..1007 {
            assert_eq!(ports.next(Port(port), Proto::Udp), None);
        }
        assert_eq!(ports.asked, ASKED_ONE_BY_ONE);
        assert_eq!(ports.next(Port(123), Proto::Udp), Some(&b"ntp"[..]));
    }
}
