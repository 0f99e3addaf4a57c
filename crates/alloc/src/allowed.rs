//! Which ports a pool may give: its range without the reserved ones, as a bitmap that all its spaces share.

use alloc::boxed::Box;
use alloc::vec::Vec;

use registry::{Port, PortRange};

use crate::bits::{self, WORDS};

/// The ports that may be given.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    range: PortRange,
    reserved: Vec<PortRange>,
    /// A bit a port.
    words: Box<[u64; WORDS]>,
    /// A bit a word: whether it has any port.
    summary: [u64; WORDS / 64],
    count: u32,
    epoch: u32,
}

impl Allowed {
    pub(crate) fn new(range: PortRange, reserved: &[PortRange]) -> Allowed {
        let mut allowed = Allowed {
            range,
            reserved: reserved.to_vec(),
            words: Box::new([0; WORDS]),
            summary: [0; WORDS / 64],
            count: 0,
            epoch: 0,
        };
        allowed.rebuild();
        allowed
    }

    pub(crate) fn set_range(&mut self, range: PortRange) {
        self.range = range;
        self.rebuild();
    }

    pub(crate) fn set_reserved(&mut self, reserved: &[PortRange]) {
        self.reserved = reserved.to_vec();
        self.rebuild();
    }

    pub(crate) const fn range(&self) -> PortRange {
        self.range
    }

    /// How many ports there are.
    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// Changes whenever a port was added or taken away.
    pub(crate) const fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(crate) fn contains(&self, port: Port) -> bool {
        self.word(bits::word(port.number())) & bits::bit(port.number()) != 0
    }

    /// The ports of word number `at`, below 1024.
    pub(crate) fn word(&self, at: usize) -> u64 {
        self.words[at]
    }

    /// The first port at or after `port`.
    pub(crate) fn next(&self, port: Port) -> Option<Port> {
        let at = bits::word(port.number());
        let here = self.word(at) & bits::from(port.number());
        if here != 0 {
            return Some(Port(bits::lowest(at, here)));
        }
        let at = bits::next(&self.summary, at + 1)?;
        Some(Port(bits::lowest(at, self.word(at))))
    }

    fn rebuild(&mut self) {
        for (at, word) in self.words.iter_mut().enumerate() {
            *word = bits::of_range(self.range, at);
            for &reserved in &self.reserved {
                *word &= !bits::of_range(reserved, at);
            }
        }
        for (summary, words) in self.summary.iter_mut().zip(self.words.chunks(64)) {
            let some = |(at, &word): (usize, &u64)| u64::from(word != 0) << at;
            *summary = words.iter().enumerate().map(some).sum();
        }
        self.count = self.words.iter().map(|word| word.count_ones()).sum();
        self.epoch = self.epoch.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_allowed_in_the_range_unless_reserved() {
        let reserved = ["200-299", "120-130", "90-100", "1000"].map(|text| text.parse().unwrap());
        let mut allowed = Allowed::new("100-5000".parse().unwrap(), &reserved);
        let is_allowed = |port: u16| {
            (100..=5000).contains(&port)
                && !reserved.iter().any(|range: &PortRange| range.contains(Port(port)))
        };
        let mut next = None;
        for port in (0..=u16::MAX).rev() {
            if is_allowed(port) {
                next = Some(Port(port));
            }
            assert_eq!(allowed.contains(Port(port)), is_allowed(port), "{port}");
            assert_eq!(allowed.next(Port(port)), next, "{port}");
        }
        assert_eq!(allowed.count(), 4901 - 100 - 11 - 1 - 1);

        let before = allowed.epoch();
        allowed.set_reserved(&[PortRange::ALL]);
        assert_eq!((allowed.count(), allowed.next(Port(0))), (0, None));
        assert_ne!(allowed.epoch(), before);
    }
}
