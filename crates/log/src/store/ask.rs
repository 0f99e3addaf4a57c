//! Answering a question from what is in memory and what is sealed, each tenure once.

use std::sync::Arc;

use super::recent::{Recent, Shelf};
use super::search::{Findings, find_live, find_shelved};
use crate::ledger::holdings::Holdings;
use crate::matching::held;
use crate::segment::Segments;
use crate::{Answer, Error, Gap, GapReason, Moment, Question};

/// A question of which the part is answered that whoever records had to be asked for.
#[derive(Debug)]
pub struct Pending {
    question: Question,
    findings: Findings,
    shelves: Vec<Arc<Shelf>>,
    segments: Segments,
    gaps: Vec<Gap>,
    since: Moment,
}

impl Pending {
    /// The rest of the answer. Takes no lock, and may take long.
    ///
    /// # Errors
    /// None so far: what cannot be read is a [`Gap`] in the answer.
    pub fn finish(self) -> Result<Answer, Error> {
        let Pending { question, mut findings, shelves, segments, mut gaps, mut since } = self;
        for shelf in shelves {
            let Findings { tenures, more } = find_shelved(&question, &shelf);
            findings.merge(tenures, more, question.most);
            gaps.extend(shelf.recent.gaps.iter().cloned());
            since = since.min(shelf.recent.from);
        }
        let sealed = segments.find(&question);
        findings.merge(sealed.tenures, sealed.more, question.most);
        gaps.extend(sealed.gaps);
        since = sealed.since.unwrap_or(since).min(since);
        gaps.push(missing(Moment(i64::MIN), Some(since)));
        Ok(Answer {
            tenures: findings.tenures.into_iter().map(|(_, tenure)| tenure).collect(),
            more: findings.more,
            gaps: touching(&question, gaps),
            since: Some(since),
        })
    }
}

/// What a store has in memory, and the segments it knows.
#[derive(Debug)]
pub(crate) struct Memory<'a> {
    pub(crate) holdings: &'a Holdings,
    pub(crate) recent: &'a Recent,
    pub(crate) shelves: Vec<Arc<Shelf>>,
    pub(crate) segments: Segments,
    /// Gaps that last.
    pub(crate) lasting: Vec<Gap>,
    /// Now, in nanoseconds since boot.
    pub(crate) now: u64,
    /// When the last recorder was last known to be alive, where nobody records: later than that it is
    /// not known what is open.
    pub(crate) left: Option<Moment>,
}

impl Memory<'_> {
    pub(crate) fn ask(self, question: &Question) -> Pending {
        let findings = find_live(question, self.holdings, self.recent, self.now, self.left);
        let mut gaps = self.lasting;
        gaps.extend(self.recent.gaps.iter().cloned());
        Pending {
            question: question.clone(),
            findings,
            shelves: self.shelves,
            segments: self.segments,
            gaps,
            since: self.recent.from,
        }
    }
}

/// A time in which nobody recorded.
pub(crate) fn missing(from: Moment, until: Option<Moment>) -> Gap {
    Gap { from, until, reason: GapReason::NotRunning, events: 0 }
}

/// The gaps that touch the time asked for, oldest first, each once.
fn touching(question: &Question, mut gaps: Vec<Gap>) -> Vec<Gap> {
    let until = |gap: &Gap| gap.until.unwrap_or(Moment(i64::MAX));
    gaps.sort_unstable_by_key(|gap| (gap.from, until(gap), gap.reason, gap.events));
    gaps.dedup();
    let mut gaps = joined(gaps);
    gaps.retain(|gap| {
        // The clock may have been set back meanwhile.
        let (low, high) = held(gap.from, until(gap));
        question.touches(low, high)
    });
    gaps
}

/// Times that were only sampled are one where one begins as another ends: every batch has its own.
fn joined(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut joined: Vec<Gap> = Vec::with_capacity(gaps.len());
    let mut sampled: Option<usize> = None;
    for gap in gaps {
        if gap.reason == GapReason::Sampled {
            if let Some(last) = sampled.map(|at| &mut joined[at])
                && last.until.is_none_or(|until| gap.from <= until)
            {
                last.until = last.until.zip(gap.until).map(|(one, other)| one.max(other));
                continue;
            }
            sampled = Some(joined.len());
        }
        joined.push(gap);
    }
    joined
}
