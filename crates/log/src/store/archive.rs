//! Reading a store without being its recorder: one that nobody writes, or that somebody does.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::ask::{Memory, missing};
use super::lock::Lock;
use super::recent::{Recent, Shelf};
use super::replay::Replay;
use super::unwritable;
use crate::ledger::holdings::Holdings;
use crate::segment::Segments;
use crate::timeline::{HostTime, Now, TimeSource, Timeline};
use crate::{Answer, Clock, Error, Gap, Moment, Question};

/// A store to read. Nothing in it is changed or locked.
#[derive(Debug)]
pub struct Archive {
    dir: PathBuf,
    time: Box<dyn TimeSource>,
}

impl Archive {
    /// The store in `dir`.
    ///
    /// # Errors
    /// [`Error::NoStore`] if there is none, [`Error::Io`] if it may not be read.
    pub fn open(dir: PathBuf) -> Result<Archive, Error> {
        Archive::open_by(dir, Box::new(HostTime::new()?))
    }

    /// The same, by other clocks.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn open_by(dir: PathBuf, time: Box<dyn TimeSource>) -> Result<Archive, Error> {
        let journals = match crate::journal::numbers(&dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            journals => journals.map_err(Error::io("list", &dir))?,
        };
        if journals.is_empty() && Segments::scan(&dir).map_or(true, |(all, _)| all.is_empty()) {
            return Err(Error::NoStore { dir });
        }
        Ok(Archive { dir, time })
    }

    /// What the store knows now: its segments and journals are read anew each time. With a recorder
    /// at work that is up to half a second behind.
    ///
    /// # Errors
    /// [`Error::Io`] if a journal cannot be read, [`Error::Version`] if it is newer than this
    /// portolan.
    pub fn ask(&self, question: &Question) -> Result<Answer, Error> {
        let Files { is_taken, replays, last, segments } = self.files(|| ())?;
        let now = self.time.now();
        let alive = last.as_ref().and_then(Replay::alive);
        let alive = alive.or_else(|| replays.iter().filter_map(Replay::alive).max());
        let alive = alive.or(segments.until());
        let until = last.as_ref().map(|last| last.recent.from);
        let shelves = shelves(replays, &segments, until, now.utc);
        let mut lasting = Vec::new();
        let recording = is_taken && last.as_ref().is_some_and(|last| last.recording);
        lasting.extend(silence(recording, alive, now));
        let left = lasting.first().map(|gap| gap.from);
        let (holdings, recent, at) = match last {
            Some(last) => self.live(last, now),
            None => self.nothing(alive, now),
        };
        let memory = Memory {
            holdings: &holdings,
            recent: &recent,
            shelves,
            segments,
            lasting,
            now: at,
            left,
        };
        memory.ask(question).finish()
    }

    /// What there is. Where a recorder is at work there is a journal that says what is open: if none
    /// of those that were read does, they were sealed meanwhile, and there is a newer one.
    fn files(&self, mut meanwhile: impl FnMut()) -> Result<Files, Error> {
        let mut tries = 0;
        loop {
            let is_taken = Lock::is_taken(&self.dir);
            let mut replays = read_journals(&self.dir)?;
            meanwhile();
            // After the journals: one that was sealed meanwhile is in both, none is in neither.
            let (segments, _) = Segments::scan(&self.dir)?;
            let last = last(&mut replays, &segments);
            if last.is_some() || !is_taken || tries == MOST_TRIES {
                return Ok(Files { is_taken, replays, last, segments });
            }
            tries += 1;
            thread::sleep(BETWEEN_TRIES);
        }
    }

    /// What was open at the end of the last journal; what belongs to an earlier boot has ended.
    fn live(&self, last: Replay, now: Now) -> (Holdings, Recent, u64) {
        let (alive, at) = (last.alive(), last.alive_at());
        let Replay { holdings, mut recent, .. } = last;
        let mut holdings = holdings.expect("the last journal has a clock");
        if holdings.timeline.clock().boot != self.time.boot() {
            let gone = alive.unwrap_or_else(|| Clock::new(0, self.time.boot(), now).moment(0));
            let open: Vec<u64> = holdings.open.iter().map(|open| open.cookie).collect();
            open.into_iter().for_each(|cookie| holdings.lapse(cookie, gone, &mut recent));
        }
        (holdings, recent, at)
    }

    fn nothing(&self, alive: Option<Moment>, now: Now) -> (Holdings, Recent, u64) {
        let timeline = Timeline::new(Clock::new(0, self.time.boot(), now), 0);
        (Holdings::new(timeline), Recent::new(alive.unwrap_or(now.utc)), now.since_boot.0)
    }
}

