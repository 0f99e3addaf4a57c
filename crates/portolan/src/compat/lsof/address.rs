//! What `-i` takes: `[4|6][tcp|udp|udplite][@host][:port[,port|-port]]`.
//!
//! Source of truth: `lsof(8)` and what `lsof` 4.95 accepts, but for ports past 65535, which it cuts
//! to 32 bits. Names are not looked up here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use registry::Port;
use sockets::Family;

/// One value of `-i`, not yet looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// As it was written.
    pub(super) text: String,
    /// The family of an end's address; mapped addresses are IPv4 here.
    pub(super) family: Option<Family>,
    /// The transport.
    pub(super) transport: Option<Transport>,
    /// The host of an end.
    pub(super) host: Option<Host>,
    /// Its ports; any where empty.
    pub(super) ports: Vec<Ports>,
}

/// A transport that `lsof` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Transport {
    Tcp,
    Udp,
    UdpLite,
}

/// A host as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// By number; never mapped. `0.0.0.0` is any of IPv4.
    Addr(IpAddr),
    /// By name.
    Name(String),
}

/// A port or a range as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ports {
    /// From the one to the other.
    Range(Port, Port),
    /// From a number to a service.
    UpTo(Port, String),
    /// A service.
    Service(String),
}

impl Transport {
    /// Every one.
    pub(super) const ALL: [Transport; 3] = [Transport::Tcp, Transport::Udp, Transport::UdpLite];

    /// What the column NODE says.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "TCP",
            Transport::Udp => "UDP",
            Transport::UdpLite => "UDPLITE",
        }
    }
}

impl Address {
    /// Reads such a value, but for a lone `4` or `6`. One that names no family is of `family`.
    ///
    /// # Errors
    /// One line that says what makes no sense.
    pub(super) fn parse(text: &str, family: Option<Family>) -> Result<Address, String> {
        let read = || {
            let (written, rest) = leading_family(text);
            let family = written.or(family);
            let end = rest.find(['@', ':']).unwrap_or(rest.len());
            let transport = transport(&rest[..end])?;
            let (host, rest) = host(&rest[end..], family)?;
            let ports = ports(rest)?;
            let address = Address { text: text.to_owned(), family, transport, host, ports };
            match () {
                () if text.is_empty() => Err("it is empty".to_owned()),
                () if address.is_incomplete() => Err("0.0.0.0 alone is no host".to_owned()),
                () => Ok(address),
            }
        };
        read().map_err(|why: String| format!("-i \"{}\": {why}; {EXPECTED}", text.escape_debug()))
    }

    /// Whether it asks for any IPv4 address and nothing else, which `lsof` takes for a mistake.
    fn is_incomplete(&self) -> bool {
        let any = Host::Addr(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        self.host == Some(any) && self.transport.is_none() && self.ports.is_empty()
    }
}

fn leading_family(text: &str) -> (Option<Family>, &str) {
    match text.as_bytes().first() {
        Some(b'4') => (Some(Family::V4), &text[1..]),
        Some(b'6') => (Some(Family::V6), &text[1..]),
        _ => (None, text),
    }
}

fn transport(name: &str) -> Result<Option<Transport>, String> {
    if name.is_empty() {
        return Ok(None);
    }
    let known = Transport::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name));
    known.map(Some).ok_or_else(|| format!("unknown protocol \"{}\"", name.escape_debug()))
}

/// Reads `@host` if there is one; returns what follows.
fn host(text: &str, family: Option<Family>) -> Result<(Option<Host>, &str), String> {
    let Some(text) = text.strip_prefix('@') else { return Ok((None, text)) };
    if let Some(inner) = text.strip_prefix('[') {
        let (inner, rest) = inner.split_once(']').ok_or("the bracket is not closed")?;
        let addr: Ipv6Addr =
            inner.parse().map_err(|_| format!("no IPv6 address: \"{}\"", inner.escape_debug()))?;
        if family == Some(Family::V4) {
            return Err("4 and an IPv6 address exclude each other".to_owned());
        }
        if family == Some(Family::V6) && addr.to_ipv4_mapped().is_some() {
            return Err("6 and a mapped IPv4 address exclude each other".to_owned());
        }
        if addr.to_canonical().is_unspecified() {
            return Err(format!("{addr} is no host"));
        }
        return Ok((Some(Host::Addr(addr.to_canonical())), rest));
    }
    let (name, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
    match dotted(name) {
        Some(_) if family == Some(Family::V6) => {
            Err("6 and an IPv4 address exclude each other".to_owned())
        }
        Some(addr) => Ok((Some(Host::Addr(addr.into())), rest)),
        None if name.is_empty() => Err("no host after @ (IPv6 goes in brackets)".to_owned()),
        None => Ok((Some(Host::Name(name.to_owned())), rest)),
    }
}

/// Reads four decimal numbers, also with zeroes before them.
fn dotted(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        *octet = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
    }
    parts.next().is_none().then(|| octets.into())
}

