//! Whether a port can be bound, and if not, who is in the way.
//!
//! The kernel is the judge ([`BindTrial`], a real bind); the socket table is the explanation
//! ([`BindVerdict`]).

use std::io;
use std::net::IpAddr;

use registry::{Port, Proto};

/// A real `bind(2)` and what the kernel said to it.
#[derive(Debug)]
pub struct BindTrial {
    /// The protocol.
    pub proto: Proto,
    /// The address.
    pub addr: IpAddr,
    /// Whether `SO_REUSEADDR` was set.
    pub reuseaddr: bool,
    /// What came of it.
    pub result: io::Result<()>,
}

/// Whether one way of binding a port works, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindVerdict {
    /// The protocol.
    pub proto: Proto,
    /// The address.
    pub addr: IpAddr,
    /// Whether `SO_REUSEADDR` is set.
    pub reuseaddr: bool,
    /// Whether it works.
    pub outcome: Outcome,
    /// Whether the kernel was asked; otherwise the outcome is told from the socket table.
    pub probed: bool,
    /// What stands in the way; `None` where nothing does.
    pub reason: Option<Reason>,
    /// The socket that stands in the way, an index into the sockets that were given.
    pub culprit: Option<usize>,
}

/// Whether a bind works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It works.
    Yes,
    /// It fails.
    No,
    /// It cannot be told without trying.
    Unknown,
}

/// Why a bind fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A socket listens on the same address or on all.
    Listening,
    /// An IPv6 socket on `::` that takes IPv4 too is in the way.
    DualStack,
    /// A socket is bound there without listening.
    BoundSilent,
    /// An outgoing or accepted connection has the port.
    Connected,
    /// A closed connection still holds the port (`TIME-WAIT`); `SO_REUSEADDR` gets past it.
    TimeWait,
    /// A UDP socket is bound there.
    UdpBound,
    /// The port is below `ip_unprivileged_port_start` and we may not.
    Privileged {
        /// The first port anyone may bind.
        unprivileged_start: Port,
    },
    /// The address is not one of this host's.
    AddressAbsent,
    /// The host has no IPv6 (or no IPv4).
    FamilyAbsent,
    /// The port is taken, and nothing that we can see has it.
    Unseen,
    /// The kernel said something else: this error number.
    Refused {
        /// The error number of `errno(3)`.
        errno: i32,
    },
}
