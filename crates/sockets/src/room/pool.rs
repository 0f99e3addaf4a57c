//! One destination as seen from all the source addresses that talk to it, together.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;

use registry::Proto;

use super::Destination;
use super::destination::{left, share};
use crate::Endpoint;

/// The ports of several source addresses towards one TCP destination. Each address has a range of its
/// own; a connect is given one of another address only where its program, or the routes, choose that.
///
/// UDP has none: it gives a port to one socket, whatever its address, so a further one adds little.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The far end. Mapped addresses are plain IPv4 ones.
    pub remote: Endpoint,
    /// Our addresses that talk to it, two or more, in order. Those that do not yet are not known.
    pub sources: Vec<IpAddr>,
    /// Ports that are taken, of all the addresses together: `TIME-WAIT` included.
    pub taken: u32,
    /// How many there are.
    pub of: u32,
    /// Of `taken`, the ports in `TIME-WAIT` that connect(2) takes over nevertheless.
    pub reusable: u32,
}

impl Pool {
    /// The pools among `destinations`, the fullest first.
    pub(super) fn of(destinations: &[Destination]) -> Vec<Pool> {
        let mut by: BTreeMap<Endpoint, Vec<&Destination>> = BTreeMap::new();
        for destination in destinations.iter().filter(|it| it.proto == Proto::Tcp) {
            by.entry(destination.remote).or_default().push(destination);
        }
        let several = by.into_iter().filter(|(_, members)| members.len() > 1);
        let mut pools: Vec<Pool> = several.map(|(remote, all)| Pool::sum(remote, &all)).collect();
        pools.sort_by(Pool::by_fill);
        pools
    }

    fn sum(remote: Endpoint, members: &[&Destination]) -> Pool {
        let mut sources: Vec<IpAddr> = members.iter().map(|it| it.source).collect();
        sources.sort_unstable();
        let sum = |part: fn(&Destination) -> u32| members.iter().map(|it| part(it)).sum();
        Pool {
            remote,
            sources,
            taken: sum(|it| it.taken),
            of: sum(|it| it.of),
            reusable: sum(|it| it.reusable),
        }
    }

    /// Ports that connect(2) can still hand out towards it, from all the addresses together.
    #[must_use]
    pub fn free(&self) -> u32 {
        left(self.of, self.taken, self.reusable)
    }

    /// The share of the ports that are taken, 0 to 1, `TIME-WAIT` included.
    #[must_use]
    pub fn fill(&self) -> f64 {
        share(self.taken, self.of)
    }

    fn by_fill(&self, other: &Pool) -> Ordering {
        other.fill().total_cmp(&self.fill()).then(self.remote.cmp(&other.remote))
    }
}
