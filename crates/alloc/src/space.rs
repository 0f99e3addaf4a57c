//! The ports of one source address towards one destination: which are held, which wait in quarantine, which
//! are chosen to be given next, how many are free.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::iter;

use registry::Port;

use crate::Free;
use crate::allowed::Allowed;
use crate::few::Few;
use crate::idle::Rest;
use crate::ports::Ports;

/// The ports of a source towards a destination.
///
/// Every method that takes `allowed` wants the space to be [renewed](Space::renew) for it.
#[derive(Debug)]
pub(crate) struct Space {
    front: Front,
    /// Where its record is in the pool's table.
    pub(crate) hash: u64,
    pub(crate) rest: Rest,
    /// How many allowed ports are neither held nor chosen, and do not wait.
    free: u32,
    /// Those held, those chosen and those that wait.
    taken: Ports,
    /// Freed ports that wait longest, the oldest first; all of them allowed.
    waiting: VecDeque<u16>,
}

/// What every request and every release looks at, and most of them alone: one cache line. With many destinations
/// hardly any of their memory is in a cache, and each line more costs as much as all the rest.
#[derive(Debug)]
#[repr(align(64))]
struct Front {
    epoch: u32,
    held: u32,
    /// Ports to be given, the last one first; all of them allowed.
    chosen: Few<AHEAD>,
    /// Ports that wait, and came after all of `waiting`, the oldest first; all of them allowed.
    released: Few<RELEASED>,
}

const _: () = assert!(size_of::<Front>() == 64);

