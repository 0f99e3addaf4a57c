//! What the kernel says against what we say, in network namespaces of the tests' own.
//!
//! Tests that need root say that they were skipped where they have none.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ahead;
mod bindable;
mod blame;
mod cgroup;
mod children;
mod filters;
mod holders;
mod load;
mod look_up;
mod matrix;
mod named;
mod namespace;
mod netns;
mod other;
mod owners;
mod proc_net;
mod routes;
mod sampled;
mod sampler;
mod states;
mod tables;
