//! A program that runs below us: signals go to it, and we end as it does.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};
use signal_hook::consts::{SIGALRM, SIGCONT, SIGHUP, SIGWINCH};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::{WithOrigin, origin::Origin};
use signal_hook::low_level::siginfo::Cause;

use crate::exit::Exit;

/// Signals that will go to a program. To be made before there is one, and before there is anything to be taken away
/// when we end, lest a signal between end us alone.
#[derive(Debug)]
pub(crate) struct Forwarding(SignalsInfo<WithOrigin>);

impl Forwarding {
    /// What is ignored, as `nohup` has it, stays ignored, by the program too.
    pub(crate) fn prepare() -> anyhow::Result<Forwarding> {
        let ignored = ignored().unwrap_or(0);
        let forwarded = FORWARDED.into_iter().map(Signal::as_raw);
        let heeded = forwarded.filter(|signal| ignored >> (signal - 1) & 1 == 0);
        Ok(Forwarding(SignalsInfo::new(heeded).context("signals could not be waited for")?))
    }

    /// How to end where a signal came that would have ended us, and there is no program yet to have it: that is
    /// then not to be started.
    pub(crate) fn ended_early(&mut self) -> Option<Exit> {
        let signal = self.0.pending().map(|origin| origin.signal).find(|signal| ends(*signal))?;
        Some(as_a_shell_numbers(128 + signal))
    }

    /// Passes every signal on to `child` from now on, and tells `noted` of those that end who does not heed them. To
    /// be called as soon as there is the child.
    pub(crate) fn to(mut self, child: &Child, noted: impl Fn(i32) + Send + 'static) {
        let pid = Pid::from_child(child);
        // Once the child has ended its number may be another's; a descriptor stays its own.
        let pidfd = pidfd_open(pid, PidfdFlags::empty());
        // Those came while it was being started, so that they may have reached us alone, whoever sent them.
        let early: Vec<Origin> = self.0.pending().collect();
        thread::spawn(move || {
            let heed = |origin: &Origin, is_for_it: bool| {
                if ends(origin.signal) {
                    noted(origin.signal);
                }
                if let (true, Some(signal)) = (is_for_it, Signal::from_named_raw(origin.signal)) {
                    _ = match &pidfd {
                        Ok(pidfd) => pidfd_send_signal(pidfd, signal),
                        Err(_) => kill_process(pid, signal), // before Linux 5.3
                    };
                }
            };
            early.iter().for_each(|origin| heed(origin, !is_of_ours(origin)));
            for origin in &mut self.0 {
                heed(&origin, is_for_child(&origin));
            }
        });
    }
}

/// Whether the child is to be given a signal.
///
/// What the terminal sends comes from the kernel, and goes to the whole process group: to the child as to us. What
/// a process sends is passed on, for nothing tells whether it was sent to us or to the group.
fn is_for_child(origin: &Origin) -> bool {
    match origin.cause {
        Cause::Sent(_) => !is_of_ours(origin),
        _ => reaches_us_alone(origin.signal),
    }
}

/// Whether we did it ourselves: the kernel says so of a file of ours that grew too large, too (`SIGXFSZ`).
fn is_of_ours(origin: &Origin) -> bool {
    let us = rustix::process::getpid().as_raw_pid();
    origin.process.is_some_and(|sender| sender.pid == us)
}

/// Whether the kernel sends such a signal to us without the child: the alarm that was set before we were started,
/// and the end of a terminal that we lead the session of.
fn reaches_us_alone(signal: i32) -> bool {
    let leads = || rustix::process::getsid(None) == Ok(rustix::process::getpid());
    signal == SIGALRM || ([SIGHUP, SIGCONT].contains(&signal) && leads())
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
