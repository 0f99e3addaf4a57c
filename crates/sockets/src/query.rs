//! Which sockets to ask for. What the kernel can filter, it filters.

use registry::{PortRange, Proto};

use crate::{Family, NetnsId, Socket, States};

/// Which sockets to list; the default is every TCP and UDP socket of our own network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The protocols wanted; those the kernel cannot list are left out.
    pub protos: Vec<Proto>,
    /// Only this family of sockets.
    pub family: Option<Family>,
    /// Only sockets in these states.
    pub states: States,
    /// Only sockets with these ports.
    pub ports: Ports,
    /// Where to look.
    pub netns: NetnsScope,
}

/// A condition on a socket's two ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Any ports.
    Any,
    /// Either end's port lies in the range.
    Either(PortRange),
    /// The local port lies in the range.
    Local(PortRange),
    /// The remote port lies in the range.
    Remote(PortRange),
}

/// Which network namespaces to look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetnsScope {
    /// Our own.
    Own,
    /// Every one that a process lives in or `/run/netns` names. Needs root.
    All,
    /// This one. Needs root unless it is our own.
    One(NetnsId),
}

impl Default for Query {
    fn default() -> Self {
        Query {
            protos: vec![Proto::Tcp, Proto::Udp],
            family: None,
            states: States::ALL,
            ports: Ports::Any,
            netns: NetnsScope::Own,
        }
    }
}

impl Query {
    /// Whether `socket` is one that was asked for, its namespace aside.
    #[must_use]
    pub fn matches(&self, socket: &Socket) -> bool {
        self.protos.contains(&socket.proto)
            && self.family.is_none_or(|family| family == socket.family)
            && self.states.contains(socket.state)
            && self.ports.match_socket(socket)
    }
}

impl Ports {
    /// Whether the ports of `socket` meet the condition.
    #[must_use]
    pub fn match_socket(self, socket: &Socket) -> bool {
        let (local, remote) = (socket.local.port, socket.remote.port);
        match self {
            Ports::Any => true,
            Ports::Either(range) => range.contains(local) || range.contains(remote),
            Ports::Local(range) => range.contains(local),
            Ports::Remote(range) => range.contains(remote),
        }
    }
}
