//! How long to rest between two looks, so that looking takes a small part of one processor.

use std::time::Duration;

/// A debt of processor time, paid off at a fixed rate.
#[derive(Debug, Default)]
pub(super) struct Pace {
    owed: Duration,
}

impl Pace {
    /// Takes note that a look `cost` so much processor time, `since` the one before; returns how
    /// long to rest.
    pub(super) fn rest(&mut self, cost: Duration, since: Duration) -> Duration {
        let most = BURST + LONGEST / SHARE;
        self.owed = (self.owed.saturating_sub(since / SHARE) + cost).min(most);
        (self.owed.saturating_sub(BURST) * SHARE).clamp(SHORTEST, LONGEST)
    }
}

/// One part of so many of one processor's time is spent: 1.6 %.
const SHARE: u32 = 64;
/// What may be spent at once, as after a quiet time.
const BURST: Duration = Duration::from_millis(100);
const SHORTEST: Duration = Duration::from_millis(100);
/// Reached by a look of 160 ms, at some 400,000 sockets; from there on more than the share is spent.
const LONGEST: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    /// The processor time that 1,000 looks of `cost` each take, of the time they go on for.
    fn share(cost: Duration) -> (Duration, f64) {
        let (mut pace, mut rest, mut total) = (Pace::default(), SHORTEST, Duration::ZERO);
        for _ in 0..1_000 {
            rest = pace.rest(cost, rest);
            total += rest;
        }
        (rest, (cost * 1_000).as_secs_f64() / total.as_secs_f64())
    }

    #[test]
    fn cheap_looks_are_frequent_and_dear_ones_rare() {
        let (rest, _) = share(Duration::from_millis(1));
        assert_eq!(rest, SHORTEST);
        for cost_ms in [3, 15, 60, 150] {
            let (rest, share) = share(Duration::from_millis(cost_ms));
            assert_eq!(rest, Duration::from_millis(cost_ms) * SHARE, "{cost_ms} ms");
            assert!(share < 0.0175, "{cost_ms} ms: {share}");
        }
        assert_eq!(share(Duration::from_secs(1)).0, LONGEST);
    }

    #[test]
    fn one_dear_look_among_cheap_ones_is_soon_paid() {
        let (mut pace, cheap) = (Pace::default(), Duration::from_micros(500));
        assert_eq!(pace.rest(Duration::from_millis(90), SHORTEST), SHORTEST);
        let mut rest = pace.rest(Duration::from_millis(50), SHORTEST);
        assert!(rest > Duration::from_secs(2) && rest < Duration::from_secs(3), "{rest:?}");
        rest = pace.rest(cheap, rest);
        assert_eq!(rest, SHORTEST);
        pace.rest(Duration::from_secs(60), rest);
        assert!(pace.rest(cheap, LONGEST) < Duration::from_millis(200), "a debt is forgiven");
    }
}
