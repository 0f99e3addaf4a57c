//! `netstat`, the same bytes out: `-[tulnapeW46]` in any mix, as version 2.10 of net-tools prints it.
//!
//! Into a pipe or a file go the very bytes that `netstat` would write, names and paths as they are.
//! On a terminal those could move the cursor or set its title, so there (and only there) they are
//! written with escapes, unlike in `netstat`.
//!
//! Hosts are named by the system's own resolver (`getnameinfo`), ports and protocols from
//! `/etc/services` and `/etc/protocols`, users from `/etc/passwd`. Tables that Debian's kernels do
//! not have (SCTP, IPX, AX.25, X.25, NET/ROM, ROSE) are not printed.

mod address;
mod inet;
mod names;
mod options;
mod programs;
mod unix;
mod unix_row;

pub(crate) use unix_row::fuzz_unix;

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use options::Options;
use programs::Programs;

/// Runs `netstat` with the arguments after its name.
///
/// Exits 0, or 1 where the sockets cannot be listed, or 2 for a flag that is not spoken here.
pub(super) fn run(args: &[OsString]) -> ExitCode {
    let options = match Options::parse(args) {
        Ok(options) => options,
        Err(refused) => return complain(&refused.0, 2),
    };
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match print(&options, &mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => complain(&error.to_string(), 1),
        _ => ExitCode::SUCCESS,
    }
}

/// What is wrong with arguments, if anything is: for fuzzing.
pub(super) fn refusal(args: &[OsString]) -> Option<String> {
    Options::parse(args).err().map(|refused| refused.0)
}

/// Reads the tables that were asked for, then who holds what is in them, then prints.
fn print(options: &Options, out: &mut impl Write) -> io::Result<()> {
    let inet = inet::Tables::read(options).map_err(io::Error::other)?;
    let unix = options.unix().then(unix::Table::read).transpose()?;
    let programs = options.programs.then(|| {
        let inodes = inet.inodes().chain(unix.iter().flat_map(unix::Table::inodes)).collect();
        Programs::find(inodes, io::stdout().is_terminal())
    });
    if let Some(programs) = &programs {
        programs.blindness().iter().for_each(crate::report::line);
        for unseen in programs.unseen() {
            crate::report::line(format_args!("portolan netstat: {unseen}"));
        }
    }
    inet.print(options, programs.as_ref(), out)?;
    if let Some(unix) = unix {
        unix.print(options, programs.as_ref(), io::stdout().is_terminal(), out)?;
    }
    Ok(())
}

fn complain(message: &str, code: u8) -> ExitCode {
    crate::report::line(format_args!("portolan netstat: {message}"));
    ExitCode::from(code)
}
