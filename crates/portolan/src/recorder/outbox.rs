//! How much the recorder keeps in memory of answers that their readers have not taken yet: clients
//! who ask for much and read slowly, or never, must not fill the machine's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Room for answers on their way.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    bytes: Arc<AtomicUsize>,
}

/// The room that an answer takes, until dropped.
#[derive(Debug)]
pub(super) struct Room {
    of: Outbox,
    bytes: usize,
}

impl Outbox {
    /// Room for an answer of so many bytes; `None` where others take too much. A small one always
    /// finds some: there are only so many clients.
    pub(super) fn take(&self, bytes: usize) -> Option<Room> {
        let bytes = if bytes <= SMALL { 0 } else { bytes };
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let room = Room { of: self.clone(), bytes };
        // One larger than all the room is let through alone.
        (before == 0 || before.saturating_add(bytes) <= MOST).then_some(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.of.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// An answer that is not worth counting.
const SMALL: usize = 64 << 10;

/// How many bytes of larger ones may wait.
const MOST: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_answers_wait_for_others_to_be_read() {
        let outbox = Outbox::default();
        let first = outbox.take(MOST / 2).unwrap();
        let second = outbox.take(MOST / 2).unwrap();
        assert!(outbox.take(SMALL + 1).is_none());
        assert!(outbox.take(SMALL).is_some());
        drop(first);
        assert!(outbox.take(MOST / 2).is_some());
        drop(second);
        assert!(outbox.take(2 * MOST).is_some(), "alone");
        assert_eq!(outbox.bytes.load(Ordering::Relaxed), 0);
    }
}
