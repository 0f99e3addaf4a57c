//! Dictionary-encoded columns: the dictionary once, and of each page only the codes that are asked
//! for. The Parquet library would make a value of its own of every row on the way.
//!
//! Source: the Parquet format, `Encodings.md`: PLAIN, RLE and RLE_DICTIONARY in data pages v1. What is
//! encoded otherwise is not read: we write no such column with a dictionary.

use std::ops::Range;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;

use super::columns::NONE;
use super::schema::PAGE_ROWS;

/// A column's dictionary, and for some rows their places in it.
#[derive(Debug, Default)]
pub(super) struct Coded {
    /// Values one after the other, text with its length before it.
    dictionary: Bytes,
    /// Of each row its place in the dictionary; [`NONE`] where it has no value.
    pub(super) codes: Vec<u32>,
}

/// Whether every row of a column has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

impl Coded {
    /// Reads the codes of some rows, ascending; pages without such a row are not read.
    pub(super) fn read(
        pages: &mut dyn PageReader,
        rows: &[u32],
        presence: Presence,
    ) -> Result<Coded, ParquetError> {
        let Some(Page::DictionaryPage { buf: dictionary, .. }) = pages.get_next_page()? else {
            return Err(damaged());
        };
        let mut codes = Vec::with_capacity(rows.len());
        let mut next = 0;
        let page_of = |row: u32| row as usize / PAGE_ROWS;
        for rows in rows.chunk_by(|one, other| page_of(*one) == page_of(*other)) {
            while next < page_of(rows[0]) {
                pages.skip_next_page()?;
                next += 1;
            }
            next += 1;
            let page = pages.get_next_page()?;
            let Some(Page::DataPage { buf, encoding: Encoding::RLE_DICTIONARY, .. }) = page else {
                return Err(damaged());
            };
            pick(&buf, presence, rows, &mut codes).ok_or_else(damaged)?;
        }
        Ok(Coded { dictionary, codes })
    }

    /// What stands at a place of the dictionary of a column of 64-bit numbers.
    pub(super) fn long(&self, code: u32) -> Option<i64> {
        let (values, _) = self.dictionary.as_chunks();
        values.get(code as usize).map(|bytes| i64::from_le_bytes(*bytes))
    }

    /// What stands at a place of the dictionary of a column of 32-bit numbers.
    pub(super) fn word(&self, code: u32) -> Option<u32> {
        let (values, _) = self.dictionary.as_chunks();
        values.get(code as usize).map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// The texts of a column of text, each parsed once; `None` of a row that has none. `None` at all
    /// where a row has a text that is not there or that cannot be parsed.
    pub(super) fn parsed<T: Clone>(
        &self,
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Option<Vec<Option<T>>> {
        let codes = || self.codes.iter().filter(|code| **code != NONE);
        // A dictionary may have a hundred thousand texts, of which a few are asked for. Each has its
        // length before it, so that there cannot be more of them than that.
        let reach = codes().max().map_or(0, |last| *last as usize + 1);
        let mut places = vec![UNASKED; reach.min(self.dictionary.len() / 4)];
        for code in codes() {
            *places.get_mut(*code as usize)? = ASKED;
        }
        let mut parsed = Vec::new();
        let asked = places.iter_mut().zip(self.texts()).filter(|(place, _)| **place == ASKED);
        for (place, text) in asked {
            *place = u32::try_from(parsed.len()).ok()?;
            parsed.push(parse(text)?);
        }
        let text = |code: &u32| match code {
            &NONE => Some(None),
            code => Some(Some(parsed.get(places[*code as usize] as usize)?.clone())),
        };
        self.codes.iter().map(text).collect()
    }

    /// The dictionary of a column of text.
    fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &self.dictionary[..];
        std::iter::from_fn(move || {
            let (length, behind) = rest.split_first_chunk()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
            let (text, behind) = behind.split_at_checked(length)?;
            rest = behind;
            Some(text)
        })
    }
}

/// Appends the codes of some rows of a page; `None` where its bytes are not those of a page.
fn pick(page: &[u8], presence: Presence, rows: &[u32], picked: &mut Vec<u32>) -> Option<()> {
    let within = rows.iter().map(|row| *row as usize % PAGE_ROWS);
    if presence == Presence::Required {
        let (width, runs) = page.split_first()?;
        return Runs::of(runs, *width)?.pick(within, |code| picked.push(code));
    }
    let (length, rest) = page.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (levels, values) = rest.split_at_checked(length)?;
    // Nulls have no code, so the place of a code is the number of values before it.
    let last = within.clone().next_back()?;
    let mut there = Vec::with_capacity(last + 1);
    Runs::of(levels, 1)?.pick(0..=last, |level| there.push(level > 0))?;
    let first = picked.len();
    let mut places = Vec::with_capacity(rows.len());
    let (mut at, mut before) = (0, 0);
    for row in within {
        before += there[at..row].iter().filter(|there| **there).count();
        at = row;
        picked.push(if there[row] { 0 } else { NONE });
        places.extend(there[row].then_some(before));
    }
    if places.is_empty() {
        return Some(());
    }
    let (width, runs) = values.split_first()?;
    let mut there = picked[first..].iter_mut().filter(|code| **code != NONE);
    Runs::of(runs, *width)?.pick(places.into_iter(), |code| {
        if let Some(place) = there.next() {
            *place = code;
        }
    })
}

/// Numbers of `width` bits in the hybrid of run lengths and bit packing.
struct Runs<'a> {
    rest: &'a [u8],
    width: u8,
}

