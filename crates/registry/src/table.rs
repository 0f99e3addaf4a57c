//! The packed table `data/table.bin`, read where it lies: nothing is unpacked, moved or relocated
//! at start, and a lookup touches a few pages. Compiled from `data/*.tsv` by `tests/registry/compile.rs`,
//! which is the other half of the format and proves that the two agree.
//!
//! All integers are little endian. Header: eight `u32`: rows, rows of a single port, named rows,
//! names, texts, bytes of names, bytes of texts, 0; then four `u16`: the texts package, version,
//! date, licence. Sections: rows of 12 bytes (`u16` first, last, name, description, reference; `u8`
//! protocols, standing), single ports first, each part by port; `u16` rows by name; `u32` ends of
//! names, which ascend without regard to case; `u32` ends of texts; the names; the texts.

use core::cmp::Ordering;
use core::fmt;

use crate::{Port, PortRange, Proto, Standing};

/// Where the table comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSource {
    /// The package whose facts these are.
    pub package: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The day that version was published, as `2026-09-17`.
    pub date: &'static str,
    /// Under what terms the facts and the package come.
    pub licence: &'static str,
    /// How many lines there are, ours included: one for each service, protocol and port or range.
    pub lines: usize,
}

/// The package, version, date and licence of the table, for whoever asks how old an answer is.
#[must_use]
pub fn table_source() -> TableSource {
    TableSource {
        package: TABLE.text(TABLE.source[0]),
        version: TABLE.text(TABLE.source[1]),
        date: TABLE.text(TABLE.source[2]),
        licence: TABLE.text(TABLE.source[3]),
        lines: TABLE.rows().map(Row::lines).sum(),
    }
}

impl fmt::Display for TableSource {
    /// One line for the foot of a page.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TableSource { package, version, date, licence, lines } = self;
        write!(
            f,
            "IANA port registry, {lines} lines, from {package} {version} of {date}; {licence}"
        )
    }
}

/// The table, its sections found at compile time.
pub(crate) static TABLE: Table = Table::open(include_bytes!("../data/table.bin"));

/// The sections of the packed table.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    singles: &'static [u8],
    ranges: &'static [u8],
    by_name: &'static [u8],
    names: Strings,
    texts: Strings,
    source: [u16; 4],
}

/// Strings end to end, and where each one ends.
#[derive(Clone, Copy)]
struct Strings {
    ends: &'static [u8],
    all: &'static str,
}

