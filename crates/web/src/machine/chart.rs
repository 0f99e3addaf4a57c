//! All ports at a moment: who holds which, and which were held in the hour before.

use registry::{Port, PortRange, Proto};

use super::{Gap, Moment, Role, Told};

/// All ports at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartNow {
    /// The moment: of the past where one was asked for, else when the machine was looked at.
    pub at: Moment,
    /// What the ports are held by, ordered by port, then protocol, then role; a port, protocol and
    /// role that several sockets share is told once.
    pub held: Vec<Held>,
    /// Ports that were held at any time in the hour before, in order.
    pub recent: Vec<Port>,
    /// The range that this host hands out; `None` where it could not be read.
    pub ephemeral: Option<PortRange>,
    /// Ports of that range that are never handed out.
    pub reserved: Vec<PortRange>,
    /// Whether the past can be told.
    pub told: Told,
    /// Since when there are records at all.
    pub since: Option<Moment>,
    /// Times in the hour before of which events are missing.
    pub gaps: Vec<Gap>,
}

/// A port that is held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    /// The port.
    pub port: Port,
    /// The protocol.
    pub proto: Proto,
    /// How it is held: never [`Role::Client`] or [`Role::Talks`].
    pub role: Role,
    /// By how many sockets.
    pub sockets: u32,
    /// Who holds it: `nginx (812)`, `nginx (812) +3`; empty where that is hidden or nobody.
    pub who: String,
}
