//! What there is to know of the ports that everybody meets, beyond what the registry says.

use registry::{Port, Proto};

use super::{Facts, Saying};

/// A word about the port itself, where there is one to be said.
pub(super) fn note(facts: &Facts) -> Option<Saying> {
    let Port(number) = facts.port;
    let of = |noted: &&(u16, Option<Proto>, &str)| {
        let meant = noted.1.is_none() || facts.proto.is_none() || noted.1 == facts.proto;
        noted.0 == number && meant
    };
    NOTES.iter().find(of).map(|(_, _, id)| Saying::new(id))
}

/// Ports, the protocol that is meant where only one is, and the messages about them.
const NOTES: &[(u16, Option<Proto>, &str)] = &[
    (20, Some(Proto::Tcp), "note-ftp"),
    (21, Some(Proto::Tcp), "note-ftp"),
    (22, Some(Proto::Tcp), "note-ssh"),
    (23, Some(Proto::Tcp), "note-telnet"),
    (25, Some(Proto::Tcp), "note-smtp"),
    (53, None, "note-dns"),
    (67, Some(Proto::Udp), "note-dhcp"),
    (68, Some(Proto::Udp), "note-dhcp"),
    (80, None, "note-http"),
    (110, Some(Proto::Tcp), "note-pop3"),
    (123, Some(Proto::Udp), "note-ntp"),
    (143, Some(Proto::Tcp), "note-imap"),
    (161, Some(Proto::Udp), "note-snmp"),
    (389, None, "note-ldap"),
    (443, None, "note-https"),
    (445, Some(Proto::Tcp), "note-smb"),
    (587, Some(Proto::Tcp), "note-submission"),
    (631, None, "note-ipp"),
    (993, Some(Proto::Tcp), "note-imap"),
    (1433, Some(Proto::Tcp), "note-database"),
    (1521, Some(Proto::Tcp), "note-database"),
    (2049, None, "note-nfs"),
    (3000, Some(Proto::Tcp), "note-development"),
    (3306, Some(Proto::Tcp), "note-mysql"),
    (3389, None, "note-rdp"),
    (5000, Some(Proto::Tcp), "note-5000"),
    (5173, Some(Proto::Tcp), "note-development"),
    (5353, Some(Proto::Udp), "note-mdns"),
    (5432, Some(Proto::Tcp), "note-postgresql"),
    (5900, Some(Proto::Tcp), "note-vnc"),
    (6379, Some(Proto::Tcp), "note-redis"),
    (8000, Some(Proto::Tcp), "note-development"),
    (8080, Some(Proto::Tcp), "note-8080"),
    (8443, Some(Proto::Tcp), "note-8443"),
    (9200, Some(Proto::Tcp), "note-elasticsearch"),
    (11211, None, "note-memcached"),
    (27017, Some(Proto::Tcp), "note-mongodb"),
    (31337, None, "note-31337"),
    (51820, Some(Proto::Udp), "note-wireguard"),
];
