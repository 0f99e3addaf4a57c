//! When the ports towards a destination will have run out, if connections go on being begun and ended
//! as they are.
//!
//! What is held and what waits in `TIME-WAIT` is followed as two quantities. The kernel tells when each
//! `TIME-WAIT` ends that there is, so the minute ahead holds no guess about those.

use std::collections::VecDeque;
use std::time::Duration;

use super::Trend;

/// How it goes with a destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// How many ports there are.
    pub of: u32,
    /// How many are held, those in `TIME-WAIT` aside.
    pub held: u32,
    /// In how long each that is in `TIME-WAIT` can be had again.
    pub waiting: Vec<Duration>,
    /// How fast connections are begun.
    pub trend: Trend,
    /// How many of those held end each second.
    pub ends_per_s: f64,
    /// The share of those that stay in `TIME-WAIT`, 0 to 1.
    pub linger: f64,
    /// For how long.
    pub lingers: Duration,
}

/// When the ports will have run out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outlook {
    /// They have.
    Full,
    /// In so long.
    In(Duration),
    /// Never at this rate: as many ports as this are in use in the end.
    Levels(f64),
    /// Not within a day.
    Later,
}

impl Outlook {
    /// How long until then, if that is within a day.
    #[must_use]
    pub fn within(self) -> Option<Duration> {
        match self {
            Outlook::Full => Some(Duration::ZERO),
            Outlook::In(time) => Some(time),
            Outlook::Levels(_) | Outlook::Later => None,
        }
    }
}

impl Course {
    /// Looks a day ahead.
    #[must_use]
    pub fn outlook(&self) -> Outlook {
        let mut run = Run::new(self);
        if run.taken() >= f64::from(self.of) {
            return Outlook::Full;
        }
        if self.trend.per_s <= 0.0 && self.trend.growth <= 0.0 {
            return Outlook::Levels(run.taken());
        }
        let level = self.level().filter(|level| *level < f64::from(self.of));
        let horizon = if level.is_some() { 4.0 * self.lingers.as_secs_f64() } else { DAY };
        while run.at < horizon {
            let before = (run.at, run.taken());
            run.step();
            if run.taken() >= f64::from(self.of) {
                let share = (f64::from(self.of) - before.1) / (run.taken() - before.1);
                let time = before.0 + (run.at - before.0) * share.clamp(0.0, 1.0);
                return Outlook::In(Duration::from_secs_f64(time));
            }
        }
        level.map_or(Outlook::Later, Outlook::Levels)
    }

    /// Where a steady flow ends, if connections end at all: Little's law.
    fn level(&self) -> Option<f64> {
        let Trend { per_s, growth } = self.trend;
        let held = per_s / self.hazard();
        let waiting = per_s * self.linger * self.lingers.as_secs_f64();
        (growth == 0.0 && held.is_finite()).then_some(held + waiting)
    }

    /// How likely one that is held ends within a second; infinite where none was seen held.
    fn hazard(&self) -> f64 {
        if self.ends_per_s <= 0.0 { 0.0 } else { self.ends_per_s / f64::from(self.held) }
    }
}

/// The quantities on their way.
#[derive(Debug)]
struct Run<'a> {
    course: &'a Course,
    at: f64,
    held: f64,
    /// When how many come out of `TIME-WAIT`, in order.
    waiting: VecDeque<(f64, f64)>,
    waits: f64,
    hazard: f64,
}

