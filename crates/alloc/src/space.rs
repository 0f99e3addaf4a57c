//! The ports of one source address towards one destination: which are held, which wait in quarantine, which
//! are chosen to be given next, how many are free.

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
    /// How many allowed ports are neither held nor chosen, and do not wait.
    free: u32,
    /// Those held, those chosen and those that wait.
    taken: Ports,
    /// Freed ports that wait, the oldest first; all of them allowed.
    waiting: VecDeque<u16>,
    /// Ports to be given, the last one first; all of them allowed.
    chosen: [u16; AHEAD],
    /// How many of them there are.
    ahead: u8,
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
            chosen: [0; AHEAD],
            ahead: 0,
        }
    }

    /// Learns which ports are allowed now; chosen and waiting ports that are not any more are forgotten.
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
        for place in (0..usize::from(self.ahead)).rev() {
            let port = Port(self.chosen[place]);
            if !allowed.contains(port) {
                self.drop_chosen(place);
                self.taken.remove(port, self.taken_count(), allowed);
            }
        }
        self.free = allowed.count() - self.taken.count_allowed(allowed);
    }

    pub(crate) const fn held(&self) -> u32 {
        self.held
    }

    /// Whether a port is free that need not be taken out of quarantine.
    pub(crate) const fn has_free(&self) -> bool {
        self.free > 0 || self.ahead > 0
    }

    /// How many ports may be chosen at once, none of which is then chosen by anybody else: few where few are
    /// held, and no more than `most`.
    pub(crate) fn room_ahead(&self, most: usize) -> usize {
        if self.taken.is_wide() { most.min(AHEAD).min(self.free as usize).max(1) } else { 1 }
    }

    /// Chooses a port to be given, or where it is not free the next one that is; there must be one.
    #[inline]
    pub(crate) fn choose(&mut self, port: Port, allowed: &Allowed) {
        let port = self.take_out(port, allowed);
        self.chosen[usize::from(self.ahead)] = port.number();
        self.ahead += 1;
    }

    /// Holds a port that was chosen.
    #[inline]
    pub(crate) fn take_chosen(&mut self) -> Option<Port> {
        self.ahead = self.ahead.checked_sub(1)?;
        self.held += 1;
        Some(Port(self.chosen[usize::from(self.ahead)]))
    }

    /// How many ports wait in quarantine.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The free ports, of which there must be one.
    pub(crate) const fn free<'a>(&'a self, allowed: &'a Allowed) -> Free<'a> {
        Free::new(&self.taken, allowed)
    }

    /// Takes a port out of the free ones, or where it is not free the next one that is; there must be one.
    #[inline]
    fn take_out(&mut self, port: Port, allowed: &Allowed) -> Port {
        let port = self.free(allowed).at_or_after(port);
        self.taken.insert(port, allowed);
        self.free -= 1;
        port
    }

    /// Holds the port that has waited longest.
    pub(crate) fn take_waiting(&mut self) -> Option<Port> {
        let port = self.waiting.pop_front()?;
        self.held += 1;
        Some(Port(port))
    }

    /// Holds this very port, free, chosen or waiting; tells whether it was any of these.
    pub(crate) fn claim(&mut self, port: Port, allowed: &Allowed) -> bool {
        let is_it = |&other: &u16| other == port.number();
        if !self.taken.contains(port) {
            self.take_out(port, allowed);
        } else if let Some(place) = self.waiting.iter().position(is_it) {
            self.waiting.remove(place);
        } else if let Some(place) = self.chosen[..usize::from(self.ahead)].iter().position(is_it) {
            self.drop_chosen(place);
        } else {
            return false;
        }
        self.held += 1;
        true
    }

    /// Forgets one of the chosen ports; the order of the others does not matter.
    fn drop_chosen(&mut self, place: usize) {
        self.ahead -= 1;
        self.chosen[place] = self.chosen[usize::from(self.ahead)];
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

    /// How many ports are held, chosen or wait.
    fn taken_count(&self) -> usize {
        self.held as usize + self.waiting.len() + usize::from(self.ahead)
    }
}

/// How many ports leave the quarantine at once, at most.
const BATCH: u16 = 32;
/// How many ports are chosen at once, at most: each lies somewhere else in memory, as those freed do.
pub(crate) const AHEAD: usize = 16;

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn space(range: &str) -> (Space, Allowed) {
        let allowed = Allowed::new(range.parse().unwrap(), &[]);
        (Space::new(0, &allowed), allowed)
    }

    fn hold(space: &mut Space, port: u16, allowed: &Allowed) {
        assert!(space.claim(Port(port), allowed));
    }

    #[test]
    fn a_chosen_port_is_the_next_and_nobody_elses_but_can_be_claimed() {
        let (mut space, mut allowed) = space("10-13");
        space.choose(Port(11), &allowed);
        space.choose(Port(11), &allowed);
        assert_eq!((space.held(), space.free, space.ahead), (0, 2, 2));
        assert!(space.claim(Port(11), &allowed));
        assert!(!space.claim(Port(11), &allowed));
        assert_eq!(space.take_chosen(), Some(Port(12)));
        assert_eq!(space.take_chosen(), None);
        assert_eq!((space.held(), space.free), (2, 2));
        space.choose(Port(10), &allowed);
        allowed.set_range("13-14".parse().unwrap());
        space.renew(&allowed);
        assert_eq!((space.held(), space.free, space.take_chosen()), (2, 2, None));
    }

    #[test]
    fn freed_ports_wait_and_the_oldest_comes_first() {
        let (mut space, allowed) = space("10-15");
        for port in 10..=15 {
            hold(&mut space, port, &allowed);
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
            hold(&mut space, port, &allowed);
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
