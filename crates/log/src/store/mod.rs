//! The store of a recorder: what is open in memory and in a journal, what has ended on its way into
//! segments.

mod archive;
mod ask;
mod disk;
pub(crate) mod fuzz;
mod lock;
mod open;
mod recent;
mod recorder;
mod replay;
mod sealer;
mod search;
mod settings;
mod status;
#[cfg(test)]
mod tests;
mod turn;

use std::sync::Arc;

use registry::PortRange;
use sockets::{Event, NetnsId, Watching};

use crate::journal::Journal;
use crate::ledger::Changes;
use crate::ledger::holdings::Holdings;
use crate::segment::{Host, Segments};
use crate::timeline::{Now, TimeSource};
use crate::{Change, Error, Gap, GapReason, Moment, Question, Tenure};
pub use archive::Archive;
pub use ask::Pending;
use ask::{Memory, missing};
use disk::{Syncer, Trouble};
use lock::Lock;
pub use lock::members_group;
pub use open::Recovery;
use recent::{Recent, Shelf};
use recorder::{Recorder, Tally};
use sealer::Sealer;
pub use settings::Settings;
pub use status::{Disk, Status};

/// A store that is being written: the only one who writes it, as long as it lives.
///
/// Give it what a [`sockets::Watcher`] tells: first a survey, then events; and call [`Store::tick`]
/// several times a second, whether or not something happened.
#[derive(Debug)]
pub struct Store {
    settings: Settings,
    time: Box<dyn TimeSource>,
    host: Host,
    watching: Watching,
    holdings: Holdings,
    journal: Journal,
    recent: Recent,
    /// Batches that wait to be sealed, the oldest first.
    shelves: Vec<Arc<Shelf>>,
    segments: Segments,
    sealer: Sealer,
    syncer: Syncer,
    trouble: Trouble,
    tally: Tally,
    idle: Idle,
    /// When the last recorder was last known to be alive, until the first survey is settled.
    left: Option<Moment>,
    started: Moment,
    /// Up to when it was said that there were only samples, where that is so.
    told: Moment,
    /// When the newest segment was sealed; of an earlier recorder's, until when it reaches.
    sealed: Option<Moment>,
    /// How long the journal was when all that was open then was in it.
    checkpoint: u64,
    due: Due,
    _lock: Lock,
}

/// Whether nobody records, which is so until the first survey.
#[derive(Clone, Copy, Debug, Default)]
enum Idle {
    /// Somebody does.
    #[default]
    No,
    /// Nobody has since then.
    Since(Moment),
    /// Nobody ever has.
    Ever,
}

/// When what is done now and then was done last, in nanoseconds since boot.
#[derive(Clone, Copy, Debug, Default)]
struct Due {
    written: u64,
    synced: u64,
    alive: u64,
    retained: u64,
}

impl Store {
    /// Takes what [`sockets::Watcher::survey`] told: every socket that is open. At the start it
    /// ends the time in which nobody recorded.
    pub fn survey(&mut self, events: &[Event]) {
        let now = self.follow_the_clock();
        self.start_recording(now);
        let (holdings, mut recorder) = self.recorder(None);
        holdings.survey(now.since_boot.0);
        events.iter().for_each(|event| holdings.step(event, &mut recorder));
    }

    /// Ends the tenures of sockets that a survey did not tell of, and nothing since, as
    /// [`sockets::Ending::Unseen`]; call it after the events that had waited meanwhile were applied.
    /// What ended while nobody recorded is known to have been open until then, and no longer.
    pub fn settle(&mut self) {
        match self.left.take() {
            Some(left) => {
                let missed = self.holdings.missed();
                missed.into_iter().for_each(|cookie| self.lapse(cookie, left));
            }
            None => {
                let (holdings, mut recorder) = self.recorder(None);
                holdings.settle(&mut recorder);
            }
        }
    }

    /// Ends a tenure of which nobody knows how long it lasted after `left`.
    fn lapse(&mut self, cookie: u64, left: Moment) {
        self.journal.pen.lapsed(cookie, left);
        self.journal.pace();
        self.holdings.lapse(cookie, left, &mut self.recent);
        self.tally.news = true;
    }

    /// Takes what happened; appends what that means for tenures to `changes`, in the same order,
    /// where somebody watches.
    pub fn apply(&mut self, events: &[Event], changes: Option<&mut Vec<Change>>) {
        let (holdings, mut recorder) = self.recorder(changes);
        events.iter().for_each(|event| holdings.step(event, &mut recorder));
    }

    /// What is known now, or will be after a part of the work that needs no access to this store:
    /// [`Pending::finish`]. Events that were not applied yet are not in it.
    #[must_use]
    pub fn ask(&self, question: &Question) -> Pending {
        let now = self.time.now();
        let left = match self.idle {
            Idle::No => None,
            Idle::Since(from) => Some(from),
            Idle::Ever => Some(self.recent.from),
        };
        let lasting = [
            left.map(|from| missing(from, None)),
            self.trouble.stopped().map(|from| unwritable(from, None)),
            self.sampled(None),
            Some(missing(now.utc, None)).filter(|_| question.until > now.utc),
        ];
        let memory = Memory {
            holdings: &self.holdings,
            recent: &self.recent,
            shelves: self.shelves.clone(),
            segments: self.segments.clone(),
            lasting: lasting.into_iter().flatten().collect(),
            now: now.since_boot.0,
            left,
        };
        memory.ask(question)
    }

