//! What people paste when they mean a port: a number from a log, `HOST:PORT` from a terminal, a URL
//! from a browser, a service's name. Hosts and URLs are cut as RFC 3986 §3.2 has them; nothing is
//! resolved or looked up but names of services.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::error::Error;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

use crate::parse::is_number;
use crate::spelling::nearest;
use crate::table::TABLE;
use crate::{ParsePortError, ParseRangeError, Port, PortRange, Proto, service};

/// The ports that somebody asks about.
///
/// ```
/// use registry::{Port, Proto, Target};
///
/// let target: Target = "udp/53".parse()?;
/// assert_eq!((target.port(), target.proto), (Some(Port(53)), Some(Proto::Udp)));
///
/// let target: Target = "http://127.0.0.1:5173/x".parse()?;
/// assert_eq!((target.port(), target.host.as_deref()), (Some(Port(5173)), Some("127.0.0.1")));
///
/// let target: Target = "ssh".parse()?;
/// assert_eq!((target.port(), target.service), (Some(Port(22)), Some("ssh")));
/// # Ok::<(), registry::ParseTargetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The ports; never empty, ascending, none of them twice and none of them port 0. A service may
    /// have several (`http-alt` has 591, 8008 and 8080).
    pub ports: Vec<PortRange>,
    /// The protocol, where one was named.
    pub proto: Option<Proto>,
    /// The host that stood before the port, as written but without brackets; `None` where there was
    /// none or it was `*`. Of letters, digits and `.-_:%` only, so it is safe to print.
    pub host: Option<String>,
    /// The service whose name stood for the ports, as the registry writes it; a URL's scheme where
    /// the URL had no port.
    pub service: Option<&'static str>,
}

/// Why a text names no port. Its display is one line that shows what was read and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseTargetError {
    read: String,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Empty,
    Zero,
    ZeroInRange,
    NotAPort,
    TooLarge,
    Backwards,
    Protocol,
    Host,
    NoPort,
    Service { near: Option<&'static str> },
    ServiceProto { name: &'static str, proto: Proto },
}

impl Target {
    /// The port, where the target is exactly one.
    #[must_use]
    pub fn port(&self) -> Option<Port> {
        match self.ports[..] {
            [range] if range.count() == 1 => Some(range.first()),
            _ => None,
        }
    }

    /// Whether `port` is one of those meant.
    #[must_use]
    pub fn contains(&self, port: Port) -> bool {
        self.ports.iter().any(|range| range.contains(port))
    }
}

impl ParseTargetError {
    /// The service that may be meant, where a name was read that no service has.
    #[must_use]
    pub const fn nearest(&self) -> Option<&'static str> {
        match self.reason {
            Reason::Service { near } => near,
            _ => None,
        }
    }
}

impl From<Port> for Target {
    fn from(port: Port) -> Self {
        Target { ports: vec![port.into()], proto: None, host: None, service: None }
    }
}

impl FromStr for Target {
    type Err = ParseTargetError;

    /// Reads `60440`, `60440/udp`, `udp/53`, `tcp:443`, `8000-8100`, `80,443`, `ssh`, `ssh/tcp`,
    /// `ssh,http,8080`, `:8080`, `*:80`, `localhost:3000`, `[::1]:8443`, `:::80`, `http://127.0.0.1:5173/x` and
    /// `https://example.org/`, spaces around them aside.
    ///
    /// # Errors
    /// [`ParseTargetError`] for anything else, and for port 0, alone or in a range: no socket can
    /// have it.
    fn from_str(text: &str) -> Result<Target, ParseTargetError> {
        parse(text.trim()).map_err(|reason| ParseTargetError { read: shorten(text), reason })
    }
}

