//! What `sock_diag(7)` says of the ports towards one destination, whoever holds them.
//!
//! A survey reads every TCP socket of the network namespace (about a microsecond each), so it is made
//! rarely, and what it says is a belief like all else that is known of others.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use registry::{Port, Proto};
use sockets::{PortSettings, Ports, Query, Socket, Source, State};

use super::free_ports::Busy;
use super::socket;

/// The ports in use towards one destination.
#[derive(Debug)]
pub(super) struct Survey {
    /// When we began to ask.
    pub(super) begun: Instant,
    /// By source address.
    busy: HashMap<IpAddr, Vec<Busy>>,
    time_wait: HashMap<IpAddr, u32>,
}

impl Survey {
    /// Asks the kernel.
    pub(super) fn make(destination: &SocketAddr) -> Result<Survey, sockets::Error> {
        let begun = Instant::now();
        let ports = Ports::Remote(Port(destination.port()).into());
        let query = Query { protos: vec![Proto::Tcp], ports, ..Query::default() };
        let sockets = sockets::host().sockets(&query)?.sockets;
        let now = Instant::now();
        let mut survey = Survey { begun, busy: HashMap::new(), time_wait: HashMap::new() };
        for socket in sockets.iter().filter(|socket| is_towards(socket, destination.ip())) {
            survey.add(socket, now);
        }
        Ok(survey)
    }

    fn add(&mut self, socket: &Socket, now: Instant) {
        let source = socket.local.canonical();
        let until = socket.time_wait_left().map(|left| now + left);
        self.busy.entry(source).or_default().push(Busy { port: socket.local.port, until });
        if socket.state == State::TimeWait {
            *self.time_wait.entry(source).or_default() += 1;
        }
    }

    /// What is in use from `source`; from the address that the kernel would choose where it is `None`.
    pub(super) fn busy(&self, source: Option<IpAddr>, destination: &SocketAddr) -> &[Busy] {
        let source = source.or_else(|| socket::routed_source(destination).ok());
        source.and_then(|source| self.busy.get(&source)).map_or(&[], Vec::as_slice)
    }

    /// The ports that the host hands out and that cannot be had from `source`.
    pub(super) fn count(
        &self,
        source: Option<IpAddr>,
        destination: &SocketAddr,
        settings: &PortSettings,
        bound: &[Port],
    ) -> Count {
        let source = source.or_else(|| socket::routed_source(destination).ok());
        let busy = source.and_then(|source| self.busy.get(&source));
        let busy = busy.into_iter().flatten().map(|busy| busy.port);
        let busy: HashSet<Port> = busy.filter(|port| settings.hands_out(*port)).collect();
        let bound = bound.iter().filter(|port| !busy.contains(port)).count();
        let time_wait = source.and_then(|source| self.time_wait.get(&source));
        Count {
            taken: number(busy.len()),
            bound: number(bound),
            time_wait: time_wait.copied().unwrap_or(0),
        }
    }
}

/// Whether a connect to `destination` leads where this connection does. From a source address to the address of
/// none it leads to the source itself.
fn is_towards(socket: &Socket, destination: IpAddr) -> bool {
    let remote = socket.remote.canonical();
    match destination.is_unspecified() {
        true => remote == socket.local.canonical(),
        false => remote == destination,
    }
}

/// What cannot be had from one source address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub(super) taken: u32,
    pub(super) bound: u32,
    pub(super) time_wait: u32,
}

/// The ports of the host's range that a program has bound or listens on, each once: `connect(2)` gives
/// them to nobody.
pub(super) fn bound(settings: &PortSettings) -> Result<Vec<Port>, sockets::Error> {
    let query = Query {
        protos: vec![Proto::Tcp],
        states: [State::Listen, State::Bound].into_iter().collect(),
        ports: Ports::Local(settings.ephemeral),
        ..Query::default()
    };
    let sockets = sockets::host().sockets(&query)?.sockets;
    let mut ports: Vec<Port> = sockets.iter().map(|socket| socket.local.port).collect();
    ports.retain(|port| settings.hands_out(*port));
    ports.sort_unstable();
    ports.dedup();
    Ok(ports)
}

/// How many, as a port count.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
