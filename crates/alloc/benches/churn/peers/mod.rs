//! How others choose ports, written anew from what they publish of it, as small and as fast as that
//! allows. Each does only the choosing: none carries what else its original does for a connection.

mod cilium;
mod gvisor;
mod haproxy;

pub(crate) use cilium::Cilium;
pub(crate) use gvisor::Gvisor;
pub(crate) use haproxy::Haproxy;

use hashbrown::HashSet;

use crate::load::{FIRST, PORTS};

/// A port of the only source address towards a destination, as the caller keeps it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) destination: u32,
    pub(crate) port: u16,
}

/// The tuples in use, of all destinations: one lookup a candidate. gVisor goes through four maps in one
/// another for that, Cilium through a map of the kernel, so this one flatters both.
#[derive(Debug)]
pub(crate) struct Used(HashSet<u64>);

impl Used {
    pub(crate) fn new() -> Used {
        Used(HashSet::new())
    }

    pub(crate) fn contains(&self, destination: u32, port: u16) -> bool {
        self.0.contains(&key(destination, port))
    }

    /// Whether it was free before.
    pub(crate) fn insert(&mut self, destination: u32, port: u16) -> bool {
        self.0.insert(key(destination, port))
    }

    pub(crate) fn remove(&mut self, held: Held) {
        self.0.remove(&key(held.destination, held.port));
    }
}

fn key(destination: u32, port: u16) -> u64 {
    u64::from(destination) << 16 | u64::from(port)
}

/// The port after `port`, and after the last of the range its first.
pub(crate) fn following(port: u16) -> u16 {
    if port == FIRST + (PORTS - 1) { FIRST } else { port + 1 }
}
