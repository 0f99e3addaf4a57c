//! `ss`, the same bytes out: `-[tulnapH46]` in any mix, as version 6.1 of iproute2 prints it.
//!
//! Into a pipe or a file go the very bytes that `ss` would write, the names of processes and paths
//! as they are. On a terminal those names could move the cursor or set its title, so there (and
//! only there) control characters and what is not UTF-8 are written as escapes, unlike in `ss`.
//! `--ss-version=7.1` prints what newer versions print.

mod address;
mod inet;
mod options;
mod row;
mod table;
mod users;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use options::Options;
use sockets::Error;
use table::{Shape, Table};

/// Runs `ss` with the arguments after its name.
///
/// Exits 0, or 1 where the sockets cannot be listed, or 2 for a flag that is not spoken here.
pub(super) fn run(args: &[OsString]) -> ExitCode {
    let options = match Options::parse(args) {
        Ok(options) => options,
        Err(refused) => return complain(&refused.0, 2),
    };
    let table = match collect(&options) {
        Ok(table) => table,
        Err(error) => return complain(&describe(&error), 1),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    match table.print(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("could not write: {error}"), 1)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Fills the table that was asked for.
fn collect(options: &Options) -> Result<Table, Error> {
    let lists = options.lists();
    let mut table = Table::new(Shape {
        netid: lists.len() != 1,
        state: !options.one_state(),
        header: !options.no_header,
        screen: screen(),
        trim: false,
    });
    inet::add(&mut table, &sockets::host(), options, &lists)?;
    Ok(table)
}

/// The width of the terminal that standard output is.
fn screen() -> Option<usize> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

fn describe(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn complain(message: &str, code: u8) -> ExitCode {
    eprintln!("portolan ss: {message}");
    ExitCode::from(code)
}
