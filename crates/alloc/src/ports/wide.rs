//! Many ports: a bitmap with a summary, which has a bit for each word that still has a free port. To find
//! the next free port takes one word, or the summary and one more.

use alloc::boxed::Box;
use alloc::vec;
use core::hint::black_box;

use registry::Port;

use crate::allowed::Allowed;
use crate::bits;
use crate::ports::short::Short;

/// Ports as bits. Spans what is allowed, and beyond that what was among them when it was made.
#[derive(Debug)]
pub(crate) struct Wide {
    /// First the summary, then the ports.
    words: Box<[u64]>,
    /// Where in `words` the ports begin.
    ports: u16,
    /// Which of the 1024 words of all ports is the first here.
    base: u16,
}

impl Wide {
    /// The bitmap of a list.
    pub(crate) fn of(short: &Short, allowed: &Allowed) -> Wide {
        let mut wide = Wide::spanning(short.first(), short.last(), allowed);
        for port in short.iter() {
            let at = wide.place(port).expect("the span has the whole list");
            wide.words[at] |= bits::bit(port.number());
        }
        wide.summarise(allowed);
        wide
    }

    /// The same ports, where others are allowed.
    pub(crate) fn renewed(&self, allowed: &Allowed) -> Wide {
        let taken = || self.iter_words().filter(|&(_, taken)| taken != 0);
        let first = taken().next().map(|(at, taken)| Port(bits::lowest(at, taken)));
        let last = taken().last().map(|(at, taken)| Port(bits::lowest(at, taken)));
        let mut wide = Wide::spanning(first, last, allowed);
        for (at, taken) in taken() {
            wide.words[usize::from(wide.ports) + at - usize::from(wide.base)] = taken;
        }
        wide.summarise(allowed);
        wide
    }

    /// No ports, and room for those from `first` to `last` and the allowed ones.
    fn spanning(first: Option<Port>, last: Option<Port>, allowed: &Allowed) -> Wide {
        let range = allowed.range();
        let lowest = first.map_or(range.first(), |port| port.min(range.first()));
        let highest = last.map_or(range.last(), |port| port.max(range.last()));
        let base = lowest.number() >> 6;
        let span = (highest.number() >> 6) - base + 1;
        let ports = span.div_ceil(64);
        let words = vec![0; usize::from(ports + span)].into_boxed_slice();
        Wide { words, ports, base }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Port> {
        self.iter_words().flat_map(|(at, mut taken)| {
            core::iter::from_fn(move || {
                let lowest = (taken != 0).then(|| Port(bits::lowest(at, taken)));
                taken &= taken.wrapping_sub(1);
                lowest
            })
        })
    }

    pub(crate) fn contains(&self, port: Port) -> bool {
        self.place(port).is_some_and(|at| self.words[at] & bits::bit(port.number()) != 0)
    }

    /// Adds an allowed port.
    #[inline]
    pub(crate) fn insert(&mut self, port: Port, allowed: &Allowed) {
        let at = self.place(port).expect("the span has every allowed port");
        self.words[at] |= bits::bit(port.number());
        self.note(at, allowed.word(bits::word(port.number())));
    }

    #[inline]
    pub(crate) fn remove(&mut self, port: Port, allowed: &Allowed) {
        let Some(at) = self.place(port) else { return };
        self.words[at] &= !bits::bit(port.number());
        self.note(at, allowed.word(bits::word(port.number())));
    }

    /// Writes into the summary whether any of `allowed` is free in the word at `at`: without a branch, as at high
    /// fill nobody could guess which way it goes.
    #[inline]
    fn note(&mut self, at: usize, allowed: u64) {
        let is_free = u64::from(allowed & !self.words[at] != 0);
        let word = at - usize::from(self.ports);
        let summary = &mut self.words[word >> 6];
        *summary = *summary & !(1 << (word & 63)) | is_free << (word & 63);
    }

    /// Reads the words of ports and the summary, none of which waits for another: a processor has memory send
    /// them all at once, which it would not do for work that depends on what they say.
    #[inline]
    pub(crate) fn fetch(&self, ports: impl Iterator<Item = Port>) {
        let places = ports.filter_map(|port| self.place(port));
        black_box(places.fold(self.words[0], |seen, at| seen | self.words[at]));
    }

    #[inline]
    pub(crate) fn next_free(&self, from: Port, allowed: &Allowed) -> Option<Port> {
        let (base, ports) = (usize::from(self.base), usize::from(self.ports));
        let at = bits::word(from.number());
        let after = match at.checked_sub(base) {
            None => 0,
            Some(word) => {
                let taken = self.words.get(ports + word)?;
                let free = allowed.word(at) & !taken & bits::from(from.number());
                if free != 0 {
                    return Some(Port(bits::lowest(at, free)));
                }
                word + 1
            }
        };
        let word = bits::next(&self.words[..ports], after)?;
        let free = allowed.word(base + word) & !self.words[ports + word];
        Some(Port(bits::lowest(base + word, free)))
    }

    pub(crate) fn count_allowed(&self, allowed: &Allowed) -> u32 {
        self.iter_words().map(|(at, taken)| (taken & allowed.word(at)).count_ones()).sum()
    }

    /// The words of the ports, each with its place among the 1024 of all ports.
    fn iter_words(&self) -> impl Iterator<Item = (usize, u64)> {
        let words = self.words[usize::from(self.ports)..].iter().copied();
        (usize::from(self.base)..).zip(words)
    }

    /// Where in `words` the bit of `port` is, if the span has it.
    fn place(&self, port: Port) -> Option<usize> {
        let at = bits::word(port.number()).checked_sub(usize::from(self.base))?;
        let place = usize::from(self.ports) + at;
        (place < self.words.len()).then_some(place)
    }

    /// Makes the summary, which has been empty so far.
    fn summarise(&mut self, allowed: &Allowed) {
        let (base, ports) = (usize::from(self.base), usize::from(self.ports));
        let (summary, taken) = self.words.split_at_mut(ports);
        for (word, taken) in taken.iter().enumerate() {
            if allowed.word(base + word) & !taken != 0 {
                summary[word >> 6] |= 1 << (word & 63);
            }
        }
    }
}
