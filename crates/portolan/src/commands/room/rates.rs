//! How fast connections are begun and ended towards one destination, by what is known of it; and by the
//! timers of `TIME-WAIT`, which tell when each of the last minute ended.

use std::ops::Range;
use std::time::Duration;

use sockets::{Destination, Flow, Socket, State, TimeWaitReuse, Trend};

use super::flows::{Change, Past};

/// What a destination's ports in `TIME-WAIT` tell.
#[derive(Debug)]
pub(super) struct Waits {
    /// In how long each can be had again; those that can be now are not in it.
    pub(super) left: Vec<Duration>,
    /// For how long a port cannot be had.
    pub(super) lingers: Duration,
    /// How long ago each connection ended.
    ended: Vec<Duration>,
}

impl Waits {
    pub(super) fn of(destination: &Destination, sockets: &[Socket], reuse: TimeWaitReuse) -> Waits {
        let members = destination.sockets.iter().map(|at| &sockets[*at as usize]);
        let lent = members.clone().next().is_some_and(|socket| reuse.covers(socket));
        let lingers = if lent { reuse.delay } else { TimeWaitReuse::TIME_WAIT };
        let left = members
            .filter(|socket| socket.state == State::TimeWait)
            .map(|socket| socket.timer.map_or(Duration::ZERO, |timer| timer.expires));
        let ended: Vec<Duration> =
            left.map(|left| TimeWaitReuse::TIME_WAIT.saturating_sub(left)).collect();
        let left = ended.iter().filter_map(|ended| lingers.checked_sub(*ended)).collect();
        Waits { left, lingers, ended }
    }
}

/// How fast connections come and go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    pub(super) trend: Trend,
    pub(super) ends_per_s: f64,
    /// Which part of those that end stay in `TIME-WAIT`.
    pub(super) linger: f64,
    /// How many that were begun tell so.
    pub(super) begun: u32,
}

impl Rates {
    pub(super) fn of_log(past: &[Past], window: Duration) -> Rates {
        let bin = window / BINS;
        let flow = flow(past.iter().map(|past| past.begun), BINS, bin);
        let recent = window / 4;
        let ended = || past.iter().filter(|past| past.ended.is_some_and(|ended| ended < recent));
        let (all, lingering) = (ended().count(), ended().filter(|past| past.lingers).count());
        Rates {
            trend: flow.trend().unwrap_or(Trend::NONE),
            ends_per_s: per_s(all, recent),
            linger: part(lingering, all),
            begun: flow.begun(),
        }
    }

    pub(super) fn of_changes(change: Change, apart: Duration) -> Rates {
        let mut flow = Flow::default();
        flow.add(Duration::ZERO, apart, change.begun);
        Rates {
            trend: flow.trend().unwrap_or(Trend::NONE),
            ends_per_s: per_s(change.ended as usize, apart),
            linger: part(change.lingers as usize, change.ended as usize),
            begun: change.begun,
        }
    }

    /// The same, or what the timers tell, if those saw more: they look back for most of a minute,
    /// where two looks see what happened between them.
    pub(super) fn or_by_timers(self, waits: &Waits) -> Rates {
        let ended = waits.ended.iter().copied();
        let first = waits.ended.iter().max().copied().unwrap_or_default();
        let bin = (first / BACKS).clamp(SHORTEST, LONGEST);
        let Some(trend) = flow(ended.clone(), BACKS, bin).trend() else { return self };
        let lately = count(ended, Duration::ZERO..LATELY);
        if lately < ENOUGH || trend.per_s < self.ends_per_s / 2.0 {
            return self;
        }
        // What is begun and not ended yet shows between the looks alone.
        let growth = (self.trend.per_s - self.ends_per_s).max(0.0);
        let per_s = trend.per_s + growth;
        Rates {
            trend: Trend { per_s, ..trend },
            ends_per_s: trend.per_s,
            linger: if self.linger > 0.0 { self.linger } else { 1.0 },
            begun: self.begun.max(lately),
        }
    }
}

/// How many of `times` before now lie in each of so many stretches, up to now.
fn flow(times: impl Iterator<Item = Duration> + Clone, stretches: u32, length: Duration) -> Flow {
    let mut flow = Flow::default();
    for nth in (0..stretches).rev() {
        let (ended, begun) = (length * nth, length * (nth + 1));
        flow.add(ended, length, count(times.clone(), ended..begun));
    }
    flow
}

fn count(times: impl Iterator<Item = Duration>, within: Range<Duration>) -> u32 {
    u32::try_from(times.filter(|time| within.contains(time)).count()).unwrap_or(u32::MAX)
}

fn per_s(count: usize, within: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "there are fewer connections than 2^52")]
    let count = count as f64;
    if within.is_zero() { 0.0 } else { count / within.as_secs_f64() }
}

fn part(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "there are fewer connections than 2^52")]
    let (part, all) = (part as f64, whole as f64);
    if whole == 0 { 0.0 } else { part / all }
}

/// In how many stretches they are counted.
const BINS: u32 = 24;
/// The same for the timers, from the first connection on. A stretch is so long that a few at once make no rate, and all
/// of them are not the whole minute, for timers end late where there are many.
const BACKS: u32 = 10;
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5);
/// So many connections make a rate: with fewer, chance says how fast they seem to come.
pub(super) const ENOUGH: u32 = 20;
const LATELY: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    /// What the timers tell of `per_s` connections a second since so many milliseconds.
    fn waits(per_s: u64, since_ms: u64) -> Waits {
        let ended =
            (0..since_ms * per_s / 1000).map(|nth| Duration::from_micros(nth * 1_000_000 / per_s));
        Waits { left: Vec::new(), lingers: TimeWaitReuse::TIME_WAIT, ended: ended.collect() }
    }

    fn told(waits: &Waits) -> f64 {
        Rates::of_changes(Change::default(), Duration::from_millis(50))
            .or_by_timers(waits)
            .trend
            .per_s
    }

    #[test]
    fn timers_tell_the_rate_from_the_first_seconds_on() {
        for since_ms in [1_000, 1_500, 3_000, 7_000, 20_000, 59_000] {
            let per_s = told(&waits(200, since_ms));
            assert!((per_s - 200.0).abs() < 10.0, "{per_s} a second after {since_ms} ms");
        }
    }

    #[test]
    fn a_few_at_once_are_no_rate() {
        assert_eq!(told(&waits(1000, 30)), 30.0, "a second's");
        assert_eq!(told(&waits(1000, 19)), 0.0, "too few to tell");
    }
}
