//! Connections that come and go while somebody counts them: the contract between whoever counts (a
//! program in the kernel) and whoever wants to know how fast it goes.

use std::fmt;
use std::io;
use std::net::IpAddr;

use crate::{Endpoint, NetnsId};

/// A count, under way since it was made, of the TCP connections that are begun and ended from ports
/// that connect(2) hands out, in every network namespace. It ends when it is dropped.
pub trait Turnstile: fmt::Debug + Send {
    /// What was counted so far; destinations where nothing came or went are left out.
    ///
    /// # Errors
    /// If the count cannot be read, or some connections were not counted.
    fn turnovers(&self) -> io::Result<Vec<Turnover>>;
}

/// What became of the connections from one source address to one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turnover {
    /// The network namespace.
    pub netns: NetnsId,
    /// Our address. Mapped addresses are plain IPv4 ones.
    pub source: IpAddr,
    /// The far end, likewise.
    pub remote: Endpoint,
    /// Connects that got a port, whatever became of them.
    pub begun: u32,
    /// Connections that ended, also those whose port is kept in `TIME-WAIT`.
    pub ended: u32,
    /// Of those, the ones that are.
    pub lingers: u32,
}
