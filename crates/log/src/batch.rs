//! What is sealed together: ended tenures with the programs they name.

use std::sync::Arc;

use registry::Proto;
use sockets::{Ending, Endpoint, Evidence, Family, NetnsId, Program, Role};

use crate::{Gap, Moment};

/// Ended tenures, the programs they name and the gaps between them: the content of a segment.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Its place among all batches of a store, counted from 1: the number of the journal that it
    /// was in, by which a journal is known to be sealed.
    pub number: u64,
    /// Since when it holds all that ended, gaps aside.
    pub from: Moment,
    /// Until when it does: where the next one begins.
    pub until: Moment,
    /// The programs; a [`Row`] names them by their index.
    pub programs: Vec<Arc<Program>>,
    /// The tenures, in the order in which they ended.
    pub rows: Vec<Row>,
    /// The gaps that ended.
    pub gaps: Vec<Gap>,
    /// The clocks that [`Row::clock`] names by their index.
    pub clocks: Vec<Clock>,
}

/// What turns the time since boot into UTC: one boot's, until somebody steps the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Its place among all clocks of a store: tenures began in the order of (this, `from`).
    pub number: u64,
    /// The boot (`/proc/sys/kernel/random/boot_id`).
    pub boot: [u8; 16],
    /// UTC less the time since boot, in nanoseconds.
    pub offset: i64,
}

/// An ended tenure; see [`crate::Tenure`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The network namespace it lived in.
    pub netns: NetnsId,
    /// Its transport protocol.
    pub proto: Proto,
    /// The family it was made with.
    pub family: Family,
    /// Whether an IPv6 socket took IPv6 alone.
    pub v6only: bool,
    /// Our end.
    pub local: Endpoint,
    /// The far end.
    pub remote: Option<Endpoint>,
    /// How it held the port.
    pub role: Role,
    /// The user who made it; [`sockets::Opened::NO_UID`] where nobody could tell.
    pub uid: u32,
    /// Index into [`Batch::programs`].
    pub opener: Option<u32>,
    /// Index into [`Batch::programs`].
    pub taker: Option<u32>,
    /// Index into [`Batch::programs`].
    pub closer: Option<u32>,
    /// When it took the port.
    pub from: Moment,
    /// Index into [`Batch::clocks`]: the clock of `from`, by which tenures are put in order.
    pub clock: u32,
    /// For how long, by the clock that nobody steps, in nanoseconds.
    pub duration_ns: u64,
    /// By how much the clock was stepped meanwhile, in nanoseconds: its end is
    /// `from + duration + stepped`.
    pub stepped_ns: i64,
    /// How it let go.
    pub ending: Ending,
    /// How well this is known.
    pub evidence: Evidence,
}
