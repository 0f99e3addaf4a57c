//! Which sockets the values of `-i` ask for, once their names are looked up.
//!
//! Source of truth: what `lsof` 4.95 lists, and its exit status: each value but a lone `4` or `6`
//! must be the last one to ask for some socket, or the status is 1.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use registry::{Port, PortRange};
use sockets::{Endpoint, Family};

use super::address::{Address, Host, Ports, Transport};
use super::names;

/// A value of `-i`, looked up.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    family: Option<Family>,
    transport: Option<Transport>,
    /// Any where `None`.
    hosts: Option<Vec<IpAddr>>,
    /// Any where `None`.
    ports: Option<Vec<PortRange>>,
    /// Whether a socket was found that it asks for.
    pub(super) found: bool,
}

impl Wanted {
    /// Looks up the names in `address`.
    ///
    /// # Errors
    /// One line that names what is unknown.
    pub(super) fn look_up(address: &Address) -> Result<Wanted, String> {
        let mut family = address.family;
        let mut hosts = match &address.host {
            None => None,
            Some(Host::Addr(addr)) => Some(vec![*addr]),
            Some(Host::Name(name)) => Some(by_name(name, family)?),
        };
        if hosts.as_ref().is_some_and(|hosts| hosts.contains(&ANY_V4)) {
            if address.transport.is_none() && address.ports.is_empty() {
                return Err("0.0.0.0 alone is no host".to_owned());
            }
            (family, hosts) = (Some(Family::V4), None);
        }
        let mut ports = Vec::new();
        let mut services = None;
        for written in &address.ports {
            let mut service = |name| {
                services.get_or_insert_with(names::Ports::read).find(name, address.transport)
            };
            let (from, to) = match written {
                Ports::Range(from, to) => (*from, *to),
                Ports::UpTo(from, name) => (*from, service(name)?),
                Ports::Service(name) => service(name).map(|port| (port, port))?,
            };
            ports.push(range(from, to)?);
        }
        Ok(Wanted {
            family,
            transport: address.transport,
            hosts,
            ports: (!ports.is_empty()).then_some(ports),
            found: false,
        })
    }

    /// Whether it asks for a socket with these ends.
    pub(super) fn matches(
        &self,
        transport: Transport,
        local: &Endpoint,
        remote: &Endpoint,
    ) -> bool {
        self.transport.is_none_or(|wanted| wanted == transport)
            && (self.matches_end(local) || !remote.is_none() && self.matches_end(remote))
    }

    fn matches_end(&self, end: &Endpoint) -> bool {
        let addr = end.canonical();
        let family = if addr.is_ipv4() { Family::V4 } else { Family::V6 };
        self.family.is_none_or(|wanted| wanted == family)
            && self.hosts.as_ref().is_none_or(|hosts| hosts.contains(&addr))
            && self.ports.as_ref().is_none_or(|ports| ports.iter().any(|p| p.contains(end.port)))
    }

    /// The transport it asks for.
    pub(super) fn transport(&self) -> Option<Transport> {
        self.transport
    }

    /// A range that holds every port it asks for; `None` if it asks for any.
    pub(super) fn hull(&self) -> Option<PortRange> {
        self.ports.as_ref()?.iter().copied().reduce(hull)
    }
}

/// The range that holds both.
pub(super) fn hull(one: PortRange, other: PortRange) -> PortRange {
    PortRange::new(one.first().min(other.first()), one.last().max(other.last()))
        .expect("the least port is not past the greatest")
}

fn by_name(name: &str, family: Option<Family>) -> Result<Vec<IpAddr>, String> {
    let mut hosts = names::addresses(name);
    // `gethostbyname2(3)` of glibc, which `lsof` asks, takes `::1` in `/etc/hosts` for both.
    if hosts.contains(&Ipv6Addr::LOCALHOST.into()) {
        hosts.push(Ipv4Addr::LOCALHOST.into());
    }
    hosts.retain(|addr| match family {
        None => true,
        Some(Family::V4) => addr.is_ipv4(),
        Some(Family::V6) => addr.is_ipv6(),
    });
    match hosts.is_empty() {
        true => Err(format!("unknown host name {}", name.escape_debug())),
        false => Ok(hosts),
    }
}

fn range(from: Port, to: Port) -> Result<PortRange, String> {
    PortRange::new(from, to).ok_or_else(|| format!("the range {from}-{to} is backwards"))
}

/// What stands for every IPv4 address.
const ANY_V4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
