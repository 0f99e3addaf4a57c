//! What standard output is: a terminal of some size, or not a terminal.

use std::io::IsTerminal;

/// The size of the terminal that standard output is, or that it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Columns; `None` for a pipe or a file, where nothing is cut.
    pub(crate) width: Option<usize>,
    /// Lines; `None` for a pipe or a file.
    pub(crate) height: Option<usize>,
}

impl Terminal {
    /// Looks at standard output.
    pub(crate) fn of_stdout() -> Terminal {
        let stdout = std::io::stdout();
        if !stdout.is_terminal() {
            return Terminal { width: None, height: None };
        }
        let size = rustix::termios::tcgetwinsize(&stdout).ok();
        let known = |n: u16| (n > 0).then_some(usize::from(n));
        Terminal {
            width: Some(size.and_then(|s| known(s.ws_col)).unwrap_or(80)),
            height: Some(size.and_then(|s| known(s.ws_row)).unwrap_or(24)),
        }
    }

    /// Whether it is a terminal.
    pub(crate) fn is_terminal(self) -> bool {
        self.width.is_some()
    }
}
