//! Answering a [`Question`] from segments: those whose time fits, their pages whose ports and times
//! fit, their rows that meet every condition; and of these only the newest become tenures.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::name::Part;
use super::rows::{Search, tenures};
use super::scan::Damage;
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
        let newest = self.search(question, &mut gaps);
        let more = newest.more;
        let tenures = self.materialise(newest, &mut gaps);
        gaps.sort_unstable_by_key(|gap| (gap.from, gap.until, gap.reason));
        gaps.dedup();
        let since = self.all.iter().map(|segment| Moment(segment.summary.from)).min();
        Found { tenures, more, gaps, since }
    }

    /// The newest rows that meet every condition, looked for in several segments at a time where
    /// there are several. Appends the gaps that unreadable ones are.
    fn search(&self, question: &Question, gaps: &mut Vec<Gap>) -> Newest {
        let touching = self.all.iter().enumerate().rev();
        let touching = touching.filter(|(_, segment)| segment.summary.touches(question));
        let touching: Vec<(usize, &Segment)> = touching.collect();
        let next = AtomicUsize::new(0);
        let look = || {
            let mut newest = Newest::of(question.most);
            let mut gaps = Vec::new();
            while let Some((at, segment)) = touching.get(next.fetch_add(1, Ordering::Relaxed)) {
                if newest.beats(segment.summary.newest) {
                    continue;
                }
                match segment.search(question, &mut |hit| newest.add(Hit { segment: *at, ..hit })) {
                    Ok(damage) => gaps.extend(damage.map(|damage| damage.gap())),
                    Err(error) if error.is_gone() => {}
                    Err(error) => gaps.push(Damage::of(segment, Part::Tenures, &error).gap()),
                }
            }
            (newest, gaps)
        };
        let helpers = threads().min(touching.len() / SEGMENTS_A_THREAD);
        let (newest, mut more_gaps) = std::thread::scope(|scope| {
            let helpers: Vec<_> = (1..helpers).map(|_| scope.spawn(look)).collect();
            let (mut newest, mut gaps) = look();
            for helper in helpers {
                let (other, lost) = helper.join().unwrap_or_else(|panic| resume_unwind(panic));
                newest.merge(other);
                gaps.extend(lost);
            }
            (newest, gaps)
        });
        gaps.append(&mut more_gaps);
        newest
    }

    /// The gaps that are known without opening a segment.
    fn gaps(&self, question: &Question) -> Vec<Gap> {
        let recorded = self.all.iter().flat_map(|segment| segment.summary.gaps());
        let damaged = self.damaged.iter().map(Damage::gap);
        recorded.chain(damaged).filter(|gap| question.touches_gap(gap)).collect()
    }

    /// Makes tenures of hits, segment by segment, and puts them in order.
    fn materialise(&self, newest: Newest, gaps: &mut Vec<Gap>) -> Vec<(u64, Tenure)> {
        let mut hits: Vec<Hit> = newest.hits.into_iter().map(|Reverse(hit)| hit).collect();
        hits.sort_unstable_by_key(|hit| (hit.segment, hit.row));
        let mut made: Vec<(Hit, Tenure)> = Vec::with_capacity(hits.len());
        for hits in hits.chunk_by(|one, other| one.segment == other.segment) {
            let segment = &self.all[hits[0].segment];
            let rows: Vec<u32> = hits.iter().map(|hit| hit.row).collect();
            match tenures(segment, &rows) {
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

impl Newest {
    fn of(most: usize) -> Newest {
        Newest { most, hits: BinaryHeap::new(), more: false }
    }

    fn merge(&mut self, other: Newest) {
        self.more |= other.more;
        other.hits.into_iter().for_each(|Reverse(hit)| self.add(hit));
    }

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

impl Segment {
    /// Calls `hit` with each row that meets every condition; its segment is for the caller to fill in.
    /// What is damaged, where it is the programs.
    fn search(
        &self,
        question: &Question,
        hit: &mut dyn FnMut(Hit),
    ) -> Result<Option<Damage>, Error> {
        let (search, damage) = Search::open(self, question)?;
        let Some(search) = search else { return Ok(damage) };
        let rows = search.rows()?;
        for (row, clock, start) in search.ages(&rows)? {
            hit(Hit { clock, start, segment: 0, row });
        }
        Ok(damage)
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// How many segments are worth another thread.
const SEGMENTS_A_THREAD: usize = 4;
