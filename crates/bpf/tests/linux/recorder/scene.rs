//! A recorder at work, and questions about what it told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bpf::{Options, Recorder};
use registry::Port;
use rustix::process::geteuid;
use rustix::time::{ClockId, clock_gettime};
use sockets::{Closed, Ending, Event, EventKind, Opened, Pid, Program, ProgramKey, Watcher};

/// What a recorder has told so far.
pub(crate) struct Scene {
    recorder: Recorder,
    pub(crate) events: Vec<Event>,
}

impl Scene {
    /// Begins to record. `None`, with a line that says so, where that cannot be.
    pub(crate) fn open() -> Option<Scene> {
        // Room for what others do while a test is not scheduled.
        Scene::with(Options { ring: 32 << 20 })
    }

    pub(crate) fn with(options: Options) -> Option<Scene> {
        match Recorder::open(options) {
            Ok(recorder) => Some(Scene { recorder, events: Vec::new() }),
            Err(error) if !geteuid().is_root() || is_foreign(&error) => {
                println!("SKIPPED: programs may not be loaded into this kernel: {error}");
                None
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    pub(crate) fn survey(&mut self) {
        self.recorder.survey(&mut self.events).unwrap();
    }

    pub(crate) fn drain(&mut self) {
        self.recorder.drain(&mut self.events).unwrap();
    }

    pub(crate) fn finish(&mut self) {
        self.recorder.finish(&mut self.events).unwrap();
    }

    /// Drains until there is what `found` looks for.
    pub(crate) fn wait<T>(&mut self, what: &str, found: impl Fn(&Scene) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            self.drain();
            if let Some(found) = found(self) {
                return found;
            }
            let all = &self.events;
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what} among {all:#?}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// What was told last of the socket with this local port, and remote one if there is one.
    pub(crate) fn opened(&self, local: u16, remote: Option<u16>) -> Option<Opened> {
        self.tellings(local, remote).pop()
    }

    /// All that was told of a socket with this local port, and remote one if there is one.
    pub(crate) fn tellings(&self, local: u16, remote: Option<u16>) -> Vec<Opened> {
        let is_it = |opened: &&Opened| {
            opened.local.port == Port(local)
                && opened.remote.map(|end| end.port) == remote.map(Port)
        };
        self.all_opened().filter(is_it).cloned().collect()
    }

    /// What was told last of a connection with these ports, and since when it holds its own.
    pub(crate) fn opened_at(&self, local: u16, remote: u16) -> (Opened, u64) {
        let mut told = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Opened(opened) => Some((opened, event.at.0)),
            _ => None,
        });
        let is_it = |(opened, _): &(&Opened, u64)| {
            opened.local.port == Port(local)
                && opened.remote.is_some_and(|end| end.port == Port(remote))
        };
        let (opened, at) = told.rfind(is_it).expect("it is told of");
        (opened.clone(), at)
    }

    pub(crate) fn all_opened(&self) -> impl Iterator<Item = &Opened> {
        self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Opened(opened) => Some(opened),
            _ => None,
        })
    }

    pub(crate) fn closed(&self, cookie: u64) -> Option<Closed> {
        let ends = self.ends(cookie);
        assert!(ends.len() < 2, "a socket ends once");
        ends.first().copied()
    }

    /// The ends of a socket that kept its port where a connect failed.
    pub(crate) fn ends(&self, cookie: u64) -> Vec<Closed> {
        let end = |event: &Event| match event.kind {
            EventKind::Closed(closed) if closed.cookie == cookie => Some(closed),
            _ => None,
        };
        self.events.iter().filter_map(end).collect()
    }

    pub(crate) fn taker(&self, cookie: u64) -> Option<ProgramKey> {
        let mut takers = self.events.iter().filter_map(|event| match event.kind {
            EventKind::Taken { cookie: of, by } if of == cookie => Some(by),
            _ => None,
        });
        let taker = takers.next();
        assert_eq!(takers.next(), None, "a socket is taken once");
        taker
    }

    /// The program that was told of under this key, before `cookie` was first told of.
    pub(crate) fn program(&self, key: ProgramKey) -> Arc<Program> {
        let mut programs = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Program(program) if program.key == key => Some(program),
            _ => None,
        });
        let program = programs.next().unwrap_or_else(|| panic!("{key:?} in {:#?}", self.events));
        Arc::clone(program)
    }

    /// Waits for the end of the socket with these ports: what was told of it, and how it ended.
    pub(crate) fn life(&mut self, local: u16, remote: Option<u16>) -> (Opened, Closed) {
        self.wait(&format!("the end of {local} -> {remote:?}"), |scene| {
            let opened = scene.opened(local, remote)?;
            let closed = scene.closed(opened.cookie)?;
            Some((opened, closed))
        })
    }

    /// When a socket took its port, and when it let go of it, in nanoseconds since boot.
    pub(crate) fn span(&self, cookie: u64) -> (u64, u64) {
        let times = |is_it: fn(&EventKind, u64) -> bool| {
            let mut all = self.events.iter().filter(|event| is_it(&event.kind, cookie));
            all.next().unwrap().at.0
        };
        let opened = |kind: &EventKind, of| matches!(kind, EventKind::Opened(o) if o.cookie == of);
        let closed = |kind: &EventKind, of| matches!(kind, EventKind::Closed(c) if c.cookie == of);
        (times(opened), times(closed))
    }
}

fn is_foreign(error: &bpf::Error) -> bool {
    use bpf::Error::{ForeignPids, ForeignTime, NoCgroups, NoTypes};
    matches!(error, NoTypes | NoCgroups | ForeignPids | ForeignTime)
}

/// How a socket ended and through whom: the pid of its closer.
pub(crate) fn end(closed: Closed) -> (Ending, Option<Pid>) {
    (closed.ending, closed.closer.map(|key| key.pid))
}

pub(crate) fn own_pid() -> Pid {
    Pid(std::process::id())
}

pub(crate) fn opener(opened: &Opened) -> Option<Pid> {
    opened.opener.map(|key| key.pid)
}

pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Now, in nanoseconds since boot.
pub(crate) fn now() -> u64 {
    let now = clock_gettime(ClockId::Boottime);
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}

/// More than anything takes that is worth waiting for, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
