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

    /// The dictionary of a column of 64-bit numbers.
    pub(super) fn longs(&self) -> Vec<i64> {
        let (values, _) = self.dictionary.as_chunks();
        values.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()
    }

    /// The dictionary of a column of 32-bit numbers.
    pub(super) fn words(&self) -> Vec<u32> {
        let (values, _) = self.dictionary.as_chunks();
        values.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()
    }

    /// The dictionary of a column of text.
    pub(super) fn texts(&self) -> Vec<&[u8]> {
        let mut texts = Vec::new();
        let mut rest = &self.dictionary[..];
        while let Some((length, behind)) = rest.split_first_chunk() {
            let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
            let Some((text, behind)) = behind.split_at_checked(length) else { break };
            texts.push(text);
            rest = behind;
        }
        texts
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
