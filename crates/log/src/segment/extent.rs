//! How far segments reach, for those who go on from there.

use super::Segments;
use super::scan::Damage;
use crate::Moment;

impl Segments {
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Since when there are records; `None` where there are none.
    pub(crate) fn since(&self) -> Option<Moment> {
        self.all.iter().map(|segment| Moment(segment.summary.from)).min()
    }

    /// Until when there are records.
    pub(crate) fn until(&self) -> Option<Moment> {
        self.all.iter().map(|segment| Moment(segment.summary.until)).max()
    }

    /// Whether the batch with this number is sealed, and not damaged.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.all.iter().any(|segment| segment.summary.number == number)
    }

    /// The greatest number of a batch, damaged ones included; 0 where there is none.
    pub(crate) fn newest_number(&self) -> u64 {
        let damaged = self.damaged.iter().filter_map(Damage::number);
        let whole = self.all.iter().map(|segment| segment.summary.number);
        damaged.chain(whole).max().unwrap_or(0)
    }

    /// The greatest number of a clock; 0 where there is none.
    pub(crate) fn newest_clock(&self) -> u64 {
        let clocks = self.all.iter().flat_map(|segment| &segment.summary.clocks);
        clocks.map(|clock| clock.number).max().unwrap_or(0)
    }

    /// Removes what is damaged of the batch with this number, which is still in its journal and will
    /// be sealed again.
    pub(crate) fn discard_damaged(&self, number: u64) {
        let damaged = self.damaged.iter().filter(|damage| damage.number() == Some(number));
        for damage in damaged.filter(|_| !self.has(number)) {
            // What stays is found in the way when it is sealed, and told of then.
            let _ = damage.remove();
        }
    }
}

impl Damage {
    pub(super) fn number(&self) -> Option<u64> {
        Some(self.name()?.number)
    }
}