    /// The sockets that are open and have a local or remote port in `ports`, with their cookies,
    /// in no order.
    #[must_use]
    pub fn held(&self, ports: &[PortRange]) -> Vec<(u64, Tenure)> {
        self.holdings.held(ports, self.time.now().since_boot)
    }

    /// The same of one network namespace, for somebody in a hurry; `None` where they are more than
    /// `most`.
    #[must_use]
    pub fn held_in(
        &self,
        netns: NetnsId,
        ports: &[PortRange],
        most: usize,
    ) -> Option<Vec<(u64, Tenure)>> {
        self.holdings.held_in(netns, ports, most, self.time.now().since_boot)
    }

    /// How it does.
    #[must_use]
    pub fn status(&self) -> Status {
        let shelved = self.shelves.iter().map(|shelf| &shelf.recent);
        let batches: Vec<&Recent> = shelved.chain([&self.recent]).collect();
        let lasting = self.trouble.stopped().map(|from| unwritable(from, None));
        let gaps = batches.iter().flat_map(|batch| batch.gaps.iter().cloned()).chain(lasting);
        let unsealed = batches.iter().map(|batch| batch.from).min().unwrap_or(self.started);
        Status {
            watching: self.watching,
            started: self.started,
            since: self.segments.since().unwrap_or(unsealed).min(unsealed),
            open: self.holdings.open.len() as u64,
            ended: self.tally.ended,
            lost: self.tally.lost,
            gaps: gaps.collect(),
            programs: self.holdings.roster.len() as u64,
            journal_bytes: self.journal_bytes(),
            segment_bytes: self.segments.size(),
            segments: self.segments.iter().count() as u64,
            sealed: self.sealed,
            disk: self.trouble.state(),
        }
    }

    /// Ends the time in which nobody recorded.
    fn start_recording(&mut self, now: Now) {
        match std::mem::take(&mut self.idle) {
            Idle::No => return,
            Idle::Since(from) => {
                self.recorder(None).1.gap(missing(from, Some(now.utc)));
                self.left = Some(from);
            }
            Idle::Ever => {
                self.recent.from = now.utc;
                self.journal.pen.from(now.utc);
            }
        }
        self.journal.pen.alive(now.since_boot.0);
        self.started = now.utc;
        self.told = now.utc;
    }

    /// The time of which nobody was told that there are only samples, if that is so.
    fn sampled(&self, until: Option<Moment>) -> Option<Gap> {
        let samples = self.watching == Watching::Sampling && matches!(self.idle, Idle::No);
        let reason = GapReason::Sampled;
        samples.then_some(Gap { from: self.told, until, reason, events: 0 })
    }

    fn journal_bytes(&self) -> u64 {
        let shelved = self.shelves.iter().map(|shelf| shelf.journal_bytes);
        self.journal.len() + shelved.sum::<u64>()
    }

    /// What takes events, and what writes down what they mean.
    fn recorder<'a>(
        &'a mut self,
        changes: Option<&'a mut Vec<Change>>,
    ) -> (&'a mut Holdings, Recorder<'a>) {
        let recorder = Recorder {
            journal: &mut self.journal,
            recent: &mut self.recent,
            tally: &mut self.tally,
            changes: Changes(changes),
            stopped: self.trouble.stopped_at(),
        };
        (&mut self.holdings, recorder)
    }

    /// A step of the clock is told to the journal before what comes after it.
    fn follow_the_clock(&mut self) -> Now {
        let now = self.time.now();
        if let Some(clock) = self.holdings.timeline.observe(now)
            && !self.trouble.is_stopped()
        {
            self.journal.pen.clock(clock, now.since_boot.0);
        }
        now
    }

    /// Writes everything to the disk and lets go of the store. What is open is taken up again by
    /// the next recorder, if that comes before the next boot.
    ///
    /// # Errors
    /// [`Error::Io`] if the last of it could not be written.
    pub fn close(mut self) -> Result<(), Error> {
        let now = self.follow_the_clock();
        if let Some(result) = self.sealer.wait() {
            self.take_sealed(result, now);
        }
        if !self.trouble.is_stopped() {
            if matches!(self.idle, Idle::No) {
                self.journal.pen.alive(now.since_boot.0);
            }
            self.tell_sampled(now);
            self.journal.pen.stopped(now.since_boot.0);
        }
        self.journal.finish()
    }
}

/// A time in which the disk could not be written.
fn unwritable(from: Moment, until: Option<Moment>) -> Gap {
    Gap { from, until, reason: GapReason::DiskFull, events: 0 }
}
