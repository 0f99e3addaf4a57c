//! Ending them and waiting until the port can be bound, or saying why it cannot.

use std::io::{self, IsTerminal, Write};
use std::thread;
use std::time::{Duration, Instant};

use registry::Port;
use rustix::process::Signal;
use sockets::{BindTrial, Pid, Process, Source};

use super::act::{self, Failure, Handle};
use super::plan::{Plan, Way};
use super::scene::{Part, Scenery};
use crate::args::StopArgs;
use crate::exit::Exit;
use crate::label;
use crate::report;
use crate::tongue::Tongue;

/// Ends those of the plan; what came of it.
pub(super) fn end(
    plan: &Plan,
    before: &Scenery,
    args: &StopArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let port = before.port;
    let handles: Vec<Handle> = plan.processes().filter_map(Handle::open).collect();
    for way in plan.ways.keys() {
        let done = match way {
            Way::Signal(pid) => terminate(&handles, *pid),
            way => act::command(way, args, port),
        };
        if let Err(Failure { why, exit }) = done {
            report::error(why);
            return Ok(exit);
        }
    }
    let signalled: Vec<&Handle> = handles
        .iter()
        .filter(|handle| {
            let is_signal = |way: &Way| matches!(way, Way::Signal(_));
            plan.ways
                .iter()
                .any(|(way, processes)| is_signal(way) && processes.contains(&handle.process))
        })
        .collect();
    let mut now = wait_for(before, args, &signalled)?;
    if listens(&now, args) && args.force {
        for handle in &signalled {
            if let Err(Failure { why, exit }) = handle.signal(Signal::KILL) {
                report::error(why);
                return Ok(exit);
            }
        }
        now = wait_until_quiet(before, args, AFTER_A_KILL, &mut |_| ())?;
    }
    verdict(&now, plan, args, out)
}

fn terminate(handles: &[Handle], pid: Pid) -> Result<(), Failure> {
    let meant = handles.iter().find(|handle| handle.process.pid == pid);
    meant.map_or(Ok(()), |handle| handle.signal(Signal::TERM))
}

/// Waits as long as the grace period lasts. Workers that their master left behind are told half-way.
fn wait_for(before: &Scenery, args: &StopArgs, signalled: &[&Handle]) -> anyhow::Result<Scenery> {
    let half = args.grace / 2;
    let mut told = false;
    wait_until_quiet(before, args, args.grace, &mut |waited| {
        if waited >= half && !told {
            told = true;
            for handle in signalled {
                // Who may not be signalled was found out before.
                _ = handle.signal(Signal::TERM);
            }
        }
    })
}

/// Looks again and again, until nobody listens or the time is over.
fn wait_until_quiet(
    before: &Scenery,
    args: &StopArgs,
    most: Duration,
    meanwhile: &mut impl FnMut(Duration),
) -> anyhow::Result<Scenery> {
    let began = Instant::now();
    let proto = (before.protos.len() == 1).then(|| before.protos[0]);
    let mut countdown = Countdown::default();
    let mut pause = FIRST_PAUSE;
    loop {
        let now = Scenery::look(before.port, proto)?;
        let waited = began.elapsed();
        if !listens(&now, args) || waited >= most {
            countdown.clear();
            return Ok(now);
        }
        countdown.show(most.saturating_sub(waited));
        meanwhile(waited);
        thread::sleep(pause.min(most.saturating_sub(waited)));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether somebody is still there who was to end.
fn listens(scenery: &Scenery, args: &StopArgs) -> bool {
    scenery.playing(Part::Listener).next().is_some()
        || args.clients && scenery.playing(Part::Client).next().is_some()
}

/// Says whether the port is free now, and if not, why.
fn verdict(
    now: &Scenery,
    plan: &Plan,
    args: &StopArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let port = now.port;
    let there: Vec<&Process> = now
        .playing(Part::Listener)
        .flat_map(|socket| now.ownership.holders(socket.inode))
        .map(|holder| holder.process)
        .collect();
    if listens(now, args) {
        let is_new = |process: &&&Process| {
            !plan
                .processes()
                .any(|old| (old.pid, old.start_ticks) == (process.pid, process.start_ticks))
        };
        report::error(match there.iter().find(is_new) {
            Some(process) => restarted(port, process),
            None => format!(
                "{port} is not free: {} has not ended within {} s; {}",
                if there.is_empty() {
                    "whoever has it".to_owned()
                } else {
                    label::subject(&there, Tongue::default())
                },
                args.grace.as_secs(),
                if args.force { "not even SIGKILL helped" } else { "--force would kill it" }
            ),
        });
        return Ok(Exit::No);
    }
    free(now, out)
}

fn restarted(port: Port, process: &Process) -> String {
    let by = process.ancestry.first().map_or_else(String::new, |parent| {
        format!(", started by {} ({})", crate::output::Escaped(&parent.comm), parent.pid)
    });
    format!(
        "{port} is not free: {} listens on it now{by}: whatever starts it again has to be stopped",
        label::process(process)
    )
}

/// Asks the kernel, with a server's bind.
fn free(now: &Scenery, out: &mut impl Write) -> anyhow::Result<Exit> {
    let host = crate::host::host();
    let trials = host.try_binds(now.port, &now.protos);
    let absent = |trial: &BindTrial| {
        let kind = trial.result.as_ref().err().map(io::Error::kind);
        matches!(kind, Some(io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported))
            || trial.result.as_ref().err().and_then(io::Error::raw_os_error) == Some(EAFNOSUPPORT)
    };
    let fails = |reuseaddr: bool| {
        let failed = |trial: &&BindTrial| trial.result.is_err() && !absent(trial);
        trials.iter().filter(|trial| trial.reuseaddr == reuseaddr).find(failed)
    };
    if let Some(trial) = fails(true) {
        let why = match &trial.result {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                writeln!(out, "{} is free; to bind it takes privilege", now.port)?;
                return Ok(Exit::Answered);
            }
            Err(error) => error.to_string(),
            Ok(()) => String::new(),
        };
        report::error(format_args!(
            "nobody listens on {0} any more, and it cannot be bound yet ({1} on {2}: {why}): `portolan {0}` says \
             who is in the way",
            now.port, trial.proto, trial.addr
        ));
        return Ok(Exit::No);
    }
    match fails(false) {
        None => writeln!(out, "{} is free", now.port)?,
        Some(_) => writeln!(
            out,
            "{} is free for a server with SO_REUSEADDR; for others once its last connections are over",
            now.port
        )?,
    }
    Ok(Exit::Answered)
}

/// The seconds that are left, for a person who looks on.
#[derive(Debug, Default)]
struct Countdown {
    shown: Option<u64>,
}

impl Countdown {
    fn show(&mut self, left: Duration) {
        let seconds = left.as_secs();
        if io::stderr().is_terminal() && self.shown != Some(seconds) {
            self.shown = Some(seconds);
            _ = write!(io::stderr(), "\r\x1b[Kwaiting for it to end: {seconds} s");
        }
    }

    fn clear(&self) {
        if self.shown.is_some() {
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
const AFTER_A_KILL: Duration = Duration::from_secs(2);
const EAFNOSUPPORT: i32 = 97;
