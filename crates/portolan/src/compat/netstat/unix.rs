//! The section "Active UNIX domain sockets".
//!
//! Source of truth: what `netstat` 2.10 prints for made-up tables with every type and state in them.

use std::fs;
use std::io::{self, Write};

use super::options::Options;
use super::programs::Programs;
use super::unix_row::{ACCEPTCON, NOSPACE, Row, UNCONNECTED, WAITDATA};
use crate::output::Escaped;

/// The text of `/proc/net/unix`.
#[derive(Debug)]
pub(super) struct Table(Vec<u8>);

impl Table {
    /// Reads the table; empty where the kernel has none.
    pub(super) fn read() -> io::Result<Table> {
        match fs::read("/proc/net/unix") {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            text => Ok(Table(text.unwrap_or_default())),
        }
    }

    /// The inodes of the sockets.
    pub(super) fn inodes(&self) -> impl Iterator<Item = u64> {
        self.lines().filter_map(Row::parse).map(|row| row.inode)
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split_inclusive(|byte| *byte == b'\n').skip(1)
    }

    /// Prints the headings and the rows that were asked for; says of lines that are none that they
    /// are none, on standard error. Paths are printed with escapes if `terminal`.
    pub(super) fn print(
        &self,
        options: &Options,
        programs: Option<&Programs>,
        terminal: bool,
        out: &mut impl Write,
    ) -> io::Result<()> {
        writeln!(out, "Active UNIX domain sockets {}", options.scope().heading())?;
        write!(out, "Proto RefCnt Flags       Type       State         I-Node   ")?;
        if programs.is_some() {
            write!(out, "{:<20} ", "PID/Program name")?;
        }
        writeln!(out, "Path")?;
        for line in self.lines() {
            match Row::parse(line) {
                None => crate::report::line("warning, got bogus unix line."),
                Some(row) if options.scope().wants(row.is_listening()) => {
                    print_row(&row, programs, terminal, out)?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn print_row(
    row: &Row<'_>,
    programs: Option<&Programs>,
    terminal: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let (flags, kind, state) = (flags(row.flags), kind(row.kind), state(row));
    write!(out, "unix  {:<6} {flags:<11} {kind:<10} {state:<13} ", row.references)?;
    write!(out, "{:<8} ", row.inode)?;
    if let Some(programs) = programs {
        out.write_all(&programs.cell(row.inode))?;
        out.write_all(b" ")?;
    }
    if terminal {
        write!(out, "{}", Escaped(row.path))?;
    } else {
        out.write_all(row.path)?;
    }
    out.write_all(b"\n")
}

fn flags(flags: u64) -> String {
    let mut shown = "[ ".to_owned();
    for (flag, name) in [(ACCEPTCON, "ACC "), (WAITDATA, "W "), (NOSPACE, "N ")] {
        if flags & flag != 0 {
            shown.push_str(name);
        }
    }
    shown.push(']');
    shown
}

/// The names of `SOCK_STREAM` and its kin (`linux/net.h`).
const fn kind(kind: u64) -> &'static str {
    match kind {
        1 => "STREAM",
        2 => "DGRAM",
        3 => "RAW",
        4 => "RDM",
        5 => "SEQPACKET",
        _ => "UNKNOWN",
    }
}

/// The names of `SS_CONNECTED` and its kin (`linux/net.h`).
fn state(row: &Row<'_>) -> &'static str {
    match row.state {
        0 => "FREE",
        UNCONNECTED if row.is_listening() => "LISTENING",
        UNCONNECTED => "",
        2 => "CONNECTING",
        3 => "CONNECTED",
        4 => "DISCONNECTING",
        _ => "UNKNOWN",
    }
}
