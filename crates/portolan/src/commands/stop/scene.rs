//! What has the port, sorted by what may be done about it.

use anyhow::Context;
use registry::{Port, PortRange, Proto};
use sockets::{
    Owners, Ownership, PortSettings, Ports, Process, Query, Search, Snapshot, Socket, Source, State,
};

/// The sockets that have a port, and whose they are.
#[derive(Debug)]
pub(super) struct Scenery {
    pub(super) port: Port,
    pub(super) protos: Vec<Proto>,
    pub(super) snapshot: Snapshot,
    pub(super) ownership: Ownership,
    settings: Option<PortSettings>,
    /// Whether UDP was asked for by its name.
    udp_named: bool,
}

/// What a socket has to do with the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It listens.
    Listener,
    /// It is bound and silent: of a lease, or of somebody who has not begun.
    Silent,
    /// It has the number without serving on it.
    Client,
    /// What a listener has accepted.
    Accepted,
    /// A connection that is over.
    Lingering,
}

impl Scenery {
    /// Looks at the sockets of our own network namespace whose own port it is.
    pub(super) fn look(port: Port, proto: Option<Proto>) -> anyhow::Result<Scenery> {
        let host = crate::host::host();
        let protos = proto.map_or_else(|| vec![Proto::Tcp, Proto::Udp], |proto| vec![proto]);
        let query = Query {
            protos: protos.clone(),
            ports: Ports::Local(PortRange::from(port)),
            ..Query::default()
        };
        let snapshot = host.sockets(&query).context("the sockets could not be listed")?;
        let ownership = host.owners(&snapshot.sockets, Search::Full);
        let settings = host.port_settings().ok();
        let udp_named = proto == Some(Proto::Udp);
        Ok(Scenery { port, protos, snapshot, ownership, settings, udp_named })
    }

    /// The sockets that play this part.
    pub(super) fn playing(&self, part: Part) -> impl Iterator<Item = &Socket> {
        self.snapshot.sockets.iter().filter(move |socket| self.part(socket) == part)
    }

    /// What is known of the owners of a socket.
    pub(super) fn owners(&self, socket: &Socket) -> Owners<'_> {
        self.ownership.of(socket)
    }

    fn part(&self, socket: &Socket) -> Part {
        let handed_out =
            self.settings.as_ref().is_some_and(|settings| settings.hands_out(self.port));
        let has_listener = |socket: &Socket| {
            let listens = |other: &&Socket| other.state == State::Listen;
            self.snapshot.sockets.iter().filter(listens).any(|other| other.proto == socket.proto)
        };
        match (socket.state, socket.proto) {
            (State::Listen, _) => Part::Listener,
            // A port that the kernel gave to a UDP socket says nothing of what it is for.
            (State::Close, Proto::Udp) if handed_out && !self.udp_named => Part::Client,
            (State::Close, Proto::Udp) => Part::Listener,
            (State::Close | State::Bound, _) => Part::Silent,
            (State::TimeWait, _) => Part::Lingering,
            // Its process has ended, the far end has not said goodbye yet.
            _ if matches!(self.ownership.of(socket), Owners::Kernel) => Part::Lingering,
            (State::SynRecv, _) => Part::Accepted,
            (State::SynSent, _) => Part::Client,
            _ if has_listener(socket) => Part::Accepted,
            _ => Part::Client,
        }
    }
}

/// Whether `parent` is among the ancestors of `process`.
pub(super) fn descends(process: &Process, parent: &Process) -> bool {
    process.ancestry.iter().any(|ancestor| ancestor.pid == parent.pid)
}
