//! Linux, which alone has leases.

mod abi;
mod wish;
