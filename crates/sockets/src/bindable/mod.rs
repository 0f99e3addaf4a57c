//! Whether a port can be bound, and if not, who is in the way.
//!
//! The kernel is the judge ([`BindTrial`], a real bind); the socket table is the explanation
//! ([`BindVerdict`]). [`explain_binds`] joins the two, [`predict_binds`] does without the kernel.

mod conflict;
mod explain;
mod predict;
mod reason;
mod remedy;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use registry::Proto;

use crate::Note;

pub use explain::explain_binds;
pub use predict::predict_binds;
pub use reason::Reason;
pub use remedy::Remedy;

/// The addresses that a bind is tried on, in this order: every IPv4 address, IPv4 loopback, every
/// address of both families (`::` without `IPV6_V6ONLY`), IPv6 loopback.
pub const BIND_ADDRESSES: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];

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
    /// What stands in the way, or may where the outcome is unknown; `None` where nothing does.
    pub reason: Option<Reason>,
    /// The socket that stands in the way, an index into the sockets that were given.
    pub culprit: Option<usize>,
    /// What would get past it; `None` where it works and where nothing is known to help.
    pub remedy: Option<Remedy>,
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

/// What decides over a bind besides the sockets that exist: what [`predict_binds`] goes by.
///
/// The default is a caller without limits on a host with every address and a complete table.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct BindPremises {
    /// Whether we may bind ports below `ip_unprivileged_port_start`.
    pub privilege: Privilege,
    /// Addresses of [`BIND_ADDRESSES`] that this host does not have, and why.
    pub absent: Vec<(IpAddr, Reason)>,
    /// Protocols whose table lacks bound sockets, so that nothing in it does not mean free.
    pub unlisted: Vec<Proto>,
}

impl BindPremises {
    /// These premises with what `notes` say about the table: bound but silent TCP sockets are
    /// missing from it on Linux before 6.8 and in `/proc/net`.
    #[must_use]
    pub fn with_notes(mut self, notes: &[Note]) -> Self {
        let unlisted = |note: &Note| matches!(note, Note::BoundUnlisted | Note::ProcNet { .. });
        if notes.iter().any(unlisted) {
            self.unlisted.push(Proto::Tcp);
        }
        self
    }
}

/// Whether we may bind privileged ports (`CAP_NET_BIND_SERVICE` over our network namespace).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Privilege {
    /// We may.
    #[default]
    Granted,
    /// We may not.
    Denied,
    /// We have the capability in a user namespace that may not own our network namespace.
    Unclear,
}
