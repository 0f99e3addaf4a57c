//! The service over connections of its own, on a machine that is made up.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod affairs;
mod ashore;
mod calm;
mod harbour;
mod recorded;
mod slow;
mod tls;
mod words;
