//! A run of consecutive ports, both ends included.

use alloc::vec::Vec;
use core::fmt;

use crate::Port;

/// Consecutive ports from `first` to `last`, both included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    first: Port,
    last: Port,
}

impl PortRange {
    /// Every port there is, 0 to 65535.
    pub const ALL: PortRange = PortRange { first: Port(0), last: Port::MAX };

    /// The range from `first` to `last`, or `None` where `last` comes before `first`.
    #[must_use]
    pub const fn new(first: Port, last: Port) -> Option<PortRange> {
        if first.0 <= last.0 { Some(PortRange { first, last }) } else { None }
    }

    /// The lowest port of the range.
    #[must_use]
    pub const fn first(self) -> Port {
        self.first
    }

    /// The highest port of the range.
    #[must_use]
    pub const fn last(self) -> Port {
        self.last
    }

    /// How many ports the range holds, 1 to 65536.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.last.0 as u32 - self.first.0 as u32 + 1
    }

    /// Whether `port` lies in the range.
    #[must_use]
    pub const fn contains(self, port: Port) -> bool {
        self.first.0 <= port.0 && port.0 <= self.last.0
    }

    /// Whether some port lies in both ranges.
    #[must_use]
    pub const fn overlaps(self, other: PortRange) -> bool {
        self.first.0 <= other.last.0 && other.first.0 <= self.last.0
    }

    /// The same ports, ascending and each once; neighbours that do not overlap stay apart.
    pub(crate) fn union(mut ranges: Vec<PortRange>) -> Vec<PortRange> {
        ranges.sort_unstable();
        ranges.dedup_by(|next, kept| {
            let overlap = kept.overlaps(*next);
            if overlap {
                kept.last = kept.last.max(next.last);
            }
            overlap
        });
        ranges
    }
}

impl From<Port> for PortRange {
    fn from(port: Port) -> Self {
        PortRange { first: port, last: port }
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return self.first.fmt(f);
        }
        write!(f, "{}-{}", self.first, self.last)
    }
}
