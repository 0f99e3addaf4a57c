//! Names of ports and protocols as this host spells them, for tools that print names.
//!
//! Source of truth: `services(5)` and `protocols(5)`. The first entry for a number wins, as in
//! glibc's `getservbyport` and `getprotobynumber`; other sources of `nsswitch.conf` are not asked.

use std::collections::HashMap;
use std::fs;

use registry::{Port, Proto};

/// The names of `/etc/services`.
#[derive(Debug, Default)]
pub(crate) struct Services {
    names: HashMap<(Proto, Port), Vec<u8>>,
}

impl Services {
    /// Reads `/etc/services`; a host without one has no names.
    pub(crate) fn read() -> Services {
        Services::parse(&fs::read("/etc/services").unwrap_or_default())
    }

    /// Reads the text of such a file; lines that make no sense are skipped.
    pub(crate) fn parse(text: &[u8]) -> Services {
        let mut names = HashMap::new();
        for (name, value) in entries(text) {
            if let Some(key) = port_and_proto(value) {
                names.entry(key).or_insert_with(|| name.to_vec());
            }
        }
        Services { names }
    }

    /// Reads `/etc/services` as `netstat` does: the last entry for a port wins.
    pub(crate) fn read_last() -> Services {
        Services::parse_last(&fs::read("/etc/services").unwrap_or_default())
    }

    /// Reads the text of such a file; the last entry for a port wins.
    pub(crate) fn parse_last(text: &[u8]) -> Services {
        let named =
            entries(text).filter_map(|(name, value)| Some((port_and_proto(value)?, name.to_vec())));
        Services { names: named.collect() }
    }

    /// The name of `port` over `proto`.
    pub(crate) fn name(&self, port: Port, proto: Proto) -> Option<&[u8]> {
        self.names.get(&(proto, port)).map(Vec::as_slice)
    }
}

/// The names of one kind of number.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    names: HashMap<u8, Vec<u8>>,
}

impl Numbers {
    /// Reads `/etc/protocols`; a host without one has no names.
    pub(crate) fn of_ip_protocols() -> Numbers {
        let text = fs::read("/etc/protocols").unwrap_or_default();
        Numbers::collect(entries(&text))
    }

    /// Reads the text of a file whose lines are a number and its name; lines that make no sense are
    /// skipped.
    pub(crate) fn parse_swapped(text: &[u8]) -> Numbers {
        Numbers::collect(entries(text).map(|(number, name)| (name, number)))
    }

    fn collect<'a>(entries: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Numbers {
        let mut names = HashMap::new();
        for (name, number) in entries {
            if let Some(number) = str::from_utf8(number).ok().and_then(|text| text.parse().ok()) {
                names.entry(number).or_insert_with(|| name.to_vec());
            }
        }
        Numbers { names }
    }

    /// The name of `number`.
    pub(crate) fn name(&self, number: u8) -> Option<&[u8]> {
        self.names.get(&number).map(Vec::as_slice)
    }
}

/// The first two words of every line, comments aside.
fn entries(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    text.split(|byte| *byte == b'\n').filter_map(|line| {
        let line = line.split(|byte| *byte == b'#').next()?;
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        Some((words.next()?, words.next()?))
    })
}

/// Reads `80/tcp`.
fn port_and_proto(value: &[u8]) -> Option<(Proto, Port)> {
    let (port, proto) = str::from_utf8(value).ok()?.split_once('/')?;
    let proto = Proto::ALL.into_iter().find(|known| known.name() == proto)?;
    Some((proto, Port(port.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_entry_for_a_port_wins() {
        let text = b"# comment\n\nhttp\t80/tcp www # WorldWideWeb\nhttp 80/udp\nother 80/tcp\n\
              broken\nworse x/tcp\nhigh 70000/tcp\nno-slash 5\n  led\t 7/udp#x\n";
        let last = Services::parse_last(text);
        assert_eq!(last.name(Port(80), Proto::Tcp), Some(&b"other"[..]));
        let services = Services::parse(text);
        assert_eq!(last.names.len(), services.names.len());
        assert_eq!(services.name(Port(80), Proto::Tcp), Some(&b"http"[..]));
        assert_eq!(services.name(Port(7), Proto::Udp), Some(&b"led"[..]));
        assert_eq!(services.name(Port(7), Proto::Tcp), None);
        assert_eq!(services.names.len(), 3);
    }

    #[test]
    fn numbers_have_names() {
        let protocols = Numbers::collect(entries(b"ip 0 IP\nicmp\t1\tICMP\nhopopt 0\nbad x\n"));
        assert_eq!(protocols.name(0), Some(&b"ip"[..]));
        assert_eq!(protocols.name(1), Some(&b"icmp"[..]));
        assert_eq!(protocols.name(200), None);
        let netlink = Numbers::parse_swapped(b"# names\n\n0   rtnl\n4   tcpdiag\n");
        assert_eq!(netlink.name(4), Some(&b"tcpdiag"[..]));
    }
}
