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

/// `text` without anything that a terminal obeys or hides: it may quote what somebody typed.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) { line.extend(c.escape_unicode()) } else { line.push(c) }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_or_hides_is_spelled_out() {
        assert_eq!(on_one_line("größe \\x1b"), "größe \\x1b");
        assert_eq!(on_one_line("a\x1b[31m\n\u{9b}"), r"a\u{1b}[31m\u{a}\u{9b}");
        assert_eq!(on_one_line("evil\u{202e}cod\u{200b}"), r"evil\u{202e}cod\u{200b}");
    }
}
