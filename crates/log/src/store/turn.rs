//! What a store does now and then: writing, sealing, forgetting.

use std::sync::Arc;
use std::time::Duration;

use super::recent::{Recent, Shelf};
use super::recorder::Recorder;
use super::sealer::{Job, Outcome};
use super::{Idle, Store, unwritable};
use crate::journal::{self, Journal};
use crate::ledger::{Changes, LEAVE_NS};
use crate::segment::SegmentAbout;
use crate::timeline::Now;
use crate::{Error, Moment};

impl Store {
    /// Does what is due: writes what waits (at least four times a second), makes it durable (each
    /// second, on a thread of its own), seals a batch that is full or whose hour is over (on another
    /// one), removes what is too old or too much, follows the clock. To be called every 50 to 250 ms.
    pub fn tick(&mut self) {
        let now = self.follow_the_clock();
        let at = now.since_boot.0;
        self.take_results(now);
        self.holdings.roster.drop_left(at.saturating_sub(LEAVE_NS));
        if self.trouble.is_stopped() {
            self.try_to_resume(now);
        } else {
            self.settle_at_last(at);
            self.stay_alive(now);
            self.write_when_due(now);
            self.rotate_when_due(now);
            self.stop_when_too_much(now);
        }
        self.seal_next(at);
        if at.saturating_sub(self.due.retained) >= RETAIN_NS {
            self.retain(now);
        }
    }

    fn take_results(&mut self, now: Now) {
        match self.syncer.result() {
            Some(Err(error)) => {
                self.trouble.unkept(&error, now.utc);
                self.tally.news = true;
            }
            Some(Ok(())) => self.trouble.kept(),
            None => {}
        }
        if let Some(result) = self.sealer.result() {
            self.take_sealed(result, now);
        }
    }

    pub(super) fn take_sealed(&mut self, result: Outcome, now: Now) {
        match result {
            Err(error) => {
                let retry = now.since_boot.0 + RETRY_SEAL_NS;
                self.trouble.seal(reason(&error), now.utc, retry);
            }
            Ok(segment) => {
                if let Some(segment) = segment {
                    self.segments = self.segments.with(segment);
                    self.sealed = Some(now.utc);
                }
                self.trouble.segment_is_sealed();
                let shelf = self.shelves.remove(0);
                // One that stays is found to be sealed by the next recorder, who removes it.
                let _ = journal::remove(&self.settings.dir, shelf.number);
                self.retain(now);
            }
        }
    }

    /// Ends a survey that nobody has ended: until then no batch may end.
    fn settle_at_last(&mut self, at: u64) {
        if self.holdings.surveyed().is_some_and(|made| at.saturating_sub(made) >= SETTLE_NS) {
            self.settle();
        }
    }

    /// The next recorder shall know how long this one was there.
    fn stay_alive(&mut self, now: Now) {
        let at = now.since_boot.0;
        let recording = matches!(self.idle, Idle::No);
        if recording && at.saturating_sub(self.due.alive) >= ALIVE_NS {
            self.due.alive = at;
            self.journal.pen.alive(at);
            self.tell_sampled(now);
        }
    }

    /// Writes down that up to now it was only looked now and then. The disk can wait for that.
    pub(super) fn tell_sampled(&mut self, now: Now) {
        if let Some(gap) = self.sampled(Some(now.utc)) {
            self.journal.pen.gap(&gap);
            self.recent.add_gap(gap);
            self.told = now.utc;
        }
    }

    fn write_when_due(&mut self, now: Now) {
        let at = now.since_boot.0;
        let due = at.saturating_sub(self.due.written) >= WRITE_NS;
        if due || self.journal.waiting() >= WRITE_BYTES {
            self.due.written = at;
            self.write(now);
        }
        let due = self.tally.news && at.saturating_sub(self.due.synced) >= SYNC_NS;
        if due
            && let Some(file) = self.journal.file()
            && self.syncer.sync(file)
        {
            self.due.synced = at;
            self.tally.news = false;
        }
    }

    /// Writes what waits.
    pub(super) fn write(&mut self, now: Now) -> bool {
        match self.journal.flush() {
            Ok(()) => {
                self.trouble.journal_is_written();
                true
            }
            Err(error) => {
                self.trouble.journal(&error, now.utc);
                false
            }
        }
    }

    fn stop_when_too_much(&mut self, now: Now) {
        let unwritten = self.trouble.journal_is_stuck() && self.journal.waiting() > MOST_WAITING;
        let most = MOST_UNSEALED.max(4 * self.settings.batch);
        if unwritten || self.recent.len() >= most && !self.shelves.is_empty() {
            self.trouble.stop(now);
        }
    }

    /// Records again if the disk lets us: in a new journal, since this one has missed something.
    fn try_to_resume(&mut self, now: Now) {
        let at = now.since_boot.0;
        if at.saturating_sub(self.due.written) < RETRY_WRITE_NS {
            return;
        }
        self.due.written = at;
        if !self.shelves.is_empty() || !self.write(now) {
            return;
        }
        let Some(from) = self.trouble.stopped() else { return };
        let (_, mut recorder) = self.recorder(None);
        recorder.stopped = None;
        recorder.gap(unwritable(from, Some(now.utc)));
        if self.rotate(now) {
            self.trouble.resume();
        }
    }

