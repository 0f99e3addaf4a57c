//! What was looked up, kept for a moment for all who ask the same.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Answers by what they answer.
#[derive(Debug)]
pub(super) struct Kept<K, T> {
    known: Mutex<HashMap<K, Slot<T>>>,
}

/// An answer, and since when it is known. Whoever asks while it is looked up waits for it.
type Slot<T> = Arc<Mutex<Option<(Instant, Arc<T>)>>>;

impl<K, T> Default for Kept<K, T> {
    fn default() -> Kept<K, T> {
        Kept { known: Mutex::default() }
    }
}

impl<K: Eq + Hash, T> Kept<K, T> {
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

    fn slot(&self, key: K) -> Slot<T> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&key) {
            known.clear();
        }
        known.entry(key).or_default().clone()
    }
}

/// So many are kept.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_its_age_and_a_failure_is_not() {
        let kept = Kept::default();
        let ask = |age, answer: Result<u32, ()>| kept.get("it", age, || answer).map(|it| *it);
        assert_eq!(ask(Duration::MAX, Err(())), Err(()));
        assert_eq!(ask(Duration::MAX, Ok(1)), Ok(1));
        assert_eq!(ask(Duration::MAX, Ok(2)), Ok(1));
        assert_eq!(ask(Duration::ZERO, Ok(3)), Ok(3));
        assert_eq!(*kept.get("other", Duration::MAX, || Ok::<_, ()>(4)).unwrap(), 4);
    }
}
