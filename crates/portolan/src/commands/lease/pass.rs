//! Sockets passed to a program as systemd passes them: from descriptor 3 on, as many as `LISTEN_FDS` says, to
//! the process that `LISTEN_PID` names (`sd_listen_fds(3)`).
//!
//! A process learns its id when it runs, so what is started first is this program once more, which sets
//! `LISTEN_PID` and becomes the other.

use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use alloc::lease::Lease;
use anyhow::Context;
use command_fds::{CommandFdExt, FdMapping};
use registry::Proto;

use crate::exit::Exit;
use crate::program::Program;
use crate::report;

/// How to start `program` with the sockets of `lease`, TCP's listening, port by port.
pub(super) fn command(
    program: &Program,
    lease: &mut Lease,
    protos: &[Proto],
) -> anyhow::Result<Command> {
    let mut sockets: Vec<OwnedFd> = Vec::new();
    for port in lease.ports().to_vec() {
        for proto in protos {
            sockets.push(match proto {
                Proto::Udp => lease.udp_socket(port).context("could not pass the socket")?.into(),
                _ => lease
                    .listen(port)
                    .with_context(|| format!("could not listen on {port}"))?
                    .into(),
            });
        }
    }
    let mut command = Command::new("/proc/self/exe");
    command.arg0(BECOME).arg(&program.path).args(&program.args);
    command.env("LISTEN_FDS", sockets.len().to_string()).env_remove("LISTEN_FDNAMES");
    let numbered = (FIRST..).zip(sockets);
    let mappings = numbered.map(|(child_fd, parent_fd)| FdMapping { parent_fd, child_fd });
    command.fd_mappings(mappings.collect()).context("could not pass the sockets")?;
    Ok(command)
}

/// Becomes the program that the arguments name, where we were started for that: the path first, then its own.
pub(crate) fn become_program(args: &[OsString]) -> Option<Exit> {
    let [name, path, own @ ..] = args else { return None };
    if name != OsStr::new(BECOME) {
        return None;
    }
    let program = Program { path: path.into(), args: own.to_vec() };
    let error = program.command().env("LISTEN_PID", std::process::id().to_string()).exec();
    report::error(format_args!("could not run {}: {error}", program.path.display()));
    Some(Exit::Of(126))
}

/// The name by which we are to become another program.
const BECOME: &str = "portolan-become";
/// `SD_LISTEN_FDS_START`.
const FIRST: i32 = 3;
