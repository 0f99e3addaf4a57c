//! The order of the rows of a segment: namespace, protocol, local port, duration class, start.
//!
//! One port's tenures of about one duration lie together in the order of time, so that few pages
//! can have those that held it at a moment.

use std::collections::{BTreeSet, HashMap};

use sockets::NetnsId;

use super::words::Word as _;
use crate::{Batch, Row};

/// The rows of `batch`, as indexes, in the order in which they are written.
pub(super) fn order(batch: &Batch) -> Vec<u32> {
    let ranks = netns_ranks(batch);
    let first = batch.rows.iter().map(|row| row.from.0).min().unwrap_or(0);
    let mut last = (NetnsId(0), ranks.get(&NetnsId(0)).copied().unwrap_or(0));
    let mut rank = |netns: NetnsId| {
        if netns != last.0 {
            last = (netns, ranks[&netns]);
        }
        last.1
    };
    let mut keys: Vec<u128> = (0u32..)
        .zip(&batch.rows)
        .map(|(at, row)| key(row, rank(row.netns), first) | u128::from(at))
        .collect();
    keys.sort_unstable();
    #[expect(clippy::cast_possible_truncation, reason = "the index is the low 32 bits of the key")]
    keys.into_iter().map(|key| key as u32).collect()
}

/// The smallest k such that the tenure lasted less than 4^k µs.
pub(super) fn class(duration_ns: u64) -> u8 {
    let bits = u64::BITS - (duration_ns / 1000).leading_zeros();
    u8::try_from(bits.div_ceil(2)).unwrap_or(u8::MAX)
}

/// Namespace, protocol, port and class in 39 bits, start in 57, room for an index in 32.
fn key(row: &Row, netns: u16, first: i64) -> u128 {
    const START_BITS: u32 = 57;
    let place = u64::from(netns) << 23
        | u64::from(row.proto.code()) << 21
        | u64::from(row.local.port.number()) << 5
        | u64::from(class(row.duration_ns).min(31));
    // Four years into a batch the order within a port becomes that of rows, which is as correct:
    // readers go by what is in a page, not by how it came there.
    let start = row.from.0.abs_diff(first).min((1 << START_BITS) - 1);
    u128::from(place) << (START_BITS + 32) | u128::from(start) << 32
}

/// The namespaces of `batch`, each with its place among them.
fn netns_ranks(batch: &Batch) -> HashMap<NetnsId, u16> {
    let mut all = BTreeSet::new();
    let mut last = None;
    for row in &batch.rows {
        if last != Some(row.netns) {
            all.insert(row.netns);
            last = Some(row.netns);
        }
    }
    all.into_iter().zip((0..=u16::MAX).chain(std::iter::repeat(u16::MAX))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_ends_below_a_power_of_four_microseconds() {
        assert_eq!(class(0), 0);
        assert_eq!(class(999), 0);
        assert_eq!(class(1_000), 1);
        assert_eq!(class(3_999), 1);
        assert_eq!(class(4_000), 2);
        for k in 1..27 {
            assert_eq!(class(4u64.pow(k) * 1000 - 1), u8::try_from(k).unwrap());
            assert_eq!(class(4u64.pow(k) * 1000), u8::try_from(k + 1).unwrap());
        }
        assert!(class(u64::MAX) < 32);
    }
}
