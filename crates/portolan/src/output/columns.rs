//! A table of text: every cell kept in one buffer, so that 300,000 rows stay small, and fitted to
//! the terminal when it is written. In a pipe nothing is cut, and every column is there.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::prose::balanced;
use super::{Paint, Tint};

/// Which side a column's text stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A column's title and how it gives way where the terminal is narrow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) align: Align,
    /// It may shrink to this many columns; `None`: never.
    pub(crate) shrink_to: Option<usize>,
    /// Cut in the middle rather than at the end: an address keeps its port.
    pub(crate) keep_end: bool,
    /// The column with the highest number leaves first where shrinking does not do; 0: never.
    pub(crate) leaves: u8,
}

impl Column {
    /// A column that keeps its width and its place.
    pub(crate) const fn fixed(title: &'static str) -> Column {
        Column { title, align: Align::Left, shrink_to: None, keep_end: false, leaves: 0 }
    }

    /// The same, giving way down to `width`.
    pub(crate) const fn shrinking(self, width: usize) -> Column {
        Column { shrink_to: Some(width), ..self }
    }

    /// The same, cut in the middle.
    pub(crate) const fn keeping_end(self) -> Column {
        Column { keep_end: true, ..self }
    }

    /// The same, leaving before columns with a lower `rank`.
    pub(crate) const fn leaving(self, rank: u8) -> Column {
        Column { leaves: rank, ..self }
    }

    /// The same, with its text on the right.
    pub(crate) const fn right(self) -> Column {
        Column { align: Align::Right, ..self }
    }
}

/// Rows of cells under [`Column`]s.
#[derive(Debug)]
pub(crate) struct Columns {
    columns: Vec<Column>,
    text: String,
    /// Where each cell ends in `text`, row by row.
    ends: Vec<u32>,
    tints: Vec<Tint>,
}

/// What stands in a cell without a value, so that words can still be counted in a pipe.
const EMPTY: &str = "-";
const GAP: usize = 2;
/// The fewest columns that anything is cut to.
const LEAST: usize = 5;

impl Columns {
    /// A table without rows.
    pub(crate) fn new(columns: Vec<Column>) -> Columns {
        Columns { columns, text: String::new(), ends: Vec::new(), tints: Vec::new() }
    }

    /// Adds the next cell of the row; an empty one reads `-`.
    pub(crate) fn cell(&mut self, tint: Tint, text: impl Display) {
        let start = self.text.len();
        write!(self.text, "{text}").expect("writing to a string cannot fail");
        if self.text.len() == start {
            self.text.push_str(EMPTY);
        }
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.tints.push(tint);
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.ends.len() / self.columns.len()
    }

    /// Writes the title line and every row, `indent` columns in, fitted to `width`.
    pub(crate) fn write(
        &self,
        out: &mut impl Write,
        paint: Paint,
        indent: usize,
        width: Option<usize>,
    ) -> io::Result<()> {
        let layout = self.layout(width.map(|w| w.saturating_sub(indent)));
        self.write_titles(out, paint, indent, &layout)?;
        self.write_all_rows(out, paint, indent, &layout)
    }

    /// Writes every row without the title line.
    pub(crate) fn write_rows(
        &self,
        out: &mut impl Write,
        paint: Paint,
        indent: usize,
        width: Option<usize>,
    ) -> io::Result<()> {
        let layout = self.layout(width.map(|w| w.saturating_sub(indent)));
        self.write_all_rows(out, paint, indent, &layout)
    }

    fn write_all_rows(
        &self,
        out: &mut impl Write,
        paint: Paint,
        indent: usize,
        layout: &[Slot],
    ) -> io::Result<()> {
        for row in 0..self.rows() {
            self.write_row(out, paint, indent, layout, row)?;
        }
        Ok(())
    }

    fn write_titles(
        &self,
        out: &mut impl Write,
        paint: Paint,
        indent: usize,
        layout: &[Slot],
    ) -> io::Result<()> {
        spaces(out, indent)?;
        for (i, slot) in layout.iter().enumerate() {
            let last = i + 1 == layout.len();
            let column = &self.columns[slot.column];
            write_cell(out, paint, Tint::Dim, column.title, column, slot.width, last)?;
        }
        out.write_all(b"\n")
    }

    /// Writes one row; the caller has the layout of them all.
    fn write_row(
        &self,
        out: &mut impl Write,
        paint: Paint,
        indent: usize,
        layout: &[Slot],
        row: usize,
    ) -> io::Result<()> {
        spaces(out, indent)?;
        for (i, slot) in layout.iter().enumerate() {
            let last = i + 1 == layout.len();
            let at = row * self.columns.len() + slot.column;
            let column = &self.columns[slot.column];
            write_cell(out, paint, self.tints[at], self.text_of(at), column, slot.width, last)?;
        }
        out.write_all(b"\n")
    }

    fn text_of(&self, cell: usize) -> &str {
        let start = if cell == 0 { 0 } else { self.ends[cell - 1] as usize };
        &self.text[start..self.ends[cell] as usize]
    }

    /// Which columns are shown and how wide: all of them at full width in a pipe; on a terminal
    /// those that say something, shrunk, then fewer, until they fit.
    fn layout(&self, width: Option<usize>) -> Vec<Slot> {
        let natural = self.natural_widths();
        let mut shown: Vec<Slot> = (0..self.columns.len())
            .filter(|c| width.is_none() || self.says_something(*c))
            .map(|column| Slot { column, width: natural[column] })
            .collect();
        let Some(width) = width else { return shown };
        while !shrink(&mut shown, &self.columns, width, |least| least) {
            let leaving = (0..shown.len()).max_by_key(|i| self.columns[shown[*i].column].leaves);
            match leaving {
                Some(i) if self.columns[shown[i].column].leaves > 0 => drop(shown.remove(i)),
                // Nothing is left to go: rather little of everything than lines that wrap.
                _ => {
                    shrink(&mut shown, &self.columns, width, |least| least.min(LEAST));
                    break;
                }
            }
            shown.iter_mut().for_each(|slot| slot.width = natural[slot.column]);
        }
        shown
    }

