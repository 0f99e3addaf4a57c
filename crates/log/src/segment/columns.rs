//! The columns of a batch: each row read once, in the order of the file, and spread over them.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use parquet::data_type::ByteArray;
use sockets::Role;

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

/// No value.
pub(super) const NONE: u32 = u32::MAX;

/// The columns of `batch`, its rows in the order given, in the order of the schema.
pub(super) fn columns(batch: &Batch, order: &[u32]) -> Vec<Values> {
    let rows = || order.iter().map(|at| &batch.rows[*at as usize]);
    let longs = |value: &dyn Fn(&Row) -> i64| Values::Longs(rows().map(value).collect());
    let words = |value: &dyn Fn(&Row) -> u32| Values::Words(rows().map(value).collect());
    let clock = |row: &Row| batch.clocks.get(row.clock as usize).map_or(0, |clock| clock.number);
    vec![
        texts(rows().map(|row| row.proto)),
        addresses(rows().map(|row| Some(row.local.addr))),
        words(&|row| row.local.port.number().into()),
        addresses(rows().map(|row| row.remote.map(|end| end.addr))),
        words(&|row| row.remote.map_or(NONE, |end| end.port.number().into())),
        texts::<Role>(rows().map(|row| row.role)),
        longs(&|row| row.from.0),
        longs(&|row| row.duration_ns.cast_signed()),
        texts(rows().map(|row| row.ending)),
        texts(rows().map(|row| row.evidence)),
        words(&|row| row.uid),
        words(&|row| row.opener.unwrap_or(NONE)),
        words(&|row| row.taker.unwrap_or(NONE)),
        words(&|row| row.closer.unwrap_or(NONE)),
        longs(&|row| row.netns.0.cast_signed()),
        texts(rows().map(|row| row.family)),
        Values::Flags(rows().map(|row| row.v6only).collect()),
        longs(&|row| row.stepped_ns),
        longs(&|row| clock(row).cast_signed()),
        longs(&|_| batch.number.cast_signed()),
    ]
}

fn texts<W: Word>(values: impl Iterator<Item = W>) -> Values {
    let dictionary = W::WORDS.iter().map(|(_, word)| ByteArray::from(*word)).collect();
    Values::Texts { dictionary, codes: values.map(Word::code).collect() }
}

fn addresses(values: impl Iterator<Item = Option<IpAddr>>) -> Values {
    let mut known = Numbered::default();
    let codes = values.map(|addr| addr.map_or(NONE, |addr| known.number(addr))).collect();
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
