//! What is asked of the pilot beyond speed. In C: `src/bpf/pilot/policy.h`.

use std::net::{IpAddr, Ipv6Addr};

use libbpf_rs::{MapCore, MapFlags};

use super::place::{FIRST, Place};
use crate::Error;

/// What is asked of the pilot beyond speed; by default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// How many sockets a cgroup may have connected to one destination from ports of the ephemeral range,
    /// whoever chose them; connects beyond fail with `EADDRNOTAVAIL`.
    pub quota: Option<std::num::NonZeroU32>,
    /// Addresses to connect from where a destination is full from the address that the kernel would
    /// choose; at most [`Policy::SOURCES`].
    pub sources: Vec<IpAddr>,
}

impl Policy {
    /// How many source addresses there may be.
    pub const SOURCES: usize = 16;

    fn to_bytes(&self) -> Vec<u8> {
        let count = self.sources.len().min(Policy::SOURCES);
        let mut bytes = self.quota.map_or(0, std::num::NonZero::get).to_ne_bytes().to_vec();
        bytes.extend(u32::try_from(count).expect("at most 16").to_ne_bytes());
        for source in self.sources.iter().take(count) {
            bytes.extend(mapped(*source).octets());
        }
        bytes.resize(8 + Policy::SOURCES * 16, 0);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Policy> {
        let (quota, rest) = bytes.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let count = usize::try_from(u32::from_ne_bytes(*count)).ok()?;
        let source = |raw: &[u8; 16]| IpAddr::V6(Ipv6Addr::from(*raw)).to_canonical();
        let (sources, _) = rest.as_chunks();
        Some(Policy {
            quota: std::num::NonZero::new(u32::from_ne_bytes(*quota)),
            sources: sources.iter().take(count).map(source).collect(),
        })
    }
}

pub(super) fn read(place: &Place) -> Result<Policy, Error> {
    let map = place.open_map(NAME)?;
    let value = map.lookup(&FIRST, MapFlags::ANY);
    let value = value.map_err(|source| Error::Map { name: NAME, source })?;
    Ok(value.as_deref().and_then(Policy::from_bytes).unwrap_or_default())
}

pub(super) fn write(place: &Place, policy: &Policy) -> Result<(), Error> {
    let map = place.open_map(NAME)?;
    map.update(&FIRST, &policy.to_bytes(), MapFlags::ANY)
        .map_err(|source| Error::Map { name: NAME, source })
}

/// An address as the programs have it: IPv4 in IPv6's form.
pub(super) fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

const NAME: &str = "policies";
