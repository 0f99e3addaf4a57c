//! Doing it: commands of those who manage the owner, and signals.

use std::process::{Command, Stdio};

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use sockets::Process;

use super::plan::Way;
use crate::args::StopArgs;
use crate::exit::Exit;
use crate::label;
use crate::program;

/// A process, by a descriptor that no other process of its number is mistaken for.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) process: Process,
    descriptor: OwnedFd,
}

/// Why something could not be done.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) why: String,
    pub(super) exit: Exit,
}

impl Handle {
    /// Of the process that was seen, and `None` where it has ended.
    pub(super) fn open(process: &Process) -> Option<Handle> {
        let pid = Pid::from_raw(i32::try_from(process.pid.0).ok()?)?;
        let descriptor = pidfd_open(pid, PidfdFlags::empty()).ok()?;
        // Another may have come to have the number before there was a descriptor.
        let now = sockets::Processes::open().ok()?.process(process.pid)?;
        let process = process.clone();
        (now.start_ticks == process.start_ticks).then_some(Handle { process, descriptor })
    }

    /// Sends it a signal; that it has ended is no failure.
    pub(super) fn signal(&self, signal: Signal) -> Result<(), Failure> {
        match pidfd_send_signal(&self.descriptor, signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(Errno::PERM) => {
                let (name, user) = (label::process(&self.process), label::user(&self.process.user));
                let why = format!("you may not end {name}: {user} or root could");
                Err(Failure { why, exit: Exit::Unknown })
            }
            Err(error) => {
                let why = format!("could not signal {}: {error}", label::process(&self.process));
                Err(Failure { why, exit: Exit::Failed })
            }
        }
    }
}

/// Has the one who manages the owner end it; the command has the terminal.
pub(super) fn command(way: &Way, args: &StopArgs, port: registry::Port) -> Result<(), Failure> {
    let failed = |why: String| Failure { why, exit: Exit::Failed };
    let words = match way {
        Way::Published => published(args, port)?,
        way => way
            .command(args)
            .ok_or_else(|| failed("no command is known that ends it".to_owned()))?,
    };
    let said = words.join(" ");
    let path = program::find(words[0].as_ref()).map_err(|_| {
        failed(format!("there is no {} here, which would have to end it: {said}", words[0]))
    })?;
    let status = Command::new(path).args(&words[1..]).stdin(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            let exit =
                if rustix::process::geteuid().is_root() { Exit::Failed } else { Exit::Unknown };
            let who = if exit == Exit::Unknown { "; root could" } else { "" };
            Err(Failure { why: format!("`{said}` failed ({status}){who}"), exit })
        }
        Err(error) => Err(failed(format!("could not run {said}: {error}"))),
    }
}

/// The command that stops the container which publishes the port.
fn published(args: &StopArgs, port: registry::Port) -> Result<Vec<String>, Failure> {
    let failed = |why: String| Failure { why, exit: Exit::Failed };
    let filter = format!("publish={port}");
    let asked = Command::new("docker").args(["ps", "--quiet", "--filter", &filter]).output();
    let asked =
        asked.map_err(|error| failed(format!("could not ask docker whose port it is: {error}")))?;
    let text = String::from_utf8_lossy(&asked.stdout).into_owned();
    let ids: Vec<&str> = text.split_whitespace().collect();
    if ids.is_empty() {
        return Err(failed(format!("docker names no container that publishes {port}")));
    }
    let grace = args.grace.as_secs().to_string();
    let words = ["docker", "stop", "--time", &grace, "--"].into_iter().chain(ids);
    Ok(words.map(str::to_owned).collect())
}
