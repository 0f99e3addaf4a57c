//! A tenure: one socket holding one local port, from bind or connect to release. The unit of
//! history.

use std::sync::Arc;
use std::time::Duration;

use registry::Proto;
use sockets::{Ending, Endpoint, Evidence, Family, NetnsId, Program, Role};

/// A moment in UTC, in nanoseconds since 1970, as this machine's clock said at that moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// When a port that was let go of at this moment is out of `TIME-WAIT`: [`Tenure::TIME_WAIT`] later.
    #[must_use]
    pub fn after_time_wait(self) -> Moment {
        let tail = i64::try_from(Tenure::TIME_WAIT.as_nanos()).unwrap_or(i64::MAX);
        Moment(self.0.saturating_add(tail))
    }
}

/// A process that had to do with a tenure, as far as the one who asks may know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Party {
    /// This program of this process.
    Known(Arc<Program>),
    /// A process of this user, whose name is not for the one who asks.
    Hidden {
        /// The user.
        uid: u32,
    },
    /// Nobody, or somebody who was not seen.
    #[default]
    Unknown,
}

/// Somebody who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Root, or a member of the group that may see everything.
    Everything,
    /// This user, who sees their own processes.
    User(u32),
}

impl Viewer {
    /// Whether they may know of `program` more than whose it is.
    #[must_use]
    pub fn sees(self, program: &Program) -> bool {
        match self {
            Viewer::Everything => true,
            Viewer::User(uid) => program.process.user.uid == uid,
        }
    }
}

/// One socket holding one local port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenure {
    /// The network namespace it lived in.
    pub netns: NetnsId,
    /// Its transport protocol.
    pub proto: Proto,
    /// The family it was made with. Addresses of mapped traffic are plain IPv4 ones.
    pub family: Family,
    /// Whether an IPv6 socket took IPv6 alone.
    pub v6only: bool,
    /// Our end.
    pub local: Endpoint,
    /// The far end; `None` where there never was one.
    pub remote: Option<Endpoint>,
    /// How it held the port, last.
    pub role: Role,
    /// The user who made it.
    pub uid: u32,
    /// Who made the socket; for an accepted one, who made its listener.
    pub opener: Party,
    /// The first process other than the opener that accepted, received or used it.
    pub taker: Party,
    /// Who closed its last descriptor.
    pub closer: Party,
    /// When it took the port. With [`Evidence::OpenAtStart`]: when it was first seen.
    pub from: Moment,
    /// When it let go of the port, the tail in `TIME-WAIT` aside; `None` while it is open. With
    /// [`Ending::Unseen`]: when it was known to be gone; where nobody recorded meanwhile, until when it
    /// was known to be there.
    pub until: Option<Moment>,
    /// How long it held the port, by the clock that nobody steps: up to now while it is open.
    pub duration: Duration,
    /// How it let go; `None` while it is open.
    pub ending: Option<Ending>,
    /// How well all this is known.
    pub evidence: Evidence,
}

impl Tenure {
    /// How long Linux keeps a port in `TIME-WAIT` (`TCP_TIMEWAIT_LEN`, `net/tcp.h`).
    pub const TIME_WAIT: Duration = Duration::from_secs(60);

    /// Who held the port, as well as is known: who took the socket over; else who opened it, for an
    /// accepted one as the program that this process was at its end; and who closed it, where nobody
    /// saw who opened it, for it was made just before recording began.
    #[must_use]
    pub fn holder(&self) -> &Party {
        let known = |party: &&Party| !matches!(party, Party::Unknown);
        let closer = Some(&self.closer);
        let accepted = closer
            .filter(|closer| self.role == Role::Incoming && closer.is_process_of(&self.opener));
        [Some(&self.taker), accepted, Some(&self.opener), closer]
            .into_iter()
            .flatten()
            .find(known)
            .unwrap_or(&self.opener)
    }

    /// The tenure as far as `viewer` may know it: processes of others are [`Party::Hidden`].
    #[must_use]
    pub fn as_seen_by(mut self, viewer: Viewer) -> Tenure {
        for party in [&mut self.opener, &mut self.taker, &mut self.closer] {
            party.hide_from(viewer);
        }
        self
    }

    /// Whether the port was held at `at`, the tail in `TIME-WAIT` aside. Across a step of the clock
    /// the answer is a generous one.
    #[must_use]
    pub fn held_at(&self, at: Moment) -> bool {
        let until = self.until.unwrap_or(Moment(i64::MAX));
        self.from.min(until) <= at && at < self.from.max(until).max(Moment(self.from.0 + 1))
    }

    /// The time in which the kernel may have kept the port beyond [`Tenure::tail_end`]: the far end had
    /// not closed when we did, and may have until the kernel gave up waiting for that
    /// (`tcp_fin_timeout`, 60 s unless somebody changed it).
    #[must_use]
    pub fn doubtful_tail(&self) -> Option<(Moment, Moment)> {
        let sure = self.tail_end()?;
        match self.ending? {
            Ending::FinWait => Some((sure, sure.after_time_wait())),
            Ending::FinWaitBriefly => Some((sure, sure.after_time_wait().after_time_wait())),
            _ => None,
        }
    }

    /// Until when the kernel kept the port in `TIME-WAIT`, by inference, or until then at least where it had
    /// to wait for the far end to close: for nothing where it did not wait long; `None` where it did not keep it.
    #[must_use]
    pub fn tail_end(&self) -> Option<Moment> {
        let until = self.until?;
        match self.ending? {
            Ending::FinWaitBriefly => Some(until),
            ending => ending.leaves_tail().then(|| until.after_time_wait()),
        }
    }

    /// Whether the port was in `TIME-WAIT` at `at`, by inference.
    #[must_use]
    pub fn lingered_at(&self, at: Moment) -> bool {
        self.until.is_some_and(|until| until <= at) && self.tail_end().is_some_and(|end| at < end)
    }
}

impl Party {
    /// Whether both are one process, whatever programs it ran; not seen, they are as much alike.
    #[must_use]
    pub fn is_process_of(&self, other: &Party) -> bool {
        match (self, other) {
            (Party::Known(one), Party::Known(other)) => {
                (one.key.pid, one.key.start_ticks) == (other.key.pid, other.key.start_ticks)
            }
            _ => self == other,
        }
    }

    fn hide_from(&mut self, viewer: Viewer) {
        if let Party::Known(program) = &*self
            && !viewer.sees(program)
        {
            *self = Party::Hidden { uid: program.process.user.uid };
        }
    }
}

/// A time in which events happened that the log does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Since when.
    pub from: Moment,
    /// Until when; `None` while it lasts.
    pub until: Option<Moment>,
    /// Why.
    pub reason: GapReason,
    /// How many events were lost; 0 where nobody counted.
    pub events: u64,
}

/// Why the log has a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum GapReason {
    /// No recorder ran.
    NotRunning = 0,
    /// Events came faster than they were taken.
    EventsLost = 1,
    /// The disk was full, or could not be written.
    DiskFull = 2,
    /// The end of the journal was torn or damaged, and was cut.
    JournalCut = 3,
    /// A segment cannot be read.
    SegmentLost = 4,
    /// The recorder could only look now and then: what came and went between two looks may be missing.
    Sampled = 5,
    /// Whether the kernel still kept the port of a connection is not known: it ends TIME-WAIT some seconds late,
    /// or we had closed before the far end did, see [`Ending::FinWait`]. In answers alone, never in a store.
    TailUnknown = 6,
}