/// Reads `:port,port-port,…` if there are any; nothing may follow.
fn ports(text: &str) -> Result<Vec<Ports>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let list = text.strip_prefix(':').ok_or("only :ports may follow a host")?;
    list.strip_suffix(',').unwrap_or(list).split(',').map(port_or_range).collect()
}

fn port_or_range(text: &str) -> Result<Ports, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    match (number, rest.strip_prefix('-')) {
        ("", _) if text.is_empty() => Err("a port is missing".to_owned()),
        ("", _) => Ok(Ports::Service(text.to_owned())),
        (from, None) if rest.is_empty() => port(from).map(|port| Ports::Range(port, port)),
        (_, None | Some("")) => Err(format!("no port: \"{}\"", text.escape_debug())),
        (from, Some(to)) if to.bytes().all(|byte| byte.is_ascii_digit()) => {
            let (from, to) = (port(from)?, port(to)?);
            if from > to {
                return Err(format!("the range {from}-{to} is backwards"));
            }
            Ok(Ports::Range(from, to))
        }
        (from, Some(to)) if !to.starts_with(|c: char| c.is_ascii_digit()) => {
            Ok(Ports::UpTo(port(from)?, to.to_owned()))
        }
        (_, Some(_)) => Err(format!("no range: \"{}\"", text.escape_debug())),
    }
}

fn port(digits: &str) -> Result<Port, String> {
    let number = digits.trim_start_matches('0');
    let number = if number.is_empty() { "0" } else { number };
    number.parse().map(Port).map_err(|_| format!("{digits} is past 65535"))
}

/// What the error line offers.
const EXPECTED: &str = "expected [4|6][tcp|udp|udplite][@host][:port[,port|-port]]";

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Address {
        Address::parse(text, None).unwrap()
    }

    #[test]
    fn every_part_is_read() {
        let all = parsed("4tcp@127.0.0.01:22,080-http,ssh,");
        assert_eq!(all.family, Some(Family::V4));
        assert_eq!(all.transport, Some(Transport::Tcp));
        assert_eq!(all.host, Some(Host::Addr(Ipv4Addr::LOCALHOST.into())));
        assert_eq!(
            all.ports,
            [
                Ports::Range(Port(22), Port(22)),
                Ports::UpTo(Port(80), "http".to_owned()),
                Ports::Service("ssh".to_owned())
            ]
        );
        assert_eq!(parsed("uDp").transport, Some(Transport::Udp));
        assert_eq!(parsed("@[::ffff:127.0.0.1]").host, all.host);
        assert_eq!(parsed("6@[::1]:1-2").ports, [Ports::Range(Port(1), Port(2))]);
        assert_eq!(parsed("tcp@0.0.0.0").host, Some(Host::Addr(Ipv4Addr::UNSPECIFIED.into())));
        assert_eq!(parsed("@localhost").host, Some(Host::Name("localhost".to_owned())));
        assert_eq!(parsed("@127.1").host, Some(Host::Name("127.1".to_owned())));
        assert_eq!(parsed(":http-443").ports, [Ports::Service("http-443".to_owned())]);
    }

    #[test]
    fn a_family_given_before_counts_where_there_is_none() {
        let after = |text| Address::parse(text, Some(Family::V6));
        assert_eq!(after("tcp").unwrap().family, Some(Family::V6));
        assert_eq!(after("4tcp").unwrap().family, Some(Family::V4));
        assert!(after("@127.0.0.1").unwrap_err().contains("exclude each other"));
    }

    /// Each is refused by `lsof` 4.95 too, but for the port past 65535.
    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            ":",
            "tcp:",
            "@",
            "4@",
            "tcp@:80",
            "80",
            "46",
            "4n",
            "tcp4",
            "icmp",
            "^tcp:80",
            "[::1]",
            "@::1",
            "@[::1",
            "@[]",
            "@[::1]x",
            "@[::]",
            "@[127.0.0.1]",
            "@[::1%lo]",
            "@0.0.0.0",
            "4@0.0.0.0",
            "4@[::1]",
            "6@127.0.0.1",
            "4@[::ffff:1.2.3.4]",
            "6@[::ffff:1.2.3.4]",
            ":80-",
            ":90-80",
            ":0x50",
            ":80 ",
            ":,80",
            ":80,,443",
            ":80:80",
            ":1-2-3",
            "tcp:80@127.0.0.1",
            "tcp,udp",
            ":65536",
            "@127.0.0.1:",
        ] {
            let Err(line) = Address::parse(text, None) else { panic!("{text} was accepted") };
            assert!(!line.contains(char::is_control), "{line}");
        }
    }
}
