//! How often somebody may vote.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::Viewer;

/// Who voted lately.
#[derive(Debug, Default)]
pub(super) struct Pace {
    lately: HashMap<Viewer, Vec<Instant>>,
}

impl Pace {
    /// Whether `viewer` may vote at the moment `now`; it counts if so.
    pub(super) fn allows(&mut self, viewer: Viewer, now: Instant) -> bool {
        self.lately.retain(|_, votes| {
            votes.retain(|at| now.saturating_duration_since(*at) < A_MINUTE);
            !votes.is_empty()
        });
        let all: usize = self.lately.values().map(Vec::len).sum();
        let own = self.lately.get(&viewer).map_or(0, Vec::len);
        let allowed = own < OF_ONE && all < OF_ALL;
        if allowed {
            self.lately.entry(viewer).or_default().push(now);
        }
        allowed
    }
}

const A_MINUTE: Duration = Duration::from_secs(60);
/// How many votes of one user are taken in a minute, whatever browsers they come from.
const OF_ONE: usize = 20;
/// And how many of all.
const OF_ALL: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_votes_too_often_waits_a_minute() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        let alice = Viewer::User(1000);
        assert!((0..OF_ONE).all(|_| pace.allows(alice, now)));
        assert!(!pace.allows(alice, now) && pace.allows(Viewer::User(1001), now));
        assert!(pace.allows(alice, now + A_MINUTE));
        let many = (0..200).filter(|uid| pace.allows(Viewer::User(2000 + uid), now + A_MINUTE));
        assert_eq!(many.count(), OF_ALL - 1);
    }
}
