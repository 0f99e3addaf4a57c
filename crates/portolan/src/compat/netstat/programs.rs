//! The column `PID/Program name` of `netstat -p`.
//!
//! Source of truth: what `netstat` 2.10 reads and prints for processes with odd arguments. Of several
//! holders the lowest pid is named, by its first argument: the last component if that is an absolute
//! path. The column holds 19 bytes of it. A process whose first thread has ended is not seen.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write};

use sockets::{Holder, Pid, Process, linux_other};

use crate::compat::ended::first_thread_has_ended;
use crate::output::Escaped;

/// Which program holds each socket.
#[derive(Debug)]
pub(super) struct Programs {
    cells: HashMap<u64, Vec<u8>>,
    blindness: Option<Blindness>,
    unseen: Vec<String>,
}

/// What `netstat` says on standard error where processes may not be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blindness {
    /// No process with a socket could be looked into.
    Total {
        /// Who we are.
        euid: u32,
    },
    /// Some could not.
    Partial,
}

impl Programs {
    /// Finds the holders of the sockets with these `inodes`; names are escaped for a `terminal`.
    pub(super) fn find(inodes: Vec<u64>, terminal: bool) -> Programs {
        let ownership = linux_other::holders(&inodes);
        let mut unseen = Unseen::default();
        let cells = inodes
            .into_iter()
            .filter_map(|inode| {
                let holders = ownership.holders(inode);
                let first = holders.iter().find(|holder| !unseen.contains(holder))?;
                Some((inode, padded(&text(first), terminal)))
            })
            .collect();
        Programs { cells, blindness: blindness(), unseen: unseen.lines() }
    }

    /// A line for each process that `netstat` does not see though it holds a socket.
    pub(super) fn unseen(&self) -> &[String] {
        &self.unseen
    }

    /// What to say on standard error, if anything.
    pub(super) fn blindness(&self) -> Option<Blindness> {
        self.blindness
    }

    /// The cell of a socket, padded: `1234/sshd`, or `-` where no holder was seen.
    pub(super) fn cell(&self, inode: u64) -> Vec<u8> {
        self.cells.get(&inode).cloned().unwrap_or_else(|| padded(b"-", false))
    }
}

/// Processes whose first thread has ended: `/proc/PID/fd`, where `netstat` looks, is empty then.
#[derive(Debug, Default)]
struct Unseen(BTreeMap<Pid, Option<String>>);

impl Unseen {
    /// Whether this is one of them; each is looked at once.
    fn contains(&mut self, holder: &Holder<'_>) -> bool {
        let Holder { process, fd } = holder;
        let look = || {
            let seen = fs::symlink_metadata(format!("/proc/{}/fd/{fd}", process.pid)).is_ok();
            let ended = !seen && first_thread_has_ended(process.pid.0);
            ended.then(|| unseen_line(process))
        };
        self.0.entry(process.pid).or_insert_with(look).is_some()
    }

    fn lines(self) -> Vec<String> {
        self.0.into_values().flatten().collect()
    }
}

fn unseen_line(process: &Process) -> String {
    let name = Escaped(&process.comm);
    format!(
        "process {} \"{name}\" is left out as by netstat, because its first thread has ended; \
         portolan ls shows it",
        process.pid
    )
}

/// `1234/sshd`, whole or cut.
fn text(holder: &Holder<'_>) -> Vec<u8> {
    let process = holder.process;
    let argument = process.cmdline.as_ref().and_then(|arguments| arguments.first());
    let mut text = format!("{}/", process.pid).into_bytes();
    text.extend_from_slice(program(argument.map_or(&[][..], Vec::as_slice)));
    text.truncate(LONGEST);
    text
}

/// The program's name out of its first argument.
fn program(argument: &[u8]) -> &[u8] {
    let argument = &argument[..argument.len().min(ARGUMENT)];
    match argument.first() {
        Some(b'/') => argument.rsplit(|byte| *byte == b'/').next().unwrap_or_default(),
        _ => argument,
    }
}

fn padded(text: &[u8], terminal: bool) -> Vec<u8> {
    let mut cell = Vec::with_capacity(WIDTH);
    if terminal {
        write!(cell, "{}", Escaped(text)).expect("a Vec takes every write");
    } else {
        cell.extend_from_slice(text);
    }
    cell.resize(cell.len().max(WIDTH), b' ');
    cell
}

/// What of `/proc` is closed to us. Only a refusal counts: processes that are gone do not.
fn blindness() -> Option<Blindness> {
    let mut refused = false;
    let mut seen = false;
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let name = entry.file_name();
        if !name.as_encoded_bytes().first().is_some_and(u8::is_ascii_digit) {
            continue;
        }
        match fs::read_dir(entry.path().join("fd")) {
            Err(error) => refused |= error.kind() == ErrorKind::PermissionDenied,
            Ok(_) if seen => {}
            Ok(descriptors) => {
                seen = descriptors.flatten().any(|fd| {
                    fs::read_link(fd.path()).is_ok_and(|link| {
                        link.as_os_str().as_encoded_bytes().starts_with(b"socket:[")
                    })
                });
            }
        }
    }
    match (refused, seen) {
        (false, _) => None,
        (true, true) => Some(Blindness::Partial),
        (true, false) => Some(Blindness::Total { euid: rustix::process::geteuid().as_raw() }),
    }
}

impl fmt::Display for Blindness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Blindness::Total { euid } => write!(
                f,
                "(No info could be read for \"-p\": geteuid()={euid} but you should be root.)"
            ),
            Blindness::Partial => f.write_str(
                "(Not all processes could be identified, non-owned process info\n \
                 will not be shown, you would have to be root to see it all.)",
            ),
        }
    }
}

/// The width of the column.
const WIDTH: usize = 20;
/// How much of the column a text may fill.
const LONGEST: usize = 19;
/// How much of the first argument is read.
const ARGUMENT: usize = 511;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_by_its_first_argument() {
        for (argument, name) in [
            (&b"/usr/sbin/sshd"[..], &b"sshd"[..]),
            (b"rel/path/prog", b"rel/path/prog"),
            (b"sshd: root [priv]", b"sshd: root [priv]"),
            (b"/ends/in/", b""),
            (b"", b""),
        ] {
            assert_eq!(program(argument), name);
        }
        assert_eq!(program(&[b'/'; 600]), b"");
    }

    #[test]
    fn cells_are_safe_on_a_terminal_only() {
        assert_eq!(padded(b"7/\x1b]0;x\x07", false), b"7/\x1b]0;x\x07            ");
        assert_eq!(padded(b"7/\x1b]0;x\x07", true), b"7/\\x1b]0;x\\x07      ");
    }
}
