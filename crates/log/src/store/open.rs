//! Opening a store: what the last recorder left is taken up where it ended, however it did.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sockets::Watching;

use super::disk::{Syncer, Trouble};
use super::lock::Lock;
use super::recent::{Recent, Shelf};
use super::recorder::Tally;
use super::replay::Replay;
use super::sealer::Sealer;
use super::{Due, Idle, Settings, Store};
use crate::journal::{self, Journal};
use crate::ledger::holdings::Holdings;
use crate::segment::{Host, Segments, tidy};
use crate::timeline::{HostTime, Now, TimeSource, Timeline};
use crate::{Clock, Error, Gap, GapReason, Moment};

/// What was found in a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// When the last recorder was last known to be alive; `None` where there was none.
    pub last_alive: Option<Moment>,
    /// Whether it had stopped in good order.
    pub clean: bool,
    /// How many tenures were open then.
    pub open: usize,
    /// How many of them ended with the boot they belonged to.
    pub lapsed: usize,
    /// How many tenures had ended and were not sealed.
    pub ended: usize,
    /// How many bytes at the end of the journal were torn, and are cut off.
    pub torn: u64,
    /// What is damaged, for people.
    pub damaged: Vec<String>,
}

/// What journals and segments amount to.
struct Found {
    segments: Segments,
    shelves: Vec<Arc<Shelf>>,
    /// The journal to go on with.
    last: Option<Replay>,
    /// The number of the next journal.
    next: u64,
    recovery: Recovery,
}

impl Store {
    /// Opens the store for writing, by this machine's clocks. Makes it if there is none.
    ///
    /// # Errors
    /// [`Error::Locked`] if another recorder writes it, [`Error::Version`] if a newer one has,
    /// [`Error::Io`] if it cannot be used. What is damaged in it is no error: see [`Recovery`].
    pub fn open(settings: Settings, watching: Watching) -> Result<(Store, Recovery), Error> {
        Store::open_by(settings, watching, Box::new(HostTime::new()?))
    }

    /// The same, by other clocks.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_by(
        settings: Settings,
        watching: Watching,
        time: Box<dyn TimeSource>,
    ) -> Result<(Store, Recovery), Error> {
        let lock = Lock::take(&settings.dir)?;
        let now = time.now();
        let Found { segments, shelves, last, next, mut recovery } = find(&settings.dir, now.utc)?;
        let (journal, holdings, recent) = match last {
            Some(replay) => go_on(&settings.dir, replay)?,
            None => {
                let timeline =
                    Timeline::new(Clock::new(segments.newest_clock() + 1, time.boot(), now), 0);
                let mut holdings = Holdings::new(timeline);
                holdings.roster.turn(next);
                (Journal::new(&settings.dir, next), holdings, Recent::new(now.utc))
            }
        };
        let sealed = segments.until();
        let mut store = Store {
            host: Host::this(),
            watching,
            holdings,
            journal,
            recent,
            shelves,
            segments,
            sealer: Sealer::default(),
            syncer: Syncer::start(&settings.dir),
            trouble: Trouble::default(),
            tally: Tally::default(),
            idle: recovery.last_alive.map_or(Idle::Ever, Idle::Since),
            left: None,
            started: now.utc,
            told: now.utc,
            sealed,
            checkpoint: 0,
            due: Due::default(),
            settings,
            time,
            _lock: lock,
        };
        store.begin(&mut recovery, now);
        Ok((store, recovery))
    }

    /// Tells the journal that a recorder starts.
    fn begin(&mut self, recovery: &mut Recovery, now: Now) {
        if self.journal.is_new() {
            self.write_checkpoint(now);
        } else {
            recovery.lapsed = self.take_over(now, recovery.last_alive);
            self.journal.pen.session(self.watching, now.since_boot.0);
        }
        if recovery.torn > 0 {
            let from = recovery.last_alive.unwrap_or(now.utc).min(now.utc);
            let cut = Gap { from, until: Some(now.utc), reason: GapReason::JournalCut, events: 0 };
            self.recorder(None).1.gap(cut);
        }
        self.write(now);
    }

    /// Goes on by the clock of this boot; how many tenures ended with the last one.
    fn take_over(&mut self, now: Now, last_alive: Option<Moment>) -> usize {
        let last = self.holdings.timeline.clock();
        if last.boot == self.time.boot() {
            if let Some(clock) = self.holdings.timeline.observe(now) {
                self.journal.pen.clock(clock, now.since_boot.0);
            }
            return 0;
        }
        let clock = Clock::new(last.number + 1, self.time.boot(), now);
        let left = last_alive.unwrap_or(clock.moment(0));
        let open: Vec<u64> = self.holdings.open.iter().map(|open| open.cookie).collect();
        open.iter().for_each(|cookie| self.lapse(*cookie, left));
        self.holdings.timeline.push(clock, 0);
        self.journal.pen.clock(clock, 0);
        open.len()
    }
}

