//! Which source address the kernel chooses for a connect, told from its routes.
//!
//! Which prefixes there are the routes say (`rtnetlink(7)`); which address goes with each the kernel itself
//! says, asked with a UDP socket that is connected and sends nothing. Where the answer depends on more
//! than the destination it is not known: with rules other than the three that every system has, with
//! routes by type of service or over several paths, and for IPv6 with several addresses to choose
//! from (RFC 6724).

mod dump;
mod prefix;
mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use dump::RouteDump;
use prefix::Prefix;
pub(super) use row::fuzz;
use row::{Address, Route, Rule};

use crate::{Error, Family};

/// The source address that goes with destinations; the longest prefix that matches one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceRoute {
    /// The destinations' first bits.
    pub prefix: IpAddr,
    /// How many bits.
    pub length: u8,
    /// The source; `None` where it depends on more than the destination, or there is no way.
    pub source: Option<IpAddr>,
}

/// Which source address a TCP socket that is bound to none gets, towards any destination, in the
/// calling thread's network namespace. What is in no prefix has no route or cannot be known. A socket
/// with a mark, a device or an address of its own may get another.
///
/// Good until a route, an address or a rule changes. Takes some 20 µs a route, and no privilege.
///
/// # Errors
/// [`Error::Routes`] if the kernel refuses to tell.
pub fn source_routes() -> Result<Vec<SourceRoute>, Error> {
    let refused = |source| Error::Routes { source };
    let mut dump = RouteDump::open().map_err(refused)?;
    let mut all = routes_of(&mut dump, Family::V4).map_err(refused)?;
    all.extend(routes_of(&mut dump, Family::V6).map_err(refused)?);
    Ok(all)
}

fn routes_of(dump: &mut RouteDump, family: Family) -> io::Result<Vec<SourceRoute>> {
    let rules: Vec<Rule> = dump.rows(dump::GET_RULE, family)?.collect();
    let routes: Vec<Route> = dump.rows(dump::GET_ROUTE, family)?.collect();
    if routes.len() > ROUTES || !rules.iter().all(|rule| rule.is_usual()) {
        return Ok(Vec::new());
    }
    let mut by_prefix: BTreeMap<Prefix, bool> = BTreeMap::new();
    for route in &routes {
        let plain = by_prefix.entry(route.prefix).or_insert(true);
        *plain &= route.is_plain();
    }
    let choice = family == Family::V6 && has_choice(dump)?;
    let prefixes: BTreeSet<Prefix> = by_prefix.keys().copied().collect();
    let source = |prefix: Prefix, plain: bool| {
        if !plain || (choice && !prefix.is_one_address()) {
            return None;
        }
        ask(prefix.only_in(&prefixes)?)
    };
    Ok(by_prefix
        .iter()
        .map(|(prefix, plain)| SourceRoute {
            prefix: prefix.address(),
            length: prefix.length(),
            source: source(*prefix, *plain),
        })
        .collect())
}

/// Whether there is more than one IPv6 address that is good everywhere.
fn has_choice(dump: &mut RouteDump) -> io::Result<bool> {
    let addresses = dump.rows(dump::GET_ADDRESS, Family::V6)?;
    let is_global = |address: &Address| address.is_global();
    Ok(addresses.filter(is_global).count() > 1)
}

/// The kernel's choice of an address to send from.
fn ask(destination: IpAddr) -> Option<IpAddr> {
    let any: SocketAddr = match destination {
        IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect((destination, DISCARD)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|source| !source.is_unspecified())
}

/// The port of RFC 863; nothing is sent there.
const DISCARD: u16 = 9;
/// More than a host has that is no router of the Internet's.
const ROUTES: usize = 16_384;
