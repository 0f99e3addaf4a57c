//! What an event costs a recorder: nanoseconds of CPU in [`Store::apply`] and [`Store::tick`], the
//! journal included, sealing (on its own thread) apart, with no sockets open and with many.
//!
//! `cargo run --release -p log@0.1.0 --example hot_path [DIR]`

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Instant, UNIX_EPOCH};

use log::{HostTime, Settings, Store, TimeSource as _};
use registry::{Port, PortRange, Proto};
use rustix::time::{ClockId, clock_gettime};
use sockets::{
    BootTime, Closed, Ending, Endpoint, Event, EventKind, Evidence, Family, NetnsId, Opened, Pid,
    Place, Process, Program, ProgramKey, Role, User, Watching,
};

const EVENTS: u64 = 2_000_000;
const PROGRAMS: u32 = 300;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let dir = dir.join(format!("portolan-hot-path-{}", std::process::id()));
    for open in [0, 20_000, 300_000] {
        measure(&dir, open)?;
        std::fs::remove_dir_all(&dir)?;
    }
    Ok(())
}

fn measure(dir: &std::path::Path, already: u64) -> Result<(), Box<dyn std::error::Error>> {
    let (mut store, _) = Store::open(Settings::new(dir.to_owned()), Watching::Kernel)?;
    let mut events: Vec<Event> = (0..PROGRAMS).map(|pid| told(Arc::new(program(pid)))).collect();
    events.extend((0..already).map(|cookie| opened(cookie + 1)));
    store.survey(&events);
    store.settle();
    let (mut spent, mut next) = (0, already + 1);
    let mut done = 0;
    while done < EVENTS {
        let batch: Vec<Event> = (next..next + 1000)
            .flat_map(|cookie| [opened(cookie), closed(cookie.saturating_sub(already / 2).max(1))])
            .collect();
        next += 1000;
        done += batch.len() as u64;
        let start = cpu();
        store.apply(&batch, None);
        store.tick();
        spent += cpu() - start;
    }
    let start = Instant::now();
    let held = store.held(&[PortRange::from(Port(40_000))]).len();
    let asked = start.elapsed();
    println!(
        "{already} open: {} ns an event; {held} sockets on a port of {} open in {asked:?}; peak {}",
        spent / EVENTS,
        store.status().open,
        peak()
    );
    Ok(store.close()?)
}

/// The CPU time of this thread, in nanoseconds.
fn cpu() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

/// The most memory this process had.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("unknown").trim().to_owned()
}

fn now() -> BootTime {
    HostTime::new().map(|time| time.now().since_boot).unwrap_or_default()
}

fn key(cookie: u64) -> ProgramKey {
    let pid = u32::try_from(cookie / 7 % u64::from(PROGRAMS)).unwrap_or(0);
    ProgramKey { pid: Pid(pid), start_ticks: u64::from(pid) * 9, exec: 1 }
}

fn told(program: Arc<Program>) -> Event {
    Event { at: BootTime(0), kind: EventKind::Program(program) }
}

fn opened(cookie: u64) -> Event {
    let addr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let port = u16::try_from(32_768 + cookie % 28_000).unwrap_or(0);
    let opened = Opened {
        cookie,
        netns: NetnsId(4_026_531_840),
        proto: Proto::Tcp,
        family: Family::V4,
        v6only: false,
        local: Endpoint { addr, port: Port(port) },
        remote: Some(Endpoint { addr, port: Port(443) }),
        role: Role::Outgoing,
        uid: 1000,
        opener: Some(key(cookie)),
        evidence: Evidence::Exact,
    };
    Event { at: at(cookie), kind: EventKind::Opened(opened) }
}

fn closed(cookie: u64) -> Event {
    let closed = Closed { cookie, closer: Some(key(cookie)), ending: Ending::Closed };
    Event { at: at(cookie + 1), kind: EventKind::Closed(closed) }
}

/// 20,000 sockets a second.
fn at(cookie: u64) -> BootTime {
    static START: std::sync::OnceLock<BootTime> = std::sync::OnceLock::new();
    BootTime(START.get_or_init(now).0 + cookie * 50_000)
}

fn program(pid: u32) -> Program {
    let key = ProgramKey { pid: Pid(pid), start_ticks: u64::from(pid) * 9, exec: 1 };
    let process = Process {
        pid: key.pid,
        start_ticks: key.start_ticks,
        started: UNIX_EPOCH,
        comm: b"program".to_vec(),
        exe: Some("/usr/bin/program".into()),
        cmdline: Some(vec![b"program".to_vec()]),
        user: User { uid: 1000, name: None },
        ancestry: Vec::new(),
        place: Place::default(),
    };
    Program { key, since: BootTime(0), process }
}
