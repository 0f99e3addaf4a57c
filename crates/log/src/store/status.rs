//! How a store does.

use sockets::Watching;

use crate::{Gap, Moment};

/// How a store does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How this recorder watches.
    pub watching: Watching,
    /// Since when this recorder records.
    pub started: Moment,
    /// Since when there are records at all, gaps aside.
    pub since: Moment,
    /// How many sockets are open.
    pub open: u64,
    /// How many tenures have ended since this recorder started.
    pub ended: u64,
    /// How many events were lost since this recorder started.
    pub lost: u64,
    /// The gaps of the current batch and of those being sealed, oldest first, one that lasts
    /// included.
    pub gaps: Vec<Gap>,
    /// How many programs are known.
    pub programs: u64,
    /// The bytes of journals on disk.
    pub journal_bytes: u64,
    /// The bytes of segments on disk.
    pub segment_bytes: u64,
    /// How many segments there are.
    pub segments: u64,
    /// When this recorder last sealed a segment.
    pub sealed: Option<Moment>,
    /// Whether the disk can be written.
    pub disk: Disk,
}

/// Whether the disk can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disk {
    /// It can.
    Writable,
    /// It cannot; what happens waits in memory, and nothing is lost yet.
    Delayed {
        /// Since when.
        since: Moment,
        /// What the system said.
        why: String,
    },
    /// It cannot, and there is no more room to wait in: nothing is recorded until it can again.
    Stopped {
        /// Since when nothing is recorded.
        since: Moment,
        /// What the system said.
        why: String,
    },
}
