//! The recorder in the running kernel: real sockets and processes, and what is told of them.
//!
//! The kernel tells of the whole machine, so every test looks for its own cookies, ports or pids.
//! Where programs may not be loaded the tests are skipped, loudly.

mod fast_open;
mod halves;
mod listener;
mod lost;
mod mptcp;
mod namespace;
mod no_port;
mod people;
mod role;
mod scene;
mod simultaneous;
mod survey;
mod tcp;
mod udp;
mod wire;
