//! Piloting by the kernel: the program runs in a cgroup of its own, which is piloted as long as anything
//! is in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use bpf::pilot;

use super::cgroup::Own;
use super::guide::{Guide, Reach};
use super::switch;
use crate::child::{self, Forwarding};
use crate::exit::Exit;
use crate::program::Program;
use crate::report;

/// Runs the program and waits for it and for all that it left behind.
///
/// # Errors
/// If it cannot be piloted; then it was not run. Nor is it where a signal asks for the end before.
pub(super) fn supervise(program: &Program) -> anyhow::Result<Exit> {
    switch::ask_root("pilot run --with ebpf")?;
    let mut signals = Forwarding::prepare()?;
    let own = Own::enter()?;
    let piloted = Piloted { own };
    pilot::on(piloted.own.path())?;
    let mut guide = Guide::new(Reach::Ours);
    if let Some(exit) = signals.ended_early() {
        return Ok(exit);
    }
    let asked_to_end = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked_to_end);
    let child = program
        .spawn(&mut program.command())
        .inspect(|child| signals.to(child, move |_| noted.store(true, Ordering::Relaxed)));
    let left = piloted.own.leave();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            report::error(format_args!("could not run {}: {error}", program.path.display()));
            return Ok(Exit::Of(126));
        }
    };
    left.context("could not go back to the cgroup we came from")?;
    let status = child::wait(&mut child, || guide.tell())?;
    asked_to_end.store(false, Ordering::Relaxed);
    outlive(&piloted.own, &asked_to_end, || guide.tell());
    Ok(child::as_a_shell_says(status))
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

const PAUSE: Duration = Duration::from_millis(50);
/// How many pauses long nobody is told.
const GRACE: u32 = 10;
