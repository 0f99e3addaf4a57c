//! Segments that somebody removed from between others. That a number is missing tells that there was one, and
//! the catalog what it had; the oldest go by themselves, and leave nothing.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::catalog::Entry;
use super::name::Part;
use super::{Segment, Segments};
use crate::{Gap, GapReason, Moment};

/// A segment that is missing.
#[derive(Clone, Debug)]
pub(super) struct Lost {
    /// [`crate::Batch::number`].
    number: u64,
    /// The time that its tenures lay in, as well as is known.
    from: Moment,
    until: Moment,
    /// What the catalog says of it.
    pub(super) entry: Option<Entry>,
}

impl Lost {
    pub(super) fn gap(&self) -> Gap {
        Gap { from: self.from, until: Some(self.until), reason: GapReason::SegmentLost, events: 0 }
    }

    fn of_entry(entry: Entry) -> Lost {
        let (from, until) = entry.summary.reach();
        Lost { number: entry.summary.number, from, until, entry: Some(entry) }
    }

    /// One of which nothing is known but its number. Where the segments around it leave no time for it,
    /// there was none.
    fn of_number(number: u64, all: &[Segment], earliest: Moment) -> Option<Lost> {
        let before = all.iter().filter(|other| other.number() < number);
        let after = all.iter().filter(|other| other.number() > number);
        let ended = before.map(|other| other.summary.until).max()?;
        let began = after.map(|other| other.summary.from).min()?;
        // It may have held tenures of any age.
        let until = Moment(began).after_time_wait();
        (ended < began).then_some(Lost { number, from: earliest, until, entry: None })
    }
}

/// What is missing between the segments that there are, damaged ones among them, by their numbers: `all` are
/// the whole ones, `catalog` is what it says of others. What a journal has is not sealed yet.
pub(super) fn between(
    present: &BTreeSet<u64>,
    all: &[Segment],
    catalog: HashMap<String, Entry>,
    journals: &[u64],
    earliest: Moment,
) -> Vec<Lost> {
    let (Some(first), Some(last)) = (present.first(), present.last()) else { return Vec::new() };
    let mut known: HashMap<u64, Entry> =
        catalog.into_values().map(|entry| (entry.summary.number, entry)).collect();
    let count = usize::try_from(last - first).unwrap_or(usize::MAX);
    if present.len() > count {
        return Vec::new();
    }
    let missing = (*first..*last).filter(|number| !present.contains(number));
    let missing = missing.filter(|number| !journals.contains(number)).take(MOST);
    let lost = missing.filter_map(|number| match known.remove(&number) {
        Some(entry) => Some(Lost::of_entry(entry)),
        None => Lost::of_number(number, all, earliest),
    });
    lost.collect()
}

impl Segments {
    /// The gap that the segment at this index leaves, whose file is gone: none where all older ones are gone
    /// too, for then it was old enough.
    pub(super) fn gap_of_gone(&self, at: usize) -> Option<Gap> {
        let is_there = |path: &Path| path.exists();
        let older = self.all.iter().take(at);
        let mut older = older.filter(|older| is_there(&older.path(Part::Tenures)));
        let (from, until) = self.all.get(at)?.summary.reach();
        older.next()?;
        Some(Gap { from, until: Some(until), reason: GapReason::SegmentLost, events: 0 })
    }

    /// Forgets what was lost before the oldest segment that is kept, or would be too old by now.
    pub(super) fn forget_lost(&mut self, oldest: Moment) {
        let first = self.all.first().map_or(u64::MAX, Segment::number);
        let is_kept = |lost: &&Lost| lost.number > first && lost.until >= oldest;
        self.lost = self.lost.iter().filter(is_kept).cloned().collect::<Vec<_>>().into();
    }
}

/// How many numbers are looked into: a file may claim any.
const MOST: usize = 10_000;
