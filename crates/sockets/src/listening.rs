//! The ports that are listened on, which tell whose side a connection was made from.

use std::collections::HashSet;

use registry::Port;

use crate::{NetnsId, Role, Socket, State};

/// The ports that are listened on, in each network namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening(HashSet<(NetnsId, Port)>);

impl Listening {
    /// Those of the listeners among `sockets`.
    #[must_use]
    pub fn among(sockets: &[Socket]) -> Listening {
        let listeners = sockets.iter().filter(|socket| socket.state == State::Listen);
        Listening(listeners.map(|socket| (socket.netns, socket.local.port)).collect())
    }

    /// The role of a connection with this port of ours: where somebody listens on it, the other side made
    /// the connection.
    #[must_use]
    pub fn role(&self, netns: NetnsId, port: Port) -> Role {
        if self.0.contains(&(netns, port)) { Role::Incoming } else { Role::Outgoing }
    }
}