impl Space {
    pub(crate) fn new(hash: u64, allowed: &Allowed) -> Space {
        Space {
            front: Front {
                epoch: allowed.epoch(),
                held: 0,
                chosen: Few::new(),
                released: Few::new(),
            },
            hash,
            rest: Rest::Busy,
            free: allowed.count(),
            taken: Ports::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Learns which ports are allowed now; chosen and waiting ports that are not any more are forgotten.
    #[inline]
    pub(crate) fn renew(&mut self, allowed: &Allowed) {
        if self.front.epoch != allowed.epoch() {
            self.renew_now(allowed);
        }
    }

    #[cold]
    fn renew_now(&mut self, allowed: &Allowed) {
        self.front.epoch = allowed.epoch();
        self.taken.renew(allowed);
        let mut gone = Vec::new();
        let mut stays = |port: &u16| {
            let stays = allowed.contains(Port(*port));
            if !stays {
                gone.push(*port);
            }
            stays
        };
        self.waiting.retain(&mut stays);
        self.front.released.retain(&mut stays);
        self.front.chosen.retain(&mut stays);
        self.taken.remove(gone.iter().copied().map(Port), self.taken_count(), allowed);
        self.free = allowed.count() - self.taken.count_allowed(allowed);
    }

    #[inline]
    pub(crate) const fn held(&self) -> u32 {
        self.front.held
    }

    /// Whether a port is free that need not be taken out of quarantine.
    pub(crate) const fn has_free(&self) -> bool {
        self.front.chosen.len() > 0 || self.free > 0
    }

    /// How many ports may be chosen at once, none of which is then chosen by anybody else: few where few are
    /// held, and no more than `most`.
    pub(crate) fn room_ahead(&self, most: usize) -> usize {
        if self.taken.is_wide() { most.min(AHEAD).min(self.free as usize).max(1) } else { 1 }
    }

    /// Chooses ports to be given, the last one first, or for each that is not free the next one that is; so many must
    /// be, and none chosen so far.
    pub(crate) fn choose(&mut self, ports: &mut [Port], allowed: &Allowed) {
        self.take_out(ports, allowed);
        self.front.chosen.extend(ports);
    }

    /// Holds a port that was chosen.
    #[inline]
    pub(crate) fn take_chosen(&mut self) -> Option<Port> {
        let port = self.front.chosen.pop()?;
        self.front.held += 1;
        Some(port)
    }

    /// How many ports wait in quarantine.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len() + self.front.released.len()
    }

    /// The free ports, of which there must be one.
    pub(crate) const fn free<'a>(&'a self, allowed: &'a Allowed) -> Free<'a> {
        Free::new(&self.taken, allowed)
    }

    /// Takes ports out of the free ones, or for each that is not free the next one that is; so many must be.
    fn take_out(&mut self, ports: &mut [Port], allowed: &Allowed) {
        self.taken.take(ports, allowed);
        self.free -= u32::try_from(ports.len()).unwrap_or(0); // few
    }

    /// Holds the port that has waited longest.
    pub(crate) fn take_waiting(&mut self) -> Option<Port> {
        if self.waiting.is_empty() {
            self.queue_released();
        }
        let port = self.waiting.pop_front()?;
        self.front.held += 1;
        Some(Port(port))
    }

    /// Holds this very port, free, chosen or waiting; tells whether it was any of these.
    pub(crate) fn claim(&mut self, port: Port, allowed: &Allowed) -> bool {
        if !self.taken.contains(port) {
            self.take_out(&mut [port], allowed);
        } else if let Some(place) = self.waiting.iter().position(|&other| other == port.number()) {
            self.waiting.remove(place);
        } else if !self.front.chosen.remove(port) && !self.front.released.remove(port) {
            return false;
        }
        self.front.held += 1;
        true
    }

    /// Lets go of a held port, which becomes the last of those that wait: of them `quarantine` stay, and up to
    /// `BATCH` more.
    #[inline]
    pub(crate) fn release(&mut self, port: Port, quarantine: u16, allowed: &Allowed) {
        self.front.held -= 1;
        if quarantine == 0 || !allowed.contains(port) {
            return self.set_free(port, allowed);
        }
        self.front.released.push(port);
        if self.front.released.is_full() {
            self.end_quarantine(quarantine, allowed);
        }
    }

    /// Frees those that have waited long enough, once there are many: each of them lies somewhere else in memory,
    /// and a processor waits for all of them as long as for one.
    #[inline(never)]
    fn end_quarantine(&mut self, quarantine: u16, allowed: &Allowed) {
        self.queue_released();
        let longest = usize::from(quarantine) + BATCH - RELEASED;
        if self.waiting.len() > longest {
            self.free_oldest(self.waiting.len() - usize::from(quarantine), allowed);
        }
    }

    /// Puts those released into the queue.
    fn queue_released(&mut self) {
        self.waiting.extend(self.front.released.take().as_slice());
    }

    fn free_oldest(&mut self, many: usize, allowed: &Allowed) {
        let left = self.taken_count() - many;
        let ports = self.waiting.iter().take(many).copied().map(Port);
        self.taken.remove(ports, left, allowed);
        self.waiting.drain(..many);
        self.free += u32::try_from(many).unwrap_or(0); // fewer than there are ports
    }

    #[cold]
    fn set_free(&mut self, port: Port, allowed: &Allowed) {
        self.taken.remove(iter::once(port), self.taken_count(), allowed);
        self.free += u32::from(allowed.contains(port));
    }

    /// How many ports are held, chosen or wait.
    fn taken_count(&self) -> usize {
        self.front.held as usize + self.waiting() + self.front.chosen.len()
    }
}

/// How many ports more than the quarantine wait, at most; nearly as many leave it at once.
const BATCH: usize = 32;
/// How many released ports are kept at hand before they are put into the queue of those that wait.
const RELEASED: usize = 10;
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
        space.choose(&mut [Port(11), Port(11)], &allowed);
        assert_eq!((space.held(), space.free, space.front.chosen.len()), (0, 2, 2));
        assert!(space.claim(Port(11), &allowed));
        assert!(!space.claim(Port(11), &allowed));
        assert_eq!(space.take_chosen(), Some(Port(12)));
        assert_eq!(space.take_chosen(), None);
        assert_eq!((space.held(), space.free), (2, 2));
        space.choose(&mut [Port(10)], &allowed);
        allowed.set_range("13-14".parse().unwrap());
        space.renew(&allowed);
        assert_eq!((space.held(), space.free, space.take_chosen()), (2, 2, None));
    }

    #[test]
    fn freed_ports_wait_and_the_oldest_comes_first() {
        let (mut space, allowed) = space("10-59");
        for port in 10..=59 {
            hold(&mut space, port, &allowed);
        }
        for port in 10..39 {
            space.release(Port(port), 2, &allowed);
        }
        assert_eq!((space.has_free(), space.waiting()), (false, 29), "up to 32 more than two wait");
        space.release(Port(39), 2, &allowed);
        assert_eq!((space.free, space.waiting()), (28, 2), "and then all but two are freed");
        assert_eq!(space.free(&allowed).at_or_after(Port(38)), Port(10));
        space.release(Port(50), 2, &allowed);
        let waited: Vec<_> = core::iter::from_fn(|| space.take_waiting()).collect();
        assert_eq!(waited, [Port(38), Port(39), Port(50)]);
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
