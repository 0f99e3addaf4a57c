//! HAProxy's source port ranges (`source ADDRESS:LOW-HIGH` of a server): a ring of the free ports for
//! each source and server. A connection takes the oldest, one that ends puts its port behind the newest.
//! Made before the first connection, and in order.

use super::Held;
use crate::load::{FIRST, PORTS, Subject};

#[derive(Debug)]
pub(crate) struct Haproxy {
    /// By destination: a server's configuration has its ring at hand, so none is looked up.
    rings: Vec<Ring>,
}

impl Haproxy {
    pub(crate) fn new(destinations: u32) -> Haproxy {
        Haproxy { rings: (0..destinations).map(|_| Ring::full()).collect() }
    }
}

impl Subject for Haproxy {
    type Held = Held;

    fn acquire(&mut self, destination: u32) -> Option<Held> {
        let port = self.rings[destination as usize].take()?;
        Some(Held { destination, port })
    }

    fn release(&mut self, held: Held) {
        self.rings[held.destination as usize].put(held.port);
    }

    fn take_back(&mut self, _destination: u32, _port: u16) -> Held {
        unreachable!("a ring refuses only where it is empty, and one was just put into it")
    }

    fn port(held: &Held) -> u16 {
        held.port
    }
}

/// One slot more than ports, so that full and empty differ.
#[derive(Debug)]
struct Ring {
    ports: Box<[u16]>,
    oldest: u16,
    behind_newest: u16,
}

impl Ring {
    fn full() -> Ring {
        let ports = (FIRST..FIRST + PORTS).chain([0]).collect();
        Ring { ports, oldest: 0, behind_newest: PORTS }
    }

    fn take(&mut self) -> Option<u16> {
        if self.oldest == self.behind_newest {
            return None;
        }
        let port = self.ports[usize::from(self.oldest)];
        self.oldest = Self::after(self.oldest);
        Some(port)
    }

    fn put(&mut self, port: u16) {
        self.ports[usize::from(self.behind_newest)] = port;
        self.behind_newest = Self::after(self.behind_newest);
    }

    fn after(at: u16) -> u16 {
        if at == PORTS { 0 } else { at + 1 }
    }
}
