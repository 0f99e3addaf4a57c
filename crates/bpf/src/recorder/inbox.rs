//! What has been read from the ring buffer, as events, and what is held back until it can be told
//! well.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use sockets::{BootTime, Closed, Event, EventKind, Opened, ProgramKey};

use super::awaited::{Awaited, Kernel};
use super::programs::Programs;
use super::record::{self, Key, Record};

/// Events in the making.
#[derive(Debug)]
pub(super) struct Inbox {
    /// What can be handed on.
    pub(super) events: Vec<Event>,
    pub(super) programs: Programs,
    awaited: Awaited,
    /// Processes that have exited, in the order in which they did.
    exits: VecDeque<(BootTime, Key)>,
    /// Connections that ended before anybody used them, by cookie.
    unused: FxHashMap<u64, (BootTime, Closed)>,
    /// Their cookies, in the order in which they ended; some of them have been told of.
    unused_in_order: VecDeque<(BootTime, u64)>,
}

impl Inbox {
    pub(super) fn new(programs: Programs) -> Inbox {
        Inbox {
            events: Vec::new(),
            programs,
            awaited: Awaited::default(),
            exits: VecDeque::new(),
            unused: FxHashMap::default(),
            unused_in_order: VecDeque::new(),
        }
    }

    /// Takes in a record; what is none is left out.
    pub(super) fn take(&mut self, record: &[u8]) {
        match record::read(record) {
            Some(Record::Opened { at, opened }) => self.opens(at, opened),
            Some(Record::Closed { at, closed, taker, is_unused }) => {
                if is_unused {
                    return self.hold(at, closed);
                }
                self.awaited.forget(closed.cookie);
                self.taken(at, closed.cookie, taker);
                self.push(at, EventKind::Closed(closed));
            }
            Some(Record::Whole { at, opened, until, closed }) => {
                self.opens(at, opened);
                self.push(until, EventKind::Closed(closed));
            }
            Some(Record::Taken { at, cookie, by }) => {
                self.taken(at, cookie, Some(by.program()));
                self.tell_unused(cookie);
            }
            Some(Record::Program(record)) => {
                let program = self.programs.meet(&record);
                self.push(record.at, EventKind::Program(program));
            }
            Some(Record::Child { at, key, parent }) => {
                if let Some(program) = self.programs.meet_child(key, parent, at) {
                    self.push(at, EventKind::Program(program));
                }
            }
            Some(Record::Exited { at, key }) => self.exits.push_back((at, key)),
            Some(Record::NoPort { at, no_port }) => self.push(at, EventKind::NoPort(no_port)),
            Some(Record::Awaited { at, cookie, socket }) => self.awaited.add(cookie, socket, at),
            None => {}
        }
    }

    /// Tells what has been held back for long enough by `now`.
    ///
    /// The kernel says that a process exits before it closes its descriptors, and as their closer
    /// it must still be known.
    pub(super) fn release(&mut self, now: BootTime) {
        let due = BootTime(now.0.saturating_sub(HOLD_NS));
        while let Some((at, cookie)) = self.unused_in_order.front().copied() {
            if at > due {
                break;
            }
            self.unused_in_order.pop_front();
            self.tell_unused(cookie);
        }
        while let Some((at, key)) = self.exits.front().copied().filter(|(at, _)| *at <= due) {
            self.exits.pop_front();
            self.programs.forget(key);
            self.push(at, EventKind::Exited(key.program()));
        }
    }

    /// Asks for sockets that had no port; whether there may be more to take in for that.
    pub(super) fn ask(&mut self, now: BootTime, kernel: &impl Kernel) -> bool {
        self.awaited.ask(now, kernel)
    }

    fn push(&mut self, at: BootTime, kind: EventKind) {
        self.events.push(Event { at, kind });
    }

    /// A tenure begins. What the same socket held before ended before, whether or not anybody used it.
    fn opens(&mut self, at: BootTime, opened: Opened) {
        self.awaited.forget(opened.cookie);
        self.tell_unused(opened.cookie);
        self.push(at, EventKind::Opened(opened));
    }

    fn taken(&mut self, at: BootTime, cookie: u64, taker: Option<ProgramKey>) {
        if let Some(by) = taker {
            self.push(at, EventKind::Taken { cookie, by });
        }
    }

    fn hold(&mut self, at: BootTime, closed: Closed) {
        self.unused.insert(closed.cookie, (at, closed));
        self.unused_in_order.push_back((at, closed.cookie));
    }

    fn tell_unused(&mut self, cookie: u64) {
        if let Some((at, closed)) = self.unused.remove(&cookie) {
            self.push(at, EventKind::Closed(closed));
        }
    }
}

/// For how long a process that exits may go on closing descriptors, and a connection that ended may
/// wait to be accepted.
const HOLD_NS: u64 = 500_000_000;
