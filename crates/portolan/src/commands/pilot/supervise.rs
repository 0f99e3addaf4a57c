//! Piloting by the kernel: the program runs in a cgroup of its own, which is piloted as long as anything
//! is in it.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use bpf::pilot;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::Signals;

use super::cgroup::Own;
use super::guide::{Guide, Reach};
use super::program::Program;
use super::switch;
use crate::exit::Exit;
use crate::report;

/// Runs the program and waits for it and for all that it left behind.
///
/// # Errors
/// If it cannot be piloted; then it was not run.
pub(super) fn supervise(program: &Program) -> anyhow::Result<Exit> {
    switch::ask_root("pilot run --with ebpf")?;
    let own = Own::enter()?;
    let piloted = Piloted { own };
    pilot::on(piloted.own.path())?;
    let mut guide = Guide::new(Reach::Ours);
    // Before there is a child, lest a signal between end us alone.
    let mut signals = Signals::new(FORWARDED).context("signals could not be waited for")?;
    let child = Command::new(&program.path).arg0(&program.args[0]).args(&program.args[1..]).spawn();
    let left = piloted.own.leave();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            report::error(format_args!("could not run {}: {error}", program.path.display()));
            return Ok(Exit::Of(126));
        }
    };
    left.context("could not go back to the cgroup we came from")?;
    let asked_to_end = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked_to_end);
    let pid = Pid::from_child(&child);
    thread::spawn(move || {
        for signal in &mut signals {
            noted
                .fetch_or(matches!(signal, SIGINT | SIGTERM | SIGHUP | SIGQUIT), Ordering::Relaxed);
            forward(pid, signal);
        }
    });
    let status = wait(&mut child, || guide.tell())?;
    asked_to_end.store(false, Ordering::Relaxed);
    outlive(&piloted.own, &asked_to_end, || guide.tell());
    Ok(Exit::Of(as_a_shell_says(status)))
}

/// Ends piloting when it goes.
struct Piloted {
    own: Own,
}

impl Drop for Piloted {
    fn drop(&mut self) {
        _ = self.own.leave();
        if let Err(error) = pilot::off(Some(self.own.path())) {
            report::error(format_args!("{error:#}"));
        }
        if let Err(error) = self.own.remove() {
            let path = self.own.path().display();
            report::error(format_args!("could not remove {path}: {error}"));
        }
    }
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

fn wait(child: &mut Child, mut meanwhile: impl FnMut()) -> anyhow::Result<ExitStatus> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().context("could not wait for the program")? {
            return Ok(status);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(PAUSE);
        if pause == PAUSE {
            meanwhile();
        }
    }
}

/// Waits for what the program left behind: a server in the background.
fn outlive(own: &Own, asked_to_end: &AtomicBool, mut meanwhile: impl FnMut()) {
    // What ends with the program takes a moment.
    for _ in 0..GRACE {
        if own.processes() == 0 {
            return;
        }
        thread::sleep(PAUSE);
    }
    report::notes(&[
        "the program has ended and left others running: they are piloted until they end, or until \
         you end this (Ctrl-C)",
    ]);
    while own.processes() > 0 && !asked_to_end.load(Ordering::Relaxed) {
        thread::sleep(PAUSE);
        meanwhile();
    }
}

fn as_a_shell_says(status: ExitStatus) -> u8 {
    let number = status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(255);
    u8::try_from(number & 0xff).expect("masked")
}

const FORWARDED: [i32; 8] = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT];
const PAUSE: Duration = Duration::from_millis(50);
/// How many pauses long nobody is told.
const GRACE: u32 = 10;
