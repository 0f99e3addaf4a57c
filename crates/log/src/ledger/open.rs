//! The sockets that are open, found by their cookie and by either of their ports.

use registry::PortRange;
use rustc_hash::FxHashMap;

use super::hold::Hold;

/// A socket that is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) hold: Hold,
    pub(crate) cookie: u64,
    /// Neighbours on the same local port, then on the same remote port.
    links: [Link; 2],
    /// The newest survey that came after it was told of.
    pub(crate) survey: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link {
    next: u32,
    before: u32,
}

/// Open sockets in slots.
#[derive(Debug)]
pub(crate) struct OpenSockets {
    slots: Vec<Open>,
    free: Vec<u32>,
    by_cookie: FxHashMap<u64, u32>,
    /// The first socket on each local port, and on each remote port.
    heads: [Vec<u32>; 2],
}

impl Default for OpenSockets {
    fn default() -> OpenSockets {
        let heads = || vec![NONE; 1 << 16];
        OpenSockets {
            slots: Vec::new(),
            free: Vec::new(),
            by_cookie: FxHashMap::default(),
            heads: [heads(), heads()],
        }
    }
}

impl OpenSockets {
    pub(crate) fn len(&self) -> usize {
        self.by_cookie.len()
    }

    pub(crate) fn slot(&self, cookie: u64) -> Option<u32> {
        self.by_cookie.get(&cookie).copied()
    }

    pub(crate) fn at(&self, slot: u32) -> &Open {
        &self.slots[slot as usize]
    }

    /// The socket in `slot`. Its ports may be changed with [`OpenSockets::change`] alone.
    pub(crate) fn at_mut(&mut self, slot: u32) -> &mut Open {
        &mut self.slots[slot as usize]
    }

    /// Adds a socket whose cookie is not there yet.
    pub(crate) fn insert(&mut self, cookie: u64, hold: Hold, survey: u32) -> u32 {
        let open = Open { hold, cookie, links: [UNLINKED; 2], survey };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = open;
                slot
            }
            None => {
                self.slots.push(open);
                u32::try_from(self.slots.len() - 1).expect("sockets are fewer than four billion")
            }
        };
        self.by_cookie.insert(cookie, slot);
        self.link(slot);
        slot
    }

    pub(crate) fn remove(&mut self, cookie: u64) -> Option<Open> {
        let slot = self.by_cookie.remove(&cookie)?;
        self.unlink(slot);
        self.free.push(slot);
        let open = self.slots[slot as usize];
        self.slots[slot as usize].cookie = VACANT;
        Some(open)
    }

    /// Changes what is known of the socket in `slot`.
    pub(crate) fn change(&mut self, slot: u32, hold: Hold) {
        let old = self.at(slot).hold;
        if (old.local_port, old.remote_port) == (hold.local_port, hold.remote_port) {
            self.at_mut(slot).hold = hold;
            return;
        }
        self.unlink(slot);
        self.at_mut(slot).hold = hold;
        self.link(slot);
    }

    /// Every open socket, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Open> {
        self.slots.iter().filter(|open| open.cookie != VACANT)
    }

    /// Every open socket, to be changed but for its ports.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Open> {
        self.slots.iter_mut().filter(|open| open.cookie != VACANT)
    }

    /// Every socket with a local port in `ports`, in no order.
    pub(crate) fn on_local(&self, ports: &[PortRange]) -> impl Iterator<Item = &Open> {
        self.on(0, ports)
    }

    /// Every socket with a remote port in `ports`, in no order.
    pub(crate) fn on_remote(&self, ports: &[PortRange]) -> impl Iterator<Item = &Open> {
        self.on(1, ports).filter(|open| open.hold.has_remote())
    }

    fn on(&self, side: usize, ports: &[PortRange]) -> impl Iterator<Item = &Open> {
        each_port(ports).flat_map(move |port| {
            let mut next = self.heads[side][usize::from(port)];
            std::iter::from_fn(move || {
                let open = self.slots.get(next as usize)?;
                next = open.links[side].next;
                Some(open)
            })
        })
    }

    fn ports(&self, slot: u32) -> [usize; 2] {
        let hold = &self.slots[slot as usize].hold;
        [usize::from(hold.local_port), usize::from(hold.remote_port)]
    }

    fn link(&mut self, slot: u32) {
        for (side, port) in self.ports(slot).into_iter().enumerate() {
            let next = std::mem::replace(&mut self.heads[side][port], slot);
            self.slots[slot as usize].links[side] = Link { next, before: NONE };
            if let Some(neighbour) = self.slots.get_mut(next as usize) {
                neighbour.links[side].before = slot;
            }
        }
    }

    fn unlink(&mut self, slot: u32) {
        for (side, port) in self.ports(slot).into_iter().enumerate() {
            let Link { next, before } = self.slots[slot as usize].links[side];
            match self.slots.get_mut(before as usize) {
                Some(neighbour) => neighbour.links[side].next = next,
                None => self.heads[side][port] = next,
            }
            if let Some(neighbour) = self.slots.get_mut(next as usize) {
                neighbour.links[side].before = before;
            }
        }
    }
}

/// Every port of `ports` once, ascending.
pub(crate) fn each_port(ports: &[PortRange]) -> impl Iterator<Item = u16> {
    let mut ranges = ports.to_vec();
    ranges.sort_unstable();
    let mut from = 0_u32;
    ranges.into_iter().flat_map(move |range| {
        let (first, last) = (u32::from(range.first().0), u32::from(range.last().0));
        let first = first.max(from);
        from = from.max(last + 1);
        (first..=last).filter_map(|port| u16::try_from(port).ok())
    })
}

/// No socket.
const NONE: u32 = u32::MAX;

const UNLINKED: Link = Link { next: NONE, before: NONE };

/// The cookie of a slot without a socket: the kernel counts from 1.
const VACANT: u64 = u64::MAX;

#[cfg(test)]
mod tests {
    use registry::Port;

    use super::*;

    #[test]
    fn ports_of_ranges_that_overlap_come_once() {
        let range = |first, last| PortRange::new(Port(first), Port(last)).unwrap();
        let ports = [range(5, 9), range(2, 3), range(3, 6), range(4, 4), range(65535, 65535)];
        assert_eq!(each_port(&ports).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8, 9, 65535]);
        assert_eq!(each_port(&[PortRange::ALL]).count(), 65536);
    }
}
