//! How many clients a recorder has at once: so many in all, and so many of one user, so that nobody
//! keeps others out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The places for clients.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<u32, usize>>>,
}

/// A client's place, until dropped.
#[derive(Debug)]
pub(super) struct Seat {
    of: Seats,
    uid: u32,
}

impl Seats {
    /// A place for a client of the user `uid`; `None` where there is none left. Root always finds
    /// some that others cannot take.
    pub(super) fn take(&self, uid: u32) -> Option<Seat> {
        let mut taken = self.taken();
        let others: usize = taken.iter().filter(|(user, _)| **user != 0).map(|(_, n)| n).sum();
        let own = taken.entry(uid).or_default();
        if *own >= OF_ONE_USER || uid != 0 && others >= IN_ALL {
            return None;
        }
        *own += 1;
        Some(Seat { of: self.clone(), uid })
    }

    /// How many are taken.
    pub(super) fn count(&self) -> usize {
        self.taken().values().sum()
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<u32, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        if let Some(own) = taken.get_mut(&self.uid) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                taken.remove(&self.uid);
            }
        }
    }
}

/// How many clients one user has at most.
const OF_ONE_USER: usize = 32;

/// How many clients users other than root have together at most.
const IN_ALL: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_keeps_others_out() {
        let seats = Seats::default();
        let mine: Vec<Seat> = std::iter::from_fn(|| seats.take(1000)).collect();
        assert_eq!(mine.len(), OF_ONE_USER);
        let others: Vec<Seat> = (1001..2000).filter_map(|uid| seats.take(uid)).collect();
        assert_eq!(mine.len() + others.len(), IN_ALL);
        assert!(seats.take(1000).is_none() && seats.take(0).is_some());
        drop(mine);
        assert!(seats.take(1000).is_some());
        drop(others);
        assert_eq!(seats.count(), 0);
    }
}
