//! The ports of one source address towards one destination: which are held, which wait in quarantine, how
//! many are free.

use alloc::collections::VecDeque;

use registry::Port;

use crate::Free;
use crate::allowed::Allowed;
use crate::idle::Rest;
use crate::ports::Ports;

/// The ports of a source towards a destination.
///
/// Every method that takes `allowed` wants the space to be [renewed](Space::renew) for it.
#[derive(Debug)]
#[repr(align(64))] // two cache lines; unaligned it would lie on three as often as not
pub(crate) struct Space {
    /// Where its record is in the pool's table.
    pub(crate) hash: u64,
    pub(crate) rest: Rest,
    epoch: u32,
    held: u32,
    /// How many allowed ports are neither held nor wait.
    free: u32,
    /// Those held and those that wait.
    taken: Ports,
    /// Freed ports that wait, the oldest first; all of them allowed.
    waiting: VecDeque<u16>,
}

impl Space {
    pub(crate) fn new(hash: u64, allowed: &Allowed) -> Space {
        Space {
            hash,
            rest: Rest::Busy,
            epoch: allowed.epoch(),
            held: 0,
            free: allowed.count(),
            taken: Ports::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Learns which ports are allowed now; waiting ports that are not any more are forgotten.
    #[inline]
    pub(crate) fn renew(&mut self, allowed: &Allowed) {
        if self.epoch != allowed.epoch() {
            self.renew_now(allowed);
        }
    }

    #[cold]
    fn renew_now(&mut self, allowed: &Allowed) {
        self.epoch = allowed.epoch();
        self.taken.renew(allowed);
        for _ in 0..self.waiting.len() {
            let Some(port) = self.waiting.pop_front() else { break };
            if allowed.contains(Port(port)) {
                self.waiting.push_back(port);
            } else {
                self.taken.remove(Port(port), self.taken_count(), allowed);
            }
        }
        self.free = allowed.count() - self.taken.count_allowed(allowed);
    }

    pub(crate) const fn held(&self) -> u32 {
        self.held
    }

    /// Whether a port is free that need not be taken out of quarantine.
    pub(crate) const fn has_free(&self) -> bool {
        self.free > 0
    }

    /// How many ports wait in quarantine.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The free ports, of which there must be one.
    pub(crate) const fn free<'a>(&'a self, allowed: &'a Allowed) -> Free<'a> {
        Free::new(&self.taken, allowed)
    }

    /// Holds a port, or where it is not free the next one that is; there must be one.
    #[inline]
    pub(crate) fn take(&mut self, port: Port, allowed: &Allowed) -> Port {
        let free = self.free(allowed);
        let port = if free.contains(port) { port } else { free.at_or_after(port) };
        self.taken.insert(port, allowed);
        self.held += 1;
        self.free -= 1;
        port
    }

    /// Holds the port that has waited longest.
    pub(crate) fn take_waiting(&mut self) -> Option<Port> {
        let port = self.waiting.pop_front()?;
        self.held += 1;
        Some(Port(port))
    }

    /// Holds this very port, free or waiting; tells whether it was either.
    pub(crate) fn claim(&mut self, port: Port, allowed: &Allowed) -> bool {
        if !self.taken.contains(port) {
            self.take(port, allowed);
            return true;
        }
        let waits = self.waiting.iter().position(|&other| other == port.number());
        if let Some(place) = waits {
            self.waiting.remove(place);
            self.held += 1;
        }
        waits.is_some()
    }

    /// Lets go of a held port, which becomes the last of those that wait.
    ///
    /// Of those that wait the oldest are freed, several at once, so that at least `quarantine` stay: each of them
    /// lies somewhere else in memory, and a processor waits for several of them as long as for one.
    #[inline]
    pub(crate) fn release(&mut self, port: Port, quarantine: u16, allowed: &Allowed) {
        self.held -= 1;
        if quarantine == 0 || !allowed.contains(port) {
            return self.set_free(port, allowed);
        }
        self.waiting.push_back(port.number());
        let batch = quarantine.min(BATCH);
        if self.waiting.len() >= usize::from(quarantine) + usize::from(batch) {
            self.free_oldest(batch, allowed);
        }
    }

    #[inline(never)]
    fn free_oldest(&mut self, many: u16, allowed: &Allowed) {
        for _ in 0..many {
            if let Some(port) = self.waiting.pop_front() {
                self.set_free(Port(port), allowed);
            }
        }
    }

    fn set_free(&mut self, port: Port, allowed: &Allowed) {
        self.taken.remove(port, self.taken_count(), allowed);
        self.free += u32::from(allowed.contains(port));
    }

    /// How many ports are held or wait.
    fn taken_count(&self) -> usize {
        self.held as usize + self.waiting.len()
    }
}

/// How many ports leave the quarantine at once, at most.
const BATCH: u16 = 32;

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn space(range: &str) -> (Space, Allowed) {
        let allowed = Allowed::new(range.parse().unwrap(), &[]);
        (Space::new(0, &allowed), allowed)
    }

    #[test]
    fn freed_ports_wait_and_the_oldest_comes_first() {
        let (mut space, allowed) = space("10-15");
        for port in 10..=15 {
            space.take(Port(port), &allowed);
        }
        assert!(!space.has_free());
        for port in [12, 10, 15] {
            space.release(Port(port), 2, &allowed);
        }
        assert!(!space.has_free(), "up to twice two wait");
        space.release(Port(11), 2, &allowed);
        assert_eq!(space.free, 2, "and then two are freed");
        assert_eq!(space.free(&allowed).at_or_after(Port(11)), Port(12));
        assert_eq!(space.free(&allowed).at_or_after(Port(13)), Port(10));
        let waited: Vec<_> = core::iter::from_fn(|| space.take_waiting()).collect();
        assert_eq!(waited, [Port(15), Port(11)]);
    }

    #[test]
    fn a_waiting_port_can_be_claimed_a_held_one_not() {
        let (mut space, allowed) = space("10-11");
        assert!(space.claim(Port(10), &allowed));
        assert!(!space.claim(Port(10), &allowed));
        space.release(Port(10), 5, &allowed);
        assert_eq!(space.waiting(), 1);
        assert!(space.claim(Port(10), &allowed));
        assert_eq!((space.held(), space.waiting()), (1, 0));
    }

    #[test]
    fn a_smaller_range_drops_those_that_wait_and_drains_those_held() {
        let (mut space, mut allowed) = space("10-20");
        for port in [10, 11, 19, 20] {
            space.take(Port(port), &allowed);
        }
        space.release(Port(11), 5, &allowed);
        space.release(Port(20), 5, &allowed);
        allowed.set_range("15-20".parse().unwrap());
        space.renew(&allowed);
        assert_eq!((space.held(), space.waiting(), space.free), (2, 1, 4));
        space.release(Port(10), 5, &allowed);
        assert_eq!((space.held(), space.waiting(), space.free), (1, 1, 4));
        allowed.set_range("10-20".parse().unwrap());
        space.renew(&allowed);
        assert_eq!((space.held(), space.waiting(), space.free), (1, 1, 9));
    }
}
