//! How many connections are begun per second, and whether that grows: a line through counts.

use std::time::Duration;

/// How many connections were begun in each of some stretches of time, up to now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow(Vec<Bin>);

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bin {
    /// How long ago it ended.
    ended: Duration,
    length: Duration,
    begun: u32,
}

/// How fast connections are begun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// How many a second, now.
    pub per_s: f64,
    /// By how much that grows each second; 0 unless it does so beyond chance.
    pub growth: f64,
}

impl Flow {
    /// Adds a stretch of `length` that ended so long ago, in which `begun` connections were. They come
    /// in order, the oldest first; those without length are passed over.
    pub fn add(&mut self, ended: Duration, length: Duration, begun: u32) {
        if !length.is_zero() {
            self.0.push(Bin { ended, length, begun });
        }
    }

    /// How many connections were begun in all.
    #[must_use]
    pub fn begun(&self) -> u32 {
        self.0.iter().map(|bin| bin.begun).sum()
    }

    /// The line through the counts, from the first connection on; `None` where there is no count.
    #[must_use]
    pub fn trend(&self) -> Option<Trend> {
        let first = self.0.iter().position(|bin| bin.begun > 0);
        let Some(first) = first else { return self.0.first().map(|_| Trend::NONE) };
        // The stretch in which it began was only partly used, unless it is the first we know of.
        let partly = usize::from(first > 0 && self.0.len() - first > 1);
        let bins = &self.0[first + partly..];
        let line = Line::through(bins);
        Some(match line.is_steep() {
            true if line.slope > 0.0 => Trend { per_s: line.now(), growth: line.slope },
            // What falls need not end: it goes on as it was lately.
            true => Trend { per_s: Line::through(lately(bins)).mean, growth: 0.0 },
            false => Trend { per_s: line.mean, growth: 0.0 },
        })
    }
}

/// The last quarter of the stretches.
fn lately(bins: &[Bin]) -> &[Bin] {
    &bins[bins.len() - bins.len().div_ceil(4)..]
}

impl Trend {
    /// Nothing is begun.
    pub const NONE: Trend = Trend { per_s: 0.0, growth: 0.0 };
}

/// The line of least squares through the rates of stretches, each weighted by its length.
#[derive(Clone, Copy, Debug)]
struct Line {
    mean: f64,
    /// The mean time, in seconds before now: negative.
    middle: f64,
    slope: f64,
    /// How far the slope may be off by chance: counts scatter as Poisson's do.
    scatter: f64,
    points: usize,
}

impl Line {
    fn through(bins: &[Bin]) -> Line {
        let seconds = |bin: &Bin| bin.length.as_secs_f64();
        let at = |bin: &Bin| -bin.ended.as_secs_f64() - seconds(bin) / 2.0;
        let rate = |bin: &Bin| f64::from(bin.begun) / seconds(bin);
        let weight: f64 = bins.iter().map(seconds).sum();
        let mean = bins.iter().map(|bin| f64::from(bin.begun)).sum::<f64>() / weight;
        let middle = bins.iter().map(|bin| at(bin) * seconds(bin)).sum::<f64>() / weight;
        let spread: f64 = bins.iter().map(|bin| (at(bin) - middle).powi(2) * seconds(bin)).sum();
        let common: f64 =
            bins.iter().map(|bin| (at(bin) - middle) * (rate(bin) - mean) * seconds(bin)).sum();
        let slope = if spread > 0.0 { common / spread } else { 0.0 };
        let scatter = if spread > 0.0 { (mean / spread).sqrt() } else { f64::INFINITY };
        Line { mean, middle, slope, scatter, points: bins.len() }
    }

    fn is_steep(&self) -> bool {
        self.points >= LEAST_POINTS && self.slope.abs() > BEYOND_CHANCE * self.scatter
    }

    /// Where the line is now.
    fn now(&self) -> f64 {
        self.mean - self.middle * self.slope
    }
}

/// Two points always lie on a line, and three nearly.
const LEAST_POINTS: usize = 4;
/// One steady flow in some ten thousand is taken for one that grows or falls.
const BEYOND_CHANCE: f64 = 4.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(counts: &[u32]) -> Flow {
        let mut flow = Flow::default();
        for (at, count) in (0_u64..).zip(counts) {
            let left = counts.len() as u64 - 1 - at;
            flow.add(Duration::from_secs(left), Duration::from_secs(1), *count);
        }
        flow
    }

    fn trend(counts: &[u32]) -> Trend {
        flow(counts).trend().unwrap()
    }

    #[test]
    fn a_steady_flow_has_no_growth() {
        assert_eq!(trend(&[100; 10]), Trend { per_s: 100.0, growth: 0.0 });
        assert_eq!(trend(&[95, 108, 99, 91, 110, 97]).growth, 0.0);
        assert_eq!(trend(&[7]), Trend { per_s: 7.0, growth: 0.0 });
    }

    #[test]
    fn a_ramp_is_read_as_it_stands_now() {
        let Trend { per_s, growth } = trend(&[5, 15, 25, 35, 45, 55, 65, 75, 85, 95]);
        assert!((per_s - 100.0).abs() < 1e-9 && (growth - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_rush_that_is_over_goes_on_as_it_was_lately() {
        let lately = Trend { per_s: 5.0, growth: 0.0 };
        assert_eq!(trend(&[4000, 3000, 900, 5, 5, 5, 5, 5]), lately);
        assert_eq!(trend(&[900, 800, 700, 600]), Trend { per_s: 600.0, growth: 0.0 });
    }

    #[test]
    fn what_was_before_the_first_connection_does_not_count() {
        assert_eq!(trend(&[0, 0, 0, 0, 37, 100, 100, 100]), Trend { per_s: 100.0, growth: 0.0 });
        assert_eq!(trend(&[0, 0, 0, 37, 100]), Trend { per_s: 100.0, growth: 0.0 });
        assert_eq!(trend(&[0, 0, 0, 37]), Trend { per_s: 37.0, growth: 0.0 });
        assert_eq!(trend(&[0, 0, 0]), Trend::NONE);
        assert_eq!(Flow::default().trend(), None);
    }
}
