//! The port picker of gVisor's network stack: "randomly chooses a starting point and iterates over all
//! possible ephemeral ports, allowing the caller to decide whether a given port is suitable"
//! (`PortManager.PickEphemeralPort`, <https://pkg.go.dev/gvisor.dev/gvisor/pkg/tcpip/ports>).

use fastrand::Rng;

use super::{Held, Used, following};
use crate::load::{FIRST, PORTS, Subject};

#[derive(Debug)]
pub(crate) struct Gvisor {
    used: Used,
    chance: Rng,
    filling: Filling,
}

impl Gvisor {
    pub(crate) fn new(_destinations: u32) -> Gvisor {
        Gvisor {
            used: Used::new(),
            chance: Rng::with_seed(6056),
            filling: Filling { destination: u32::MAX, words: [0; WORDS] },
        }
    }
}

impl Subject for Gvisor {
    type Held = Held;

    fn acquire(&mut self, destination: u32) -> Option<Held> {
        let mut port = FIRST + self.chance.u16(..PORTS);
        for _ in 0..PORTS {
            if !self.used.contains(destination, port) {
                self.used.insert(destination, port);
                return Some(Held { destination, port });
            }
            port = following(port);
        }
        None
    }

    fn release(&mut self, held: Held) {
        self.used.remove(held);
    }

    fn take_back(&mut self, destination: u32, port: u16) -> Held {
        self.used.insert(destination, port);
        Held { destination, port }
    }

    fn port(held: &Held) -> u16 {
        held.port
    }

    /// The same walk over a bitmap of the one destination: thousands of lookups a port, hundreds of
    /// millions of times, would take minutes before the first measurement.
    fn fill(&mut self, destination: u32) -> Option<Held> {
        let port = FIRST + self.filling.take(destination, self.chance.u16(..PORTS))?;
        self.used.insert(destination, port);
        Some(Held { destination, port })
    }
}

/// Which ports of the destination being filled are taken.
#[derive(Debug)]
struct Filling {
    destination: u32,
    words: [u64; WORDS],
}

const WORDS: usize = (PORTS as usize).div_ceil(64);

impl Filling {
    /// Takes the first free one at or after `start`, wrapping around.
    fn take(&mut self, destination: u32, start: u16) -> Option<u16> {
        if self.destination != destination {
            *self = Filling { destination, words: [0; WORDS] };
            // What is beyond the range is never free.
            self.words[WORDS - 1] = !0 << (PORTS % 64);
        }
        let first = usize::from(start / 64);
        let mask = (1_u64 << (start % 64)) - 1;
        for step in 0..=WORDS {
            let at = (first + step) % WORDS;
            let taken = self.words[at] | if step == 0 { mask } else { 0 };
            if taken != u64::MAX {
                let bit = taken.trailing_ones();
                self.words[at] |= 1 << bit;
                return u16::try_from(at * 64 + bit as usize).ok();
            }
        }
        None
    }
}

// The mask above is right only where the last word is a partial one.
const _: () = assert!(!PORTS.is_multiple_of(64));