/// Goes on with the journal of the last recorder.
fn go_on(dir: &Path, replay: Replay) -> Result<(Journal, Holdings, Recent), Error> {
    let journal = Journal::reopen(dir, replay.number, replay.extent.whole as u64)?;
    let holdings = replay.holdings.expect("a journal to go on with has a clock");
    Ok((journal, holdings, replay.recent))
}

/// Reads what there is.
fn find(dir: &Path, now: Moment) -> Result<Found, Error> {
    tidy(dir)?;
    let (segments, damaged) = Segments::scan(dir)?;
    let numbers = journal::numbers(dir).map_err(Error::io("list", dir))?;
    let mut replays = Vec::new();
    for number in &numbers {
        segments.discard_damaged(*number);
        replays.push(Replay::read(dir, *number)?);
    }
    let damaged = damaged.iter().map(|damage| format!("{}: {}", damage.path.display(), damage.why));
    let mut damaged: Vec<String> = damaged.collect();
    for replay in &replays {
        damaged.extend(set_aside(dir, replay)?);
    }
    let newest = numbers.last().copied().unwrap_or(0);
    let mut recovery = Recovery { damaged, ..Recovery::default() };
    let last = pick_last(dir, &mut replays, &segments, newest, &mut recovery)?;
    let shelved_alive = replays.iter().filter_map(Replay::alive).max();
    let mut shelves = Vec::new();
    for replay in replays {
        shelves.extend(shelve(dir, replay, &segments, last.as_ref(), now)?);
    }
    recovery.ended = shelves.iter().map(|shelf| shelf.recent.len()).sum();
    if let Some(last) = &last {
        recovery.ended += last.recent.len();
        recovery.open = last.holdings.as_ref().map_or(0, |holdings| holdings.open.len());
    }
    recovery.last_alive = recovery.last_alive.or(shelved_alive).or(segments.until());
    let next = newest.max(segments.newest_number()) + 1;
    Ok(Found { segments, shelves, last, next, recovery })
}

/// Takes the journal to go on with out of `replays`: the newest that says all that was open when it
/// started. A newer one was being made when the recorder died, and says nothing more.
fn pick_last(
    dir: &Path,
    replays: &mut Vec<Replay>,
    segments: &Segments,
    newest: u64,
    recovery: &mut Recovery,
) -> Result<Option<Replay>, Error> {
    while let Some(last) = replays.pop() {
        recovery.torn += last.extent.torn as u64;
        let alive = last.alive();
        recovery.last_alive = recovery.last_alive.max(alive);
        recovery.clean = last.stopped && last.number == newest;
        let sealed = segments.has(last.number);
        let alone = replays.is_empty();
        if last.holdings.is_some() && !sealed && (last.whole || alone) {
            return Ok(Some(last));
        }
        journal::remove(dir, last.number)?;
    }
    Ok(None)
}

/// A batch that was full and is not sealed, of an older journal; sealed ones are removed.
fn shelve(
    dir: &Path,
    replay: Replay,
    segments: &Segments,
    last: Option<&Replay>,
    now: Moment,
) -> Result<Option<Arc<Shelf>>, Error> {
    if segments.has(replay.number) || replay.recent.is_empty() && !replay.is_cut() {
        journal::remove(dir, replay.number)?;
        return Ok(None);
    }
    let until = last.map(|last| last.recent.from).or(replay.alive());
    let until = until.or(segments.until()).unwrap_or(now);
    Ok(Some(Arc::new(replay.shelf(segments.until(), until))))
}

/// Gives a journal that is damaged from its first bytes on another name, for people to look into;
/// what happened, for people too.
fn set_aside(dir: &Path, replay: &Replay) -> Result<Option<String>, Error> {
    let Some(why) = replay.damaged else { return Ok(None) };
    let path = journal::path(dir, replay.number);
    let aside = path.with_extension("journal.damaged");
    fs::rename(&path, &aside).map_err(Error::io("rename", &path))?;
    Ok(Some(format!("{}: {why}; it is {} now", path.display(), aside.display())))
}
