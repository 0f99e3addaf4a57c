//! What `ls` can be asked for: each filter parsed once, each a test on a socket and its owners.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::time::Duration;

use registry::{ParseTargetError, Port, Proto, Target};
use sockets::{Device, Endpoint, Socket, State, States, Users};

/// Parses ports, ranges and services, perhaps of a protocol whose sockets can be listed.
pub(crate) fn ports(text: &str) -> Result<Target, String> {
    let target: Target = text.parse().map_err(|error: ParseTargetError| error.to_string())?;
    match target.proto {
        None | Some(Proto::Tcp | Proto::Udp) => Ok(target),
        Some(_) => Err(LISTED.to_owned()),
    }
}

/// Whether a port over `proto` is one of those meant.
pub(crate) fn means(target: &Target, proto: Proto, port: Port) -> bool {
    target.proto.is_none_or(|wanted| wanted == proto) && target.contains(port)
}

/// Parses a protocol whose sockets can be listed.
pub(crate) fn proto(text: &str) -> Result<Proto, String> {
    match text.to_ascii_lowercase().as_str() {
        "tcp" => Ok(Proto::Tcp),
        "udp" => Ok(Proto::Udp),
        _ => Err(LISTED.to_owned()),
    }
}

const LISTED: &str = "the protocols whose sockets are listed are tcp and udp";

/// Parses a process id.
pub(crate) fn pid(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "a process id is a whole number".to_owned())
}

/// Parses a time between two looks.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .filter(|seconds| (0.1..=86_400.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "it takes seconds from 0.1 to 86400".to_owned())
}

/// One end of a socket: an address or network, a device, ports, or several of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EndFilter {
    /// Any of these; anywhere if there are none.
    networks: Vec<(IpAddr, u8)>,
    /// The name or index of the device.
    device: Option<String>,
    ports: Option<Target>,
}

impl EndFilter {
    /// Whether `end`, one of `socket`'s, is such an end.
    pub(crate) fn matches(&self, socket: &Socket, end: &Endpoint) -> bool {
        self.matches_end(socket.proto, end, socket.device.as_ref())
    }

    /// Whether an end of a socket of `proto`, perhaps on a device, is such an end.
    pub(crate) fn matches_end(
        &self,
        proto: Proto,
        end: &Endpoint,
        device: Option<&Device>,
    ) -> bool {
        let at = |(net, prefix): &(IpAddr, u8)| within(end.canonical(), *net, *prefix);
        self.ports.as_ref().is_none_or(|ports| means(ports, proto, end.port))
            && (self.networks.is_empty() || self.networks.iter().any(at))
            && self
                .device
                .as_ref()
                .is_none_or(|wanted| device.is_some_and(|d| is_device(d, wanted)))
    }

    /// The ports it asks for, if any.
    pub(crate) fn ports(&self) -> Option<&Target> {
        self.ports.as_ref()
    }

    /// The networks it asks for, any of which; none for anywhere.
    pub(crate) fn networks(&self) -> &[(IpAddr, u8)] {
        &self.networks
    }

    /// Whether it asks for a device.
    pub(crate) fn has_device(&self) -> bool {
        self.device.is_some()
    }
}