impl fmt::Display for Target {
    /// The target in a form that reads back as the same ports, protocol and host.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) if host.contains(':') => write!(f, "[{host}]:")?,
            Some(host) => write!(f, "{host}:")?,
            None => {}
        }
        for (index, range) in self.ports.iter().enumerate() {
            write!(f, "{}{range}", if index > 0 { "," } else { "" })?;
        }
        self.proto.map_or(Ok(()), |proto| write!(f, "/{proto}"))
    }
}

impl fmt::Display for ParseTargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read \"{}\" as a port: {}; {ACCEPTED}", self.read, self.reason)
    }
}

impl Error for ParseTargetError {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Empty => f.write_str("nothing was given"),
            Reason::Zero => f.write_str(
                "port 0 is reserved and no socket has it, bind(0) asks the kernel for any free port",
            ),
            Reason::ZeroInRange => f.write_str(
                "port 0 is reserved and no socket has it, the lowest port is 1",
            ),
            Reason::NotAPort => f.write_str("a port is a whole number from 1 to 65535"),
            Reason::TooLarge => f.write_str("ports end at 65535"),
            Reason::Backwards => f.write_str("a range runs from its lower to its higher port"),
            Reason::Protocol => f.write_str("the protocols with ports are tcp, udp, sctp and dccp"),
            Reason::Host => f.write_str("what stands before the port is not a host"),
            Reason::NoPort => f.write_str("this is an address without a port"),
            Reason::Service { near: None } => f.write_str("no service has this name"),
            Reason::Service { near: Some(near) } => {
                write!(f, "no service has this name, the nearest is {near}")
            }
            Reason::ServiceProto { name, proto } => write!(f, "{name} has no port over {proto}"),
        }
    }
}

fn parse(text: &str) -> Result<Target, Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    // A few names have a slash in them, so a name that is known as it stands goes first.
    if let Some(found) = known(text, None) {
        return found;
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        return url(scheme, rest);
    }
    let (text, proto) = split_proto(text)?;
    if !text.contains(':') {
        return ports(text, proto);
    }
    if is_ipv6(text) {
        return Err(Reason::NoPort);
    }
    match authority(text)? {
        (host, Some(port)) => Ok(Target { host, ..ports(port, proto)? }),
        (_, None) => Err(Reason::NoPort),
    }
}

/// `scheme://rest`: the port of the authority, else the port of the service named like the scheme.
fn url(scheme: &str, rest: &str) -> Result<Target, Reason> {
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let place = &rest[..authority_end];
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    let (host, port) = authority(place)?;
    let proto: Option<Proto> = scheme.parse().ok();
    let target = match port {
        Some(port) if !port.is_empty() => ports(port, proto)?,
        _ if proto.is_some() => return Err(Reason::NoPort),
        _ => named(scheme_service(scheme), None)?,
    };
    Ok(Target { host, ..target })
}

/// The service that a scheme speaks, where it is named otherwise: RFC 6455 §3.
fn scheme_service(scheme: &str) -> &str {
    match scheme {
        "ws" => "http",
        "wss" => "https",
        _ => scheme,
    }
}

/// Takes the protocol from `80/tcp`, `tcp/80` and `tcp:80`, and the path from `localhost:80/path`.
fn split_proto(text: &str) -> Result<(&str, Option<Proto>), Reason> {
    if let Some((left, right)) = text.rsplit_once('/')
        && let Ok(proto) = right.parse()
    {
        return Ok((left.trim_end(), Some(proto)));
    }
    if let Some((left, right)) = text.split_once(['/', ':'])
        && let Ok(proto) = left.parse()
    {
        return Ok((right.trim_start(), Some(proto)));
    }
    match text.split_once('/') {
        Some((place, _path)) if place.find(':').is_some_and(|at| at > 0) => Ok((place, None)),
        Some(_) => Err(Reason::Protocol),
        None => Ok((text, None)),
    }
}

