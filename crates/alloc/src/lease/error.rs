//! Why there is no lease.

use std::fmt;
use std::io;
use std::net::IpAddr;

use registry::{Port, PortRange, Proto};

use super::census::Tenancy;
use super::{Identity, MemoryError};

/// Why there is no lease.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// The name is leased already.
    #[error("{} of {} is leased already{}", .identity.name, .identity.project.display(), By(.by))]
    Taken {
        /// The name that was asked for.
        identity: Identity,
        /// Who has it, as far as can be seen.
        by: Option<Box<Tenancy>>,
    },
    /// None is left, or no run of so many.
    #[error("{wanted} of the {of} ports of {range} were asked for{}, and not so many are free: {leased} are leased, {in_use} in use{}", Run(.block), Privileged(.privileged))]
    Exhausted {
        /// How many were asked for.
        wanted: usize,
        /// Whether they had to be consecutive.
        block: Block,
        /// From which they had to be.
        range: PortRange,
        /// How many come into question there.
        of: usize,
        /// How many of those that were tried are leased.
        leased: usize,
        /// How many of those that were tried some socket has.
        in_use: usize,
        /// How many of those that were tried only root may bind.
        privileged: usize,
    },
    /// The range has fewer ports than were asked for.
    #[error("{wanted} ports were asked for, and {} has {of} that come into question", Range(.range))]
    TooFew {
        /// How many were asked for.
        wanted: usize,
        /// From where.
        range: Option<PortRange>,
        /// How many there are.
        of: usize,
    },
    /// Nothing was asked for: no port, protocol or address.
    #[error("a lease is of one port at least, with one protocol and one address")]
    Nothing,
    /// Only TCP and UDP can be leased.
    #[error("{0} ports cannot be leased: tcp and udp can")]
    Proto(Proto),
    /// The address is not this host's.
    #[error("{address} is no address of this host")]
    Address {
        /// The address.
        address: IpAddr,
        /// What the kernel says.
        source: io::Error,
    },
    /// The memory of names is not safe.
    #[error("names are not remembered safely: {0}")]
    Memory(MemoryError),
    /// The host's port settings cannot be read.
    #[error("could not read the host's port settings")]
    Settings(#[source] sockets::Error),
    /// The kernel refused.
    #[error("could not {what}")]
    Kernel {
        /// What was attempted.
        what: &'static str,
        /// What the kernel says.
        #[source]
        source: io::Error,
    },
}

/// Whether ports are to be consecutive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Block {
    /// They are as they come.
    #[default]
    Scattered,
    /// They are consecutive, ascending.
    Contiguous,
}

struct By<'a>(&'a Option<Box<Tenancy>>);
struct Run<'a>(&'a Block);
struct Privileged<'a>(&'a usize);
struct Range<'a>(&'a Option<PortRange>);

impl fmt::Display for By<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(by) = self.0 else { return Ok(()) };
        let ports: Vec<String> = by.ports().iter().map(Port::to_string).collect();
        if !ports.is_empty() {
            write!(f, ": port {}", ports.join(", "))?;
        }
        if let Some(process) = &by.holder {
            let name = process.comm.escape_ascii();
            write!(f, ", by {name} ({})", process.pid)?;
        }
        Ok(())
    }
}

impl fmt::Display for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self.0 == Block::Contiguous { " in a row" } else { "" })
    }
}

impl fmt::Display for Privileged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            n => write!(f, ", {n} only root may bind"),
        }
    }
}

impl fmt::Display for Range<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(range) => range.fmt(f),
            None => f.write_str("this host"),
        }
    }
}
