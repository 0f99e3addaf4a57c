//! The pool from outside: against a model that remembers everything, and the promises of its algorithms.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod exact;
mod memory;
mod model;
mod predictability;
mod reuse;
#[cfg(feature = "std")]
mod shards;
mod spread;

use alloc::{Algorithm, Allocator, Client, Pool, Seed, Settings};
use registry::{Port, PortRange};

/// A destination of the tests.
type To = u32;

/// Runs a generic test for each algorithm.
macro_rules! for_each_algorithm {
    ($test:ident) => {
        $test::<alloc::SimpleRandom>("SimpleRandom");
        $test::<alloc::RandomTries>("RandomTries");
        $test::<alloc::SimpleHash>("SimpleHash");
        $test::<alloc::DoubleHash>("DoubleHash");
        $test::<alloc::RandomIncrements>("RandomIncrements");
        $test::<alloc::Keyed>("Keyed");
    };
}
pub(crate) use for_each_algorithm;

fn range(first: u16, last: u16) -> PortRange {
    PortRange::new(Port(first), Port(last)).unwrap()
}

/// A range whose ports fall into 64 buckets of equal size, about as wide as that of Linux.
fn buckets() -> PortRange {
    range(32768, 32768 + 64 * BUCKET - 1)
}

const BUCKET: u16 = 441;

fn pool<A: Algorithm>(settings: &Settings, seed: u64) -> Pool<To, A> {
    Pool::with_algorithm(settings, Seed::from(seed))
}

/// The next port towards a destination, which stays held.
fn take<A: Algorithm>(pool: &mut Pool<To, A>, to: To) -> u16 {
    pool.acquire(&to, Client::NOBODY).unwrap().port().number()
}

/// The next port towards a destination, given back at once.
fn touch<A: Algorithm>(pool: &mut Pool<To, A>, to: To) -> u16 {
    let tuple = pool.acquire(&to, Client::NOBODY).unwrap();
    let port = tuple.port().number();
    pool.release(tuple);
    port
}