/// Cuts `host:port` at its last colon; what is between brackets is an IPv6 address.
fn authority(text: &str) -> Result<(Option<String>, Option<&str>), Reason> {
    let (host, port) = if let Some(bracketed) = text.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or(Reason::Host)?;
        match rest.strip_prefix(':') {
            _ if !is_ipv6(host) => return Err(Reason::Host),
            None if !rest.is_empty() => return Err(Reason::Host),
            port => (host, port),
        }
    } else {
        text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
    };
    match host {
        "" | "*" => Ok((None, port)),
        host if is_host(host) => Ok((Some(host.to_owned()), port)),
        _ => Err(Reason::Host),
    }
}

/// Whether `text` may be a host: a name or an address. A bare number and a protocol's name are
/// not, so that `8000:8100` is refused and `tcp:80` means one thing.
fn is_host(text: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_%".contains(&byte);
    let is_name = text.bytes().all(in_name) && !is_number(text);
    is_ipv6(text) || (is_name && text.parse::<Proto>().is_err())
}

/// Whether `text` is an IPv6 address, perhaps with a zone as in `fe80::1%eth0` (RFC 4007 §11).
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    let in_zone = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty() && zone.bytes().all(in_zone)
}

/// Numbers, ranges and names of services with commas between them.
fn ports(text: &str, proto: Option<Proto>) -> Result<Target, Reason> {
    let text = text.trim();
    if !text.contains(',') && is_worded(text) {
        return named(text, proto);
    }
    if text.parse::<Ipv4Addr>().is_ok() {
        return Err(Reason::NoPort);
    }
    let mut ports = Vec::new();
    for part in text.split(',') {
        match is_worded(part) {
            true => ports.extend(named(part.trim(), proto)?.ports),
            false => ports.push(range(part)?),
        }
    }
    Ok(Target { ports: PortRange::union(ports), proto, host: None, service: None })
}

/// Whether `text` can only be the name of a service.
fn is_worded(text: &str) -> bool {
    text.chars().any(|character| character.is_ascii_alphabetic())
}

fn range(text: &str) -> Result<PortRange, Reason> {
    let range: PortRange = text.parse().map_err(|error| match error {
        ParseRangeError::Port(ParsePortError::TooLarge) => Reason::TooLarge,
        ParseRangeError::Port(_) => Reason::NotAPort,
        ParseRangeError::Backwards => Reason::Backwards,
    })?;
    match (range.first(), range.last()) {
        (_, Port::NONE) => Err(Reason::Zero),
        (Port::NONE, _) => Err(Reason::ZeroInRange),
        _ => Ok(range),
    }
}

/// The ports of the service called `name`; where there is none, the name that may be meant.
fn named(name: &str, proto: Option<Proto>) -> Result<Target, Reason> {
    known(name, proto)
        .unwrap_or_else(|| Err(Reason::Service { near: nearest(name, TABLE.names()) }))
}

/// The ports of the service called `name`, `None` where there is none.
fn known(name: &str, proto: Option<Proto>) -> Option<Result<Target, Reason>> {
    let found = service(name, None);
    let service = found.first()?.name?;
    let over = |line: &&crate::Assignment| proto.is_none_or(|proto| proto == line.proto);
    let ports = PortRange::union(found.iter().filter(over).map(|line| line.ports).collect());
    Some(match proto {
        Some(proto) if ports.is_empty() => Err(Reason::ServiceProto { name: service, proto }),
        _ => Ok(Target { ports, proto, host: None, service: Some(service) }),
    })
}

/// What was read, fit to stand in one line of a terminal: escaped, and cut where it is long.
fn shorten(text: &str) -> String {
    let kept = text.char_indices().nth(SHOWN).map_or(text, |(end, _)| &text[..end]);
    let cut = if kept.len() < text.len() { "…" } else { "" };
    format!("{}{cut}", kept.escape_debug())
}

/// How many characters of a wrong text an error shows.
const SHOWN: usize = 40;

/// What an error says is accepted.
const ACCEPTED: &str = "accepted are 60440, 60440/udp, 8000-8100, localhost:3000, [::1]:8443, a URL, or a service such as ssh";
