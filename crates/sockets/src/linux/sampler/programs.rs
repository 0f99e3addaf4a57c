//! The programs that were told of: each once, and again when what it runs has changed; and their
//! exits.

use std::collections::HashMap;
use std::sync::Arc;

use crate::linux::owners;
use crate::{BootTime, Event, EventKind, Ownership, Process, Program, ProgramKey};

/// Programs that hold sockets, or held some and still run.
#[derive(Debug, Default)]
pub(super) struct Programs(HashMap<ProgramKey, Arc<Program>>);

impl Programs {
    /// The one that holds the socket with this inode, told of first if need be. Of several it is
    /// the one that started first: the others have it from that one, most likely.
    pub(super) fn holder(
        &mut self,
        ownership: &Ownership,
        inode: u64,
        at: BootTime,
        events: &mut Vec<Event>,
    ) -> Option<ProgramKey> {
        let holders = ownership.holders(inode);
        let process = |holder: &crate::Holder<'_>| (holder.process.start_ticks, holder.process.pid);
        let first = holders.iter().min_by_key(|holder| process(holder))?.process;
        Some(self.meet(first, at, events))
    }

    fn meet(&mut self, process: &Process, at: BootTime, events: &mut Vec<Event>) -> ProgramKey {
        let key = ProgramKey { pid: process.pid, start_ticks: process.start_ticks, exec: 0 };
        if self.0.get(&key).is_some_and(|told| runs_the_same(&told.process, process)) {
            return key;
        }
        let since = BootTime(process.start_ticks.saturating_mul(TICK_NS));
        let program = Arc::new(Program { key, since, process: process.clone() });
        events.push(Event { at, kind: EventKind::Program(Arc::clone(&program)) });
        self.0.insert(key, program);
        key
    }

    /// Tells of those that have exited, and forgets them.
    pub(super) fn exits(&mut self, at: BootTime, events: &mut Vec<Event>) {
        self.0.retain(|key, _| {
            let runs = owners::runs(key.pid, key.start_ticks);
            if !runs {
                events.push(Event { at, kind: EventKind::Exited(*key) });
            }
            runs
        });
    }

    /// Tells of all of them again.
    pub(super) fn all(&self, at: BootTime) -> impl Iterator<Item = Event> {
        self.0.values().map(move |program| {
            let kind = EventKind::Program(Arc::clone(program));
            Event { at, kind }
        })
    }
}

/// Whether a process runs what it ran; its parents may exit and its place change meanwhile.
fn runs_the_same(told: &Process, found: &Process) -> bool {
    (&told.comm, &told.exe, &told.cmdline) == (&found.comm, &found.exe, &found.cmdline)
}

/// A clock tick of `/proc` is 10 ms.
const TICK_NS: u64 = 10_000_000;
