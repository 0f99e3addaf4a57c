//! Leases against the kernel and against those who do not lease, in network namespaces of the tests' own.
//!
//! Tests that need root say that they were skipped where they have none.
#![cfg(all(feature = "lease", feature = "dialer", target_os = "linux"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod faults;
mod named;
#[path = "../dialer/namespace.rs"]
mod namespace;
mod others;
mod sockets_of;

use registry::PortRange;

/// The ephemeral range of the namespaces.
const EPHEMERAL: (u16, u16) = (40_000, 40_063);

/// Runs `test` in a namespace of its own.
fn apart(test: impl FnOnce() + Send) {
    namespace::with_ports(EPHEMERAL, test);
}

fn range(text: &str) -> PortRange {
    text.parse().unwrap()
}
