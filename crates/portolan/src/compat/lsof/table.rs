//! The columns of `lsof`, each as wide as its widest cell.
//!
//! Source of truth: what `lsof` 4.95 prints. Only COMMAND and NAME stand to the left.

use std::io::{self, Write};

use super::row::Process;
use super::text::{self, Charset};

/// Prints `processes` under a header.
pub(super) fn print(
    out: &mut impl Write,
    processes: &[Process],
    charset: Charset,
) -> io::Result<()> {
    let lines: Vec<Line> = processes.iter().flat_map(|process| lines(process, charset)).collect();
    let mut widths = HEADER.map(str::len);
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(&line.cells) {
            *width = (*width).max(cell.len());
        }
    }
    let header = HEADER.map(|title| title.as_bytes().to_vec());
    put(out, &widths, &header, "  ", b"NAME")?;
    lines.iter().try_for_each(|line| put(out, &widths, &line.cells, "u ", &line.name))
}

/// A line of the table: the cells of all columns but the last.
struct Line {
    cells: [Vec<u8>; COLUMNS],
    name: Vec<u8>,
}

fn lines(process: &Process, charset: Charset) -> impl Iterator<Item = Line> {
    let user = match &process.user {
        Some(name) => name.clone(),
        None => process.uid.to_string().chars().take(LONGEST_UID).collect(),
    };
    process.rows.iter().map(move |row| {
        let mut name = text::field(&row.name, charset);
        match row.state {
            Some(state) => name.extend_from_slice(format!(" ({state})").as_bytes()),
            None => name.push(b' '),
        }
        let cells = [
            text::cell(&process.name),
            process.pid.to_string().into_bytes(),
            user.clone().into_bytes(),
            row.fd_text().into_bytes(),
            row.type_name().into(),
            row.inode.to_string().into_bytes(),
            b"0t0".to_vec(),
            row.transport.name().into(),
        ];
        Line { cells, name }
    })
}

fn put(
    out: &mut impl Write,
    widths: &[usize; COLUMNS],
    cells: &[Vec<u8>; COLUMNS],
    mode_and_lock: &str,
    name: &[u8],
) -> io::Result<()> {
    for (nth, (width, cell)) in widths.iter().zip(cells).enumerate() {
        let blanks = width - cell.len();
        if nth == 0 {
            out.write_all(cell)?;
            write!(out, "{:blanks$}", "")?;
            continue;
        }
        write!(out, " {:blanks$}", "")?;
        out.write_all(cell)?;
        if nth == FD {
            out.write_all(mode_and_lock.as_bytes())?;
        }
    }
    out.write_all(b" ")?;
    out.write_all(name)?;
    out.write_all(b"\n")
}

const COLUMNS: usize = 8;
/// Which column FD is.
const FD: usize = 3;
/// The titles; FD has room for four digits whatever is in it.
const HEADER: [&str; COLUMNS] =
    ["COMMAND", "PID", "USER", "  FD", "TYPE", "DEVICE", "SIZE/OFF", "NODE"];
/// How much of a number is printed for a user without a name.
const LONGEST_UID: usize = 8;
