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

    pub(crate) fn next_free(&self, from: Port, allowed: &Allowed) -> Option<Port> {
        let (at, free) = self.seek(from, allowed);
        (free != 0).then(|| Port(bits::lowest(at, free)))
    }

    /// Adds the first port at or after `from` that is allowed and not among them, or where none follows the first of
    /// all; which one that was.
    #[inline]
    pub(crate) fn take(&mut self, from: Port, allowed: &Allowed) -> Option<Port> {
        let (mut at, mut free) = self.seek(from, allowed);
        if free == 0 {
            (at, free) = self.seek(allowed.range().first(), allowed);
        }
        let place = usize::from(self.ports) + at.checked_sub(usize::from(self.base))?;
        self.words[place] |= free & free.wrapping_neg();
        self.note(place, allowed.word(at));
        (free != 0).then(|| Port(bits::lowest(at, free)))
    }

    /// Which of the 1024 words of all ports is the first with one at or after `from` that is allowed and not among
    /// them, and all such ports in it: 0 where there is none. (An `Option` of both would come by way of memory.)
    #[inline]
    fn seek(&self, from: Port, allowed: &Allowed) -> (usize, u64) {
        let at = bits::word(from.number());
        let taken = at.checked_sub(usize::from(self.base)).map_or(u64::MAX, |word| {
            self.words.get(usize::from(self.ports) + word).copied().unwrap_or(u64::MAX)
        });
        let free = allowed.word(at) & !taken & bits::from(from.number());
        if free != 0 { (at, free) } else { self.seek_after(at, allowed) }
    }

    /// The same in the words after one.
    fn seek_after(&self, at: usize, allowed: &Allowed) -> (usize, u64) {
        let (base, ports) = (usize::from(self.base), usize::from(self.ports));
        let after = (at + 1).saturating_sub(base);
        bits::next(&self.words[..ports], after).map_or((base, 0), |word| {
            (base + word, allowed.word(base + word) & !self.words[ports + word])
        })
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
