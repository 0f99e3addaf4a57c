//! What goes to standard error: one clear line each.

use std::fmt::Display;

/// Says what could not be seen.
pub(crate) fn notes(notes: &[impl Display]) {
    for note in notes {
        anstream::eprintln!("portolan: note: {note}");
    }
}

/// Says what went wrong.
pub(crate) fn error(error: impl Display) {
    anstream::eprintln!("portolan: {error}");
}
