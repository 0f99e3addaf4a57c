//! Which of the free ports comes next: the contract, and one file for each kind. What it chooses from is a
//! [`Free`], so that none can give a port twice. Source: RFC 6056 §3.3.

mod hash;
mod keyed;
mod random;

use core::fmt;
use core::hash::Hasher;

use registry::{Port, PortRange};
use siphasher::sip::SipHasher13;

pub use hash::{DoubleHash, SimpleHash};
pub use keyed::Keyed;
pub use random::{RandomIncrements, RandomTries, SimpleRandom};

use crate::allowed::Allowed;
use crate::ports::Ports;
use crate::seed::scale;
use crate::{Random, Source};

/// Chooses the next port.
///
/// ```
/// use alloc::{Algorithm, Allocator, Client, Free, Pair, Pool, Random, Seed, Settings};
/// use registry::Port;
///
/// /// The lowest free port: easy to guess, and the one that was freed last.
/// #[derive(Debug)]
/// struct Lowest;
///
/// impl Algorithm for Lowest {
///     fn seeded(_: &mut Random) -> Lowest {
///         Lowest
///     }
///
///     fn choose(&mut self, _: &Pair, free: &Free<'_>) -> Port {
///         free.at_or_after(free.range().first())
///     }
/// }
///
/// let settings = Settings::new("40000-40009".parse()?);
/// let mut pool: Pool<&str, Lowest> = Pool::with_algorithm(&settings, Seed::from(1));
/// assert_eq!(pool.acquire(&"db:5432", Client::NOBODY)?.port(), Port(40000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Algorithm {
    /// How many ports it may be asked for at once, before the first of them is given: only where one choice
    /// does not depend on what became of the one before. Up to 16 are.
    const AHEAD: usize = 1;

    /// Makes one, with its secrets from `random`.
    fn seeded(random: &mut Random) -> Self;

    /// A free port for `pair`. One that is not free stands for the next free one after it.
    fn choose(&mut self, pair: &Pair, free: &Free<'_>) -> Port;

    /// As many ports as `ports` has room for, at most [`AHEAD`](Algorithm::AHEAD): as by that many calls of
    /// [`choose`](Algorithm::choose), for algorithms that can do it in less time.
    fn choose_ahead(&mut self, pair: &Pair, free: &Free<'_>, ports: &mut [Port]) {
        ports.fill_with(|| self.choose(pair, free));
    }
}

/// A source address and a destination, as an algorithm knows them.
#[derive(Clone, Copy)]
pub struct Pair {
    /// Has read the destination.
    pub(crate) hasher: SipHasher13,
    pub(crate) source: Source,
}

impl Pair {
    /// The source address.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// The functions F and G of RFC 6056, and any more: a number that follows from source, destination and
    /// `which`, and is unpredictable without the pool's seed. SipHash-1-3; the RFC is older, and names MD5.
    #[must_use]
    #[inline]
    pub fn number(&self, which: u64) -> u64 {
        let mut hasher = self.hasher;
        hasher.write_u64(which ^ u64::from(self.source.0) << 48);
        hasher.finish()
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the hasher: it prints its keys.
        f.debug_struct("Pair").field("source", &self.source).finish_non_exhaustive()
    }
}

/// The ports that a source may still take towards a destination: at least one.
#[derive(Clone, Copy)]
pub struct Free<'a> {
    taken: &'a Ports,
    allowed: &'a Allowed,
}

impl<'a> Free<'a> {
    pub(crate) const fn new(taken: &'a Ports, allowed: &'a Allowed) -> Free<'a> {
        Free { taken, allowed }
    }

    /// The pool's range; not all of it need be allowed.
    #[must_use]
    pub const fn range(&self) -> PortRange {
        self.allowed.range()
    }

    /// Whether `port` is free.
    #[must_use]
    #[inline]
    pub fn contains(&self, port: Port) -> bool {
        self.allowed.contains(port) && !self.taken.contains(port)
    }

    /// The first free port at or after `port`, and after the highest the lowest again. Takes as
    /// long at any fill.
    #[must_use]
    #[inline]
    pub fn at_or_after(&self, port: Port) -> Port {
        let found = self.taken.next_free(port, self.allowed);
        let found = found.or_else(|| self.taken.next_free(self.range().first(), self.allowed));
        found.unwrap_or(port) // only where nothing is free, and then nobody asks
    }

    /// The port that a number, any of 2^64, stands for: each of the range as likely as the others.
    #[must_use]
    #[inline]
    pub fn scaled(&self, number: u64) -> Port {
        self.nth(scale(number, self.range().count()))
    }

    /// The port `offset` places after the first of the range, which starts again at its end.
    fn place(&self, offset: u64) -> Port {
        let offset = offset % u64::from(self.range().count());
        self.nth(u32::try_from(offset).unwrap_or(0)) // at most 65,535
    }

    /// The port `offset` places after the first, if so many follow.
    #[inline]
    fn nth(&self, offset: u32) -> Port {
        let port = u32::from(self.range().first().number()) + offset;
        u16::try_from(port).map_or(self.range().last(), Port)
    }

    /// How many places `port` lies after the first of the range.
    fn offset(&self, port: Port) -> u64 {
        u64::from(port.number()).wrapping_sub(u64::from(self.range().first().number()))
    }
}

impl fmt::Debug for Free<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Free").field("range", &self.range()).finish_non_exhaustive()
    }
}
