//! Those who watch what happens: each has a queue of bounded length, and one that is full costs the
//! recorder nothing. What did not fit is counted, and its owner told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use log::Change;

/// Everybody who watches.
#[derive(Debug, Default)]
pub(super) struct Audience {
    seats: Mutex<Vec<Seat>>,
}

/// What one who watches is told next.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// How many changes before these there was no room for.
    pub(super) missed: u64,
    /// What happened.
    pub(super) changes: Arc<[Change]>,
}

impl Told {
    /// Nothing happened, and nothing was missed.
    pub(super) fn nothing() -> Told {
        Told { missed: 0, changes: Arc::new([]) }
    }
}

/// The receiving end of a queue.
#[derive(Debug)]
pub(super) struct Ear {
    queue: Receiver<Told>,
    waiting: Arc<AtomicUsize>,
}

/// The sending end of a queue.
#[derive(Debug)]
struct Seat {
    queue: SyncSender<Told>,
    /// How many changes wait in the queue.
    waiting: Arc<AtomicUsize>,
    missed: u64,
}

impl Audience {
    /// Joins the audience, until the ear is dropped and something happens.
    pub(super) fn join(&self) -> Ear {
        let (queue, heard) = sync_channel(BATCHES);
        let waiting = Arc::new(AtomicUsize::new(0));
        self.seats().push(Seat { queue, waiting: waiting.clone(), missed: 0 });
        Ear { queue: heard, waiting }
    }

    /// Whether nobody watches: then changes need not be worked out.
    pub(super) fn is_empty(&self) -> bool {
        self.seats().is_empty()
    }

    /// Tells everybody, waiting for nobody; also that so many were lost before. To be called with no
    /// changes, too, from time to time: for those who missed some, and to notice who has left.
    pub(super) fn tell(&self, changes: Vec<Change>, lost: u64) {
        let mut seats = self.seats();
        if seats.is_empty() {
            return;
        }
        let changes: Arc<[Change]> = changes.into();
        seats.retain_mut(|seat| {
            seat.missed += lost;
            seat.tell(&changes)
        });
    }

    fn seats(&self) -> MutexGuard<'_, Vec<Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Whether somebody still sits there.
    fn tell(&mut self, changes: &Arc<[Change]>) -> bool {
        if changes.is_empty() && self.missed == 0 {
            // An ear that was dropped has no other owner of its count.
            return Arc::strong_count(&self.waiting) > 1;
        }
        let count = changes.len();
        let fits = self.waiting.load(Ordering::Relaxed) + count <= CHANGES;
        let told = Told { missed: self.missed, changes: changes.clone() };
        match if fits { self.queue.try_send(told) } else { Err(TrySendError::Full(told)) } {
            Ok(()) => {
                self.waiting.fetch_add(count, Ordering::Relaxed);
                self.missed = 0;
            }
            Err(TrySendError::Full(_)) => self.missed += count as u64,
            Err(TrySendError::Disconnected(_)) => return false,
        }
        true
    }
}

impl Ear {
    /// Waits for what happens next; `None` once the recorder has ended.
    pub(super) fn hear(&self) -> Option<Told> {
        let told = self.queue.recv().ok()?;
        self.waiting.fetch_sub(told.changes.len(), Ordering::Relaxed);
        Some(told)
    }
}

/// How many changes, and batches of changes, wait for one who watches at most: some tens of
/// megabytes, and half a second at the fastest that Linux opens and closes sockets.
const CHANGES: usize = 1 << 16;
const BATCHES: usize = 256;
