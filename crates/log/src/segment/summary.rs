//! What a segment says of itself in its footer, so that most questions need not look further.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sockets::Ending;

use super::order::class;
use super::{Host, SegmentAbout};
use crate::matching::{after_tail, held};
use crate::{Batch, Clock, Gap, GapReason, Moment, Row};

/// The key `portolan.segment` of a footer, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summary {
    /// The version of the format.
    pub(super) format: u32,
    /// [`Batch::number`].
    pub(super) number: u64,
    pub(super) host: Host,
    /// Since when it holds all that ended.
    pub(super) from: i64,
    /// Until when it does.
    pub(super) until: i64,
    pub(super) rows: u64,
    pub(super) programs: u64,
    pub(super) clocks: Vec<ClockLine>,
    pub(super) gaps: Vec<GapLine>,
    /// The times that its tenures lie in, by duration class.
    pub(super) spans: Vec<Span>,
    /// The least and the greatest step of the clock during a tenure.
    pub(super) stepped: (i64, i64),
    /// The greatest number of a clock of its tenures, and the latest start by that clock.
    pub(super) newest: (u64, i64),
}

/// The times that the tenures of a class lie in, their tails in `TIME-WAIT` included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Span {
    pub(super) class: u8,
    pub(super) from: i64,
    pub(super) until: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ClockLine {
    pub(super) number: u64,
    pub(super) boot: String,
    pub(super) offset: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GapLine {
    pub(super) from: i64,
    pub(super) until: Option<i64>,
    pub(super) reason: GapWord,
    pub(super) events: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum GapWord {
    NotRunning,
    EventsLost,
    DiskFull,
    JournalCut,
    SegmentLost,
}

impl Summary {
    /// What is to be said of `batch`.
    pub(super) fn of(batch: &Batch, about: &SegmentAbout) -> Summary {
        let mut spans = BTreeMap::new();
        let mut summary = Summary {
            format: super::FORMAT,
            number: batch.number,
            host: about.host.clone(),
            from: batch.from.0,
            until: batch.until.0,
            rows: batch.rows.len() as u64,
            programs: batch.programs.len() as u64,
            clocks: batch.clocks.iter().map(ClockLine::of).collect(),
            gaps: batch.gaps.iter().map(GapLine::of).collect(),
            ..Summary::default()
        };
        for row in &batch.rows {
            summary.add(row, batch, &mut spans);
        }
        summary.spans = spans.into_values().collect();
        summary
    }

    fn add(&mut self, row: &Row, batch: &Batch, spans: &mut BTreeMap<u8, Span>) {
        let (low, high) = lifetime(row);
        let class = class(row.duration_ns);
        let new = Span { class, from: low.0, until: high.0 };
        let span = spans.entry(class).or_insert(new);
        span.from = span.from.min(low.0);
        span.until = span.until.max(high.0);
        self.stepped.0 = self.stepped.0.min(row.stepped_ns);
        self.stepped.1 = self.stepped.1.max(row.stepped_ns);
        let clock = batch.clocks.get(row.clock as usize).map_or(0, |clock| clock.number);
        self.newest = self.newest.max((clock, row.from.0));
    }

    /// The gaps.
    pub(super) fn gaps(&self) -> impl Iterator<Item = Gap> {
        self.gaps.iter().map(|line| Gap {
            from: Moment(line.from),
            until: line.until.map(Moment),
            reason: line.reason.into(),
            events: line.events,
        })
    }
}

/// The time in which `row` had its port, its tail included.
pub(super) fn lifetime(row: &Row) -> (Moment, Moment) {
    let until = until(row.from, row.duration_ns, row.stepped_ns);
    let (low, high) = held(row.from, until);
    let tail = row.ending == Ending::TimeWait;
    (low, if tail { high.max(after_tail(until)) } else { high })
}

/// When a tenure ended.
pub(super) fn until(from: Moment, duration_ns: u64, stepped_ns: i64) -> Moment {
    let duration = i64::try_from(duration_ns).unwrap_or(i64::MAX);
    Moment(from.0.saturating_add(duration).saturating_add(stepped_ns))
}

impl ClockLine {
    fn of(clock: &Clock) -> ClockLine {
        let hex = |byte: &u8| format!("{byte:02x}");
        let boot = clock.boot.iter().map(hex).collect();
        ClockLine { number: clock.number, boot, offset: clock.offset }
    }
}

impl GapLine {
    fn of(gap: &Gap) -> GapLine {
        GapLine {
            from: gap.from.0,
            until: gap.until.map(|until| until.0),
            reason: gap.reason.into(),
            events: gap.events,
        }
    }
}

impl From<GapReason> for GapWord {
    fn from(reason: GapReason) -> GapWord {
        match reason {
            GapReason::NotRunning => GapWord::NotRunning,
            GapReason::EventsLost => GapWord::EventsLost,
            GapReason::DiskFull => GapWord::DiskFull,
            GapReason::JournalCut => GapWord::JournalCut,
            GapReason::SegmentLost => GapWord::SegmentLost,
        }
    }
}

impl From<GapWord> for GapReason {
    fn from(word: GapWord) -> GapReason {
        match word {
            GapWord::NotRunning => GapReason::NotRunning,
            GapWord::EventsLost => GapReason::EventsLost,
            GapWord::DiskFull => GapReason::DiskFull,
            GapWord::JournalCut => GapReason::JournalCut,
            GapWord::SegmentLost => GapReason::SegmentLost,
        }
    }
}
