//! What `ls` can be asked for: each filter parsed once, each a test on a socket and its owners.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use registry::{ParseTargetError, Proto, Target};
use sockets::{Endpoint, State, States};

/// Parses ports, ranges or a service.
pub(crate) fn ports(text: &str) -> Result<Target, ParseTargetError> {
    text.parse()
}

/// Parses a protocol whose sockets can be listed.
pub(crate) fn proto(text: &str) -> Result<Proto, String> {
    match text.to_ascii_lowercase().as_str() {
        "tcp" => Ok(Proto::Tcp),
        "udp" => Ok(Proto::Udp),
        _ => Err("protocols are tcp and udp".to_owned()),
    }
}

/// Parses a time between two looks.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .filter(|seconds| (0.1..=86_400.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "it takes seconds from 0.1 to 86400".to_owned())
}

/// One end of a socket: an address or network, ports, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndFilter {
    network: Option<(IpAddr, u8)>,
    ports: Option<Target>,
}

impl EndFilter {
    /// Whether `end` lies in the network and has one of the ports.
    pub(crate) fn matches(&self, end: &Endpoint) -> bool {
        self.ports.as_ref().is_none_or(|ports| ports.contains(end.port))
            && self.network.is_none_or(|(net, prefix)| within(end.canonical(), net, prefix))
    }

    /// The ports it asks for, if any.
    pub(crate) fn ports(&self) -> Option<&Target> {
        self.ports.as_ref()
    }
}

fn within(addr: IpAddr, net: IpAddr, prefix: u8) -> bool {
    let masked = |bits: u128, width: u8| {
        let shift = u32::from(width - prefix.min(width));
        bits.checked_shr(shift).unwrap_or(0)
    };
    match (addr, net) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            masked(a.to_bits().into(), 32) == masked(n.to_bits().into(), 32)
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => masked(a.to_bits(), 128) == masked(n.to_bits(), 128),
        _ => false,
    }
}

impl FromStr for EndFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<EndFilter, String> {
        let (network, port) = split_end(text);
        let filter = EndFilter {
            network: network.map(parse_network).transpose()?,
            ports: port.map(ports).transpose().map_err(|error| error.to_string())?,
        };
        if filter == (EndFilter { network: None, ports: None }) {
            return Err("it takes an address, an address/prefix, a :port, or both".to_owned());
        }
        Ok(filter)
    }
}

/// Splits `ADDR:PORT`, `[ADDR]:PORT`, `[ADDR]/PREFIX:PORT`, `:PORT` and `ADDR`; `*` is any address.
fn split_end(text: &str) -> (Option<&str>, Option<&str>) {
    let given = |s| (!matches!(s, "" | "*")).then_some(s);
    let bracketed = text.rfind(']').unwrap_or(0);
    match text.rfind(':').filter(|colon| *colon > bracketed || *colon == 0) {
        Some(colon) if bracketed > 0 || !text[..colon].contains(':') => {
            (given(&text[..colon]), given(&text[colon + 1..]))
        }
        _ => (given(text), None),
    }
}

fn parse_network(text: &str) -> Result<(IpAddr, u8), String> {
    let what = || "an address reads 192.0.2.1, 10.0.0.0/8 or [2001:db8::]:443".to_owned();
    let (addr, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let bare = addr.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(addr);
    let addr: IpAddr = match bare {
        "localhost" => IpAddr::from([127, 0, 0, 1]),
        _ => bare.parse().map_err(|_| what())?,
    };
    let width = if addr.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Ok(width), |p| p.parse().map_err(|_| what()))?;
    if prefix > width { Err(what()) } else { Ok((addr, prefix)) }
}

/// A state, or a word for several, as people write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StateName(pub(crate) States);

impl FromStr for StateName {
    type Err = String;

