//! The names that `ss` prints for numbers, unless `-n`: of ports, protocols and netlink's parts.
//!
//! Source of truth: `/etc/services`, `/etc/protocols`, iproute2's own `nl_protos`, and what `ss` 6.1
//! prints for a packet socket of each `ETH_P_*` of `linux/if_ether.h`.

use std::cell::OnceCell;
use std::fs;

use registry::{Port, PortRange, Proto};
use sockets::Source;

use super::users;
use crate::compat::services::{Numbers, Services};

/// Names numbers, or leaves them as they are.
#[derive(Debug)]
pub(super) struct Names {
    /// `None` with `-n`.
    services: Option<Services>,
    /// Ports that are never named: those that connections get by chance.
    ephemeral: PortRange,
    ip_protocols: OnceCell<Numbers>,
    netlink_protocols: OnceCell<Numbers>,
}

impl Names {
    /// Reads the names of this host.
    pub(super) fn read(source: &impl Source) -> Names {
        let ephemeral = source.port_settings().map_or(NO_SETTINGS, |settings| settings.ephemeral);
        Names { services: Some(Services::read()), ephemeral, ..Names::numeric() }
    }

    /// Numbers only.
    pub(super) fn numeric() -> Names {
        Names {
            services: None,
            ephemeral: NO_SETTINGS,
            ip_protocols: OnceCell::new(),
            netlink_protocols: OnceCell::new(),
        }
    }

    /// `port`, or `*` where there is none.
    pub(super) fn port(&self, port: Port, proto: Proto) -> Vec<u8> {
        if port == Port::NONE {
            return b"*".to_vec();
        }
        let named = self.services.as_ref().filter(|_| !self.ephemeral.contains(port));
        match named.and_then(|services| services.name(port, proto)) {
            Some(name) => name.to_vec(),
            None => port.to_string().into_bytes(),
        }
    }

    /// A protocol above IP.
    pub(super) fn ip_protocol(&self, number: u8) -> Vec<u8> {
        if self.services.is_none() {
            return number.to_string().into_bytes();
        }
        let names = self.ip_protocols.get_or_init(Numbers::of_ip_protocols);
        match names.name(number) {
            Some(name) => name.to_vec(),
            None => format!("ipproto-{number}").into_bytes(),
        }
    }

    /// A part of the kernel that netlink reaches.
    pub(super) fn netlink_protocol(&self, number: u8) -> Vec<u8> {
        let names = self.services.as_ref().map(|_| {
            self.netlink_protocols.get_or_init(|| {
                let text = NL_PROTOS.iter().find_map(|path| fs::read(path).ok());
                Numbers::parse_swapped(text.as_deref().unwrap_or(NL_PROTOS_TEXT))
            })
        });
        match names.and_then(|names| names.name(number)) {
            Some(name) => name.to_vec(),
            None => number.to_string().into_bytes(),
        }
    }

    /// Whose a netlink socket is by its port id, which by custom is a process's: `sshd/812`.
    pub(super) fn netlink_port(&self, port_id: i32) -> Vec<u8> {
        let named = self.services.is_some();
        match port_id {
            -1 => b"*".to_vec(),
            0 if named => b"kernel".to_vec(),
            1.. if named => match process_name(port_id) {
                Some(name) => [&name[..], b"/", port_id.to_string().as_bytes()].concat(),
                None => port_id.to_string().into_bytes(),
            },
            _ => port_id.to_string().into_bytes(),
        }
    }

    /// A protocol above the link.
    pub(super) fn link_protocol(&self, number: u16) -> String {
        if number == EVERY_LINK_PROTOCOL {
            return "*".to_owned();
        }
        let named = LINK_PROTOCOLS.iter().find(|(known, _)| *known == number);
        match named.filter(|_| self.services.is_some()) {
            Some((_, name)) => (*name).to_owned(),
            None => format!("[{number}]"),
        }
    }
}

/// The name of a process as `ss` reads it; `None` for an empty one too.
fn process_name(pid: i32) -> Option<Vec<u8>> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let open = stat.iter().position(|byte| *byte == b'(')?;
    let name = users::name(&stat[open + 1..]);
    (!name.is_empty()).then(|| name.to_vec())
}

/// What is not named on a host whose range cannot be read: the range of Linux before 2.4.
const NO_SETTINGS: PortRange = match PortRange::new(Port(1024), Port(4999)) {
    Some(range) => range,
    None => PortRange::ALL,
};

