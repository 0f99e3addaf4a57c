//! What a segment says of itself in its footer, so that most questions need not look further.

use parquet::file::metadata::FileMetaData;
use registry::Port;
use serde::{Deserialize, Serialize};

use super::order::class;
use super::{Host, SegmentAbout};
use crate::matching::held;
use crate::{Batch, Clock, Gap, GapReason, Moment, Question, Row};

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
    /// Each tenure of an hour and more: local port, start, and the end of it and its tail, in
    /// seconds since 1970, the last one rounded up. `None` where they are more than [`LONG_ROWS`].
    pub(super) long: Option<Vec<(u16, i64, i64)>>,
    /// The least and the greatest step of the clock during a tenure.
    pub(super) stepped: (i64, i64),
    /// The greatest number of a clock of its tenures, and the latest start by that clock.
    pub(super) newest: (u64, i64),
}

/// Checks that a file says to be of the segment with this number: one that was copied over another is as
/// whole as it ever was.
pub(super) fn check_number(file: &FileMetaData, number: u64) -> Result<(), &'static str> {
    #[derive(Deserialize)]
    struct Numbered {
        number: u64,
    }
    let said: Numbered = said(file)?;
    if said.number == number { Ok(()) } else { Err("it is another segment's") }
}

/// What a file says of itself, or as much of that as is wanted.
fn said<'a, T: Deserialize<'a>>(file: &'a FileMetaData) -> Result<T, &'static str> {
    let keys = file.key_value_metadata().into_iter().flatten();
    let value = keys.filter(|key| key.key == super::KEY).find_map(|key| key.value.as_deref());
    let value = value.ok_or("it does not say what it is")?;
    serde_json::from_str(value).map_err(|_| "what it says of itself is not understood")
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
    Sampled,
    TailUnknown,
}

impl Summary {
    /// What is to be said of `batch`.
    pub(super) fn of(batch: &Batch, about: &SegmentAbout) -> Summary {
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
        let mut times = Times::default();
        for row in &batch.rows {
            summary.add(row, batch);
            times.add(row);
        }
        summary.spans = times.spans.into_iter().flatten().collect();
        summary.long = (times.long.len() <= LONG_ROWS).then_some(times.long);
        summary
    }

    /// What a file says of itself; what is wrong with that where it cannot be read.
    pub(super) fn read(file: &FileMetaData) -> Result<Summary, &'static str> {
        said(file)
    }

    fn add(&mut self, row: &Row, batch: &Batch) {
        self.stepped.0 = self.stepped.0.min(row.stepped_ns);
        self.stepped.1 = self.stepped.1.max(row.stepped_ns);
        let clock = batch.clocks.get(row.clock as usize).map_or(0, |clock| clock.number);
        self.newest = self.newest.max((clock, row.from.0));
    }

    /// The age of the newest tenure that can be asked for, its clock and start; `None` where none
    /// can.
    pub(super) fn newest_of(&self, question: &Question) -> Option<(u64, i64)> {
        let touches = |from, until| question.touches(Moment(from), Moment(until));
        let mut spans = self.spans.iter().filter(|span| touches(span.from, span.until));
        let (clock, start) = self.newest;
        // Where the clock was stepped back, a tenure's first moment can be its end.
        let steps_back = self.stepped.0 < 0;
        let up_to = |latest: i64| (clock, if steps_back { start } else { start.min(latest) });
        let latest = question.until.0;
        let Some(long) = &self.long else { return spans.next().map(|_| up_to(latest)) };
        if spans.any(|span| span.class < LONG) {
            return Some(up_to(latest));
        }
        let seconds = |at: i64| at.saturating_mul(SECOND);
        let asked = long.iter().filter(|(port, from, until)| {
            question.wants_port(Port(*port)) && touches(seconds(*from), seconds(*until))
        });
        let last = asked.map(|(_, from, _)| seconds(from.saturating_add(1))).max()?;
        Some(up_to(latest.min(last)))
    }

    /// The number of the clock of all its tenures, if it is one.
    pub(super) fn only_clock(&self) -> Option<u64> {
        match &self.clocks[..] {
            [clock] => Some(clock.number),
            _ => None,
        }
    }

    /// The time that its tenures and its gaps lie in.
    pub(super) fn reach(&self) -> (Moment, Moment) {
        let spans = self.spans.iter().map(|span| (span.from, span.until));
        let gaps = self.gaps.iter().map(|gap| (gap.from, gap.until.unwrap_or(gap.from)));
        let all = spans.chain(gaps.flat_map(|(from, until)| [(from, until), (until, from)]));
        let own = (self.from.min(self.until), self.from.max(self.until));
        let (from, until) =
            all.fold(own, |(low, high), (from, until)| (low.min(from), high.max(until)));
        (Moment(from), Moment(until))
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

/// The times of the rows of a batch.
#[derive(Default)]
struct Times {
    /// By duration class.
    spans: [Option<Span>; 32],
    /// The long ones, up to one more than are wanted.
    long: Vec<(u16, i64, i64)>,
}

impl Times {
    fn add(&mut self, row: &Row) {
        let (Moment(low), Moment(high)) = lifetime(row);
        let class = class(row.duration_ns).min(31);
        let new = Span { class, from: low, until: high };
        let span = self.spans[usize::from(class)].get_or_insert(new);
        span.from = span.from.min(low);
        span.until = span.until.max(high);
        if class >= LONG && self.long.len() <= LONG_ROWS {
            let until = high.div_euclid(SECOND).saturating_add(1);
            self.long.push((row.local.port.number(), low.div_euclid(SECOND), until));
        }
    }
}

/// The time in which `row` had its port, its tail included.
pub(super) fn lifetime(row: &Row) -> (Moment, Moment) {
    let until = until(row.from, row.duration_ns, row.stepped_ns);
    let (low, high) = held(row.from, until);
    let tail = row.ending.leaves_tail();
    (low, if tail { high.max(until.after_time_wait()) } else { high })
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

#[cfg(test)]
impl GapWord {
    pub(super) const ALL: [GapWord; 7] = [
        GapWord::NotRunning,
        GapWord::EventsLost,
        GapWord::DiskFull,
        GapWord::JournalCut,
        GapWord::SegmentLost,
        GapWord::Sampled,
        GapWord::TailUnknown,
    ];
}

impl From<GapReason> for GapWord {
    fn from(reason: GapReason) -> GapWord {
        match reason {
            GapReason::NotRunning => GapWord::NotRunning,
            GapReason::EventsLost => GapWord::EventsLost,
            GapReason::DiskFull => GapWord::DiskFull,
            GapReason::JournalCut => GapWord::JournalCut,
            GapReason::SegmentLost => GapWord::SegmentLost,
            GapReason::Sampled => GapWord::Sampled,
            GapReason::TailUnknown => GapWord::TailUnknown,
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
            GapWord::Sampled => GapReason::Sampled,
            GapWord::TailUnknown => GapReason::TailUnknown,
        }
    }
}

/// The first class whose tenures are listed: they lasted at least 4^16 µs, 72 minutes,
/// so that they can have begun before the hour in which they were sealed and the one before.
const LONG: u8 = 17;
/// How many long tenures are listed at most.
const LONG_ROWS: usize = 256;
const SECOND: i64 = 1_000_000_000;