    fn from_str(text: &str) -> Result<StateName, String> {
        let wanted = plain(text);
        let group = |states: &[State]| Ok(StateName(states.iter().copied().collect()));
        match wanted.as_str() {
            "all" => return Ok(StateName(States::ALL)),
            "listening" => return group(&[State::Listen]),
            "established" => return group(&[State::Established]),
            "close" | "closed" => return group(&[State::Close]),
            "connected" => {
                let idle = [State::Listen, State::Close, State::Bound];
                return Ok(StateName(
                    State::ALL.into_iter().filter(|state| !idle.contains(state)).collect(),
                ));
            }
            _ => {}
        }
        match State::ALL.into_iter().find(|state| plain(state.name()) == wanted) {
            Some(state) => group(&[state]),
            None => Err(unknown_state(&wanted)),
        }
    }
}

fn unknown_state(wanted: &str) -> String {
    let names = State::ALL.map(|state| state.name().to_ascii_lowercase());
    let words = ["established", "listening", "connected", "all"];
    let known = names.iter().map(String::as_str).chain(words);
    let near = crate::suggest::nearest(wanted, known.clone());
    let hint = near.map(|name| format!("did you mean {name}? ")).unwrap_or_default();
    format!("{hint}states are {}", known.collect::<Vec<_>>().join(", "))
}

/// A state's name without the differences between tools: `FIN_WAIT1` is `fin-wait-1`.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A user by name or number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UserName {
    Uid(u32),
    Name(String),
}

impl FromStr for UserName {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<UserName, Self::Err> {
        Ok(text.parse().map_or_else(|_| UserName::Name(text.to_owned()), UserName::Uid))
    }
}

/// A network namespace by name, number or as our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NetnsName {
    Own,
    Id(u64),
    Name(String),
}

impl FromStr for NetnsName {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<NetnsName, Self::Err> {
        Ok(match text {
            "own" => NetnsName::Own,
            _ => text.parse().map_or_else(|_| NetnsName::Name(text.to_owned()), NetnsName::Id),
        })
    }
}

#[cfg(test)]
mod tests {
    use registry::Port;

    use super::*;

    fn end(text: &str) -> Endpoint {
        let addr: std::net::SocketAddr = text.parse().unwrap();
        Endpoint { addr: addr.ip(), port: Port(addr.port()) }
    }

    #[test]
    fn an_end_is_an_address_a_network_ports_or_both() {
        let holds =
            |filter: &str, socket: &str| filter.parse::<EndFilter>().unwrap().matches(&end(socket));
        assert!(holds("127.0.0.1", "127.0.0.1:80"));
        assert!(!holds("127.0.0.1", "127.0.0.2:80"));
        assert!(holds("10.0.0.0/8:443", "10.200.3.4:443"));
        assert!(!holds("10.0.0.0/8:443", "10.200.3.4:80"));
        assert!(holds(":8000-8100", "192.0.2.1:8080"));
        assert!(holds("[2001:db8::]/32:443", "[2001:db8:5::1]:443"));
        assert!(holds("2001:db8::/32", "[2001:db8:5::1]:443"));
        assert!(!holds("2001:db8::/32", "[2001:db9::1]:443"));
        assert!(holds("0.0.0.0/0", "192.0.2.1:1"));
        assert!(holds("*:80", "[::1]:80"));
        assert!(holds("192.0.2.1", "[::ffff:192.0.2.1]:80"));
    }

    #[test]
    fn nonsense_is_no_end() {
        for text in ["", "*", "10.0.0.0/33", "10.0.0", "[::1", "::1/129", ":70000", "host:80"] {
            assert!(text.parse::<EndFilter>().is_err(), "{text}");
        }
    }

    #[test]
    fn states_are_read_in_every_tools_spelling() {
        let one = |text: &str| text.parse::<StateName>().unwrap().0;
        assert_eq!(one("FIN_WAIT1"), States::NONE.with(State::FinWait1));
        assert_eq!(one("time-wait"), States::NONE.with(State::TimeWait));
        assert_eq!(one("LISTEN"), one("listening"));
        assert!(one("connected").contains(State::CloseWait));
        assert!(!one("connected").contains(State::Listen));
        let error = "establised".parse::<StateName>().unwrap_err();
        assert!(error.starts_with("did you mean established?"), "{error}");
    }
}
