//! What has ended and is not sealed yet: the batch that is being filled, and those on their way to
//! the disk.

use std::sync::Arc;

use sockets::Program;

use crate::ledger::hold::{Ended, NONE_BEFORE, Names};
use crate::ledger::holdings::{Books, Sink};
use crate::ledger::open::Open;
use crate::{Batch, Clock, Gap, Moment, Row, Verb};

/// The batch that is being filled.
#[derive(Debug)]
pub(crate) struct Recent {
    /// Since when it holds all that ended.
    pub(crate) from: Moment,
    /// In chunks of [`CHUNK`], so that nothing is moved as they become many.
    chunks: Vec<Vec<Ended>>,
    /// The newest tenure on each local port; empty while there is none at all.
    newest: Vec<u32>,
    pub(crate) gaps: Vec<Gap>,
}

impl Recent {
    pub(crate) fn new(from: Moment) -> Recent {
        Recent { from, chunks: Vec::new(), newest: Vec::new(), gaps: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        match self.chunks.split_last() {
            Some((last, full)) => full.len() * CHUNK + last.len(),
            None => 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.gaps.is_empty()
    }

    pub(crate) fn at(&self, index: u32) -> &Ended {
        let index = index as usize;
        &self.chunks[index / CHUNK][index % CHUNK]
    }

    pub(crate) fn push(&mut self, mut ended: Ended) {
        if self.newest.is_empty() {
            self.newest = vec![NONE_BEFORE; 1 << 16];
        }
        let index = u32::try_from(self.len()).unwrap_or(NONE_BEFORE);
        let port = usize::from(ended.hold.local_port);
        ended.before = std::mem::replace(&mut self.newest[port], index);
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(ended),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(ended);
                self.chunks.push(chunk);
            }
        }
    }

    /// Adds a gap, or makes the last one longer where they belong together: a recorder that cannot
    /// keep up loses events many times a second.
    pub(crate) fn add_gap(&mut self, gap: Gap) {
        if let Some(last) = self.gaps.last_mut()
            && last.reason == gap.reason
            && let (Some(until), Some(new)) = (last.until, gap.until)
            && last.from <= gap.from
            && gap.from.0 <= until.0.saturating_add(TOGETHER_NS)
        {
            last.until = Some(until.max(new));
            last.events = last.events.saturating_add(gap.events);
            return;
        }
        self.gaps.push(gap);
    }

    /// All, in the order in which they ended.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Ended)> {
        (0..).zip(self.chunks.iter().flatten())
    }

    /// Those on this local port, the last that ended first.
    pub(crate) fn on(&self, port: u16) -> impl Iterator<Item = (u32, &Ended)> {
        let newest = self.newest.get(usize::from(port)).copied().unwrap_or(NONE_BEFORE);
        let mut next = newest;
        std::iter::from_fn(move || {
            if next == NONE_BEFORE {
                return None;
            }
            let (index, ended) = (next, self.at(next));
            next = ended.before;
            Some((index, ended))
        })
    }
}

/// What ends while a journal is replayed.
impl Sink for Recent {
    fn stands(&mut self, _: &mut Books<'_>, _: &Open, _: Verb, _: u64) {}

    fn ended(&mut self, _: &mut Books<'_>, _: u64, ended: Ended) {
        self.push(ended);
    }

    fn told(&mut self, _: &mut Books<'_>, _: u32) {}

    fn lost(&mut self, _: &mut Books<'_>, _: u64, _: u64, _: u64) {}
}

/// A batch that is full and waits to be sealed.
#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) number: u64,
    pub(crate) recent: Recent,
    pub(crate) until: Moment,
    pub(crate) programs: Vec<Option<Arc<Program>>>,
    pub(crate) clocks: Vec<Clock>,
    /// How many bytes its journal has.
    pub(crate) journal_bytes: u64,
}

impl Shelf {
    pub(crate) fn names(&self) -> Names<'_> {
        Names { programs: &self.programs, clocks: &self.clocks }
    }

    /// The batch to seal: only the programs that are named, by indexes without a hole.
    pub(crate) fn batch(&self) -> Batch {
        let mut programs = Vec::new();
        let mut places: Vec<Option<u32>> = vec![None; self.programs.len()];
        let mut place = |slot: u32| {
            let program = self.programs.get(slot as usize)?.as_ref()?;
            Some(*places[slot as usize].get_or_insert_with(|| {
                programs.push(Arc::clone(program));
                u32::try_from(programs.len() - 1).unwrap_or(u32::MAX)
            }))
        };
        let row = |(_, ended): (u32, &Ended)| self.row(ended, &mut place);
        let rows = self.recent.iter().map(row).collect();
        Batch {
            number: self.number,
            from: self.recent.from.min(self.until),
            until: self.until,
            rows,
            programs,
            gaps: self.recent.gaps.clone(),
            clocks: self.clocks.clone(),
        }
    }

    fn row(&self, ended: &Ended, place: &mut impl FnMut(u32) -> Option<u32>) -> Row {
        let hold = &ended.hold;
        Row {
            netns: sockets::NetnsId(hold.netns),
            proto: hold.proto(),
            family: hold.family(),
            v6only: hold.v6only(),
            local: hold.local(),
            remote: hold.remote(),
            role: hold.role(),
            uid: hold.uid,
            opener: place(hold.opener),
            taker: place(hold.taker),
            closer: place(ended.closer),
            from: self.clocks[hold.clock as usize].moment(hold.from),
            clock: hold.clock,
            duration_ns: ended.duration,
            stepped_ns: ended.stepped(&self.clocks),
            ending: ended.ending,
            evidence: hold.evidence(),
        }
    }
}

/// How many tenures are in a piece of memory.
const CHUNK: usize = 4096;

/// Gaps of one reason so close to each other are one.
const TOGETHER_NS: i64 = 250_000_000;
