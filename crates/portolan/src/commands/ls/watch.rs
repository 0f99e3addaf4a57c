//! `ls --watch`: the list again and again. A terminal is redrawn; a pipe gets what came (`+`) and
//! what went (`-`), so that it can be searched and kept; with `--json`, an object a line each time.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

use sockets::{Note, Socket};

use super::select::Selection;
use super::{Listing, csv, json, text};
use crate::args::{LsArgs, OutputArgs};
use crate::exit::Exit;
use crate::label::{self, Scene};
use crate::output::{Paint, Terminal, Tint};
use crate::reader::Reader;

/// Looks every `pause` until the reader has had enough.
pub(super) fn run(
    args: &LsArgs,
    selection: &Selection,
    pause: Duration,
    output: OutputArgs,
    out: &mut Reader<impl Write>,
) -> anyhow::Result<Exit> {
    let paint = Paint::for_stdout(output);
    let mut before: Option<Vec<Row>> = None;
    let mut told = Vec::new();
    let host = crate::host::host();
    loop {
        let listing = Listing::take(&host, args, selection)?;
        let scene = Scene::of(&listing.sockets, &listing.ownership);
        let rows: Vec<Row> = listing.sockets.iter().map(|s| Row::new(s, &scene)).collect();
        let on_screen = !output.json && !args.csv && Terminal::of_stdout().is_terminal();
        match &before {
            _ if output.json => json::write(&listing, out)?,
            None if args.csv => csv::write(&listing, out)?,
            Some(_) if args.csv => csv::write_rows(&listing, out)?,
            before if on_screen => {
                redraw(&listing, &scene, &rows, before.as_deref(), out, paint)?;
            }
            before => changes(&rows, before.as_deref().unwrap_or_default(), out)?,
        }
        out.flush()?;
        // Not whenever a number in them changes, which is at nearly every look.
        let kinds: Vec<_> = listing.notes.iter().map(Note::code).collect();
        if !output.json && !on_screen && told != kinds {
            crate::report::notes(&listing.notes);
            told = kinds;
        }
        if out.is_gone() {
            return Ok(Exit::Answered);
        }
        before = Some(rows);
        std::thread::sleep(pause);
    }
}

/// What tells one row from another between two looks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Row {
    key: (u64, u64, u64),
    text: String,
}

impl Row {
    fn new(socket: &Socket, scene: &Scene<'_>) -> Row {
        let remote = label::remote(socket).map(|end| end.to_string());
        let text = format!(
            "{} {} {} {} {}",
            socket.proto,
            socket.state,
            label::local(socket),
            remote.as_deref().unwrap_or("-"),
            scene.who(socket).holds(usize::MAX),
        );
        Row { key: (socket.netns.0, socket.cookie, socket.inode), text }
    }
}

/// Draws the list over the last one, as much as fits, with the new rows standing out.
fn redraw(
    listing: &Listing,
    scene: &Scene<'_>,
    rows: &[Row],
    before: Option<&[Row]>,
    out: &mut impl Write,
    paint: Paint,
) -> anyhow::Result<()> {
    let terminal = Terminal::of_stdout();
    let height = terminal.height.unwrap_or(24);
    let notes = footnotes(&listing.notes, terminal.width.unwrap_or(80), height / 3);
    let fits = height.saturating_sub(4 + notes.len()).max(1);
    let known: Option<HashSet<&Row>> = before.map(|rows| rows.iter().collect());
    let mut table = text::columns(listing);
    for (socket, row) in listing.sockets.iter().zip(rows).take(fits) {
        let is_new = known.as_ref().is_some_and(|known| !known.contains(row));
        text::row(
            &mut table,
            listing,
            scene,
            socket,
            text::NAMED_ON_A_TERMINAL,
            if is_new { Tint::Heading } else { Tint::Plain },
        );
    }
    let mut drawn = Vec::new();
    table.write(&mut drawn, paint, 0, terminal.width)?;
    let mut screen = String::from(HOME);
    let shown = label::count(listing.sockets.len(), "socket");
    writeln!(screen, "{} · {shown} · ends with Ctrl-C{CLEAR_LINE}", crate::time::clock())?;
    for line in String::from_utf8_lossy(&drawn).lines() {
        writeln!(screen, "{line}{CLEAR_LINE}")?;
    }
    let more = listing.sockets.len().saturating_sub(fits);
    if more > 0 {
        writeln!(screen, "and {} more{CLEAR_LINE}", label::thousands(more))?;
    }
    for line in notes {
        writeln!(screen, "{}{CLEAR_LINE}", paint.tint(Tint::Dim, line))?;
    }
    screen.push_str(CLEAR_BELOW);
    out.write_all(screen.as_bytes())?;
    Ok(())
}

/// What could not be seen, in at most `most` lines of `width` columns.
fn footnotes(notes: &[Note], width: usize, most: usize) -> Vec<String> {
    let lines = notes.iter().flat_map(|note| {
        let text = crate::report::on_one_line(&format!("note: {note}"));
        textwrap::wrap(&text, width).into_iter().map(Cow::into_owned).collect::<Vec<_>>()
    });
    lines.take(most).collect()
}

/// Writes a line for every row that came or went.
fn changes(rows: &[Row], before: &[Row], out: &mut impl Write) -> anyhow::Result<()> {
    let (now, then): (HashSet<&Row>, HashSet<&Row>) =
        (rows.iter().collect(), before.iter().collect());
    let at = crate::time::clock();
    for row in before.iter().filter(|row| !now.contains(row)) {
        writeln!(out, "{at} - {}", row.text)?;
    }
    for row in rows.iter().filter(|row| !then.contains(row)) {
        writeln!(out, "{at} + {}", row.text)?;
    }
    Ok(())
}

/// ECMA-48: cursor to the top left; erase to the end of the line; erase what is below.
const HOME: &str = "\x1b[H";
const CLEAR_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_wrapped_and_counted() {
        let notes = [Note::ProcessesUnreadable { count: 3 }, Note::BoundUnlisted];
        let lines = footnotes(&notes, 40, 8);
        assert_eq!(lines[0], "note: 3 processes could not be looked");
        assert!(lines.len() > 3 && lines.iter().all(|line| line.len() <= 40), "{lines:?}");
        assert_eq!(footnotes(&notes, 40, 2).len(), 2);
    }
}
