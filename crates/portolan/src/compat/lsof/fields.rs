//! What `-F` takes and prints: a field a line, its letter before it.
//!
//! Source of truth: `lsof(8)`, "OUTPUT FOR OTHER PROGRAMS", and what `lsof` 4.95 prints. Fields that
//! internet sockets do not have are taken and print nothing.

use std::io::{self, Write};

use super::row::{Process, Row};
use super::text::{self, Charset};

/// The fields asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// A bit for each letter of [`KNOWN`].
    letters: u64,
    /// `0`: fields end in NUL, and each process and file in a line feed.
    nul: bool,
}

impl Fields {
    /// These and the ones called `text`; no letter, or `0` alone, asks for the usual ones.
    ///
    /// # Errors
    /// One line that names a field there is not.
    pub(super) fn with(mut self, text: &str) -> Result<Fields, String> {
        if matches!(text, "" | "0") {
            self.letters |= USUAL.chars().map(bit).sum::<u64>();
        }
        for letter in text.chars() {
            match KNOWN.find(letter) {
                Some(_) => self.letters |= bit(letter),
                None if letter == '0' => self.nul = true,
                None => {
                    return Err(format!(
                        "-F: no field \"{}\": give any of {KNOWN}, and 0 for NUL after each",
                        letter.escape_debug()
                    ));
                }
            }
        }
        Ok(self)
    }

    /// Whether the field `letter` is asked for.
    pub(super) fn has(self, letter: char) -> bool {
        self.letters & bit(letter) != 0
    }

    /// Prints `process` and what it holds.
    pub(super) fn print(
        self,
        out: &mut impl Write,
        process: &Process,
        charset: Charset,
    ) -> io::Result<()> {
        let mut set = Set { fields: self, line: Vec::new() };
        set.line.extend_from_slice(format!("p{}", process.pid).as_bytes());
        set.line.push(set.end());
        set.field('g', |line| write!(line, "{}", process.group))?;
        set.field('R', |line| write!(line, "{}", process.parent))?;
        set.field('c', |line| line.write_all(&text::field(&process.name, charset)))?;
        set.field('u', |line| write!(line, "{}", process.uid.cast_signed()))?;
        if let Some(user) = &process.user {
            set.field('L', |line| line.write_all(user.as_bytes()))?;
        }
        set.flush(out)?;
        for row in &process.rows {
            set.row(row, charset)?;
            set.flush(out)?;
        }
        Ok(())
    }
}

/// The fields of one process or file, collected.
struct Set {
    fields: Fields,
    line: Vec<u8>,
}

impl Set {
    fn row(&mut self, row: &Row, charset: Charset) -> io::Result<()> {
        self.field('f', |line| line.write_all(row.fd_text().as_bytes()))?;
        self.field('a', |line| line.write_all(b"u"))?;
        self.field('l', |line| line.write_all(b" "))?;
        self.field('t', |line| line.write_all(row.type_name().as_bytes()))?;
        if let Some(flags) = row.flags {
            self.field('G', |line| write!(line, "0x{flags:x};0x0"))?;
        }
        self.field('d', |line| write!(line, "{}", row.inode))?;
        self.field('o', |line| line.write_all(b"0t0"))?;
        self.field('P', |line| line.write_all(row.transport.name().as_bytes()))?;
        self.field('n', |line| line.write_all(&text::field(&row.name, charset)))?;
        if let Some(state) = row.state {
            self.field('T', |line| write!(line, "ST={state}"))?;
        }
        self.field('T', |line| write!(line, "QR={}", row.recv_q))?;
        self.field('T', |line| write!(line, "QS={}", row.send_q))
    }

    fn field(
        &mut self,
        letter: char,
        value: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.fields.has(letter) {
            write!(self.line, "{letter}")?;
            value(&mut self.line)?;
            self.line.push(self.end());
        }
        Ok(())
    }

    fn end(&self) -> u8 {
        if self.fields.nul { 0 } else { b'\n' }
    }

    fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.fields.nul && !self.line.is_empty() {
            self.line.push(b'\n');
        }
        out.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }
}

fn bit(letter: char) -> u64 {
    KNOWN.find(letter).map_or(0, |at| 1 << at)
}

/// Every field that `lsof` 4.95 takes.
const KNOWN: &str = "acCdDfFgGiklLmMnNoPprRsStTuzZK";
/// What `-F` alone stands for, of the fields that sockets have.
const USUAL: &str = "pgRcuLfaltGdoPnT";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_letter_is_the_usual_ones() {
        let usual = Fields::default().with("0").unwrap();
        assert!(usual.nul && USUAL.chars().all(|letter| usual.has(letter)) && !usual.has('K'));
        let some = Fields::default().with("pc").unwrap().with("n").unwrap();
        assert!(some.has('n') && some.has('c') && !some.has('f') && !some.nul);
        let more = some.with("0").unwrap();
        assert!(more.has('f') && more.nul);
        assert!(!Fields::default().with("00").unwrap().has('n'));
    }

    #[test]
    fn unknown_fields_are_named() {
        for text in ["x", "p,n", "80", "?", "\u{1b}"] {
            assert!(Fields::default().with(text).unwrap_err().contains("no field"), "{text}");
        }
    }
}
