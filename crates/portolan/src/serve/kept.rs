//! What was looked up, kept for a moment for all who ask the same.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Answers by what they answer.
#[derive(Debug)]
pub(super) struct Kept<K, T> {
    most: usize,
    known: Mutex<HashMap<K, Slot<T>>>,
}

/// An answer, and since when it is known. Whoever asks while it is looked up waits for it.
type Slot<T> = Arc<Mutex<Option<(Instant, Arc<T>)>>>;

impl<K: Eq + Hash, T> Kept<K, T> {
    /// Keeps at most so many.
    pub(super) fn at_most(most: usize) -> Kept<K, T> {
        Kept { most, known: Mutex::default() }
    }

    /// What `look` finds, or found within `age`.
    pub(super) fn get<E>(
        &self,
        key: K,
        age: Duration,
        look: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let slot = self.slot(key);
        let mut kept = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, answer)) = kept.as_ref().filter(|(since, _)| since.elapsed() < age) {
            return Ok(answer.clone());
        }
        let answer = Arc::new(look()?);
        *kept = Some((Instant::now(), answer.clone()));
        Ok(answer)
    }

    /// Where the answer to `key` is kept; where too many are, nowhere.
    fn slot(&self, key: K) -> Slot<T> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= self.most && !known.contains_key(&key) {
            known.retain(|_, slot| is_wanted(slot));
            if known.len() >= self.most {
                return Slot::default();
            }
        }
        known.entry(key).or_default().clone()
    }
}

/// Whether somebody looks, or found something not long ago.
fn is_wanted<T>(slot: &Slot<T>) -> bool {
    let Ok(kept) = slot.try_lock() else { return true };
    kept.as_ref().is_some_and(|(since, _)| since.elapsed() < FORGOTTEN)
}

/// Longer than anybody takes an answer for new.
const FORGOTTEN: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_its_age_and_a_failure_is_not() {
        let kept = Kept::at_most(2);
        let ask = |age, answer: Result<u32, ()>| kept.get("it", age, || answer).map(|it| *it);
        assert_eq!(ask(Duration::MAX, Err(())), Err(()));
        assert_eq!(ask(Duration::MAX, Ok(1)), Ok(1));
        assert_eq!(ask(Duration::MAX, Ok(2)), Ok(1));
        assert_eq!(ask(Duration::ZERO, Ok(3)), Ok(3));
        assert_eq!(*kept.get("other", Duration::MAX, || Ok::<_, ()>(4)).unwrap(), 4);
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let kept = Kept::at_most(4);
        for key in 0..9 {
            assert_eq!(*kept.get(key, Duration::MAX, || Ok::<_, ()>(key)).unwrap(), key);
        }
        assert_eq!(kept.known.lock().unwrap().len(), 4);
    }
}
