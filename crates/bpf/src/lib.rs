//! What portolan runs in the kernel, as eBPF programs, and what loads and reads them.
//!
//! The programs are `src/bpf/*.bpf.c`, compiled by `build.rs` and carried in the crate. On other
//! systems than Linux the crate is empty.

#![cfg(target_os = "linux")]

mod error;
#[expect(dead_code, unused_imports, unused_macros, reason = "the programs that it loads come next")]
mod object;

pub use error::Error;
