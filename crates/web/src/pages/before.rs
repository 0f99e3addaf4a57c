//! Who had a port before: a line of time that can be zoomed and moved, and a table.

use std::time::Duration;

use askama::Template;
use axum::extract;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::page::{Frame, Lenient, page};
use crate::pages::missing::{self, Named};
use crate::pages::port;
use crate::{
    Gap, Moment, PortAsked, Rich, Span, Spell, State, Timeline, TimelineAsked, Told, Trouble,
};

/// Which time is asked for, in seconds since 1970; the last day where none is.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    from: Option<i64>,
    until: Option<i64>,
}

impl Asked {
    /// The time that is meant, at most up to now and a minute at least.
    fn span(self, now: i64) -> Span {
        let until = self.until.unwrap_or(now).clamp(A_MINUTE, now.max(A_MINUTE));
        let from = self.from.unwrap_or(until - A_DAY).clamp(0, until - A_MINUTE);
        Span { from: Moment(from * SECOND), until: Moment(until * SECOND) }
    }
}

/// What is known of the past of a port.
#[derive(Debug, Template)]
#[template(path = "port/before.html")]
pub(crate) struct BeforePart {
    pub(crate) frame: Frame,
    asked: PortAsked,
    span: Span,
    /// What was told; `None` where that takes longer than one waits for a page.
    told: Option<Result<Timeline, Trouble>>,
    now: Moment,
}

/// A spell or a gap on the line, in thousandths of its length.
struct Bar<'a> {
    x: f64,
    width: f64,
    lane: usize,
    spell: &'a Spell,
}

impl BeforePart {
    /// Asks what was before, for as long as a page waits.
    pub(crate) async fn ask(
        state: &State,
        frame: Frame,
        asked: PortAsked,
        time: Asked,
    ) -> BeforePart {
        BeforePart::within(PATIENCE, state, frame, asked, time).await
    }

    async fn within(
        patience: Duration,
        state: &State,
        frame: Frame,
        asked: PortAsked,
        time: Asked,
    ) -> BeforePart {
        let now = Moment::now();
        let span = time.span(now.0 / SECOND);
        let question = TimelineAsked { port: asked, span, most: SPELLS };
        let told = state.search(move |machine| machine.timeline(&question, frame.viewer));
        let told = tokio::time::timeout(patience, told).await.ok();
        BeforePart { frame, asked, span, told, now }
    }

    fn timeline(&self) -> Option<&Timeline> {
        self.told.as_ref()?.as_ref().ok()
    }

    fn trouble(&self) -> Option<&Trouble> {
        self.told.as_ref()?.as_ref().err()
    }

