//! `lsof`, the same bytes out: `-i [ADDRESS] -n -P -t -F[FIELDS]` in any mix, as version 4.95 prints
//! it.
//!
//! On a terminal, `-F` also escapes characters that would move the cursor or turn the text around;
//! other than that `lsof` itself lets none through.

mod address;
mod fields;
mod listed;
mod names;
mod options;
mod port_names;
mod row;
mod select;
mod stat;
mod table;
mod text;

pub(crate) use stat::fuzz as fuzz_stat;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use listed::Listing;
use names::Names;
use options::{Form, Options};
use row::Process;
use select::Wanted;
use sockets::{Ownership, Socket};
use text::Charset;

use crate::report;

/// Runs `lsof` with the arguments after its name.
///
/// Exits 0, or 1 where something that was asked for is not there or the sockets cannot be listed,
/// or 2 for a flag or an address that is not spoken here.
pub(super) fn run(args: &[OsString]) -> ExitCode {
    let options = match Options::parse(args) {
        Ok(options) => options,
        Err(refused) => return complain(&refused.0, 2),
    };
    let mut wanted = Vec::new();
    for address in &options.addresses {
        match Wanted::look_up(address) {
            Ok(value) => wanted.push(value),
            Err(why) => return complain(&format!("-i: {why}"), 2),
        }
    }
    let listing = match Listing::collect(&options, wanted, &Names::new(&options)) {
        Ok(listing) => listing,
        Err(error) => return complain(&describe(&error), 1),
    };
    for name in &listing.left_out {
        report::line(format_args!("portolan lsof: {name}"));
    }
    warn_of_nameless_users(&options, &listing.processes);
    let mut out = io::BufWriter::new(io::stdout().lock());
    match print(&mut out, &options, &listing.processes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("could not write: {error}"), 1)
        }
        _ if listing.complete => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// What is wrong with arguments, if anything is: for fuzzing.
pub(super) fn refusal(args: &[OsString]) -> Option<String> {
    Options::parse(args).err().map(|refused| refused.0)
}

fn print(out: &mut impl Write, options: &Options, processes: &[Process]) -> io::Result<()> {
    if processes.is_empty() {
        return Ok(());
    }
    let charset = Charset::of_locale(io::stdout().is_terminal());
    match options.form {
        Form::Table => table::print(out, processes, charset),
        Form::Pids => processes.iter().try_for_each(|process| writeln!(out, "{}", process.pid)),
        Form::Fields(fields) => {
            processes.iter().try_for_each(|process| fields.print(out, process, charset))
        }
    }
}

/// What `lsof -nP -i :PORT` prints where these are the sockets that it finds: nothing where no
/// process has any.
pub(crate) fn table_of(sockets: &[&Socket], ownership: &Ownership) -> String {
    let processes = listed::processes_of(sockets, ownership);
    let mut text = Vec::new();
    if !processes.is_empty() {
        table::print(&mut text, &processes, Charset::Utf8OnTerminal)
            .expect("a Vec takes every write");
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Says of users without a name that they have none, as often as `lsof` does: it looks for the name
/// of each row twice, to size its columns and to print.
fn warn_of_nameless_users(options: &Options, processes: &[Process]) {
    let times = |process: &Process| match options.form {
        Form::Table => process.rows.len(),
        Form::Fields(fields) => usize::from(fields.has('L')),
        Form::Pids => 0,
    };
    let passes = if options.form == Form::Table { 2 } else { 1 };
    for process in (0..passes).flat_map(|_| processes).filter(|process| process.user.is_none()) {
        for _ in 0..times(process) {
            report::line(format_args!("lsof: no pwd entry for UID {}", process.uid));
        }
    }
}

fn describe(error: &sockets::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn complain(message: &str, code: u8) -> ExitCode {
    report::line(format_args!("portolan lsof: {message}"));
    ExitCode::from(code)
}
