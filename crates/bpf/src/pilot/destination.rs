//! Where the pilot chose ports. In C: `src/bpf/pilot/destination.h`.

use std::cmp::Reverse;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use libbpf_rs::{MapCore, MapFlags};

use super::place::Place;
use crate::Error;

/// One destination from one source address, in one network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Destination {
    /// The network namespace, by the number that `SO_NETNS_COOKIE` tells.
    pub netns_cookie: u64,
    /// The address that connections come from.
    pub source: IpAddr,
    /// Where they go.
    pub destination: SocketAddr,
    /// Connects that got a port from the pilot.
    pub piloted: u64,
    /// Connects that it found no port for, and left to the kernel.
    pub fallbacks: u64,
    /// Sockets that have one of its ports now.
    pub held: u64,
}

impl Destination {
    fn read(key: &[u8], value: &[u8]) -> Option<Destination> {
        let after = value.get(COUNTERS..)?;
        let port = u16::from_ne_bytes(*key.get(40..)?.first_chunk()?);
        Some(Destination {
            netns_cookie: number(key, 0)?,
            source: address(key.get(8..)?)?,
            destination: SocketAddr::new(address(key.get(24..)?)?, port),
            piloted: number(after, 0)?,
            held: number(after, 1)?,
            fallbacks: number(after, 2)?,
        })
    }
}

/// All of them, the one that was piloted most first.
pub(super) fn read(place: &Place) -> Result<Vec<Destination>, Error> {
    let map = place.open_map(NAME)?;
    let mut found = Vec::new();
    for key in map.keys() {
        let value = map.lookup(&key, MapFlags::ANY);
        let value = value.map_err(|source| Error::Map { name: NAME, source })?;
        found.extend(value.and_then(|value| Destination::read(&key, &value)));
    }
    let mut found = merged(found);
    found.sort_by_key(|one| (Reverse(one.piloted), one.destination));
    Ok(found)
}

/// The programs keep the ports of each parity by themselves; those of both are meant.
fn merged(mut found: Vec<Destination>) -> Vec<Destination> {
    let tuple = |one: &Destination| (one.netns_cookie, one.source, one.destination);
    found.sort_by_key(tuple);
    found.dedup_by(|other, one| {
        let same = tuple(one) == tuple(other);
        if same {
            one.piloted += other.piloted;
            one.held += other.held;
            one.fallbacks += other.fallbacks;
        }
        same
    });
    found
}

fn number(bytes: &[u8], index: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(*bytes.get(index * 8..)?.first_chunk()?))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let bytes: [u8; 16] = *bytes.first_chunk()?;
    Some(IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical())
}

/// How many destinations there is a place for: as many as the map that is pinned has, else one for each 4 MB of the
/// host's memory. A destination that the kernel searches long for has thousands of connections, which need more.
pub(super) fn places(place: &Place) -> u32 {
    let pinned = place.open_map(NAME).map(|map| map.max_entries());
    pinned.unwrap_or_else(|_| {
        let host = rustix::system::sysinfo();
        let memory = host.totalram as u64 * u64::from(host.mem_unit);
        (memory >> 22).clamp(256, 4096) as u32
    })
}

pub(super) const NAME: &str = "destinations";
/// Where `piloted` lies: after two bitmaps, the ring of resting ports and five numbers.
const COUNTERS: usize = 2 * 512 * 8 + 256 * 2 + 5 * 8;