    /// The message for how much is known, as the end of its id.
    fn standing(&self) -> &'static str {
        match self.timeline().map(|timeline| &timeline.told) {
            None => "late",
            Some(Told::Unrecorded) => "unrecorded",
            Some(Told::Forbidden) => "forbidden",
            Some(Told::ByRecorder | Told::FromStore) => "known",
        }
    }

    /// How many had it; that nobody had is said only of a time of which that is known.
    fn count(&self, timeline: &Timeline) -> Rich<'static> {
        let hidden = |gap: &Gap| gap.hides_all() && gap.meets(self.span);
        if timeline.spells.is_empty() && timeline.gaps.iter().any(hidden) {
            return self.frame.t("before-unknown");
        }
        self.frame.t1("before-count", "count", timeline.spells.len())
    }

    /// The spells on the line; those that overlap lie below each other, as far as there is room.
    fn bars(&self) -> Vec<Bar<'_>> {
        let Some(timeline) = self.timeline() else { return Vec::new() };
        let mut ends = [f64::MIN; LANES];
        let mut bars = Vec::new();
        for spell in timeline.spells.iter().rev() {
            let (x, end) = self.place(spell.from, spell.until);
            let width = (end - x).max(2.0);
            let free = ends.iter().position(|taken| *taken <= x);
            let lane = free.unwrap_or(LANES - 1);
            ends[lane] = x + width;
            bars.push(Bar { x, width, lane, spell });
        }
        bars
    }

    /// Where nothing is known, from and how wide.
    fn holes(&self) -> Vec<(f64, f64)> {
        let gaps = self.timeline().map(|timeline| timeline.gaps.as_slice()).unwrap_or_default();
        let place = |gap: &Gap| self.place(gap.from, gap.until);
        gaps.iter().map(place).map(|(x, end)| (x, (end - x).max(1.0))).collect()
    }

    fn place(&self, from: Moment, until: Option<Moment>) -> (f64, f64) {
        let until = until.unwrap_or(self.span.until);
        (self.x(from), self.x(until))
    }

    #[expect(clippy::cast_precision_loss, reason = "thousandths of a line are not that precise")]
    fn x(&self, at: Moment) -> f64 {
        let (from, until) = (self.span.from.0, self.span.until.0);
        let at = at.0.clamp(from, until);
        1000.0 * (at - from) as f64 / (until - from) as f64
    }

    /// Where the line of another time is: as `change` makes it of this one, in seconds.
    fn link(&self, change: impl Fn(i64, i64) -> (i64, i64)) -> String {
        let (from, until) = (self.span.from.0 / SECOND, self.span.until.0 / SECOND);
        let (from, until) = change(from, until);
        let path = port::address(self.asked);
        format!("{path}?from={}&until={}#before", from.max(0), until)
    }

    fn earlier(&self) -> String {
        self.link(|from, until| (from - (until - from) / 2, until - (until - from) / 2))
    }

    fn later(&self) -> String {
        self.link(|from, until| (from + (until - from) / 2, until + (until - from) / 2))
    }

    fn closer(&self) -> String {
        self.link(|from, until| (from + (until - from) * 3 / 8, until - (until - from) * 3 / 8))
    }

    fn wider(&self) -> String {
        self.link(|from, until| (from - (until - from) * 3 / 2, until + (until - from) * 3 / 2))
    }

    /// The spans that have a link of their own: the end of a message's id, and where it leads.
    fn spans(&self) -> [(&'static str, String); 4] {
        let now = self.now.0 / SECOND;
        let last = |seconds| self.link(move |_, _| (now - seconds, now));
        [
            ("hour", last(3600)),
            ("day", last(A_DAY)),
            ("week", last(7 * A_DAY)),
            ("month", last(30 * A_DAY)),
        ]
    }

    /// Spells that the table shows, the newest first.
    fn rows(&self) -> impl Iterator<Item = &Spell> {
        self.timeline().into_iter().flat_map(|timeline| timeline.spells.iter().take(ROWS))
    }

    fn times(&self) -> [Moment; 5] {
        let (from, until) = (self.span.from.0, self.span.until.0);
        [0, 1, 2, 3, 4].map(|quarter| Moment(from + (until - from) / 4 * quarter))
    }

    /// Whether the line is so short that its times need no date.
    fn within_a_day(&self) -> bool {
        self.span.until.0 - self.span.from.0 <= A_DAY * SECOND
    }
}

/// The part alone, however long it takes.
pub(crate) async fn part(
    extract::State(state): extract::State<State>,
    frame: Frame,
    Named(port): Named<String>,
    Lenient(time): Lenient<Asked>,
) -> Response {
    let Some(port) = port::number(&port) else { return missing::port(frame, &port) };
    let asked = PortAsked { port, proto: None };
    page(&BeforePart::within(FOR_LONG, &state, frame, asked, time).await).into_response()
}

const SECOND: i64 = 1_000_000_000;
const A_MINUTE: i64 = 60;
const A_DAY: i64 = 86_400;
/// How many spells are asked for, and how many are told in words.
const SPELLS: usize = 500;
const ROWS: usize = 25;
/// How many spells lie below each other.
const LANES: usize = 6;
/// How long a page waits for the past, and how long the past alone may take.
const PATIENCE: Duration = Duration::from_millis(60);
const FOR_LONG: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_time_that_is_asked_for_is_a_time() {
        let span = |from, until| {
            let Span { from, until } = Asked { from, until }.span(1_000_000);
            (from.0 / SECOND, until.0 / SECOND)
        };
        assert_eq!(span(None, None), (1_000_000 - A_DAY, 1_000_000));
        assert_eq!(span(Some(5), Some(100)), (5, 100));
        assert_eq!(span(Some(100), Some(5)), (0, 60));
        assert_eq!(span(Some(i64::MIN), Some(i64::MAX)), (0, 1_000_000));
        assert_eq!(span(Some(i64::MAX), None), (999_940, 1_000_000));
    }
}
