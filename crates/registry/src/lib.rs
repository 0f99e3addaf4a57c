//! What a port is: its number, protocol and territory, and what IANA's registry says of it.
//!
//! Facts only: no I/O, no allocation at start, no dependencies. What a *host* does with its ports
//! (its real ephemeral range, its sockets) lives in the `sockets` crate.

mod port;
mod proto;
mod range;
mod territory;

pub use port::Port;
pub use proto::Proto;
pub use range::PortRange;
pub use territory::Territory;
