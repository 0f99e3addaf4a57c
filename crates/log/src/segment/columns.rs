//! The columns of a batch: each row read once, in the order of the file, and spread over them.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use parquet::data_type::ByteArray;
use registry::Proto;
use sockets::{Ending, Evidence, Family, Opened, Role};

use super::words::Word;
use crate::{Batch, Row};

/// The values of one column.
#[derive(Debug)]
pub(super) enum Values {
    /// 64-bit numbers as they are.
    Longs(Vec<i64>),
    /// 32-bit numbers, [`NONE`] where an optional column has no value.
    Words(Vec<u32>),
    /// Yes or no.
    Flags(Vec<bool>),
    /// Indexes into a dictionary, [`NONE`] where an optional column has no value.
    Texts { dictionary: Vec<ByteArray>, codes: Vec<u32> },
}

/// How many rows are fetched at once.
const AT_ONCE: usize = 16;

/// No value.
pub(super) const NONE: u32 = u32::MAX;

/// The columns of `batch`, its rows in the order given, in the order of the schema.
pub(super) fn columns(batch: &Batch, order: &[u32]) -> Vec<Values> {
    let numbers: Vec<i64> = batch.clocks.iter().map(|clock| clock.number.cast_signed()).collect();
    let mut spread = Spread::with_capacity(order.len());
    for ahead in order.chunks(AT_ONCE) {
        // They are far apart in memory: waiting for several at once takes as long as for one.
        let touched = ahead.iter().fold(0, |sum, at| sum ^ batch.rows[*at as usize].from.0);
        std::hint::black_box(touched);
        for at in ahead {
            spread.add(&batch.rows[*at as usize], &numbers);
        }
    }
    spread.into_values(batch)
}

/// The columns while they grow: a row is large and far from the next one in this order, so each is
/// visited once.
struct Spread {
    local_addrs: Numbered<IpAddr>,
    remote_addrs: Numbered<IpAddr>,
    proto: Vec<u32>,
    local_addr: Vec<u32>,
    local_port: Vec<u32>,
    remote_addr: Vec<u32>,
    remote_port: Vec<u32>,
    role: Vec<u32>,
    start: Vec<i64>,
    duration: Vec<i64>,
    ending: Vec<u32>,
    evidence: Vec<u32>,
    uid: Vec<u32>,
    opener: Vec<u32>,
    taker: Vec<u32>,
    closer: Vec<u32>,
    netns: Vec<i64>,
    family: Vec<u32>,
    v6only: Vec<bool>,
    stepped: Vec<i64>,
    clock: Vec<i64>,
}

impl Spread {
    fn with_capacity(rows: usize) -> Spread {
        let words = || Vec::with_capacity(rows);
        let longs = || Vec::with_capacity(rows);
        Spread {
            local_addrs: Numbered::default(),
            remote_addrs: Numbered::default(),
            proto: words(),
            local_addr: words(),
            local_port: words(),
            remote_addr: words(),
            remote_port: words(),
            role: words(),
            start: longs(),
            duration: longs(),
            ending: words(),
            evidence: words(),
            uid: words(),
            opener: words(),
            taker: words(),
            closer: words(),
            netns: longs(),
            family: words(),
            v6only: Vec::with_capacity(rows),
            stepped: longs(),
            clock: longs(),
        }
    }

    fn add(&mut self, row: &Row, clocks: &[i64]) {
        self.proto.push(row.proto.code());
        self.local_addr.push(self.local_addrs.number(row.local.addr));
        self.local_port.push(row.local.port.number().into());
        self.remote_addr.push(row.remote.map_or(NONE, |end| self.remote_addrs.number(end.addr)));
        self.remote_port.push(row.remote.map_or(NONE, |end| end.port.number().into()));
        self.role.push(row.role.code());
        self.start.push(row.from.0);
        self.duration.push(i64::try_from(row.duration_ns).unwrap_or(i64::MAX));
        self.ending.push(row.ending.code());
        self.evidence.push(row.evidence.code());
        self.uid.push(if row.uid == Opened::NO_UID { NONE } else { row.uid });
        self.opener.push(row.opener.unwrap_or(NONE));
        self.taker.push(row.taker.unwrap_or(NONE));
        self.closer.push(row.closer.unwrap_or(NONE));
        self.netns.push(row.netns.0.cast_signed());
        self.family.push(row.family.code());
        self.v6only.push(row.v6only);
        self.stepped.push(row.stepped_ns);
        self.clock.push(clocks.get(row.clock as usize).copied().unwrap_or(0));
    }

    fn into_values(self, batch: &Batch) -> Vec<Values> {
        let segment = vec![batch.number.cast_signed(); batch.rows.len()];
        vec![
            texts::<Proto>(self.proto),
            addresses(self.local_addrs, self.local_addr),
            Values::Words(self.local_port),
            addresses(self.remote_addrs, self.remote_addr),
            Values::Words(self.remote_port),
            texts::<Role>(self.role),
            Values::Longs(self.start),
            Values::Longs(self.duration),
            texts::<Ending>(self.ending),
            texts::<Evidence>(self.evidence),
            Values::Words(self.uid),
            Values::Words(self.opener),
            Values::Words(self.taker),
            Values::Words(self.closer),
            Values::Longs(self.netns),
            texts::<Family>(self.family),
            Values::Flags(self.v6only),
            Values::Longs(self.stepped),
            Values::Longs(self.clock),
            Values::Longs(segment),
        ]
    }
}

fn texts<W: Word>(codes: Vec<u32>) -> Values {
    let dictionary = W::WORDS.iter().map(|(_, word)| ByteArray::from(*word)).collect();
    Values::Texts { dictionary, codes }
}

fn addresses(known: Numbered<IpAddr>, codes: Vec<u32>) -> Values {
    let text = |addr: IpAddr| ByteArray::from(addr.to_string().into_bytes());
    Values::Texts { dictionary: known.values.into_iter().map(text).collect(), codes }
}

/// Values, each with a number in the order of their first appearance.
struct Numbered<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
    last: Option<(T, u32)>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Numbered<T> {
        Numbered { numbers: HashMap::new(), values: Vec::new(), last: None }
    }
}

impl<T: Copy + Eq + Hash> Numbered<T> {
    fn number(&mut self, value: T) -> u32 {
        if let Some((last, number)) = self.last
            && last == value
        {
            return number;
        }
        let next = u32::try_from(self.values.len()).unwrap_or(NONE);
        let number = *self.numbers.entry(value).or_insert(next);
        if number == next {
            self.values.push(value);
        }
        self.last = Some((value, number));
        number
    }
}
