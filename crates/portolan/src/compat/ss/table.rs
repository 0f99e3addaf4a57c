//! Rows of cells, laid out as `ss` lays them out: columns as wide as their longest cell, and on a
//! terminal the spare width spread over them.
//!
//! Source of truth: what `ss` 6.1 prints into a pipe and onto terminals of several widths.

use std::io::{self, Write};

use super::buffer::Buffer;
use super::row::{COLUMNS, Row};
use crate::output::{Escaped, is_unprintable};

/// A column's title, and how its cells stand.
struct Column {
    title: &'static [u8],
    align: Align,
    /// Blanks before every cell, unless the column is the first.
    gap: usize,
}

/// The side of a cell that touches the column's edge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

/// The columns of every table, in order.
const LAYOUT: [Column; COLUMNS] = [
    Column { title: b"Netid", align: Align::Left, gap: 0 },
    Column { title: b"State", align: Align::Left, gap: 1 },
    Column { title: b"Recv-Q", align: Align::Left, gap: 1 },
    Column { title: b"Send-Q", align: Align::Left, gap: 1 },
    Column { title: b"Local Address:", align: Align::Right, gap: 1 },
    Column { title: b"Port", align: Align::Left, gap: 0 },
    Column { title: b"Peer Address:", align: Align::Right, gap: 1 },
    Column { title: b"Port", align: Align::Left, gap: 0 },
    Column { title: b"Process", align: Align::Left, gap: 0 },
];

/// `ss` has one more column, which no flag spoken here fills.
const HIDDEN_COLUMN: usize = 0;

/// Enough for most rows without their processes.
const TYPICAL_LINE: usize = 160;

/// The last column.
const PROCESS: usize = COLUMNS - 1;

/// Which columns and how they are spread; fixed before the first row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Whether rows say which table they are from.
    pub(super) netid: bool,
    /// Whether rows say their state.
    pub(super) state: bool,
    /// Whether rows say who holds the socket.
    pub(super) process: bool,
    /// Whether the first line names the columns.
    pub(super) header: bool,
    /// How many columns of characters to fill; `None` fills none.
    pub(super) screen: Option<usize>,
    /// Whether the widths leave out the process of the last row, as those of `ss` 6.1 do.
    pub(super) last_uncounted: bool,
    /// Whether the last cell of a line is left as short as it is.
    pub(super) ragged: bool,
    /// Whether what could upset a terminal is escaped.
    pub(super) escape: bool,
}

/// Collects rows, then prints them; the widths are known only after the last.
#[derive(Debug)]
pub(super) struct Table {
    shape: Shape,
    /// All cells one after the other, those of hidden columns left out.
    text: Vec<u8>,
    /// Where in `text` each cell ends.
    ends: Vec<usize>,
    /// The longest cell of each column so far.
    longest: [usize; COLUMNS],
    /// The process cell of the last row, not yet among the longest.
    last_process: usize,
    /// What the rows since the last batch take.
    buffer: Buffer,
    /// The batches that are complete.
    batches: Vec<Batch>,
}

/// Rows that have their widths in common.
#[derive(Debug)]
struct Batch {
    /// How many cells there are up to its end.
    cells: usize,
    /// The longest cell of each column up to its end.
    longest: [usize; COLUMNS],
}

impl Table {
    /// A table without rows, but with its header if it has one.
    pub(super) fn new(shape: Shape) -> Table {
        let mut table = Table {
            shape,
            text: Vec::new(),
            ends: Vec::new(),
            longest: [0; COLUMNS],
            last_process: 0,
            buffer: Buffer::EMPTY,
            batches: Vec::new(),
        };
        if shape.header {
            table.push(LAYOUT.each_ref().map(|column| column.title));
            table.count_last();
        }
        table
    }

    /// Adds a row at the end.
    pub(super) fn add(&mut self, row: &Row) {
        let recv_q = format!("{:<6}", row.recv_q);
        let send_q = format!("{:<6}", row.send_q);
        self.push([
            row.netid.as_bytes(),
            row.state.as_bytes(),
            recv_q.as_bytes(),
            send_q.as_bytes(),
            &row.local.host,
            &row.local.port,
            &row.peer.host,
            &row.peer.port,
            &row.process,
        ]);
    }

