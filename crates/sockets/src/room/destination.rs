//! One destination as seen from one source address: how many of the ports that could be had towards
//! it are taken.

use std::cmp::Ordering;
use std::net::IpAddr;

use registry::{Port, Proto};

use super::{Key, Layout, StateCounts, TimeWaitReuse};
use crate::{Endpoint, Socket, State};

/// What is talked to, and the ports that are taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The protocol.
    pub proto: Proto,
    /// Our address. Mapped addresses are plain IPv4 ones.
    pub source: IpAddr,
    /// The far end, likewise.
    pub remote: Endpoint,
    /// Ports with a connection to it, of those that connect(2) can hand out: `TIME-WAIT` included.
    pub taken: u32,
    /// How many ports connect(2) could hand out towards it if none of `taken` were. For UDP, which
    /// gives a port to one socket whatever it talks to: those, and what nobody has.
    pub of: u32,
    /// Of `taken`, the ports in `TIME-WAIT` that connect(2) takes over nevertheless, by `tcp_tw_reuse`.
    pub reusable: u32,
    /// The half of the ports that TCP tries first; all of them for UDP.
    pub first: Half,
    /// Its connections from those ports, by state.
    pub states: StateCounts,
    /// Where they stand in the list of sockets, in its order.
    pub sockets: Vec<u32>,
}

/// A part of the ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Half {
    /// How many cannot be had now.
    pub taken: u32,
    /// How many there are.
    pub of: u32,
}

/// How near a destination is to where connect(2) gets slow: Linux tries the ports of one parity first,
/// and once those are taken goes through all of them in vain, for every connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cliff {
    /// There is room in the first half.
    Far,
    /// Four fifths of the first half are taken.
    Near,
    /// The first half is full, or all but: a connect looks at hundreds of ports.
    Past,
}

impl Destination {
    /// Ports that connect(2) can still hand out towards it.
    #[must_use]
    pub fn free(&self) -> u32 {
        left(self.of, self.taken, self.reusable)
    }

    /// The share of its ports that are taken, 0 to 1, `TIME-WAIT` included.
    #[must_use]
    pub fn fill(&self) -> f64 {
        share(self.taken, self.of)
    }

    /// How near it is to where connect(2) gets slow. UDP has no such place; nor have ports all of one
    /// parity, the other reserved or bound: there is nothing that is tried before them.
    #[must_use]
    pub fn cliff(&self) -> Cliff {
        if self.proto != Proto::Tcp || self.first.of == 0 {
            return Cliff::Far;
        }
        match share(self.first.taken, self.first.of) {
            full if full >= PAST => Cliff::Past,
            full if full >= NEAR => Cliff::Near,
            _ => Cliff::Far,
        }
    }

    /// Fullest first; of those alike, the one with more ports, then by address.
    pub(super) fn by_fill(&self, other: &Destination) -> Ordering {
        let order = other.fill().total_cmp(&self.fill()).then(other.taken.cmp(&self.taken));
        let name = |d: &Destination| (d.proto, d.remote, d.source);
        order.then_with(|| name(self).cmp(&name(other)))
    }
}

/// Ports that are left of all, where some of those taken are taken over.
pub(super) const fn left(of: u32, taken: u32, reusable: u32) -> u32 {
    of - taken + reusable
}

/// Part of a whole, 0 to 1; all of nothing.
pub(super) fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

/// Counts the sockets at `members`, which are all that go to one destination.
pub(super) fn count(
    key: Key,
    members: Vec<u32>,
    sockets: &[Socket],
    layout: &Layout,
    reuse: TimeWaitReuse,
) -> Destination {
    let mut destination = Destination {
        proto: key.proto,
        source: key.source,
        remote: key.remote,
        taken: 0,
        of: 0,
        reusable: 0,
        first: Half::default(),
        states: StateCounts::default(),
        sockets: members,
    };
    let mut ports: Vec<(Port, bool)> = Vec::with_capacity(destination.sockets.len());
    for socket in destination.sockets.iter().map(|at| &sockets[*at as usize]) {
        destination.states.add(socket.state);
        let reusable = socket.state == State::TimeWait && reuse.lends(socket);
        ports.push((socket.local.port, reusable));
    }
    // A port that one of two sockets (of two devices) keeps is not to be had.
    ports.sort_unstable();
    ports.dedup_by_key(|(port, _)| *port);
    destination.taken = narrow(ports.len());
    destination.reusable = narrow(ports.iter().filter(|(_, reusable)| *reusable).count());
    match key.proto {
        Proto::Tcp => {
            let in_first = |(port, reusable): &&(Port, bool)| !reusable && layout.is_first(*port);
            destination.of = layout.open.first + layout.open.second;
            destination.first.of = layout.open.first;
            destination.first.taken = narrow(ports.iter().filter(in_first).count());
        }
        _ => {
            let met = if key.source.is_ipv4() { &layout.udp_v4 } else { &layout.udp };
            let nobody_has = layout.hands_out.count() - met.count();
            destination.of = nobody_has + destination.taken;
            destination.first = Half { taken: destination.taken, of: destination.of };
        }
    }
    destination
}

/// There are 65,536 ports.
fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A set of ports.
#[derive(Clone, Debug)]
pub(super) struct Ports(Box<[u64; 1024]>);

impl Default for Ports {
    fn default() -> Ports {
        Ports(Box::new([0; 1024]))
    }
}

impl Ports {
    pub(super) fn add(&mut self, port: Port) {
        self.0[usize::from(port.number() >> 6)] |= 1 << (port.number() & 63);
    }

    pub(super) fn has(&self, port: Port) -> bool {
        self.0[usize::from(port.number() >> 6)] & 1 << (port.number() & 63) != 0
    }

    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}

/// From here on a connect tries ten ports on average before it finds one (measured: 12 µs, then 1 ms).
const NEAR: f64 = 0.8;
/// From here on a thousand; nothing is gained by telling the last dozen ports apart.
const PAST: f64 = 0.999;
