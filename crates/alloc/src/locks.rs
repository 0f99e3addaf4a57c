//! Locks for threads. This crate's own unit tests get shuttle's instead, which look like those of `std`
//! and run every thread in an order of shuttle's choice.

use std::sync::PoisonError;

#[cfg(not(test))]
use std::sync::{Mutex, MutexGuard};

#[cfg(test)]
use shuttle::sync::{Mutex, MutexGuard};

/// A lock on a cache line of its own (two lines: processors fetch them in pairs), so that threads
/// that use neighbours do not slow each other down.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Lock<T> {
        Lock(Mutex::new(value))
    }

    /// Waits until nobody else has it.
    ///
    /// A panic of another thread while it had it is none here. What can panic is the caller's `Hash`,
    /// `Eq` and `Clone`, before any port is taken: at worst a client counts for one tuple too many.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