    /// Prints everything collected.
    ///
    /// # Errors
    /// What `out` says.
    pub(super) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let shown: Vec<usize> = (0..COLUMNS).filter(|column| self.shows(*column)).collect();
        let mut printed = 0;
        for batch in self.batches.iter().chain([&self.last_batch()]) {
            let widths = self.widths(&shown, batch.longest);
            for row in (printed..batch.cells).step_by(shown.len()) {
                out.write_all(&self.line(row, &shown, &widths))?;
            }
            printed = batch.cells;
        }
        Ok(())
    }

    /// The line of the row whose first cell is number `first`.
    fn line(&self, first: usize, shown: &[usize], widths: &[usize; COLUMNS]) -> Vec<u8> {
        let mut line = Vec::with_capacity(TYPICAL_LINE);
        for (cell, &column) in (first..).zip(shown) {
            let start = if cell == 0 { 0 } else { self.ends[cell - 1] };
            let text = &self.text[start..self.ends[cell]];
            place(&mut line, &LAYOUT[column], widths[column], text);
        }
        line.push(b'\n');
        line
    }

    /// The rows after the complete batches.
    fn last_batch(&self) -> Batch {
        let mut longest = self.longest;
        if !self.shape.last_uncounted {
            longest[PROCESS] = longest[PROCESS].max(self.last_process);
        }
        Batch { cells: self.ends.len(), longest }
    }

    fn shows(&self, column: usize) -> bool {
        match column {
            0 => self.shape.netid,
            1 => self.shape.state,
            PROCESS => self.shape.process,
            _ => true,
        }
    }

    fn push(&mut self, cells: [&[u8]; COLUMNS]) {
        self.count_last();
        if self.buffer.is_full() {
            self.batches.push(Batch { cells: self.ends.len(), longest: self.longest });
            self.buffer = Buffer::EMPTY;
        }
        for (column, cell) in cells.into_iter().enumerate() {
            if self.shows(column) {
                let start = self.text.len();
                match self.shape.escape {
                    true => escape(&mut self.text, cell),
                    false => self.text.extend_from_slice(cell),
                }
                let len = self.text.len() - start;
                match column {
                    PROCESS => self.last_process = len,
                    _ => self.longest[column] = self.longest[column].max(len),
                }
                self.ends.push(self.text.len());
                self.buffer.take(len);
            }
        }
        self.buffer.take(HIDDEN_COLUMN);
    }

    fn count_last(&mut self) {
        self.longest[PROCESS] = self.longest[PROCESS].max(self.last_process);
        self.last_process = 0;
    }

    /// The width of each column, its gap included.
    fn widths(&self, shown: &[usize], longest: [usize; COLUMNS]) -> [usize; COLUMNS] {
        let mut widths = [0; COLUMNS];
        let mut first = true;
        for &column in shown {
            let gap = if first || longest[column] == 0 { 0 } else { LAYOUT[column].gap };
            widths[column] = longest[column] + gap;
            first &= widths[column] == 0;
        }
        if let Some(screen) = self.shape.screen {
            widths = spread(widths, screen);
        }
        if self.shape.ragged {
            widths[shown[shown.len() - 1]] = 0;
        }
        widths
    }
}

/// Appends `cell` with what does not print, or is not UTF-8, as an escape. Backslashes stay as they
/// are, so that a plain name keeps its width.
fn escape(text: &mut Vec<u8>, cell: &[u8]) {
    for chunk in cell.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).as_bytes();
            match is_unprintable(c) {
                true => text.extend_from_slice(Escaped(bytes).to_string().as_bytes()),
                false => text.extend_from_slice(bytes),
            }
        }
        text.extend_from_slice(Escaped(chunk.invalid()).to_string().as_bytes());
    }
}

/// Appends one cell to `line`, which is empty where the cell is the first.
fn place(line: &mut Vec<u8>, column: &Column, width: usize, cell: &[u8]) {
    let gap = if line.is_empty() { 0 } else { column.gap };
    let end = line.len() + width;
    let padding = width.saturating_sub(gap + cell.len());
    line.resize(line.len() + gap, b' ');
    if column.align == Align::Right {
        line.resize(line.len() + padding, b' ');
    }
    line.extend_from_slice(cell);
    if line.len() < end {
        line.resize(end, b' ');
    }
}

/// Breaks the columns into runs that fit `screen` each, and shares what is left of every run among
/// its columns: equal parts, and the remainder one each from the right. A terminal then breaks the
/// line by itself between two runs.
fn spread(mut widths: [usize; COLUMNS], screen: usize) -> [usize; COLUMNS] {
    for width in &mut widths {
        *width = (*width).min(screen);
    }
    let mut rest: &mut [usize] = &mut widths;
    while !rest.is_empty() {
        let (run, others) = rest.split_at_mut(run_length(rest, screen));
        share(run, screen);
        rest = others;
    }
    widths
}

/// How many of the columns fit one line of the screen; at least one.
fn run_length(widths: &[usize], screen: usize) -> usize {
    let mut used = 0;
    widths
        .iter()
        .position(|width| {
            used += width;
            used > screen
        })
        .unwrap_or(widths.len())
}

/// Widens the columns of one line until they fill it.
fn share(run: &mut [usize], screen: usize) {
    let spare = screen - run.iter().sum::<usize>();
    let count = run.iter().filter(|width| **width > 0).count();
    if count == 0 {
        return;
    }
    for (nth, width) in run.iter_mut().rev().filter(|width| **width > 0).enumerate() {
        *width += spare / count + usize::from(nth < spare % count);
    }
}

#[cfg(test)]
mod tests;
