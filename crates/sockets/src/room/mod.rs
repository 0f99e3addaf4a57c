//! How much room there is for further connections: which of the ephemeral ports connect(2) can still
//! hand out, towards each destination. Told from a list of sockets and the settings alone.
//!
//! Source of truth: `__inet_hash_connect` of Linux's `net/ipv4/inet_hashtables.c` for TCP (6.18), and
//! `udp_lib_get_port` of `net/ipv4/udp.c`. Not known here, for no dump tells it: a connection whose own
//! program bound its port counts towards its destination, though it takes the port from all.

mod destination;
mod flow;
mod outlook;
mod pool;
mod reuse;

pub use destination::{Cliff, Destination, Half};
pub use flow::{Flow, Trend};
pub use outlook::{Course, Outlook};
pub use pool::Pool;
pub use reuse::{Reuse, TimeWaitReuse};

use std::collections::HashMap;
use std::net::IpAddr;

use registry::{Port, Proto};

use crate::{Endpoint, Family, NetnsId, PortSettings, Socket, State};
use destination::Ports;

/// The room of one network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The namespace.
    pub netns: NetnsId,
    /// How many ports the range has, the reserved ones aside.
    pub handed_out: u32,
    /// Of those, the ports that connect(2) passes over, towards any destination: a TCP socket is bound
    /// to them or listens there.
    pub closed: u32,
    /// TCP's use of the ports that are handed out.
    pub tcp: Usage,
    /// UDP's.
    pub udp: Usage,
    /// What is talked to from those ports, the fullest first.
    pub destinations: Vec<Destination>,
    /// Those that are talked to from several source addresses, as one, the fullest first.
    pub pools: Vec<Pool>,
}

/// How a protocol uses the ports that are handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many of them some socket has.
    pub ports: u32,
    /// Those sockets, by state.
    pub states: StateCounts,
}

/// How many sockets are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateCounts([u32; 14]);

impl StateCounts {
    /// How many are in `state`.
    #[must_use]
    pub fn of(&self, state: State) -> u32 {
        self.0[state as usize]
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    /// The states that some socket is in, in the kernel's order.
    pub fn each(&self) -> impl Iterator<Item = (State, u32)> {
        State::ALL.into_iter().map(|state| (state, self.of(state))).filter(|(_, count)| *count > 0)
    }

    pub(crate) fn add(&mut self, state: State) {
        self.0[state as usize] += 1;
    }
}

impl Room {
    /// The room that `sockets` leave in the namespace `netns`; those of other namespaces are passed
    /// over. All sockets of the namespace must be there, those bound and in `TIME-WAIT` included.
    #[must_use]
    pub fn of(
        netns: NetnsId,
        sockets: &[Socket],
        settings: &PortSettings,
        reuse: TimeWaitReuse,
    ) -> Room {
        let layout = Layout::of(netns, sockets, settings);
        let mut groups: HashMap<Key, Vec<u32>> = HashMap::new();
        let mut room = Room {
            netns,
            handed_out: layout.open.first + layout.open.second + layout.closed,
            closed: layout.closed,
            tcp: Usage { ports: layout.tcp.count(), ..Usage::default() },
            udp: Usage { ports: layout.udp.count(), ..Usage::default() },
            destinations: Vec::new(),
            pools: Vec::new(),
        };
        for (at, socket) in (0_u32..).zip(sockets) {
            if socket.netns != netns || !layout.hands_out.has(socket.local.port) {
                continue;
            }
            match socket.proto {
                Proto::Tcp => room.tcp.states.add(socket.state),
                Proto::Udp => room.udp.states.add(socket.state),
                Proto::Sctp | Proto::Dccp => continue,
            }
            let closed = socket.proto == Proto::Tcp && layout.shut.has(socket.local.port);
            if !socket.remote.is_none() && !closed {
                groups.entry(Key::of(socket)).or_default().push(at);
            }
        }
        let destination =
            |(key, members)| destination::count(key, members, sockets, &layout, reuse);
        room.destinations = groups.into_iter().map(destination).collect();
        room.destinations.sort_by(Destination::by_fill);
        room.pools = Pool::of(&room.destinations);
        room
    }

    /// How many ports connect(2) can hand out towards a TCP destination that nobody talks to.
    #[must_use]
    pub fn open(&self) -> u32 {
        self.handed_out - self.closed
    }
}

/// Which connections contend for the same ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    proto: Proto,
    source: IpAddr,
    remote: Endpoint,
}

impl Key {
    fn of(socket: &Socket) -> Key {
        let remote = Endpoint { addr: socket.remote.canonical(), port: socket.remote.port };
        Key { proto: socket.proto, source: socket.local.canonical(), remote }
    }
}

/// The ports of a namespace, by what the kernel does with them.
#[derive(Debug)]
struct Layout {
    hands_out: Ports,
    /// With a TCP socket that is bound or listens.
    shut: Ports,
    closed: u32,
    tcp: Ports,
    udp: Ports,
    /// With a UDP socket that an IPv4 one would meet.
    udp_v4: Ports,
    /// The range's low end: TCP tries the ports of its parity first.
    low: u16,
    /// How many ports are open to connect(2).
    open: Halves,
}

/// How many ports have the parity that is tried first, and how many the other.
#[derive(Clone, Copy, Debug, Default)]
struct Halves {
    first: u32,
    second: u32,
}

impl Layout {
    fn of(netns: NetnsId, sockets: &[Socket], settings: &PortSettings) -> Layout {
        let (low, high) = (settings.ephemeral.first().number(), settings.ephemeral.last().number());
        let mut layout = Layout {
            hands_out: Ports::default(),
            shut: Ports::default(),
            closed: 0,
            tcp: Ports::default(),
            udp: Ports::default(),
            udp_v4: Ports::default(),
            low,
            open: Halves::default(),
        };
        let ports = (low..=high).map(Port);
        ports
            .filter(|port| !settings.is_reserved(*port))
            .for_each(|port| layout.hands_out.add(port));
        for socket in sockets.iter().filter(|socket| socket.netns == netns) {
            layout.take_in(socket);
        }
        for port in (low..=high).map(Port).filter(|port| layout.hands_out.has(*port)) {
            match (layout.shut.has(port), layout.is_first(port)) {
                (true, _) => layout.closed += 1,
                (false, true) => layout.open.first += 1,
                (false, false) => layout.open.second += 1,
            }
        }
        layout
    }

    fn take_in(&mut self, socket: &Socket) {
        let port = socket.local.port;
        if !self.hands_out.has(port) {
            return;
        }
        match socket.proto {
            Proto::Tcp => {
                self.tcp.add(port);
                if matches!(socket.state, State::Listen | State::Bound) {
                    self.shut.add(port);
                }
            }
            Proto::Udp => {
                self.udp.add(port);
                if socket.family == Family::V4 || socket.v6only != Some(true) {
                    self.udp_v4.add(port);
                }
            }
            Proto::Sctp | Proto::Dccp => {}
        }
    }

    /// Whether TCP tries `port` in its first pass.
    fn is_first(&self, port: Port) -> bool {
        (port.number() ^ self.low) & 1 == 0
    }
}

#[cfg(test)]
mod tests;
