//! What a journal amounts to: the tenures that were open at its end, and the batch up to there.

use std::path::Path;

use sockets::Ending;

use super::recent::{Recent, Shelf};
use crate::journal::entry::Entry;
use crate::journal::record::{self, Extent};
use crate::ledger::hold::NOBODY;
use crate::ledger::holdings::{Holdings, Sink};
use crate::timeline::Timeline;
use crate::{Clock, Error, Gap, GapReason, Moment};
use crate::{file, journal};

/// What a journal amounts to.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) number: u64,
    pub(crate) recent: Recent,
    /// `None` where the journal ends before its first clock.
    pub(crate) holdings: Option<Holdings>,
    /// Whether it says all that was open when it started.
    pub(crate) whole: bool,
    /// Whether the recorder stopped in good order, or went on in the next journal.
    pub(crate) stopped: bool,
    /// Why nothing in it could be understood.
    pub(crate) damaged: Option<&'static str>,
    pub(crate) extent: Extent,
    /// Whether its last recorder had begun to record: not until its first survey.
    pub(crate) recording: bool,
    /// The last time it tells of at which somebody recorded, and the clock that held then.
    alive: Option<(Clock, u64)>,
}

impl Replay {
    /// Reads the journal with this number in `dir`.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Version`] if it is newer than this portolan. What
    /// is torn or damaged is no error.
    pub(crate) fn read(dir: &Path, number: u64) -> Result<Replay, Error> {
        let path = journal::path(dir, number);
        let bytes = file::read(&path).map_err(Error::io("read", &path))?;
        Replay::of(&path, number, &bytes)
    }

    pub(crate) fn of(path: &Path, number: u64, bytes: &[u8]) -> Result<Replay, Error> {
        let mut replay = Replay::nothing(number);
        replay.extent = match record::read(path, number, bytes, |entry| replay.take(entry)) {
            Err(Error::Damaged { why, .. }) => {
                replay.damaged = Some(why);
                Extent { whole: 0, torn: bytes.len() }
            }
            extent => extent?,
        };
        if let Some(holdings) = &mut replay.holdings {
            holdings.roster.restored();
        }
        Ok(replay)
    }

    /// What entries amount to, for fuzzing: however they came to be.
    pub(crate) fn of_entries(entries: Vec<Entry>) -> Replay {
        let mut replay = Replay::nothing(1);
        entries.into_iter().for_each(|entry| replay.take(entry));
        replay
    }

    fn nothing(number: u64) -> Replay {
        Replay {
            number,
            recent: Recent::new(Moment(i64::MIN)),
            holdings: None,
            whole: false,
            stopped: false,
            damaged: None,
            extent: Extent { whole: 0, torn: 0 },
            recording: false,
            alive: None,
        }
    }

    /// When the recorder was last known to be alive.
    pub(crate) fn alive(&self) -> Option<Moment> {
        self.alive.map(|(clock, at)| clock.moment(at))
    }

    /// The same, in nanoseconds since the boot it was alive on.
    pub(crate) fn alive_at(&self) -> u64 {
        self.alive.map_or(0, |(_, at)| at)
    }

    /// Whether its end is missing, where it is not the last one: a recorder that goes on in another
    /// journal says so in the one before, which may reach the disk later.
    pub(crate) fn is_cut(&self) -> bool {
        self.extent.torn > 0 || !self.stopped
    }

    /// The batch as one that waits to be sealed, ended at `until`; the one before ended at `since`.
    pub(crate) fn shelf(mut self, since: Option<Moment>, until: Moment) -> Shelf {
        if self.holdings.is_none() {
            self.recent.from = since.unwrap_or(until).min(until);
        }
        if self.is_cut() {
            let from = self.alive().unwrap_or(self.recent.from);
            let reason = GapReason::JournalCut;
            self.recent.add_gap(Gap { from, until: Some(until), reason, events: 0 });
        }
        let holdings = self.holdings;
        let programs = holdings.as_ref().map(|holdings| holdings.roster.snapshot());
        let clocks = holdings.map(|holdings| holdings.clocks().to_vec());
        Shelf {
            number: self.number,
            recent: self.recent,
            until,
            programs: programs.unwrap_or_default(),
            clocks: clocks.unwrap_or_default(),
            journal_bytes: self.extent.whole as u64,
        }
    }

    fn take(&mut self, entry: Entry) {
        if let Entry::Clock { clock, since } = entry {
            return self.clock(clock, since);
        }
        let number = self.number;
        let Some(holdings) = &mut self.holdings else { return };
        match entry {
            Entry::Clock { .. } => {}
            Entry::Session { .. } => {
                self.stopped = false;
                self.recording = false;
            }
            Entry::From(from) => self.recent.from = from,
            Entry::Program { slot, program } => holdings.roster.restore(slot, *program, number),
            Entry::Open { cookie, hold } => {
                if let Some(clock) = holdings.clocks().get(hold.clock as usize).copied() {
                    holdings.restore(cookie, hold);
                    self.live(clock, hold.from);
                }
            }
            Entry::Taken { cookie, taker } => holdings.restore_taker(cookie, taker),
            Entry::End { cookie, closer, ending, at } => {
                let clock = holdings.clocks()[holdings.timeline.at(at) as usize];
                holdings.finish(cookie, at, closer, ending, &mut self.recent);
                self.live(clock, at);
            }
            Entry::Lapsed { cookie, until } => {
                holdings.lapse(cookie, until, &mut self.recent);
            }
            Entry::Gap(gap) => self.recent.add_gap(gap),
            Entry::Whole { .. } => self.whole = true,
            Entry::Alive { at } => {
                let clock = holdings.clocks()[holdings.timeline.at(at) as usize];
                self.recording = true;
                self.stopped = false;
                self.live(clock, at);
            }
            Entry::Stopped { .. } => self.stopped = true,
        }
    }

    /// Somebody recorded at this time by this clock.
    fn live(&mut self, clock: Clock, at: u64) {
        let older = |(last, alive): &(Clock, u64)| last.boot != clock.boot || *alive < at;
        if self.alive.as_ref().is_none_or(older) {
            self.alive = Some((clock, at));
        }
    }

    fn clock(&mut self, clock: Clock, since: u64) {
        match &mut self.holdings {
            Some(holdings) => holdings.timeline.push(clock, since),
            None => {
                let mut holdings = Holdings::new(Timeline::new(clock, since));
                holdings.roster.turn(self.number);
                self.holdings = Some(holdings);
            }
        }
    }
}

impl Holdings {
    /// Ends a tenure of an earlier boot that was gone by `until`.
    pub(crate) fn lapse(&mut self, cookie: u64, until: Moment, recent: &mut impl Sink) {
        let Some(slot) = self.open.slot(cookie) else { return };
        let hold = self.open.at(slot).hold;
        let from = self.clocks()[hold.clock as usize].moment(hold.from);
        let lasted = until.0.saturating_sub(from.0).max(0).unsigned_abs();
        let at = hold.from.saturating_add(lasted);
        self.finish_by(cookie, at, hold.clock, NOBODY, Ending::Unseen, recent);
    }
}
