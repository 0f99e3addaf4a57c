//! What portolan runs in the kernel, as eBPF programs, and what loads and reads them.
//!
//! The programs are `src/bpf/*.bpf.c`, compiled by `build.rs` and carried in the crate. On other
//! systems than Linux the crate is empty.

#![cfg(target_os = "linux")]

mod error;
#[doc(hidden)]
pub mod fuzz;
mod namespaces;
mod object;
mod owners;
pub mod pilot;
mod recorder;
mod turnstile;

pub use error::Error;
pub use owners::{Host, PINNED, Pinned, pin, unpin};
pub use recorder::{Options, Recorder};