impl Run<'_> {
    fn new(course: &Course) -> Run<'_> {
        let mut ends: Vec<f64> = course.waiting.iter().map(Duration::as_secs_f64).collect();
        ends.sort_by(f64::total_cmp);
        Run {
            at: 0.0,
            held: f64::from(course.held),
            waits: ends.iter().map(|_| 1.0).sum(),
            waiting: ends.into_iter().map(|end| (end, 1.0)).collect(),
            hazard: course.hazard(),
            course,
        }
    }

    fn taken(&self) -> f64 {
        self.held + self.waits
    }

    fn step(&mut self) {
        let length = if self.at < CLOSELY { 0.1 } else { 1.0 };
        self.at += length;
        while let Some((_, count)) = self.waiting.pop_front_if(|(end, _)| *end <= self.at) {
            self.waits -= count;
        }
        let Trend { per_s, growth } = self.course.trend;
        let begun = (per_s + growth * (self.at - length / 2.0)).max(0.0) * length;
        // Those begun in this step end in it for half of its length.
        let ended = self.held * self.ends_within(length) + begun * self.ends_within(length / 2.0);
        self.held += begun - ended;
        let lingering = ended * self.course.linger;
        if lingering > 0.0 {
            self.waits += lingering;
            self.waiting.push_back((self.at + self.course.lingers.as_secs_f64(), lingering));
        }
    }

    fn ends_within(&self, length: f64) -> f64 {
        if self.hazard > 0.0 { 1.0 - (-self.hazard * length).exp() } else { 0.0 }
    }
}

const DAY: f64 = 86_400.0;
/// For how many seconds it is followed in tenths.
const CLOSELY: f64 = 120.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn course(of: u32, held: u32, per_s: f64) -> Course {
        Course {
            of,
            held,
            waiting: Vec::new(),
            trend: Trend { per_s, growth: 0.0 },
            ends_per_s: 0.0,
            linger: 0.0,
            lingers: Duration::from_secs(60),
        }
    }

    #[track_caller]
    fn assert_about(outlook: Outlook, seconds: f64) {
        let found = outlook.within().map_or(f64::NAN, |time| time.as_secs_f64());
        assert!((found - seconds).abs() < 0.02 * seconds, "{found}, not {seconds}");
    }

    #[test]
    fn connections_that_stay_fill_it_steadily() {
        assert_about(course(28_232, 8_232, 100.0).outlook(), 200.0);
        assert_about(course(28_232, 0, 1.0).outlook(), 28_232.0);
        assert_eq!(course(28_232, 0, 0.1).outlook(), Outlook::Later);
        assert_eq!(course(100, 100, 1.0).outlook(), Outlook::Full);
        assert_eq!(course(100, 7, 0.0).outlook(), Outlook::Levels(7.0));
    }

    #[test]
    fn a_ramp_fills_it_sooner() {
        let trend = Trend { per_s: 100.0, growth: 10.0 };
        // 100 t + 5 t² = 20,000
        assert_about(Course { trend, ..course(20_000, 0, 0.0) }.outlook(), 54.03);
    }

    #[test]
    fn time_wait_decides_where_connections_are_short() {
        let short = |per_s| Course { ends_per_s: per_s, linger: 1.0, ..course(28_232, 0, per_s) };
        assert_about(short(1000.0).outlook(), 28.23);
        assert_eq!(short(400.0).outlook(), Outlook::Levels(24_000.0));
        // They are at it since half a minute: 9,000 come free in the half minute ahead, and no more
        // than as many come anew before the minute is over.
        let waiting = (0..9000).map(|n| Duration::from_secs_f64(30.0 + f64::from(n) / 300.0));
        let later = Course { waiting: waiting.collect(), ..short(300.0) };
        assert_eq!(later.outlook(), Outlook::Levels(18_000.0));
    }

    #[test]
    fn what_is_taken_over_after_a_second_hardly_counts() {
        let lent =
            Course { lingers: Duration::from_secs(1), linger: 1.0, ..course(28_232, 0, 5000.0) };
        let lent = Course { ends_per_s: 5000.0, ..lent };
        assert_eq!(lent.outlook(), Outlook::Levels(5000.0));
    }

    #[test]
    fn connections_that_end_leave_room() {
        let held = Course { ends_per_s: 100.0, ..course(28_232, 10_000, 100.0) };
        assert_eq!(held.outlook(), Outlook::Levels(10_000.0));
        let more = Course { ends_per_s: 100.0, ..course(28_232, 10_000, 200.0) };
        assert_eq!(more.outlook(), Outlook::Levels(20_000.0));
    }
}