/// What is in the directory of a store.
struct Files {
    /// Whether a recorder is at work.
    is_taken: bool,
    /// The other journals.
    replays: Vec<Replay>,
    /// The journal that says what is open.
    last: Option<Replay>,
    segments: Segments,
}

/// The journals, the oldest first. Read again from the start if one was sealed meanwhile.
fn read_journals(dir: &Path) -> Result<Vec<Replay>, Error> {
    let mut tries = 0;
    loop {
        let numbers = crate::journal::numbers(dir).map_err(Error::io("list", dir))?;
        let replays: Result<Vec<_>, _> =
            numbers.into_iter().map(|number| Replay::read(dir, number)).collect();
        match replays {
            Err(error) if error.is_gone() && tries < MOST_TRIES => tries += 1,
            replays => return replays,
        }
    }
}

/// Takes the journal out that says what is open now.
fn last(replays: &mut Vec<Replay>, segments: &Segments) -> Option<Replay> {
    while let Some(last) = replays.pop() {
        let alone = replays.is_empty();
        if last.holdings.is_some() && !segments.has(last.number) && (last.whole || alone) {
            return Some(last);
        }
    }
    None
}

fn shelves(
    replays: Vec<Replay>,
    segments: &Segments,
    until: Option<Moment>,
    now: Moment,
) -> Vec<Arc<Shelf>> {
    let unsealed = replays.into_iter().filter(|replay| !segments.has(replay.number));
    unsealed
        .map(|replay| {
            let until = until.or(replay.alive()).unwrap_or(now);
            Arc::new(replay.shelf(segments.until(), until))
        })
        .collect()
}

/// The gap since the recorder was last known to be alive, if it is one.
fn silence(recording: bool, alive: Option<Moment>, now: Now) -> Option<Gap> {
    let alive = alive?;
    if !recording {
        return Some(missing(alive, None));
    }
    // It says that it is alive every two seconds, if the disk lets it.
    let silent = now.utc.0.saturating_sub(alive.0) > SILENT_NS;
    silent.then(|| unwritable(alive, None))
}

const MOST_TRIES: u32 = 20;

const BETWEEN_TRIES: Duration = Duration::from_millis(5);

const SILENT_NS: i64 = 10_000_000_000;

#[cfg(test)]
mod tests {
    use super::super::tests::{Fake, opened, store, work};
    use super::*;

    #[test]
    fn a_journal_sealed_while_the_store_is_read_hides_nothing_open() {
        let dir = tempfile::tempdir().unwrap();
        let time = Fake::new();
        let mut store = store(dir.path(), &time);
        store.apply(&[opened(&time, 1)], None);
        work(&mut store, &time);
        let archive = Archive::open_by(dir.path().to_owned(), Box::new(time.clone())).unwrap();
        let mut sealed = false;
        let files = archive.files(|| {
            if !std::mem::replace(&mut sealed, true) {
                let now = time.now();
                store.recorder(None).1.gap(unwritable(now.utc, Some(now.utc)));
                store.rotate(now);
                work(&mut store, &time);
                assert_eq!(store.segments.iter().count(), 1);
            }
        });
        let last = files.unwrap().last.expect("the newer journal");
        assert_eq!(last.holdings.unwrap().open.len(), 1);
    }

    #[test]
    fn a_journal_that_is_no_file_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = crate::journal::path(dir.path(), 9);
        let archive = || Archive::open_by(dir.path().to_owned(), Box::new(Fake::new())).unwrap();
        let everything = Question::between(Moment(0), Moment(i64::MAX));
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
        archive().ask(&everything).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        archive().ask(&everything).unwrap_err();
    }
}
