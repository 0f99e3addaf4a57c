//! Rows of `rtnetlink(7)` as bytes: routes, rules and addresses, only what decides on a source address.
//! Numbers are in host order, addresses in network order (`linux/rtnetlink.h`, `fib_rules.h`,
//! `if_addr.h`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::dump::{AF_INET, AF_INET6, Row};
use super::prefix::Prefix;
use crate::linux::netlink::{attributes, u32_at};

/// A route of the tables that the usual rules name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) prefix: Prefix,
    tos: u8,
    from: u8,
    paths: bool,
}

impl Route {
    /// Whether the destination alone decides.
    pub(super) fn is_plain(&self) -> bool {
        self.tos == 0 && self.from == 0 && !self.paths
    }
}

impl Row for Route {
    fn read(payload: &[u8]) -> Option<Route> {
        let (header, rest) = payload.split_first_chunk::<12>()?;
        let [family, length, from, tos, table, ..] = *header;
        let flags = u32_at::<8>(header);
        let mut route = (None, u32::from(table), false);
        for (number, value) in attributes(rest) {
            match number {
                RTA_DST => route.0 = address(family, value),
                RTA_TABLE => route.1 = u32::from_ne_bytes(*value.first_chunk()?),
                RTA_MULTIPATH | RTA_NH_ID => route.2 = true,
                _ => {}
            }
        }
        let (destination, table, paths) = route;
        // What the kernel learned of one destination (RTM_F_CLONED) is no route.
        if !USUAL.iter().any(|(_, usual)| *usual == table) || flags & RTM_F_CLONED != 0 {
            return None;
        }
        let prefix = Prefix::new(destination.or_else(|| any(family))?, length)?;
        Some(Route { prefix, tos, from, paths })
    }
}

/// A rule, which says what table is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    usual: bool,
}

impl Rule {
    /// Whether it is one of the three that every system has.
    pub(super) fn is_usual(&self) -> bool {
        self.usual
    }
}

impl Row for Rule {
    fn read(payload: &[u8]) -> Option<Rule> {
        let (header, rest) = payload.split_first_chunk::<12>()?;
        let [_, to, from, tos, table, _, _, action, ..] = *header;
        let (mut priority, mut table, mut plain) = (0, u32::from(table), true);
        for (number, value) in attributes(rest) {
            let value = value.first_chunk().map_or(0, |raw| u32::from_ne_bytes(*raw));
            match number {
                FRA_PRIORITY => priority = value,
                FRA_TABLE => table = value,
                FRA_SUPPRESS_IFGROUP | FRA_SUPPRESS_PREFIXLEN => plain &= value == u32::MAX,
                FRA_PROTOCOL => {}
                _ => plain = false,
            }
        }
        let everywhere = (to, from, tos) == (0, 0, 0) && action == FR_ACT_TO_TBL;
        Some(Rule { usual: plain && everywhere && USUAL.contains(&(priority, table)) })
    }
}

/// An address of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    scope: u8,
    address: IpAddr,
}

impl Address {
    /// Whether it may be chosen for destinations anywhere.
    pub(super) fn is_global(&self) -> bool {
        self.scope == RT_SCOPE_UNIVERSE && !self.address.is_loopback()
    }
}

impl Row for Address {
    fn read(payload: &[u8]) -> Option<Address> {
        let (header, rest) = payload.split_first_chunk::<8>()?;
        let [family, _, _, scope, ..] = *header;
        let (_, value) = attributes(rest).find(|(number, _)| *number == IFA_ADDRESS)?;
        Some(Address { scope, address: address(family, value)? })
    }
}

fn address(family: u8, bytes: &[u8]) -> Option<IpAddr> {
    match family {
        AF_INET => Some(Ipv4Addr::from(*bytes.first_chunk()?).into()),
        AF_INET6 => Some(Ipv6Addr::from(*bytes.first_chunk()?).into()),
        _ => None,
    }
}

fn any(family: u8) -> Option<IpAddr> {
    address(family, &[0; 16])
}

/// Any bytes as each of the three; for fuzzing.
pub(in crate::linux) fn fuzz(payload: &[u8]) {
    if let Some(route) = Route::read(payload) {
        assert!(u32::from(route.prefix.length()) <= 128);
        assert_eq!(Prefix::new(route.prefix.address(), route.prefix.length()), Some(route.prefix));
    }
    let _usual = Rule::read(payload).map(|rule| rule.is_usual());
    let _global = Address::read(payload).map(|address| address.is_global());
}

/// The rules of a system that nobody gave others: `ip rule`. The last is IPv4's alone.
const USUAL: [(u32, u32); 3] = [(0, 255), (32_766, 254), (32_767, 253)];
const RTA_DST: u16 = 1;
const RTA_MULTIPATH: u16 = 9;
const RTA_TABLE: u16 = 15;
const RTA_NH_ID: u16 = 30;
const RTM_F_CLONED: u32 = 0x200;
const FRA_PRIORITY: u16 = 6;
const FRA_SUPPRESS_IFGROUP: u16 = 13;
const FRA_SUPPRESS_PREFIXLEN: u16 = 14;
const FRA_TABLE: u16 = 15;
const FRA_PROTOCOL: u16 = 21;
const FR_ACT_TO_TBL: u8 = 1;
const IFA_ADDRESS: u16 = 1;
const RT_SCOPE_UNIVERSE: u8 = 0;
