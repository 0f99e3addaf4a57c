//! What goes to standard error: one clear line each. Where even that cannot be written, nothing can
//! be done about it: the answer and the exit status stand.

use std::fmt::Display;
use std::io::{self, Write};

use crate::output::is_unprintable;

/// Says what could not be seen.
pub(crate) fn notes(notes: &[impl Display]) {
    for note in notes {
        line(format_args!("portolan: note: {}", on_one_line(&note.to_string())));
    }
}

/// Says what went wrong.
pub(crate) fn error(error: impl Display) {
    line(format_args!("portolan: {}", on_one_line(&error.to_string())));
}

/// Writes `text` and a line's end as they are, in one piece.
pub(crate) fn line(text: impl Display) {
    let _told_or_not = io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// `text` without anything that a terminal obeys or hides, since it may quote what somebody typed;
/// without its middle where it is longer than anybody reads.
pub(crate) fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LONGEST));
    let length = text.chars().count();
    let middle = if length > LONGEST { LONGEST / 2..length - LONGEST / 2 } else { 0..0 };
    for (at, c) in text.chars().enumerate() {
        match c {
            _ if middle.contains(&at) => {
                line.push_str(if at == middle.start { " … " } else { "" })
            }
            c if is_unprintable(c) => line.extend(c.escape_unicode()),
            c => line.push(c),
        }
    }
    line
}

/// How many characters a line has at most.
const LONGEST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_or_hides_is_spelled_out() {
        assert_eq!(on_one_line("größe \\x1b"), "größe \\x1b");
        assert_eq!(on_one_line("a\x1b[31m\n\u{9b}"), r"a\u{1b}[31m\u{a}\u{9b}");
        assert_eq!(on_one_line("evil\u{202e}cod\u{200b}"), r"evil\u{202e}cod\u{200b}");
    }

    #[test]
    fn a_line_too_long_to_read_loses_its_middle() {
        let line = on_one_line(&format!("read {}: too long", "9".repeat(50_000)));
        assert!(line.starts_with("read 999") && line.ends_with("999: too long"), "{line}");
        assert!(line.contains("9 … 9") && line.chars().count() == LONGEST + 3, "{line}");
    }
}
