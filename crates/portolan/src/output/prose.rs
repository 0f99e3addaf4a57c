//! Sentences, broken at words where the terminal ends. In a pipe nothing is broken.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};

use super::Terminal;

/// Writes `lead`, `indent` columns wide, and `text` behind it, broken at words where the terminal
/// ends and continued under its beginning.
pub(crate) fn hanging(
    out: &mut impl Write,
    terminal: Terminal,
    indent: usize,
    lead: impl Display,
    text: &str,
) -> io::Result<()> {
    let lines = lines(text, terminal, indent);
    let mut lines = lines.iter();
    writeln!(out, "{lead}{}", lines.next().map(AsRef::as_ref).unwrap_or(""))?;
    lines.try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
}

/// `text`, broken at words into lines for a terminal on which `indent` columns are taken.
pub(crate) fn lines(text: &str, terminal: Terminal, indent: usize) -> Vec<Cow<'_, str>> {
    let room = terminal.width.unwrap_or(usize::MAX).saturating_sub(indent).max(20);
    textwrap::wrap(text, room)
}
