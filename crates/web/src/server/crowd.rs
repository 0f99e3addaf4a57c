//! Everybody who is connected. Where there is no room, whoever has been silent longest leaves.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Everybody who is connected.
#[derive(Debug)]
pub(super) struct Crowd {
    places: Arc<Semaphore>,
    size: usize,
    seats: Arc<Mutex<HashMap<u64, Weak<Seat>>>>,
    next: AtomicU64,
}

/// The place of one connection.
#[derive(Debug)]
pub(crate) struct Seat {
    number: u64,
    since: Instant,
    /// When something was last read or written, in milliseconds after `since`.
    stirred_ms: AtomicU64,
    /// How many streams it carries.
    held: AtomicU32,
    leave: Notify,
    all: Arc<Mutex<HashMap<u64, Weak<Seat>>>>,
    _place: OwnedSemaphorePermit,
}

/// Keeps a seat, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Hold(Arc<Seat>);

impl Crowd {
    /// A crowd of at most `size`.
    pub(super) fn new(size: usize) -> Crowd {
        let places = Arc::new(Semaphore::new(size));
        Crowd { places, size, seats: Arc::default(), next: AtomicU64::default() }
    }

    /// A seat for one more; `None` where everybody has a stream.
    pub(super) async fn seat(&self) -> Option<Arc<Seat>> {
        if self.places.available_permits() == 0 {
            self.send_the_most_silent_away();
        }
        let place = tokio::time::timeout(TO_LEAVE, self.places.clone().acquire_owned()).await;
        let place = place.ok()?.expect("nobody closes the semaphore");
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let seat = Arc::new(Seat {
            number,
            since: Instant::now(),
            stirred_ms: AtomicU64::default(),
            held: AtomicU32::default(),
            leave: Notify::new(),
            all: self.seats.clone(),
            _place: place,
        });
        lock(&self.seats).insert(number, Arc::downgrade(&seat));
        Some(seat)
    }

    /// Waits until everybody has left.
    pub(super) async fn dispersed(&self) {
        let all = u32::try_from(self.size).expect("a crowd is not that large");
        let _everybody = self.places.acquire_many(all).await;
    }

    fn send_the_most_silent_away(&self) {
        let seats: Vec<Arc<Seat>> = lock(&self.seats).values().filter_map(Weak::upgrade).collect();
        let free = seats.iter().filter(|seat| seat.held.load(Ordering::Relaxed) == 0);
        if let Some(seat) = free.max_by_key(|seat| seat.silent_for()) {
            seat.leave.notify_one();
        }
    }
}

impl Seat {
    /// Notes that something was read or written.
    pub(super) fn stir(&self) {
        let at = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.stirred_ms.store(at, Ordering::Relaxed);
    }

    /// Keeps the seat for a stream.
    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        self.held.fetch_add(1, Ordering::Relaxed);
        Hold(self.clone())
    }

    /// Waits until somebody else is to have the place.
    pub(super) async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }

    fn silent_for(&self) -> Duration {
        let stirred = Duration::from_millis(self.stirred_ms.load(Ordering::Relaxed));
        self.since.elapsed().saturating_sub(stirred)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.all).remove(&self.number);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long one who is sent away may take, until whoever came is turned away instead.
const TO_LEAVE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    fn now<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(future)
    }

    #[test]
    fn whoever_was_silent_longest_leaves() {
        now(async {
            let crowd = Crowd::new(3);
            let seats = [crowd.seat().await.unwrap(), crowd.seat().await.unwrap()];
            let streams = crowd.seat().await.unwrap();
            let hold = streams.hold();
            tokio::time::sleep(Duration::from_millis(20)).await;
            seats[0].stir();
            let [first, second] = seats;
            let leaving = tokio::spawn(async move {
                second.asked_to_leave().await;
                drop(second);
            });
            let newcomer = crowd.seat().await.unwrap();
            leaving.await.unwrap();
            drop((newcomer, first, hold, streams));
            crowd.dispersed().await;
        });
    }

    #[test]
    fn where_all_have_streams_nobody_leaves() {
        now(async {
            let crowd = Crowd::new(1);
            let seat = crowd.seat().await.unwrap();
            let _hold = seat.hold();
            assert!(crowd.seat().await.is_none());
        });
    }
}
