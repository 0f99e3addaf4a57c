//! How Cilium's NAT chooses a port: that of the client first, then one at random, then those after it,
//! and after 32 tries it drops the packet (<https://github.com/cilium/cilium/pull/37389> and the
//! description of <https://github.com/cilium/cilium/pull/33045>; that ports remain then is
//! <https://github.com/cilium/cilium/issues/34088>).

use fastrand::Rng;

use super::{Held, Used, following};
use crate::load::{FIRST, PORTS, Subject};

/// How many ports it looks at before it gives up.
const TRIES: usize = 32;

#[derive(Debug)]
pub(crate) struct Cilium {
    used: Used,
    chance: Rng,
}

impl Cilium {
    pub(crate) fn new(_destinations: u32) -> Cilium {
        Cilium { used: Used::new(), chance: Rng::with_seed(6056) }
    }
}

impl Subject for Cilium {
    type Held = Held;

    fn acquire(&mut self, destination: u32) -> Option<Held> {
        // The client's own: a stack behind the NAT picked it without knowing of the others.
        let mut port = FIRST + self.chance.u16(..PORTS);
        for attempt in 0..TRIES {
            if self.used.insert(destination, port) {
                return Some(Held { destination, port });
            }
            port = match attempt {
                0 => FIRST + self.chance.u16(..PORTS),
                _ => following(port),
            };
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

    /// Asks again where it refuses, as clients do.
    fn fill(&mut self, destination: u32) -> Option<Held> {
        (0..1_000_000).find_map(|_| self.acquire(destination))
    }
}
