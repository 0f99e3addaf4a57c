//! Leases for every language that can call C: `libportolan_lease.so`, and `include/portolan_lease.h`, which
//! describes it. What a lease is stands in `alloc::lease`.

#[cfg(target_os = "linux")]
mod linux;
