//! Answering a [`Question`] from segments: those whose time fits, their pages whose ports and times
//! fit, their rows that meet every condition; and of these only the newest become tenures.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::lost::Lost;
use super::name::Part;
use super::read::TenureFile;
use super::rows::tenures;
use super::scan::Damage;
use super::search::{Match, Search};
use super::{Segment, Segments};
use crate::{Answer, Error, Gap, Moment, Question, Tenure};

/// The tenures found, with what puts them in order.
#[derive(Debug, Default)]
pub struct Found {
    /// Newest first, each with the number of its clock.
    pub tenures: Vec<(u64, Tenure)>,
    /// Whether there were more than were asked for.
    pub more: bool,
    /// The gaps that touch the time asked for, oldest first, damaged segments included.
    pub gaps: Vec<Gap>,
    /// Since when there are records.
    pub since: Option<Moment>,
}

/// A row that meets every condition. The order is that of age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    clock: u64,
    start: i64,
    /// Index into [`Segments::all`].
    segment: usize,
    row: u32,
}

/// What was found by looking into segments, by all threads together: what one has found spares the
/// others the segments that are older.
struct Looked {
    newest: Newest,
    /// Some of the files that have hits, by their segments.
    open: HashMap<usize, TenureFile>,
    /// The segments that could not be read.
    gaps: Vec<Gap>,
    /// Those whose files are gone, by their place.
    gone: Vec<usize>,
}

/// The rows of a segment that meet every condition.
struct Matches {
    file: TenureFile,
    matches: Vec<Match>,
    damage: Option<Damage>,
}

/// The newest hits so far.
struct Newest {
    most: usize,
    hits: BinaryHeap<Reverse<Hit>>,
    more: bool,
}

impl Segments {
    /// What the segments know. One that cannot be read is a gap.
    #[must_use]
    pub fn query(&self, question: &Question) -> Answer {
        let found = self.find(question);
        let tenures = found.tenures.into_iter().map(|(_, tenure)| tenure).collect();
        Answer { tenures, more: found.more, gaps: found.gaps, since: found.since }
    }

    /// The same, with what a caller needs to put it in order among other tenures.
    #[must_use]
    pub fn find(&self, question: &Question) -> Found {
        let mut gaps = self.gaps(question);
        let mut looked = self.look(question);
        gaps.append(&mut looked.gaps);
        let gone = looked.gone.iter().filter_map(|at| self.gap_of_gone(*at));
        gaps.extend(gone);
        let more = looked.newest.more;
        let tenures = self.materialise(looked, &mut gaps);
        gaps.sort_unstable_by_key(|gap| (gap.from, gap.until, gap.reason));
        gaps.dedup();
        let since = self.all.iter().map(|segment| Moment(segment.summary.from)).min();
        Found { tenures, more, gaps, since }
    }

