//! A program that runs below us: signals go to it, and we end as it does.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use signal_hook::consts::{SIGCONT, SIGINT, SIGQUIT, SIGWINCH};
use signal_hook::iterator::Signals;

use crate::exit::Exit;

/// Signals that will go to a program. To be made before there is one, and before there is anything to be taken away
/// when we end, lest a signal between end us alone.
#[derive(Debug)]
pub(crate) struct Forwarding(Signals);

impl Forwarding {
    /// What is ignored, as `nohup` has it, stays ignored, by the program too.
    pub(crate) fn prepare() -> anyhow::Result<Forwarding> {
        let ignored = ignored().unwrap_or(0);
        let forwarded = FORWARDED.into_iter().map(Signal::as_raw);
        let heeded = forwarded.filter(|signal| ignored >> (signal - 1) & 1 == 0);
        Ok(Forwarding(Signals::new(heeded).context("signals could not be waited for")?))
    }

    /// How to end where a signal came that would have ended us, and there is no program yet to have it: that is
    /// then not to be started.
    pub(crate) fn ended_early(&mut self) -> Option<Exit> {
        self.0.pending().find(|signal| ends(*signal)).map(|signal| as_a_shell_numbers(128 + signal))
    }

    /// Passes every signal on to `child` from now on, and tells `noted` of those that end who does not heed them.
    pub(crate) fn to(mut self, child: &Child, noted: impl Fn(i32) + Send + 'static) {
        let pid = Pid::from_child(child);
        thread::spawn(move || {
            for signal in &mut self.0 {
                if ends(signal) {
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
    as_a_shell_numbers(number)
}

fn as_a_shell_numbers(number: i32) -> Exit {
    Exit::Of(u8::try_from(number & 0xff).expect("masked"))
}

/// Whether a signal ends a program that does nothing about it.
fn ends(signal: i32) -> bool {
    ![SIGWINCH, SIGCONT].contains(&signal)
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

/// Those that end a program which does nothing about them, but for what tells of an error of our own (`SIGSEGV`
/// and its like), and for `SIGPIPE`, which we ignore; and two that a program with a terminal wants to know of.
const FORWARDED: [Signal; 16] = [
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::ABORT,
    Signal::USR1,
    Signal::USR2,
    Signal::ALARM,
    Signal::TERM,
    Signal::XCPU,
    Signal::XFSZ,
    Signal::VTALARM,
    Signal::PROF,
    Signal::IO,
    Signal::POWER,
    Signal::WINCH,
    Signal::CONT,
];
const PAUSE: Duration = Duration::from_millis(50);
