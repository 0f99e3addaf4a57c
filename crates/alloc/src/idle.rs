//! Which spaces hold no port: they are kept for their quarantine, up to a number, and beyond that forgotten
//! from the oldest on. A queue with a second chance (the clock of page replacement): to wake and go idle again
//! costs nothing.

use alloc::collections::VecDeque;

/// Where a space stands in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Not in the queue.
    Busy,
    /// In the queue since it became idle, whatever it does now.
    Queued,
    /// In the queue, and became idle again since.
    Again,
}

/// What becomes of the space at the head of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is busy, and leaves the queue.
    Leave,
    /// It was idle for a shorter time than its place says, and gets a new one.
    Requeue,
    /// It is forgotten.
    Forget,
}

/// The queue, of spaces by their places in the pool.
#[derive(Debug)]
pub(crate) struct Idle {
    queue: VecDeque<u32>,
    most: u32,
}

impl Idle {
    pub(crate) const fn new(most: u32) -> Idle {
        Idle { queue: VecDeque::new(), most }
    }

    /// Takes in a space that became idle.
    pub(crate) fn enter(&mut self, space: u32, rest: &mut Rest) {
        if *rest != Rest::Busy {
            *rest = Rest::Again;
            return;
        }
        *rest = Rest::Queued;
        self.queue.push_back(space);
    }

    /// The space whose fate is due: there are more than may be.
    pub(crate) fn due(&mut self) -> Option<u32> {
        if self.queue.len() <= self.most as usize { None } else { self.queue.pop_front() }
    }

    /// Decides about a space that was due, and holds `held` ports.
    pub(crate) fn decide(&mut self, space: u32, held: u32, rest: &mut Rest) -> Fate {
        if held > 0 {
            *rest = Rest::Busy;
            return Fate::Leave;
        }
        if *rest == Rest::Again && self.most > 0 {
            *rest = Rest::Queued;
            self.queue.push_back(space);
            return Fate::Requeue;
        }
        Fate::Forget
    }
}

/// How many spaces are looked at each time one becomes idle: more than one, so that the queue
/// never outgrows its bound for long, and few, so that no release takes long.
pub(crate) const STEPS: usize = 4;