/// Numbers that lie together.
enum Run<'a> {
    /// The same number again and again.
    Same(u32),
    /// One after the other, the first in the lowest bits.
    Packed(&'a [u8]),
}

impl<'a> Runs<'a> {
    fn of(bytes: &'a [u8], width: u8) -> Option<Runs<'a>> {
        (width <= 32).then_some(Runs { rest: bytes, width })
    }

    /// Calls `found` with the numbers at some places, ascending; `None` where there are too few.
    fn pick(
        mut self,
        places: impl Iterator<Item = usize>,
        mut found: impl FnMut(u32),
    ) -> Option<()> {
        let (mut run, mut reach) = (Run::Same(0), 0..0);
        for place in places {
            while place >= reach.end {
                let length;
                (run, length) = self.next()?;
                reach = reach.end..reach.end.checked_add(length)?;
            }
            found(match run {
                Run::Same(number) => number,
                Run::Packed(bytes) => packed(bytes, self.width, place - reach.start),
            });
        }
        Some(())
    }

    /// The next run and how many numbers it has.
    fn next(&mut self) -> Option<(Run<'a>, usize)> {
        let header = self.varint()?;
        let count = usize::try_from(header >> 1).ok()?;
        if header & 1 == 0 {
            let bytes = self.take(usize::from(self.width).div_ceil(8))?;
            let number = bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
            return Some((Run::Same(number), count));
        }
        // The last run may be cut short after the last byte that is needed.
        let bytes = count.checked_mul(usize::from(self.width))?.min(self.rest.len());
        Some((Run::Packed(self.take(bytes)?), count.checked_mul(8)?))
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u32> {
        let mut number = 0u32;
        for shift in (0..32).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u32::from(byte & 0x7F).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

/// The number at a place of a bit-packed run; zeroes where it is cut short.
fn packed(bytes: &[u8], width: u8, place: usize) -> u32 {
    let bit = place * usize::from(width);
    let near: Range<usize> = bit / 8..(bit / 8 + 8).min(bytes.len()).max(bit / 8);
    let near = bytes.get(near).unwrap_or_default();
    let mut word = [0; 8];
    word[..near.len()].copy_from_slice(near);
    let shifted = u64::from_le_bytes(word) >> (bit % 8);
    let mask = (1u64 << width) - 1;
    u32::try_from(shifted & mask).unwrap_or(0)
}

/// Of a text: nobody asked for it; somebody did, and it was not found yet.
const UNASKED: u32 = 0;
const ASKED: u32 = u32::MAX;

fn damaged() -> ParquetError {
    ParquetError::General("a page is not what its column's are".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(page: &[u8], presence: Presence, rows: &[u32]) -> Option<Vec<u32>> {
        let mut codes = Vec::new();
        pick(page, presence, rows, &mut codes).map(|()| codes)
    }

    #[test]
    fn runs_of_both_kinds_are_read_at_any_place() {
        // Width 3: five times 6, then eight packed: 0 to 7.
        let page = [3, 5 << 1, 6, 1 << 1 | 1, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        let all: Vec<u32> = (0..13).collect();
        let expected = vec![6, 6, 6, 6, 6, 0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(picked(&page, Presence::Required, &all), Some(expected));
        assert_eq!(picked(&page, Presence::Required, &[4, 12]), Some(vec![6, 7]));
        assert_eq!(picked(&page, Presence::Required, &[13]), None);
    }

    #[test]
    fn of_a_dictionary_only_what_rows_have_is_parsed() {
        let dictionary = Bytes::from_static(b"\x01\0\0\0a\x02\0\0\0bc\x01\0\0\0d");
        let coded = |codes: &[u32]| Coded { dictionary: dictionary.clone(), codes: codes.to_vec() };
        let unless_bc = |text: &[u8]| (text != b"bc").then(|| text.to_vec());
        let found = coded(&[2, NONE, 0, 2]).parsed(unless_bc);
        let text = |text: &str| Some(text.as_bytes().to_vec());
        assert_eq!(found, Some(vec![text("d"), None, text("a"), text("d")]));
        assert_eq!(coded(&[0, 1]).parsed(unless_bc), None, "not to be parsed");
        assert_eq!(coded(&[0, 3]).parsed(unless_bc), None, "not there");
        assert_eq!(coded(&[]).parsed(unless_bc), Some(vec![]));
    }

    #[test]
    fn a_row_without_a_value_has_no_code() {
        // Levels: two there, one not, one there; codes of width 1: 1, 0, 1.
        let page = [6, 0, 0, 0, 2 << 1, 1, 1 << 1, 0, 1 << 1, 1, 1, 1 << 1 | 1, 0b101];
        let expected = vec![1, 0, NONE, 1];
        assert_eq!(picked(&page, Presence::Optional, &[0, 1, 2, 3]), Some(expected));
        assert_eq!(picked(&page, Presence::Optional, &[2]), Some(vec![NONE]));
        assert_eq!(picked(&page, Presence::Optional, &[3]), Some(vec![1]));
        assert_eq!(picked(&page[..3], Presence::Optional, &[0]), None);
    }
}