    fn natural_widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(|c| c.title.len()).collect();
        for cell in 0..self.ends.len() {
            let column = cell % self.columns.len();
            widths[column] = widths[column].max(width_of(self.text_of(cell)));
        }
        widths
    }

    fn says_something(&self, column: usize) -> bool {
        self.columns[column].leaves == 0
            || (0..self.rows()).any(|row| {
                let text = self.text_of(row * self.columns.len() + column);
                text != EMPTY && (text != "0" || self.columns[column].align == Align::Left)
            })
    }
}

/// A column as it is shown.
#[derive(Clone, Copy, Debug)]
struct Slot {
    column: usize,
    width: usize,
}

/// Takes width from the widest columns that give way until all fit into `width`; tells whether
/// they do.
fn shrink(
    slots: &mut [Slot],
    columns: &[Column],
    width: usize,
    limit: impl Fn(usize) -> usize,
) -> bool {
    loop {
        let total: usize = slots.iter().map(|slot| slot.width + GAP).sum();
        let excess = total.saturating_sub(GAP).saturating_sub(width);
        if excess == 0 {
            return true;
        }
        let spare = |slot: &Slot| {
            let least = columns[slot.column].shrink_to.map(&limit);
            least.map_or(0, |least| slot.width.saturating_sub(least))
        };
        let Some(widest) = slots.iter_mut().filter(|s| spare(s) > 0).max_by_key(|s| s.width) else {
            return false;
        };
        widest.width -= 1;
    }
}

fn write_cell(
    out: &mut impl Write,
    paint: Paint,
    tint: Tint,
    text: &str,
    column: &Column,
    width: usize,
    last: bool,
) -> io::Result<()> {
    let used = width_of(text);
    let cut;
    let (text, used) = if used > width {
        cut = shorten(text, width, column.keep_end);
        (cut.as_str(), width)
    } else {
        (text, used)
    };
    let pad = width - used.min(width);
    if column.align == Align::Right {
        spaces(out, pad)?;
    }
    paint.write(out, tint, text)?;
    let behind = if column.align == Align::Left { pad } else { 0 } + GAP;
    if last { Ok(()) } else { spaces(out, behind) }
}

fn spaces(out: &mut impl Write, count: usize) -> io::Result<()> {
    const BLANK: &[u8] = &[b' '; 64];
    let (whole, rest) = (count / BLANK.len(), count % BLANK.len());
    (0..whole).try_for_each(|_| out.write_all(BLANK))?;
    out.write_all(&BLANK[..rest])
}

/// How many columns of a terminal `text` takes.
pub(crate) fn width_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Cuts `text` to `width` columns with an ellipsis, at its end or in its middle.
pub(crate) fn shorten(text: &str, width: usize, keep_end: bool) -> String {
    let room = width.saturating_sub(1);
    let behind = if keep_end { room - room / 3 } else { 0 };
    let mut front = take_width(text.chars(), room - behind);
    let back: String = take_width(text.chars().rev(), behind).chars().rev().collect();
    let used = front.width() + back.width() + 1;
    front.push('…');
    front.push_str(&back);
    let mut front = balanced(front);
    front.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
    front
}

fn take_width(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Columns {
        let mut table = Columns::new(vec![
            Column::fixed("PROTO"),
            Column::fixed("QUEUE").right().leaving(1),
            Column::fixed("LOCAL").shrinking(10).keeping_end(),
            Column::fixed("OWNER").shrinking(6),
        ]);
        for (queue, local, owner) in
            [("7", "127.0.0.1:80", "nginx (812)"), ("", "[2001:db8::1234:5678]:443", "größe (1)")]
        {
            table.cell(Tint::Plain, "tcp");
            table.cell(Tint::Plain, queue);
            table.cell(Tint::Plain, local);
            table.cell(Tint::Plain, owner);
        }
        table
    }

    fn written(width: Option<usize>) -> String {
        let mut out = Vec::new();
        table().write(&mut out, Paint::PLAIN, 2, width).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_pipe_gets_everything() {
        assert_eq!(
            written(None),
            "  PROTO  QUEUE  LOCAL                      OWNER\n\
             \x20 tcp        7  127.0.0.1:80               nginx (812)\n\
             \x20 tcp        -  [2001:db8::1234:5678]:443  größe (1)\n"
        );
    }

    #[test]
    fn a_terminal_is_never_overrun_and_addresses_keep_their_ports() {
        for width in 27..90 {
            let text = written(Some(width));
            assert!(text.lines().all(|line| line.width() <= width), "{width}:\n{text}");
            assert!(text.contains(":443"), "{width}:\n{text}");
        }
    }

    #[test]
    fn columns_leave_by_rank_before_others_are_cut_past_use() {
        assert!(written(Some(33)).starts_with("  PROTO  LOCAL"));
        assert!(written(Some(60)).starts_with("  PROTO  QUEUE"));
    }

    #[test]
    fn wide_characters_are_measured_as_terminals_show_them() {
        let cut = shorten("日本語日本語", 8, false);
        assert_eq!(cut.width(), 8);
    }
}
