//! The store between the recorder, who must never wait long, and its clients, who may.
//!
//! One client at a time is let to the store, and none while the recorder waits for it. So the
//! recorder waits for one short look at most, however many ask.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use log::Store;

use super::bell::Ringer;

/// The store of a recorder that runs.
#[derive(Debug)]
pub(crate) struct SharedStore {
    /// `None` once it is closed.
    store: Mutex<Option<Store>>,
    /// Held by the one client whose turn it is.
    turn: Mutex<()>,
    /// Whether the recorder waits for the store.
    recorder_waits: AtomicBool,
    rounds: Mutex<Rounds>,
    round_ended: Condvar,
    ringer: Ringer,
}

/// How often the recorder has gone to take what has happened, and come back with it.
#[derive(Clone, Copy, Debug, Default)]
struct Rounds {
    begun: u64,
    ended: u64,
}

impl SharedStore {
    /// Shares `store`; clients in a hurry wake the recorder with `ringer`.
    pub(super) fn new(store: Store, ringer: Ringer) -> SharedStore {
        SharedStore {
            store: Mutex::new(Some(store)),
            turn: Mutex::default(),
            recorder_waits: AtomicBool::new(false),
            rounds: Mutex::default(),
            round_ended: Condvar::new(),
            ringer,
        }
    }

    /// The recorder goes to take what has happened.
    pub(super) fn begin_round(&self) {
        locked(&self.rounds).begun += 1;
    }

    /// The recorder's way to the store, to give it what has happened.
    pub(super) fn record(&self, with: impl FnOnce(&mut Store)) {
        self.recorder_waits.store(true, Ordering::SeqCst);
        let mut store = locked(&self.store);
        self.recorder_waits.store(false, Ordering::SeqCst);
        store.as_mut().map(with);
        drop(store);
        let mut rounds = locked(&self.rounds);
        rounds.ended = rounds.begun;
        drop(rounds);
        self.round_ended.notify_all();
    }

    /// Closes the store, for everybody.
    pub(super) fn close(&self) -> Result<(), log::Error> {
        self.recorder_waits.store(true, Ordering::SeqCst);
        let store = locked(&self.store).take();
        self.recorder_waits.store(false, Ordering::SeqCst);
        store.map_or(Ok(()), Store::close)
    }

    /// A client's way to the store, while there is one. `with` must be short: what takes long comes
    /// after.
    pub(super) fn look<T>(&self, with: impl FnOnce(&Store) -> T) -> Option<T> {
        let _turn = locked(&self.turn);
        let given_up = Instant::now() + WAY_FOR_RECORDER;
        while self.recorder_waits.load(Ordering::SeqCst) && Instant::now() < given_up {
            std::thread::sleep(Duration::from_micros(100));
        }
        locked(&self.store).as_ref().map(with)
    }

    /// Has the recorder take what has happened up to now, and waits for that; no longer than
    /// `patience`, where it is busy otherwise. Whether it has.
    pub(super) fn bring_up_to_date(&self, patience: Duration) -> bool {
        let rounds = locked(&self.rounds);
        // A round under way has left before we asked.
        let wanted = rounds.begun + 1;
        self.ringer.ring();
        let behind = |rounds: &mut Rounds| rounds.ended < wanted;
        let waited = self.round_ended.wait_timeout_while(rounds, patience, behind);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// A client that panicked left the store as it was: it only looks.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a client makes way for a recorder that is about to take the store.
const WAY_FOR_RECORDER: Duration = Duration::from_secs(1);