    fn rotate_when_due(&mut self, now: Now) {
        let full = self.recent.len() >= self.settings.batch;
        let long = self.journal.len().saturating_sub(self.checkpoint) >= self.long_journal();
        let another_hour = hour(self.recent.from) != hour(now.utc) && !self.recent.is_empty();
        let due = full || long || another_hour || self.trouble.is_spoilt();
        let settled = !self.holdings.surveying();
        if due && self.shelves.is_empty() && settled && matches!(self.idle, Idle::No) {
            self.rotate(now);
        }
    }

    /// How long a journal may grow: what little room is given is not for it alone.
    fn long_journal(&self) -> u64 {
        LONG_JOURNAL.min(self.settings.max_size / 8)
    }

    /// Starts another batch with a journal of its own, unless this one cannot be written.
    pub(super) fn rotate(&mut self, now: Now) -> bool {
        // The next journal may reach the disk before this one's end, which is then known to be missing.
        self.journal.pen.stopped(now.since_boot.0);
        if !self.write(now) {
            return false;
        }
        let number = self.journal.number + 1;
        let old = std::mem::replace(&mut self.journal, Journal::new(&self.settings.dir, number));
        let shelf = Shelf {
            number: old.number,
            recent: std::mem::replace(&mut self.recent, Recent::new(now.utc)),
            until: now.utc,
            programs: self.holdings.roster.snapshot(),
            clocks: self.holdings.clocks().to_vec(),
            journal_bytes: old.len(),
        };
        self.shelves.push(Arc::new(shelf));
        self.trouble.rotated();
        self.holdings.roster.turn(number);
        self.holdings.forget_clocks();
        self.write_checkpoint(now);
        self.write(now);
        self.checkpoint = self.journal.len();
        true
    }

    /// Says in a new journal all that is open.
    pub(super) fn write_checkpoint(&mut self, now: Now) {
        let pen = &mut self.journal.pen;
        for (index, clock) in (0..).zip(self.holdings.timeline.clocks()) {
            pen.clock(*clock, self.holdings.timeline.since(index));
        }
        pen.from(self.recent.from);
        pen.session(self.watching, now.since_boot.0);
        if matches!(self.idle, Idle::No) {
            pen.alive(now.since_boot.0);
        }
        let mut recorder = Recorder {
            journal: &mut self.journal,
            recent: &mut self.recent,
            tally: &mut self.tally,
            changes: Changes(None),
            stopped: None,
        };
        let (open, mut books) = self.holdings.open_and_books();
        open.iter().for_each(|open| recorder.write_open(&mut books, open.cookie, &open.hold));
        self.journal.pen.whole(self.holdings.open.len() as u64);
        self.tally.news = true;
    }

    /// Starts to seal the oldest batch that waits.
    fn seal_next(&mut self, at: u64) {
        let Some(shelf) = self.shelves.first() else { return };
        let Some(next) = self.journal.file() else { return };
        if self.sealer.is_busy() || !self.trouble.may_seal(at) || self.journal.len() == 0 {
            return;
        }
        let about = SegmentAbout { host: self.host.clone(), hour: shelf.recent.from };
        let (shelf, dir) = (Arc::clone(shelf), self.settings.dir.clone());
        self.sealer.start(Job { shelf, dir, about, next });
    }

    fn retain(&mut self, now: Now) {
        self.due.retained = now.since_boot.0;
        let most = self.settings.max_size.saturating_sub(self.journal_bytes());
        // Some minutes in a wrong year must not cost what was recorded in the right one.
        let timeline = &self.holdings.timeline;
        let steady = now.since_boot.0.saturating_sub(timeline.since(timeline.newest()));
        let keep = if steady < STEADY_NS { Duration::MAX } else { self.settings.keep };
        self.segments.retain(keep, most, now.utc);
    }
}

/// An error and what caused it, in a line.
fn reason(error: &Error) -> String {
    use std::error::Error as _;
    let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{cause}")
}

fn hour(moment: Moment) -> i64 {
    moment.0.div_euclid(3_600_000_000_000)
}

const WRITE_NS: u64 = 200_000_000;
/// What waits is written earlier when there is so much of it.
const WRITE_BYTES: usize = 64 << 10;
const SYNC_NS: u64 = 1_000_000_000;
/// What waited while a survey was made has long been applied by then.
const SETTLE_NS: u64 = 60_000_000_000;
const ALIVE_NS: u64 = 2_000_000_000;
const RETAIN_NS: u64 = 60_000_000_000;
/// For how long the clock must not have been stepped before anything is too old by it.
const STEADY_NS: u64 = 3_600_000_000_000;
const RETRY_WRITE_NS: u64 = 1_000_000_000;
const RETRY_SEAL_NS: u64 = 10_000_000_000;
/// How much may wait for a disk that cannot be written.
const MOST_WAITING: usize = 4 << 20;
/// How many tenures may at least wait for a batch to be sealed: a disk may be slow.
const MOST_UNSEALED: usize = 1 << 18;
/// A journal that has grown so long gives way to another, though few tenures have ended in it. What was
/// open when it began is in each of them, and does not count.
const LONG_JOURNAL: u64 = 64 << 20;
