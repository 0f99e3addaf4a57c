//! Which local port next: allocation of ports for those who do it in user space, NATs, user-space
//! stacks, proxies, simulators.
//!
//! A [`Pool`] hands out [`Tuple`]s: a source address (by its index) and a port towards a destination.
//! It answers exactly at any fill: a request is refused as exhausted only where no port is free,
//! and the answer takes about as long at 99 % as at an empty range. No tuple is given twice.
//!
//! ```
//! use alloc::{Allocator, Client, Pool, Refused, Seed, Settings};
//! use registry::{Port, PortRange};
//!
//! let range = PortRange::new(Port(40000), Port(40001)).unwrap();
//! let mut pool = Pool::new(&Settings::new(range), Seed::random()?);
//!
//! let first = pool.acquire(&"db:5432", Client::NOBODY)?;
//! let second = pool.acquire(&"db:5432", Client::NOBODY)?;
//! assert_ne!(first.port(), second.port());
//! let full = pool.acquire(&"db:5432", Client::NOBODY).unwrap_err();
//! assert_eq!(full, Refused::Exhausted { held: 2, of: 2 });
//! assert!(pool.acquire(&"cache:6379", Client::NOBODY).is_ok());
//!
//! let port = first.port();
//! pool.release(first);
//! assert_eq!(pool.acquire(&"db:5432", Client::NOBODY)?.port(), port);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Which free port comes next is up to an [`Algorithm`]: the five of RFC 6056, and [`Keyed`], the
//! default. `Shards` is the pool for threads. What needs an operating system is apart: `dialer` connects
//! from a full range, `lease` keeps a port until it is bound. Without the feature `std` the crate needs `core` and
//! `alloc` only, and a seed of yours.

#![cfg_attr(not(any(feature = "std", test)), no_std)]

#[cfg(not(feature = "std"))]
extern crate alloc;
// The same by another name: to rustdoc's tests `alloc` is this crate itself.
#[cfg(feature = "std")]
extern crate std as alloc;

mod algorithm;
mod allocator;
mod allowed;
mod bits;
mod client;
#[cfg(all(feature = "dialer", target_os = "linux"))]
pub mod dialer;
mod error;
mod few;
mod idle;
#[cfg(all(feature = "lease", target_os = "linux"))]
pub mod lease;
#[cfg(feature = "std")]
mod locks;
#[cfg(feature = "std")]
pub mod plan;
mod pool;
mod ports;
mod refused;
mod seed;
mod settings;
#[cfg(feature = "std")]
mod shards;
mod space;
mod spaces;
mod tuple;

pub use algorithm::{
    Algorithm, DoubleHash, Free, Keyed, Pair, RandomIncrements, RandomTries, SimpleHash,
    SimpleRandom,
};
pub use allocator::{Allocator, Fill};
pub use client::Client;
pub use error::Error;
pub use pool::Pool;
pub use refused::Refused;
pub use seed::{Random, Seed};
pub use settings::Settings;
#[cfg(feature = "std")]
pub use shards::Shards;
pub use tuple::{Source, Tuple};
