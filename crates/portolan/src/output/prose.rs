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
    let lines = textwrap::wrap(text, room);
    if lines.len() > 1 && text.contains(OPENERS) { isolated(&lines) } else { lines }
}

/// The lines, each of which ends and begins again what is isolated in it (UAX #9 §2.4.2): a
/// terminal takes every line for itself.
fn isolated(lines: &[Cow<'_, str>]) -> Vec<Cow<'static, str>> {
    let mut open = String::new();
    let line = |text: &Cow<'_, str>| {
        let mut line = open.clone();
        line.push_str(text);
        for c in text.chars() {
            match c {
                c if OPENERS.contains(&c) => open.push(c),
                CLOSE => drop(open.pop()),
                _ => {}
            }
        }
        line.extend(open.chars().map(|_| CLOSE));
        line.into()
    };
    lines.iter().map(line).collect()
}

/// `text`, in which what begins an isolate was cut off or what ends it: each that begins ends in it.
pub(super) fn balanced(text: String) -> String {
    if !text.contains(OPENERS) && !text.contains(CLOSE) {
        return text;
    }
    let mut open = 0_usize;
    let mut kept: String = text
        .chars()
        .filter(|c| {
            let closes_nothing = *c == CLOSE && open == 0;
            match *c {
                CLOSE => open = open.saturating_sub(1),
                c => open += usize::from(OPENERS.contains(&c)),
            }
            !closes_nothing
        })
        .collect();
    kept.extend(std::iter::repeat_n(CLOSE, open));
    kept
}

/// U+2066 to U+2068, which begin what is isolated.
const OPENERS: [char; 3] = ['\u{2066}', '\u{2067}', '\u{2068}'];
/// U+2069, which ends it.
const CLOSE: char = '\u{2069}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_ends_what_is_isolated_in_it_and_the_next_begins_it_again() {
        let text = "\u{2067}ek do teen char paanch \u{2068}a b c d e f g h\u{2069} chhe\u{2069}";
        let terminal = Terminal { width: Some(24), height: None };
        for line in lines(text, terminal, 0) {
            let opened = line.chars().filter(|c| OPENERS.contains(c)).count();
            assert_eq!(opened, line.chars().filter(|c| *c == CLOSE).count(), "{line:?}");
            assert!(line.starts_with('\u{2067}'), "{line:?}");
        }
    }
}
