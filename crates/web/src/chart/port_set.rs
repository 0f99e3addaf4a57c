//! A set of ports, as a bitmap of 8 KiB: what a layer of the chart is made of.

use std::fmt;

use registry::{Port, PortRange};

/// Any of the 65,536 ports.
#[derive(Clone, PartialEq, Eq)]
pub struct PortSet {
    words: Box<[u64; WORDS]>,
}

const WORDS: usize = 1 << 10;

impl PortSet {
    /// No port.
    #[must_use]
    pub fn new() -> PortSet {
        PortSet { words: Box::new([0; WORDS]) }
    }

    /// Adds `port`.
    pub fn insert(&mut self, port: Port) {
        self.words[word(port)] |= bit(port);
    }

    /// Whether `port` is one of these.
    #[must_use]
    pub fn contains(&self, port: Port) -> bool {
        self.words[word(port)] & bit(port) != 0
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The ports, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Port> {
        (0..=u16::MAX).map(Port).filter(|port| self.contains(*port))
    }

    /// The ports as ranges, ascending, as few as possible.
    pub fn runs(&self) -> impl Iterator<Item = PortRange> {
        let mut ports = self.iter().peekable();
        std::iter::from_fn(move || {
            let first = ports.next()?;
            let mut last = first;
            while let Some(next) = ports.next_if(|next| next.number() == last.number() + 1) {
                last = next;
            }
            PortRange::new(first, last)
        })
    }

    /// The ports that are in both.
    #[must_use]
    pub fn intersection(&self, other: &PortSet) -> PortSet {
        let mut words = self.words.clone();
        words.iter_mut().zip(other.words.iter()).for_each(|(word, other)| *word &= other);
        PortSet { words }
    }

    /// The ports that are here and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &PortSet) -> PortSet {
        let mut words = self.words.clone();
        words.iter_mut().zip(other.words.iter()).for_each(|(word, other)| *word &= !other);
        PortSet { words }
    }
}

impl Default for PortSet {
    fn default() -> PortSet {
        PortSet::new()
    }
}

impl Extend<Port> for PortSet {
    fn extend<I: IntoIterator<Item = Port>>(&mut self, ports: I) {
        ports.into_iter().for_each(|port| self.insert(port));
    }
}

impl FromIterator<Port> for PortSet {
    fn from_iter<I: IntoIterator<Item = Port>>(ports: I) -> PortSet {
        let mut set = PortSet::new();
        set.extend(ports);
        set
    }
}

impl From<PortRange> for PortSet {
    fn from(range: PortRange) -> PortSet {
        (range.first().number()..=range.last().number()).map(Port).collect()
    }
}

impl fmt::Debug for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.runs().map(|run| run.to_string())).finish()
    }
}

fn word(port: Port) -> usize {
    usize::from(port.number() >> 6)
}

fn bit(port: Port) -> u64 {
    1 << (port.number() & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: &[u16]) -> PortSet {
        numbers.iter().copied().map(Port).collect()
    }

    fn runs(set: &PortSet) -> Vec<String> {
        set.runs().map(|run| run.to_string()).collect()
    }

    #[test]
    fn ports_come_back_once_each_and_in_order() {
        let ports = set(&[65_535, 80, 0, 64, 63, 80]);
        assert_eq!(ports.iter().map(Port::number).collect::<Vec<_>>(), [0, 63, 64, 80, 65_535]);
        assert_eq!((ports.len(), ports.is_empty()), (5, false));
        assert!(ports.contains(Port(63)) && !ports.contains(Port(62)));
        assert!(PortSet::new().is_empty());
    }

    #[test]
    fn runs_are_as_few_as_possible() {
        assert_eq!(runs(&set(&[0, 1, 2, 9, 65_534, 65_535])), ["0-2", "9", "65534-65535"]);
        assert_eq!(runs(&PortSet::from(PortRange::ALL)), ["0-65535"]);
        assert_eq!(PortSet::from(PortRange::ALL).len(), 65_536);
        assert!(runs(&PortSet::new()).is_empty());
    }

    #[test]
    fn sets_are_cut_and_taken_away() {
        let (a, b) = (set(&[1, 2, 3]), set(&[2, 3, 4]));
        assert_eq!(a.intersection(&b), set(&[2, 3]));
        assert_eq!(a.difference(&b), set(&[1]));
    }
}
