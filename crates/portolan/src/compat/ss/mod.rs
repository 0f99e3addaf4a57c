//! `ss`, the same bytes out: `-[tulnapH46]` in any mix, as version 6.1 of iproute2 prints it.
//!
//! Into a pipe or a file go the very bytes that `ss` would write, the names of processes and paths
//! as they are. On a terminal those names could move the cursor or set its title, so there (and
//! only there) control characters and what is not UTF-8 are written as escapes, unlike in `ss`.
//! `--ss-version=7.3` prints what that version prints.

mod address;
mod buffer;
mod listed;
mod names;
mod options;
mod row;
mod table;
mod users;

use std::cmp::Reverse;
use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use crate::compat::descriptor;
use listed::Listed;
use names::Names;
use options::{Options, Version};
use registry::Proto;
use row::Row;
use sockets::linux_other::holders;
use sockets::{Error, Owners, Ownership, Socket, State};
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

/// What is wrong with arguments, if anything is: for fuzzing.
pub(super) fn refusal(args: &[OsString]) -> Option<String> {
    Options::parse(args).err().map(|refused| refused.0)
}

/// Fills the table that was asked for.
fn collect(options: &Options) -> Result<Table, Error> {
    let lists = options.lists();
    let source = sockets::host();
    let mut sockets = Vec::new();
    for list in &lists {
        sockets.extend(listed::list(*list, options, &source)?);
    }
    let ownership = match options.processes {
        true => holders(&sockets.iter().map(Listed::inode).collect::<Vec<_>>()),
        false => Ownership::default(),
    };
    let names = if options.numeric { Names::numeric() } else { Names::read(&source) };
    let mut table = Table::new(shape(options, lists.len()));
    for socket in sockets {
        let process = users::cell(&ownership.holders(socket.inode()), options.version);
        table.add(&Row { process, ..socket.row(&names) });
    }
    Ok(table)
}

/// What `ss -tuanp` with a filter prints, into a pipe, where these are the sockets that it finds;
/// with control characters escaped. `protos` are those that were asked for.
pub(crate) fn table_of(sockets: &[&Socket], ownership: &Ownership, protos: &[Proto]) -> String {
    let shape = Shape {
        netid: protos.len() != 1,
        state: true,
        process: true,
        header: true,
        screen: None,
        last_uncounted: true,
        ragged: false,
        escape: true,
    };
    let mut table = Table::new(shape);
    let names = Names::numeric();
    let mut listed: Vec<&Socket> =
        sockets.iter().copied().filter(|socket| socket.state != State::Bound).collect();
    listed.sort_by_key(|socket| (Reverse(socket.proto), socket.family));
    for socket in listed {
        let holders = match ownership.of(socket) {
            Owners::Known(holders) => descriptor::known(holders, socket.inode),
            _ => Vec::new(),
        };
        let process = users::cell(&holders, Version::V6_1);
        table.add(&Row { process, ..listed::inet_row(socket.proto.name(), socket, &names) });
    }
    let mut text = Vec::new();
    table.print(&mut text).expect("a Vec takes every write");
    String::from_utf8_lossy(&text).into_owned()
}

/// What the table of `lists` lists looks like on this standard output.
fn shape(options: &Options, lists: usize) -> Shape {
    let stdout = io::stdout();
    let terminal = stdout.is_terminal();
    let screen = match options.version {
        _ if terminal => rustix::termios::tcgetwinsize(&stdout).ok().map(|size| size.ws_col.into()),
        Version::V6_1 => None,
        Version::V7_3 => env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()),
    };
    let screen = screen.filter(|columns| *columns > 0);
    Shape {
        netid: lists != 1,
        state: !options.one_state(),
        process: options.processes || options.version == Version::V6_1,
        header: !options.no_header,
        screen,
        last_uncounted: options.version == Version::V6_1,
        ragged: options.version == Version::V7_3 && screen.is_none(),
        escape: terminal,
    }
}

fn describe(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn complain(message: &str, code: u8) -> ExitCode {
    crate::report::line(format_args!("portolan ss: {message}"));
    ExitCode::from(code)
}
