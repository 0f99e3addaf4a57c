//! Ours: where to look follows from a secret, the source, the destination and a number that counts up. As
//! unpredictable as a random choice, the same again under a seed, and one look is enough.

use registry::Port;

use super::{Algorithm, Free, Pair};
use crate::Random;

/// Keyed pseudo-random order: the first free port at or after SipHash(secret; source, destination, counter).
///
/// Who sees some ports learns nothing of the next, towards the same destination or another. RFC 6056's
/// hash-based algorithms give neighbouring ports to one destination, and the random ones need more random
/// numbers. The time to the next use of a port is the affair of the
/// [quarantine](crate::Settings::quarantine).
#[derive(Debug)]
pub struct Keyed {
    counter: u64,
}

impl Algorithm for Keyed {
    const AHEAD: usize = 16;

    fn seeded(_: &mut Random) -> Keyed {
        Keyed { counter: 0 } // the secret is the pool's
    }

    #[inline]
    fn choose(&mut self, pair: &Pair, free: &Free<'_>) -> Port {
        self.counter += 1;
        free.scaled(pair.number(self.counter))
    }

    /// Two ports a number, each from 32 bits of it: enough for every port to be as likely as the others.
    #[inline]
    fn choose_ahead(&mut self, pair: &Pair, free: &Free<'_>, ports: &mut [Port]) {
        for two in ports.chunks_mut(2) {
            self.counter += 1;
            let number = pair.number(self.counter);
            for (port, part) in two.iter_mut().zip([number, number << 32]) {
                *port = free.scaled(part);
            }
        }
    }
}
