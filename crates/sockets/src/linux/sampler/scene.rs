//! What one look saw in one namespace, and what it makes of a socket there.

use std::collections::HashSet;

use registry::{Port, Proto};

use super::broadcast::Ended;
use super::listeners::Listeners;
use crate::{BootTime, Ending, Endpoint, Evidence, Opened, Role, Socket, State};

/// What one look saw in one namespace.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) sockets: &'a [Socket],
    /// The ends that were told since the look before.
    pub(super) ended: &'a [Ended],
    /// When the look began.
    pub(super) at: BootTime,
    /// When the one before began; `None` for the first.
    pub(super) since: Option<BootTime>,
    /// Whether the kernel tells of ends here.
    pub(super) heralded: bool,
    /// Where holders of new sockets are looked for.
    pub(super) search: Search,
}

/// Where the holders of a look's new sockets are looked for at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// Among the likely processes; among all when the next look sees the socket still.
    Near,
    /// Among all: at the start, when there are many.
    Everywhere,
}

/// What is kept of a namespace from one look to the next.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) listeners: Listeners,
    /// The cookies in `TIME-WAIT`, where the kernel does not tell of ends.
    pub(super) tails: HashSet<u64>,
}

/// A look at one namespace, with the listeners that are there and were there before.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) now: &'a Listeners,
    pub(super) before: &'a Listeners,
}

impl Scene<'_> {
    pub(super) fn taker(&self, socket: &Socket) -> Option<u64> {
        self.taker_at(&socket.local)
    }

    /// The listener that has this local end, now or at the look before.
    pub(super) fn taker_at(&self, local: &Endpoint) -> Option<u64> {
        self.now.taker(local).or_else(|| self.before.taker(local))
    }

    /// How `socket` came to hold its port; a connection known already keeps its role.
    pub(super) fn role(&self, socket: &Socket, known: Option<Role>) -> Role {
        match socket.state {
            _ if socket.proto != Proto::Tcp && socket.remote.is_none() => Role::Bound,
            _ if socket.proto != Proto::Tcp => Role::Outgoing,
            State::Listen => Role::Listening,
            State::Bound => Role::Bound,
            State::SynSent => Role::Outgoing,
            _ => match known {
                Some(Role::Incoming) => Role::Incoming,
                Some(_) => Role::Outgoing,
                None if self.taker(socket).is_some() => Role::Incoming,
                None => Role::Outgoing,
            },
        }
    }

    pub(super) fn opened(&self, socket: &Socket, role: Role) -> Opened {
        // Before Linux 6.16 one without a descriptor is told to be root's.
        let told = socket.maker().filter(|uid| socket.inode != 0 || *uid != 0);
        Opened {
            remote: (!socket.remote.is_none()).then(|| socket.remote.plain()),
            uid: told.unwrap_or(Opened::NO_UID),
            ..Opened::listed(socket, role, Evidence::Sampled)
        }
    }

    /// A socket of which only the end was told. One that was disconnected before still has its far
    /// end's address, and no port of it: that it had a far end shows, and not which.
    pub(super) fn unseen(&self, end: &Ended) -> Opened {
        let had_remote = !end.remote.is_none();
        let came_in = end.proto == Proto::Tcp && self.taker_at(&end.local).is_some();
        Opened {
            cookie: end.cookie,
            netns: end.netns,
            proto: end.proto,
            family: end.family,
            v6only: false,
            local: end.local.plain(),
            remote: (end.remote.port != Port::NONE).then(|| end.remote.plain()),
            role: match had_remote {
                false => Role::Bound,
                true if came_in => Role::Incoming,
                true => Role::Outgoing,
            },
            uid: Opened::NO_UID,
            opener: None,
            evidence: Evidence::Sampled,
        }
    }
}

/// What the kernel keeps of a connection that we closed first, after its socket is gone.
pub(super) fn is_tail(socket: &Socket) -> bool {
    socket.time_wait_left().is_some()
}

/// How a socket ended that nobody saw. One that was disconnected was reset by us if it had been
/// accepted; if not, its connect may as well have failed.
pub(super) fn unseen_ending(opened: &Opened, lingers: bool) -> Ending {
    let disconnected =
        opened.proto == Proto::Tcp && opened.role != Role::Bound && opened.remote.is_none();
    match opened.role {
        _ if lingers => Ending::TimeWait,
        Role::Incoming if disconnected => Ending::Aborted,
        _ if disconnected => Ending::Unseen,
        _ => Ending::Closed,
    }
}