    /// Looks for the newest rows that meet every condition: in the segment that may have the newest of
    /// all, then, where others may have some as new, in several at a time.
    fn look(&self, question: &Question) -> Looked {
        let all = self.all.iter().enumerate();
        let touching =
            all.filter_map(|(at, one)| Some((one.summary.newest_of(question)?, at, one)));
        let mut touching: Vec<((u64, i64), usize, &Segment)> = touching.collect();
        // Of several that may have it, the oldest was sealed soonest after it began.
        touching.sort_unstable_by_key(|(newest, at, _)| (Reverse(*newest), *at));
        let looked = Mutex::new(Looked::of(question.most));
        let next = AtomicUsize::new(0);
        let look_into_next = || {
            let Some((newest, at, segment)) = touching.get(next.fetch_add(1, Ordering::Relaxed))
            else {
                return false;
            };
            if locked(&looked).newest.beats(*newest) {
                return false;
            }
            let found = look_into(segment, question);
            locked(&looked).add(*at, segment, found);
            true
        };
        look_into_next();
        let beaten = |left: &&(_, _, _)| locked(&looked).newest.beats(left.0);
        let left = touching.iter().skip(1).take_while(|left| !beaten(left)).count();
        let helpers = match left / SEGMENTS_A_THREAD {
            0 | 1 => 1,
            worth => worth.min(threads()),
        };
        std::thread::scope(|scope| {
            for _ in 1..helpers {
                scope.spawn(|| while look_into_next() {});
            }
            while look_into_next() {}
        });
        looked.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gaps that are known without opening a segment.
    fn gaps(&self, question: &Question) -> Vec<Gap> {
        let recorded = self.all.iter().flat_map(|segment| segment.summary.gaps());
        let damaged = self.damaged.iter().map(Damage::gap);
        let lost = self.lost.iter().map(Lost::gap);
        recorded.chain(damaged).chain(lost).filter(|gap| question.touches_gap(gap)).collect()
    }

    /// Makes tenures of hits, segment by segment, and puts them in order.
    fn materialise(&self, mut looked: Looked, gaps: &mut Vec<Gap>) -> Vec<(u64, Tenure)> {
        let hits = std::mem::take(&mut looked.newest.hits).into_iter();
        let mut hits: Vec<Hit> = hits.map(|Reverse(hit)| hit).collect();
        hits.sort_unstable_by_key(|hit| (hit.segment, hit.row));
        let mut made: Vec<(Hit, Tenure)> = Vec::with_capacity(hits.len());
        for hits in hits.chunk_by(|one, other| one.segment == other.segment) {
            let segment = &self.all[hits[0].segment];
            let rows: Vec<u32> = hits.iter().map(|hit| hit.row).collect();
            let open = || TenureFile::open(&segment.path(Part::Tenures), segment.name.number);
            let file = looked.open.remove(&hits[0].segment).map_or_else(open, Ok);
            match file.and_then(|file| tenures(segment, &file, &rows)) {
                Ok((tenures, damage)) => {
                    gaps.extend(damage.map(|damage| damage.gap()));
                    made.extend(hits.iter().copied().zip(tenures));
                }
                Err(error) if error.is_gone() => {}
                Err(error) => gaps.push(Damage::of(segment, Part::Tenures, &error).gap()),
            }
        }
        made.sort_unstable_by_key(|(hit, _)| Reverse(*hit));
        made.into_iter().map(|(hit, tenure)| (hit.clock, tenure)).collect()
    }
}

impl Looked {
    fn of(most: usize) -> Looked {
        let newest = Newest { most, hits: BinaryHeap::new(), more: false };
        Looked { newest, open: HashMap::new(), gaps: Vec::new(), gone: Vec::new() }
    }

    /// Adds what was `found` in a segment, the one at `at`; one that cannot be read is a gap.
    fn add(&mut self, at: usize, segment: &Segment, found: Result<Matches, Error>) {
        match found {
            Ok(Matches { file, matches, damage }) => {
                self.gaps.extend(damage.map(|damage| damage.gap()));
                if matches.is_empty() {
                    return;
                }
                for Match { row, clock, start } in matches {
                    self.newest.add(Hit { clock, start, segment: at, row });
                }
                if self.open.len() < KEPT_OPEN {
                    self.open.insert(at, file);
                }
            }
            Err(error) if error.is_gone() => self.gone.push(at),
            Err(error) => self.gaps.push(Damage::of(segment, Part::Tenures, &error).gap()),
        }
    }
}

impl Newest {
    /// Whether nothing up to this clock and start can be among the newest.
    fn beats(&self, (clock, start): (u64, i64)) -> bool {
        self.more
            && self.hits.len() >= self.most
            && self.hits.peek().is_none_or(|Reverse(hit)| (clock, start) < (hit.clock, hit.start))
    }

    fn add(&mut self, hit: Hit) {
        self.hits.push(Reverse(hit));
        if self.hits.len() > self.most {
            self.hits.pop();
            self.more = true;
        }
    }
}

fn look_into(segment: &Segment, question: &Question) -> Result<Matches, Error> {
    let file = TenureFile::open(&segment.path(Part::Tenures), segment.name.number)?;
    let (matches, damage) = Search::new(&file, segment, question).matches()?;
    Ok(Matches { file, matches, damage })
}

/// What a thread that panicked had found is not looked at: its panic goes on.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// How many segments are worth another thread.
const SEGMENTS_A_THREAD: usize = 4;
/// How many files are kept open between finding rows and making tenures of them.
const KEPT_OPEN: usize = 32;
