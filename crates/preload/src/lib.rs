//! A library that is loaded into other people's programs (`LD_PRELOAD`, ld.so(8)), where it stands
//! before `connect(2)` and has the kernel look for a port in another way.
//!
//! What runs there is `src/linux/object.rs`, compiled by `build.rs` and carried in [`OBJECT`]. On other
//! systems than Linux the crate is empty.

#![cfg(target_os = "linux")]

/// The shared object, whole: to be written into a file that `LD_PRELOAD` names.
pub static OBJECT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/preload.so"));
