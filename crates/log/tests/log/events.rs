//! Events as a recorder would tell them, and clocks that tests set.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use log::{Moment, Now, TimeSource};
use registry::{Port, Proto};
use sockets::{
    BootTime, Closed, Ending, Endpoint, Event, EventKind, Evidence, Family, NetnsId, Opened, Pid,
    Place, Process, Program, ProgramKey, Role, User,
};

pub(crate) const SECOND: u64 = 1_000_000_000;

/// 2026-11-23T14:00:00Z, when the machine of these tests has been up for 1,000 s.
pub(crate) const START: i64 = 1_795_442_400 * 1_000_000_000;

/// Clocks that a test sets.
#[derive(Clone, Debug)]
pub(crate) struct Clocks(Arc<Mutex<([u8; 16], u64, i64)>>);

impl Clocks {
    pub(crate) fn new() -> Clocks {
        Clocks(Arc::new(Mutex::new(([1; 16], 1000 * SECOND, START))))
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, span: Duration) {
        let mut clocks = self.0.lock().unwrap();
        clocks.1 += u64::try_from(span.as_nanos()).unwrap();
        clocks.2 += i64::try_from(span.as_nanos()).unwrap();
    }

    /// Steps the clock on the wall.
    pub(crate) fn step(&self, by_ns: i64) {
        self.0.lock().unwrap().2 += by_ns;
    }

    /// Boots again, after a while.
    pub(crate) fn reboot(&self, after: Duration) {
        self.pass(after);
        let mut clocks = self.0.lock().unwrap();
        clocks.0[0] += 1;
        clocks.1 = 20 * SECOND;
    }

    /// The time since boot.
    pub(crate) fn at(&self) -> u64 {
        self.0.lock().unwrap().1
    }

    /// The clock on the wall.
    pub(crate) fn utc(&self) -> Moment {
        Moment(self.0.lock().unwrap().2)
    }

    pub(crate) fn source(&self) -> Box<dyn TimeSource> {
        Box::new(self.clone())
    }
}

impl TimeSource for Clocks {
    fn boot(&self) -> [u8; 16] {
        self.0.lock().unwrap().0
    }

    fn now(&self) -> Now {
        let clocks = self.0.lock().unwrap();
        Now { since_boot: BootTime(clocks.1), utc: Moment(clocks.2), doubt_ns: 0 }
    }
}

pub(crate) fn key(pid: u32) -> ProgramKey {
    ProgramKey { pid: Pid(pid), start_ticks: u64::from(pid) * 100, exec: 1 }
}

pub(crate) fn program(pid: u32, name: &str, uid: u32) -> Arc<Program> {
    let key = key(pid);
    let process = Process {
        pid: key.pid,
        start_ticks: key.start_ticks,
        started: UNIX_EPOCH + Duration::from_secs(u64::from(pid)),
        comm: name.as_bytes().to_vec(),
        exe: Some(format!("/usr/bin/{name}").into()),
        cmdline: Some(vec![name.as_bytes().to_vec(), b"-x".to_vec()]),
        user: User { uid, name: Some("alice".into()) },
        ancestry: Vec::new(),
        place: Place { cgroup: "/user.slice".into(), unit: None, container: None },
    };
    Arc::new(Program { key, since: BootTime(u64::from(pid)), process })
}

pub(crate) fn told(at: u64, program: &Arc<Program>) -> Event {
    Event { at: BootTime(at), kind: EventKind::Program(Arc::clone(program)) }
}

pub(crate) fn end(port: u16) -> Endpoint {
    Endpoint { addr: IpAddr::V4(Ipv4Addr::LOCALHOST), port: Port(port) }
}

/// A connection of `pid` from this port.
pub(crate) fn opened(cookie: u64, port: u16, pid: u32) -> Opened {
    Opened {
        cookie,
        netns: NetnsId(4_026_531_840),
        proto: Proto::Tcp,
        family: Family::V4,
        v6only: false,
        local: end(port),
        remote: Some(end(443)),
        role: Role::Outgoing,
        uid: 1000,
        opener: Some(key(pid)),
        evidence: Evidence::Exact,
    }
}

pub(crate) fn open(at: u64, opened: Opened) -> Event {
    Event { at: BootTime(at), kind: EventKind::Opened(opened) }
}

pub(crate) fn close(at: u64, cookie: u64, pid: u32) -> Event {
    let closed = Closed { cookie, closer: Some(key(pid)), ending: Ending::Closed };
    Event { at: BootTime(at), kind: EventKind::Closed(closed) }
}

pub(crate) fn taken(at: u64, cookie: u64, pid: u32) -> Event {
    Event { at: BootTime(at), kind: EventKind::Taken { cookie, by: key(pid) } }
}