fn is_device(device: &Device, wanted: &str) -> bool {
    *device.name == *wanted || wanted.parse() == Ok(device.index)
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
        let (place, port) = split_end(text);
        let mut filter = place.map(parse_place).transpose()?.unwrap_or_default();
        filter.ports = port.map(ports).transpose()?;
        if filter == EndFilter::default() {
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

/// Reads an address or network, with the device behind it as in `fe80::1%eth0` and `*%eth0`.
fn parse_place(text: &str) -> Result<EndFilter, String> {
    let what =
        || "an address reads 192.0.2.1, 10.0.0.0/8, fe80::1%eth0 or [2001:db8::]:443".to_owned();
    let (addr, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let bare = addr.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(addr);
    let (bare, device) = bare.split_once('%').map_or((bare, None), |(a, d)| (a, Some(d)));
    if device == Some("") {
        return Err(what());
    }
    let networks = match (bare, prefix) {
        ("*", None) => Vec::new(),
        ("localhost", None) => LOOPBACK.to_vec(),
        _ => {
            let addr: IpAddr = bare.parse().map_err(|_| what())?;
            let width = if addr.is_ipv4() { 32 } else { 128 };
            let prefix = prefix.map_or(Ok(width), |p| p.parse().map_err(|_| what()))?;
            if prefix > width {
                return Err(what());
            }
            vec![canonical(addr, prefix)]
        }
    };
    Ok(EndFilter { networks, device: device.map(str::to_owned), ports: None })
}

/// The network that a person means: `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
fn canonical(addr: IpAddr, prefix: u8) -> (IpAddr, u8) {
    match (addr.to_canonical(), prefix.checked_sub(MAPPED)) {
        (IpAddr::V4(mapped), Some(prefix)) if addr.is_ipv6() => (mapped.into(), prefix),
        _ => (addr, prefix),
    }
}

/// How many bits come before the IPv4 address in a mapped one (RFC 4291 §2.5.5.2).
const MAPPED: u8 = 96;

/// What `localhost` stands for (RFC 6761 §6.3): 127.0.0.0/8 and ::1.
const LOOPBACK: [(IpAddr, u8); 2] =
    [(IpAddr::V4(Ipv4Addr::LOCALHOST), 8), (IpAddr::V6(Ipv6Addr::LOCALHOST), 128)];

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

/// Parses a user's number, or a name that `/etc/passwd` has.
pub(crate) fn user(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(uid) => Ok(uid),
        Err(_) => uid(&Users::load(), text),
    }
}

fn uid(users: &Users, name: &str) -> Result<u32, String> {
    users.uid(name).ok_or_else(|| {
        let mut known: Vec<&str> = users.names().collect();
        known.sort_unstable();
        let near = crate::suggest::nearest(name, known);
        let hint = near.map(|near| format!(", the nearest is {near}")).unwrap_or_default();
        format!("/etc/passwd has no such user{hint}; any other takes its number")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Endpoint {
        let addr: std::net::SocketAddr = text.parse().unwrap();
        Endpoint { addr: addr.ip(), port: Port(addr.port()) }
    }

    fn holds(filter: &str, socket: &str) -> bool {
        filter.parse::<EndFilter>().unwrap().matches_end(Proto::Tcp, &end(socket), None)
    }

    #[test]
    fn an_end_is_an_address_a_network_ports_or_both() {
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
    fn a_mapped_address_is_the_ipv4_one_in_a_filter_too() {
        assert!(holds("[::ffff:127.0.0.1]:1104", "127.0.0.1:1104"));
        assert!(holds("::ffff:127.0.0.1", "[::ffff:127.0.0.1]:1104"));
        assert!(holds("::ffff:10.0.0.0/104", "10.200.0.1:80"));
        assert!(!holds("::ffff:10.0.0.0/104", "11.200.0.1:80"));
        assert!(!holds("::/0", "10.0.0.1:80"));
    }

    #[test]
    fn localhost_is_every_loopback_address() {
        for there in ["127.0.0.1:80", "127.0.0.53:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert!(holds("localhost", there) && holds("localhost:80", there), "{there}");
        }
        assert!(!holds("localhost", "0.0.0.0:80") && !holds("localhost:81", "127.0.0.1:80"));
    }

    #[test]
    fn an_end_may_be_on_a_device_as_ls_prints_it() {
        let eth0 = Device { index: 7, name: "eth0".into() };
        let holds = |filter: &str, socket: &str, device: Option<&Device>| {
            let filter: EndFilter = filter.parse().unwrap();
            filter.matches_end(Proto::Udp, &end(socket), device)
        };
        for filter in
            ["fe80::1%eth0", "[fe80::1%eth0]:546", "fe80::1%7", "*%eth0:546", "fe80::%eth0/10"]
        {
            assert!(holds(filter, "[fe80::1]:546", Some(&eth0)), "{filter}");
            assert!(!holds(filter, "[fe80::1]:546", None), "{filter}");
        }
        assert!(!holds("fe80::1%eth1", "[fe80::1]:546", Some(&eth0)));
        assert!(holds("127.0.0.53%eth0:53", "127.0.0.53:53", Some(&eth0)));
    }

    #[test]
    fn the_protocol_of_a_port_counts() {
        assert!(holds(":1112/tcp", "127.0.0.1:1112") && !holds(":1112/udp", "127.0.0.1:1112"));
        assert!(ports("80/sctp").unwrap_err().contains("tcp and udp"));
    }

    #[test]
    fn a_user_is_a_number_or_a_name_of_this_host() {
        assert_eq!(
            (user("0"), user("root"), user("4000000000")),
            (Ok(0), Ok(0), Ok(4_000_000_000))
        );
        let error = user("roto").unwrap_err();
        assert!(error.contains("nearest is root") && error.contains("number"), "{error}");
    }

    #[test]
    fn nonsense_is_no_end() {
        for text in [
            "",
            "*",
            "10.0.0.0/33",
            "10.0.0",
            "[::1",
            "::1/129",
            ":70000",
            "host:80",
            "fe80::1%",
            "localhost/8",
            ":0-10",
        ] {
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
