//! What a port is: its number, protocol and territory, and what IANA's registry says of it.
//!
//! Facts only: no I/O, no allocation at start, no dependencies, no `std` (it needs `alloc`). What a *host* does with its ports
//! (its real ephemeral range, its sockets) lives in the `sockets` crate.
//!
//! ```
//! use registry::{Port, Proto, Target, assignments};
//!
//! let target: Target = "http://localhost:22/".parse()?;
//! assert_eq!(target.port(), Some(Port(22)));
//! assert_eq!(assignments(Port(22), Some(Proto::Tcp))[0].name, Some("ssh"));
//! # Ok::<(), registry::ParseTargetError>(())
//! ```

#![no_std]

extern crate alloc;

mod assignment;
mod ephemeral;
mod parse;
mod port;
mod proto;
mod range;
mod search;
mod spelling;
mod table;
mod target;
mod territory;

pub use assignment::{Assignment, Standing, all, assignments, service};
pub use ephemeral::System;
pub use parse::{ParsePortError, ParseProtoError, ParseRangeError};
pub use port::Port;
pub use proto::Proto;
pub use range::PortRange;
pub use search::{Term, search};
pub use table::{TableSource, table_source};
pub use target::{ParseTargetError, Target};
pub use territory::Territory;