/// One row: what one or more protocols say of one port or range.
#[derive(Clone, Copy)]
pub(crate) struct Row(&'static [u8]);

impl Table {
    const fn open(bytes: &'static [u8]) -> Table {
        let rows = u32_at(bytes, 0) * ROW;
        let singles = u32_at(bytes, 4) * ROW;
        let source = [u16_at(bytes, 32), u16_at(bytes, 34), u16_at(bytes, 36), u16_at(bytes, 38)];
        let (_, rest) = bytes.split_at(HEADER);
        let (single_rows, rest) = rest.split_at(singles);
        let (range_rows, rest) = rest.split_at(rows - singles);
        let (by_name, rest) = rest.split_at(u32_at(bytes, 8) * 2);
        let (name_ends, rest) = rest.split_at(u32_at(bytes, 12) * 4);
        let (text_ends, rest) = rest.split_at(u32_at(bytes, 16) * 4);
        let (name_bytes, text_bytes) = rest.split_at(u32_at(bytes, 20));
        assert!(text_bytes.len() == u32_at(bytes, 24), "the table is cut short");
        let names = Strings { ends: name_ends, all: utf8(name_bytes) };
        let texts = Strings { ends: text_ends, all: utf8(text_bytes) };
        Table { singles: single_rows, ranges: range_rows, by_name, names, texts, source }
    }

    /// Every row, single ports first.
    pub(crate) fn rows(self) -> impl Iterator<Item = Row> {
        self.singles.chunks_exact(ROW).chain(self.ranges.chunks_exact(ROW)).map(Row)
    }

    /// The rows that cover `port`, its own before ranges.
    pub(crate) fn rows_at(self, port: Port) -> impl Iterator<Item = Row> {
        let start = partition(self.singles.len() / ROW, |row| {
            u16_at(self.singles, row * ROW) < port.number()
        });
        let own = self.singles[start * ROW..].chunks_exact(ROW).map(Row);
        let ranges = self.ranges.chunks_exact(ROW).map(Row);
        own.take_while(move |row| row.ports().first() == port)
            .chain(ranges.filter(move |row| row.ports().contains(port)))
    }

    /// The rows of services called `name`, case aside, in no particular order.
    pub(crate) fn rows_named(self, name: &str) -> impl Iterator<Item = Row> {
        let compare = |row: usize| {
            let own = self.named_row(row).name().unwrap_or_default();
            ascii_order(own, name)
        };
        let count = self.by_name.len() / 2;
        let start = partition(count, |row| compare(row) == Ordering::Less);
        let end = partition(count, |row| compare(row) != Ordering::Greater);
        (start..end).map(move |row| self.named_row(row))
    }

    /// Every service name once, ascending without regard to case.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        (0..self.names.ends.len() / 4).map(move |index| self.names.get(index))
    }

    fn named_row(self, index: usize) -> Row {
        let row = usize::from(u16_at(self.by_name, index * 2));
        let singles = self.singles.len() / ROW;
        let (part, row) =
            if row < singles { (self.singles, row) } else { (self.ranges, row - singles) };
        Row(&part[row * ROW..(row + 1) * ROW])
    }

    fn text(self, index: u16) -> &'static str {
        self.texts.get(usize::from(index))
    }
}

impl Strings {
    fn get(self, index: usize) -> &'static str {
        let start = if index == 0 { 0 } else { u32_at(self.ends, (index - 1) * 4) };
        &self.all[start..u32_at(self.ends, index * 4)]
    }
}

impl Row {
    pub(crate) fn ports(self) -> PortRange {
        let (first, last) = (Port(u16_at(self.0, 0)), Port(u16_at(self.0, 2)));
        PortRange::new(first, last).expect("the table is compiled from ranges")
    }

    pub(crate) fn name(self) -> Option<&'static str> {
        let index = u16_at(self.0, 4);
        (index != NONE).then(|| TABLE.names.get(usize::from(index)))
    }

    pub(crate) fn description(self) -> &'static str {
        TABLE.text(u16_at(self.0, 6))
    }

    pub(crate) fn reference(self) -> Option<&'static str> {
        let index = u16_at(self.0, 8);
        (index != NONE).then(|| TABLE.text(index))
    }

    /// How many lines the row stands for: one a protocol.
    fn lines(self) -> usize {
        self.0[10].count_ones() as usize
    }

    pub(crate) fn has(self, proto: Proto) -> bool {
        self.0[10] & 1 << proto as u8 != 0
    }

    pub(crate) fn standing(self) -> Standing {
        match self.0[11] {
            0 => Standing::Assigned,
            1 => Standing::Reserved,
            2 => Standing::Unassigned,
            _ => Standing::Unofficial,
        }
    }
}

/// Order without regard to ASCII case; the order of the names in the table.
fn ascii_order(left: &str, right: &str) -> Ordering {
    let folded = |byte: u8| byte.to_ascii_lowercase();
    left.bytes().map(folded).cmp(right.bytes().map(folded))
}

/// The first of `0..count` for which `before` is false, given that it is true, then false.
fn partition(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Checked at compile time, so that no search has to.
const fn utf8(bytes: &[u8]) -> &str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("the table is compiled from strings"),
    }
}

const fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

const fn u32_at(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
}

/// Bytes of the header.
const HEADER: usize = 40;
/// Bytes of a row.
const ROW: usize = 12;
/// Stands for no name and no reference.
const NONE: u16 = u16::MAX;
