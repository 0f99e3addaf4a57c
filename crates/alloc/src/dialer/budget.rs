//! How much of the time a dialer spends on surveys: one at a time, and a fiftieth at most.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Says when the next survey may be made.
#[derive(Debug)]
pub(super) struct Budget {
    /// `None` while one is being made.
    next: Mutex<Option<Instant>>,
}

impl Budget {
    pub(super) fn new() -> Budget {
        Budget { next: Mutex::new(Some(Instant::now())) }
    }

    /// Whether a survey may be made now; then [`Budget::end`] must follow.
    pub(super) fn begin(&self) -> bool {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let due = next.is_some_and(|next| next <= Instant::now());
        if due {
            *next = None;
        }
        due
    }

    /// The survey took so long.
    pub(super) fn end(&self, took: Duration) {
        let pause = (took * SHARE).max(PAUSE);
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(Instant::now() + pause);
    }
}

const SHARE: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_survey_at_a_time_and_a_pause_behind_it() {
        let budget = Budget::new();
        assert!(budget.begin());
        assert!(!budget.begin(), "one is being made");
        budget.end(Duration::from_secs(1));
        assert!(!budget.begin(), "50 s of pause");
    }
}
