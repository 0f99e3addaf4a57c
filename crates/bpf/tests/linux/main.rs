//! Our programs in the real kernel, against what the tests did and against `/proc`.
//!
//! Tests that need root say that they were skipped where they have none.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod namespace;
mod owners;
mod pilot;
mod pin;
mod recorder;
mod turnstile;
