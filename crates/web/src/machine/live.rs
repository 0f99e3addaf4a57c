//! What changes on a machine: which ports look other than before, and what happened.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use registry::{Port, Proto};

use super::{Moment, Viewer};

/// What is other than at the look before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Counts the looks that found something other.
    pub version: u64,
    /// The ports, at either end, that some socket or owner of is other.
    pub changed: BTreeSet<Port>,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum News {
    /// This, in this order; perhaps nothing.
    Happened(Vec<Arc<dyn Happened>>),
    /// So many things that were not told of: too many at once.
    Missed(u64),
}

/// Something that happened to a socket.
pub trait Happened: Debug + Send + Sync {
    /// Its own port, and that of the far end.
    fn ports(&self) -> (Port, Option<Port>);

    /// As `viewer` may know it.
    fn seen_by(&self, viewer: Viewer) -> Happening;

    /// The same as a line of `portolan watch --json`, without its end.
    fn json(&self, viewer: Viewer) -> String;
}

/// Something that happened to a socket, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Moment,
    /// What, as a stable word: `listen`, `connect`, `incoming`, `bind`, `accept`, `take`, `close`,
    /// `fail`.
    pub verb: &'static str,
    /// The protocol.
    pub proto: Proto,
    /// Its own port.
    pub port: Port,
    /// Both ends, with an arrow between them.
    pub ends: String,
    /// Who did it: `curl (4711)`, `hidden`.
    pub owner: String,
    /// The user; empty where that is not known.
    pub user: String,
    /// How it ended; `None` while it lasts.
    pub outcome: Option<Outcome>,
}

/// How a socket ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How, as a stable word: `closed`, `time-wait`, …
    pub ended: &'static str,
    /// After how long: `3.2s`.
    pub lasted: String,
}

/// How many sockets there are of a protocol and state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateCount {
    /// The protocol.
    pub proto: Proto,
    /// The state, as `ss` names it.
    pub state: &'static str,
    /// How many.
    pub sockets: usize,
}
