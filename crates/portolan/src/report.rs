//! What goes to standard error: one clear line each.

use std::fmt::Display;

/// Says what could not be seen.
pub(crate) fn notes(notes: &[impl Display]) {
    for note in notes {
        anstream::eprintln!("portolan: note: {}", on_one_line(&note.to_string()));
    }
}

/// Says what went wrong.
pub(crate) fn error(error: impl Display) {
    anstream::eprintln!("portolan: {}", on_one_line(&error.to_string()));
}

/// `text` without anything that a terminal obeys: it may quote what somebody typed.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}
