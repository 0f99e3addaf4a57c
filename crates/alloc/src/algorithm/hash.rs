//! The algorithms of RFC 6056 that count upwards from a place of each destination's own: §3.3.3 and §3.3.4.

use alloc::boxed::Box;
use alloc::vec;

use registry::Port;

use super::{Algorithm, Free, Pair};
use crate::Random;
use crate::seed::scale;

/// RFC 6056 §3.3.3, "Simple Hash-Based Port Selection": one counter for all, offset by a hash of source,
/// destination and a secret.
///
/// Towards one destination ports ascend, with holes where others were dialed in between; where a
/// destination's ports begin says nothing about another's. Exact as it is: the walk covers the range once.
/// Here it takes one step, and the counter advances by what was passed over as in the RFC.
#[derive(Debug)]
pub struct SimpleHash {
    next: u64,
}

impl Algorithm for SimpleHash {
    fn seeded(random: &mut Random) -> SimpleHash {
        SimpleHash { next: random.number() >> 32 }
    }

    fn choose(&mut self, pair: &Pair, free: &Free<'_>) -> Port {
        walk(pair.number(0), &mut self.next, free)
    }
}

/// RFC 6056 §3.3.4, "Double-Hash Port Selection": as [`SimpleHash`], with one of 1024 counters for each
/// destination, which a second hash chooses.
///
/// Destinations of different counters do not make holes in each other's sequences, so that a port comes again
/// later. Exact as [`SimpleHash`] is.
#[derive(Debug)]
pub struct DoubleHash {
    next: Box<[u64]>,
}

impl Algorithm for DoubleHash {
    fn seeded(random: &mut Random) -> DoubleHash {
        let mut next = vec![0; COUNTERS as usize].into_boxed_slice();
        next.fill_with(|| random.number() >> 32);
        DoubleHash { next }
    }

    fn choose(&mut self, pair: &Pair, free: &Free<'_>) -> Port {
        let counter = scale(pair.number(1), COUNTERS);
        walk(pair.number(0), &mut self.next[counter as usize], free)
    }
}

/// The first free port from `offset` plus the counter on; the counter goes to the one after it.
fn walk(offset: u64, next: &mut u64, free: &Free<'_>) -> Port {
    let count = u64::from(free.range().count());
    let start = (offset % count + *next % count) % count;
    let port = free.at_or_after(free.place(start));
    let passed = (free.offset(port) + count - start) % count;
    *next = next.wrapping_add(passed + 1) % (count << 32);
    port
}

/// How many counters there are: the RFC's example has 10, and says that more make collisions rarer.
const COUNTERS: u32 = 1024;
