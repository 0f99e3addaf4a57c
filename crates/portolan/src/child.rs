//! A program that runs below us: signals go to it, and we end as it does.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::Signals;

use crate::exit::Exit;

/// Signals that will go to a program. To be made before there is one, lest a signal between end us alone.
#[derive(Debug)]
pub(crate) struct Forwarding(Signals);

impl Forwarding {
    /// What is ignored, as `nohup` has it, stays ignored, by the program too.
    pub(crate) fn prepare() -> anyhow::Result<Forwarding> {
        let ignored = ignored().unwrap_or(0);
        let heeded = FORWARDED.into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
        Ok(Forwarding(Signals::new(heeded).context("signals could not be waited for")?))
    }

    /// Passes every signal on to `child` from now on, and tells `noted` of those that ask it to end.
    pub(crate) fn to(mut self, child: &Child, noted: impl Fn(i32) + Send + 'static) {
        let pid = Pid::from_child(child);
        thread::spawn(move || {
            for signal in &mut self.0 {
                if [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(&signal) {
                    noted(signal);
                }
                forward(pid, signal);
            }
        });
    }
}

/// The signals that this process ignores, a bit each from SIGHUP's on; `None` where the kernel does not tell.
fn ignored() -> Option<u64> {
    u64::from_str_radix(&crate::own_status::field("SigIgn")?, 16).ok()
}

/// Waits for the end of `child`, and does something every now and then meanwhile.
pub(crate) fn wait(child: &mut Child, mut meanwhile: impl FnMut()) -> anyhow::Result<ExitStatus> {
    let pidfd = pidfd_open(Pid::from_child(child), PidfdFlags::empty());
    let ended = |child: &mut Child| child.try_wait().context("could not wait for the program");
    loop {
        if let Some(status) = ended(child)? {
            return Ok(status);
        }
        match &pidfd {
            Ok(pidfd) => {
                let pause = PAUSE.try_into().expect("a short time");
                _ = poll(&mut [PollFd::new(pidfd, PollFlags::IN)], Some(&pause));
            }
            Err(_) => thread::sleep(PAUSE), // before Linux 5.3
        }
        meanwhile();
    }
}

/// The exit status that a shell gives to a program that ended so.
pub(crate) fn as_a_shell_says(status: ExitStatus) -> Exit {
    let number = status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(255);
    Exit::Of(u8::try_from(number & 0xff).expect("masked"))
}

/// Passes a signal on. What a terminal sends goes to the child without us.
fn forward(child: Pid, signal: i32) {
    let from_terminal = matches!(signal, SIGINT | SIGQUIT | SIGWINCH | SIGCONT)
        && rustix::process::getpgrp()
            == rustix::termios::tcgetpgrp(std::io::stdin()).unwrap_or(child);
    if let (false, Some(signal)) = (from_terminal, Signal::from_named_raw(signal)) {
        _ = kill_process(child, signal);
    }
}

const FORWARDED: [i32; 8] = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT];
const PAUSE: Duration = Duration::from_millis(50);
