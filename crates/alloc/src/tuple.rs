//! What a pool gives: a source address, by its index, and a port. Which address that is, and which
//! destination it was given for, the caller knows.

use core::fmt;

use registry::Port;

use crate::client::Slot;

/// Which of the pool's source addresses: the first is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(pub u16);

impl Source {
    /// The first source address, the only one of most pools.
    pub const FIRST: Source = Source(0);

    /// Its place in a list of addresses.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A port of a source address, held towards a destination until it is given back.
///
/// It can be neither copied nor made, so nobody gives a port back twice; one that is dropped stays held.
/// Give it to the [`Allocator::release`](crate::Allocator::release) of the pool that it came from.
#[must_use = "a tuple that is dropped stays held for ever"]
pub struct Tuple {
    /// Which pool gave it; with [`OF_SHARDS`] where in which `Shards` it is kept.
    pub(crate) pool: u32,
    /// Where that pool keeps the ports of its source and destination.
    pub(crate) space: u32,
    /// Whom it counts for.
    pub(crate) client: Slot,
    pub(crate) source: Source,
    pub(crate) port: Port,
}

impl Tuple {
    /// The source address.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// The local port.
    #[must_use]
    pub const fn port(&self) -> Port {
        self.port
    }
}

impl fmt::Debug for Tuple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Tuple");
        shown.field("source", &self.source).field("port", &self.port).finish_non_exhaustive()
    }
}

/// The bit of [`Tuple::pool`] that tuples of `Shards` have and those of a `Pool` have not, so that neither takes
/// one of the other's.
pub(crate) const OF_SHARDS: u32 = 1 << 31;
