//! A handful of ports, without memory of their own: they lie where their owner does, and cost no cache line more.

use core::mem;

use registry::Port;

/// Up to `N` ports, in the order in which they came. `N` is below 256.
#[derive(Debug)]
pub(crate) struct Few<const N: usize> {
    ports: [u16; N],
    len: u8,
}

impl<const N: usize> Few<N> {
    pub(crate) const fn new() -> Few<N> {
        Few { ports: [0; N], len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len as usize
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.len() == N
    }

    pub(crate) fn as_slice(&self) -> &[u16] {
        &self.ports[..self.len()]
    }

    /// Adds one; there must be room.
    #[inline]
    pub(crate) fn push(&mut self, port: Port) {
        self.ports[self.len()] = port.number();
        self.len += 1;
    }

    /// Adds several; there must be room for all.
    #[inline]
    pub(crate) fn extend(&mut self, ports: &[Port]) {
        let (at, many) = (self.len(), ports.len());
        for (place, port) in self.ports[at..at + many].iter_mut().zip(ports) {
            *place = port.number();
        }
        self.len += u8::try_from(many).unwrap_or(0); // no more than `N`
    }

    /// Takes away the one that came last.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Port> {
        self.len = self.len.checked_sub(1)?;
        Some(Port(self.ports[self.len()]))
    }

    /// Takes away all.
    pub(crate) fn take(&mut self) -> Few<N> {
        mem::replace(self, Few::new())
    }

    /// Takes away this very one; tells whether it was there.
    pub(crate) fn remove(&mut self, port: Port) -> bool {
        let before = self.len;
        self.retain(|&other| other != port.number());
        self.len < before
    }

    /// Takes away those of which `stays` is not true.
    pub(crate) fn retain(&mut self, mut stays: impl FnMut(&u16) -> bool) {
        for port in self.take().as_slice() {
            if stays(port) {
                self.push(Port(*port));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_ports_keep_their_order() {
        let mut few = Few::<4>::new();
        for port in 1..=2 {
            assert!(!few.is_full());
            few.push(Port(port));
        }
        few.extend(&[Port(3), Port(4)]);
        assert!(few.is_full());
        assert!(few.remove(Port(2)) && !few.remove(Port(2)));
        assert_eq!(few.as_slice(), [1, 3, 4]);
        assert_eq!(few.pop(), Some(Port(4)));
        few.retain(|&port| port != 1);
        assert_eq!(few.take().as_slice(), [3]);
        assert_eq!((few.len(), few.pop()), (0, None));
    }
}
