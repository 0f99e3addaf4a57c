//! The dialer against the kernel, in network namespaces of the tests' own with ranges of a few ports.
//!
//! Tests that need root say that they were skipped where they have none.
#![cfg(all(feature = "dialer", target_os = "linux"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "hyper")]
mod asynchronous;
mod endings;
mod families;
mod full;
mod host;
mod namespace;
mod order;
mod processes;
mod server;
mod steps;
