//! The past of a port: who had it, and of which times nothing is known.

use registry::{Port, Proto};

use super::PortAsked;

/// A moment in UTC, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// A time, both its ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Since when.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
}

/// Which past was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimelineAsked {
    /// Of which port.
    pub port: PortAsked,
    /// Of which time.
    pub span: Span,
    /// At most so many spells, the newest.
    pub most: usize,
}

/// Who had a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Of which time this tells.
    pub span: Span,
    /// Whether there are records.
    pub told: Told,
    /// Who had it, the newest first.
    pub spells: Vec<Spell>,
    /// Whether there were more.
    pub more: bool,
    /// Times of which events are missing, the oldest first.
    pub gaps: Vec<Gap>,
    /// Since when there are records at all.
    pub since: Option<Moment>,
}

/// Whether the past can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// By the recorder that runs.
    ByRecorder,
    /// From the store that one left.
    FromStore,
    /// Nobody recorded.
    Unrecorded,
    /// Somebody did, and the service may not read it.
    Forbidden,
}

/// One socket holding the port, from bind or connect to release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spell {
    /// Since when; for one that was open when recording began, since when it is known.
    pub from: Moment,
    /// Until when; `None` while it lasts.
    pub until: Option<Moment>,
    /// How long, to two units: `3.2s`, `≥2h05m`.
    pub lasted: String,
    /// Its protocol.
    pub proto: Proto,
    /// Its port.
    pub port: Port,
    /// How it held it, as a stable word: `bound`, `listening`, `outgoing`, `incoming`.
    pub role: &'static str,
    /// Its own end.
    pub local: String,
    /// The far end; `None` where there is none.
    pub remote: Option<String>,
    /// Who held it: `curl (4711)`; `None` where that was not seen, or is hidden.
    pub holder: Option<String>,
    /// Whether there was a holder who is not for the viewer to see.
    pub hidden: bool,
    /// The user behind it; empty where that is not known.
    pub user: String,
    /// How it ended, as a stable word: `closed`, `time-wait`, …; `None` while it lasts.
    pub ended: Option<&'static str>,
    /// How well it is known, as a stable word: `exact`, `open-at-start`, `sampled`.
    pub evidence: &'static str,
}

/// A time of which events are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Since when; the least of all moments where it is the time before recording began.
    pub from: Moment,
    /// Until when; `None` while it lasts.
    pub until: Option<Moment>,
    /// Why, as a stable word: `not-running`, `events-lost`, …
    pub reason: &'static str,
}

impl Gap {
    /// Whether anybody may have been there: looks that were taken now and then miss the short-lived
    /// alone.
    pub(crate) fn hides_all(&self) -> bool {
        self.reason != "sampled"
    }

    /// The moment before which nothing was recorded, where it is that time.
    pub(crate) fn beginning(&self) -> Option<Moment> {
        self.until.filter(|_| self.from == Moment(i64::MIN))
    }

    /// Whether the moment `at` is in it.
    pub(crate) fn holds(&self, at: Moment) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Whether some of `span` is in it.
    pub(crate) fn meets(&self, span: Span) -> bool {
        self.from < span.until && self.until.is_none_or(|until| until > span.from)
    }
}
