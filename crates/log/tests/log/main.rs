//! The log from outside: stores that are written, left, found again and asked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod codec;
mod crash;
mod damage;
mod disk;
mod events;
mod golden;
mod model;
mod mutants;
mod store;
mod time;