/// Where iproute2 keeps the names, the host's own first.
const NL_PROTOS: [&str; 2] = ["/etc/iproute2/nl_protos", "/usr/share/iproute2/nl_protos"];

/// What they are where it keeps none.
const NL_PROTOS_TEXT: &[u8] = b"0 rtnl\n1 unused\n2 usersock\n3 fw\n4 tcpdiag\n5 nflog\n6 xfrm\n\
    7 selinux\n8 iscsi\n9 audit\n10 fiblookup\n11 connector\n12 nft\n13 ip6fw\n14 dec-rt\n\
    15 uevent\n16 genl\n18 scsi-trans\n19 ecryptfs\n20 rdma\n21 crypto\n";

/// `ETH_P_ALL`.
const EVERY_LINK_PROTOCOL: u16 = 3;

const LINK_PROTOCOLS: [(u16, &str); 50] = [
    (0x0001, "802_3"),
    (0x0002, "ax25"),
    (0x0004, "802_2"),
    (0x0005, "snap"),
    (0x0006, "ddcmp"),
    (0x0007, "wan_ppp"),
    (0x0008, "ppp_mp"),
    (0x0009, "localtalk"),
    (0x000c, "can"),
    (0x0010, "ppptalk"),
    (0x0011, "tr_802_2"),
    (0x0015, "mobitex"),
    (0x0016, "control"),
    (0x0017, "irda"),
    (0x0018, "econet"),
    (0x0060, "loop"),
    (0x0200, "pup"),
    (0x0201, "pupat"),
    (0x0800, "ip"),
    (0x0805, "x25"),
    (0x0806, "arp"),
    (0x0a00, "ieeepup"),
    (0x0a01, "ieeepupat"),
    (0x6000, "dec"),
    (0x6001, "dna_dl"),
    (0x6002, "dna_rc"),
    (0x6003, "dna_rt"),
    (0x6004, "lat"),
    (0x6005, "diag"),
    (0x6006, "cust"),
    (0x6007, "sca"),
    (0x6558, "teb"),
    (0x8035, "rarp"),
    (0x809b, "atalk"),
    (0x80f3, "aarp"),
    (0x8100, "802.1Q"),
    (0x8137, "ipx"),
    (0x86dd, "ipv6"),
    (0x8847, "mpls_uc"),
    (0x8848, "mpls_mc"),
    (0x884c, "atmmpoa"),
    (0x8863, "ppp_disc"),
    (0x8864, "ppp_ses"),
    (0x8884, "atmfate"),
    (0x8892, "profinet"),
    (0x88a2, "aoe"),
    (0x88a4, "ethercat"),
    (0x88a8, "802.1ad"),
    (0x88ca, "tipc"),
    (0x88cc, "LLDP"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn named(services: &[u8]) -> Names {
        let ephemeral = PortRange::new(Port(32768), Port(60999)).unwrap();
        Names { services: Some(Services::parse(services)), ephemeral, ..Names::numeric() }
    }

    #[test]
    fn ports_by_chance_are_never_named() {
        let names = named(b"http 80/tcp\nodd 40000/tcp\n");
        let text = |port, proto| String::from_utf8(names.port(Port(port), proto)).unwrap();
        assert_eq!(text(80, Proto::Tcp), "http");
        assert_eq!(text(80, Proto::Udp), "80");
        assert_eq!(text(40000, Proto::Tcp), "40000");
        assert_eq!(text(0, Proto::Tcp), "*");
    }

    #[test]
    fn link_protocols_are_ordered_and_named() {
        assert!(LINK_PROTOCOLS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(named(b"").link_protocol(0x0800), "ip");
        assert_eq!(named(b"").link_protocol(0), "[0]");
        assert_eq!(Names::numeric().link_protocol(0x0800), "[2048]");
        assert_eq!(Names::numeric().link_protocol(3), "*");
    }

    #[test]
    fn netlink_ports_are_the_kernel_s_or_a_process_s() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let names = named(b"");
        assert_eq!(names.netlink_port(0), b"kernel");
        assert_eq!(names.netlink_port(-1), b"*");
        assert_eq!(names.netlink_port(i32::MAX), i32::MAX.to_string().as_bytes());
        assert!(names.netlink_port(pid).ends_with(format!("/{pid}").as_bytes()));
        assert_eq!(Names::numeric().netlink_port(0), b"0");
        assert_eq!(Names::numeric().netlink_port(pid), pid.to_string().as_bytes());
    }
}
