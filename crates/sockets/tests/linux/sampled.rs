//! What a sampler told, as a whole: collected, held against the rules of events, and searched.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use registry::Proto;
use sockets::{
    BootTime, Closed, Event, EventKind, Evidence, NetnsScope, Opened, ProgramKey, Query, Sampler,
    Socket, Source, TimerKind, Watcher,
};

/// A sampler of the test's own network namespace and everything it told.
pub(crate) struct Sampled {
    pub(crate) sampler: Sampler,
    pub(crate) events: Vec<Event>,
}

impl Sampled {
    /// Begins with a survey.
    pub(crate) fn begin(buffer_bytes: usize) -> Sampled {
        Sampled::within(NetnsScope::Own, buffer_bytes)
    }

    pub(crate) fn within(netns: NetnsScope, buffer_bytes: usize) -> Sampled {
        let mut sampler = Sampler::open(netns, buffer_bytes).unwrap();
        let mut events = Vec::new();
        sampler.survey(&mut events).unwrap();
        Sampled { sampler, events }
    }

    /// Waits until `found` finds something in what was told.
    pub(crate) fn until<T>(&mut self, what: &str, found: impl Fn(&Sampled) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            assert!(Instant::now() < deadline, "{what}: {:#?}", self.events);
            self.sampler.wait(Duration::from_millis(20));
            self.sampler.drain(&mut self.events).unwrap();
        }
    }

    /// Waits for so long, and takes in what is told.
    pub(crate) fn rest(&mut self, pause: Duration) {
        let deadline = Instant::now() + pause;
        self.until("rest", |_| (Instant::now() >= deadline).then_some(()));
    }

    /// The last that was told of the socket on this local port that is not a listener.
    pub(crate) fn on(&self, proto: Proto, port: u16) -> Option<&Opened> {
        let opened = self.events.iter().rev().filter_map(opened);
        opened.into_iter().find(|o| o.proto == proto && o.local.port.number() == port)
    }

    /// How a socket ended, and when.
    pub(crate) fn end(&self, cookie: u64) -> Option<(BootTime, Closed)> {
        self.events.iter().find_map(|event| match event.kind {
            EventKind::Closed(closed) if closed.cookie == cookie => Some((event.at, closed)),
            _ => None,
        })
    }

    /// Every socket that was told of, as it was told last.
    pub(crate) fn sockets(&self) -> HashMap<u64, &Opened> {
        self.events.iter().filter_map(opened).map(|opened| (opened.cookie, opened)).collect()
    }

    /// The cookies of the sockets that were told to be open and not to have ended.
    pub(crate) fn open(&self) -> HashSet<u64> {
        let mut open = HashSet::new();
        for event in &self.events {
            match &event.kind {
                EventKind::Opened(opened) => _ = open.insert(opened.cookie),
                EventKind::Closed(closed) => _ = open.remove(&closed.cookie),
                _ => {}
            }
        }
        open
    }

    /// Holds what was told against the rules: a socket is told of before its end, which comes
    /// once; a program before it is named; and time does not run backwards, but in a survey.
    pub(crate) fn check(&self) {
        let mut programs = HashSet::new();
        let mut open = HashSet::new();
        let mut at = BootTime(0);
        for event in &self.events {
            let named: Option<ProgramKey> = match &event.kind {
                EventKind::Program(program) => {
                    programs.insert(program.key);
                    None
                }
                EventKind::Opened(opened) => {
                    assert_eq!(opened.evidence, Evidence::Sampled);
                    open.insert(opened.cookie);
                    opened.opener
                }
                EventKind::Taken { cookie, by } => {
                    assert!(open.contains(cookie), "{event:?}");
                    Some(*by)
                }
                EventKind::Closed(closed) => {
                    assert!(open.remove(&closed.cookie), "{event:?}");
                    assert!(event.at >= at, "{event:?} after {at:?}");
                    at = event.at;
                    closed.closer
                }
                EventKind::Exited(key) => Some(*key),
                EventKind::Lost { .. } | EventKind::NoPort(_) => None,
            };
            assert!(named.is_none_or(|key| programs.contains(&key)), "{event:?}");
        }
    }
}

pub(crate) fn opened(event: &Event) -> Option<&Opened> {
    match &event.kind {
        EventKind::Opened(opened) => Some(opened),
        _ => None,
    }
}

/// The cookies that the kernel lists here now, without what is left of closed connections.
pub(crate) fn listed() -> HashSet<u64> {
    let sockets = sockets::host().sockets(&Query::default()).unwrap().sockets;
    let tail =
        |socket: &Socket| socket.timer.is_some_and(|timer| timer.kind == TimerKind::TimeWait);
    let lives = sockets.iter().filter(|socket| !tail(socket));
    lives.map(|socket| socket.cookie).collect()
}
