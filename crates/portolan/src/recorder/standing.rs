//! How a recorder does, beside its store: what it says of itself.

use std::path::Path;

use log::Moment;
use serde::{Deserialize, Serialize};
use sockets::{Ending, Event, EventKind, Watching};

use super::no_port::{NoPorts, Unserved};

/// What a recorder says of itself. Sent as JSON, so that a client of another version reads what it
/// knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Standing {
    /// The version of its program.
    pub(crate) version: String,
    /// Its process.
    pub(crate) pid: u32,
    /// How it learns what happens: `kernel` or `sampling`.
    pub(crate) source: String,
    /// What it cannot see, or why it does not see better: a line each.
    pub(crate) shortcomings: Vec<String>,
    /// The directory of its store.
    pub(crate) dir: String,
    /// Its memory that is in use now, in bytes.
    pub(crate) resident: u64,
    /// The processor time it has used, in milliseconds.
    pub(crate) cpu_ms: u64,
    /// How many clients it has.
    pub(crate) clients: usize,
    /// Connects that came to nothing since it started; `None` from an older recorder.
    pub(crate) failures: Option<ConnectFailures>,
    /// Of those that found no port, the destinations; `None` from one that cannot see them.
    pub(crate) unserved: Option<Vec<Unserved>>,
}

/// Connects that came to nothing, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ConnectFailures {
    /// The far end refused.
    pub(crate) refused: u64,
    /// No answer came in time.
    pub(crate) timed_out: u64,
    /// Everything else: no route, forbidden, interrupted.
    pub(crate) failed: u64,
    /// No port was left (`EADDRNOTAVAIL`); `None` from a recorder that cannot see that.
    pub(crate) no_port: Option<u64>,
}

/// What a recorder counts of them.
#[derive(Debug)]
pub(super) struct Failures {
    /// `None` where that is not seen: samples show few of them.
    counts: Option<ConnectFailures>,
    no_ports: NoPorts,
}

impl Failures {
    /// None yet, of what `watching` sees.
    pub(super) fn new(watching: Watching) -> Failures {
        let none = ConnectFailures { no_port: Some(0), ..ConnectFailures::default() };
        let counts = (watching == Watching::Kernel).then_some(none);
        Failures { counts, no_ports: NoPorts::default() }
    }

    /// Counts those among `events`, which are of `now`.
    pub(super) fn add(&mut self, events: &[Event], now: Moment) {
        let Some(counts) = &mut self.counts else { return };
        for event in events {
            match &event.kind {
                EventKind::Closed(closed) => counts.count(closed.ending),
                EventKind::NoPort(no_port) => {
                    counts.no_port = counts.no_port.map(|count| count + 1);
                    self.no_ports.count(*no_port, now);
                }
                _ => {}
            }
        }
    }
}

impl ConnectFailures {
    fn count(&mut self, ending: Ending) {
        match ending {
            Ending::Refused => self.refused += 1,
            Ending::TimedOut => self.timed_out += 1,
            Ending::Failed => self.failed += 1,
            _ => {}
        }
    }
}

impl Standing {
    /// What this process says of itself.
    pub(crate) fn new(watching: Watching, shortcomings: Vec<String>, dir: &Path) -> Standing {
        Standing {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            source: source_name(watching).to_owned(),
            shortcomings,
            dir: dir.display().to_string(),
            ..Standing::default()
        }
    }

    /// As it is sent.
    pub(super) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// As it was sent; `None` if it was not.
    pub(super) fn decode(json: &[u8]) -> Option<Standing> {
        serde_json::from_slice(json).ok()
    }

    /// Adds what changes all the time.
    pub(super) fn now(&self, clients: usize, failures: &Failures) -> Standing {
        Standing {
            resident: resident().unwrap_or(0),
            cpu_ms: cpu_ms(),
            clients,
            failures: failures.counts,
            unserved: failures.counts.map(|_| failures.no_ports.told()),
            ..self.clone()
        }
    }
}

/// The stable word for a source.
fn source_name(watching: Watching) -> &'static str {
    match watching {
        Watching::Kernel => "kernel",
        Watching::Sampling => "sampling",
    }
}

/// This process' resident memory in bytes, from `proc_pid_status(5)`.
fn resident() -> Option<u64> {
    let size = crate::own_status::field("VmRSS")?;
    let kibibytes: u64 = size.trim_end_matches(" kB").parse().ok()?;
    Some(kibibytes << 10)
}

/// The processor time of this process, all threads together.
fn cpu_ms() -> u64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let part = used.tv_nsec / 1_000_000;
    u64::try_from(used.tv_sec * 1000 + part).unwrap_or(0)
}
