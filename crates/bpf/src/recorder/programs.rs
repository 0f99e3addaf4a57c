//! Who the processes are that the kernel's programs name: its own copy of them, made while they
//! lived, completed from `/proc` where they still do.
//!
//! `/proc` is asked for as little as will do: on a host that starts a thousand processes a second
//! it is what costs.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use sockets::{Ancestor, BootTime, CgroupId, Pid, Place, Process, Processes, Program};

use super::record::{Key, ProgramRecord};

/// The programs that were told of and have not exited.
#[derive(Debug)]
pub(super) struct Programs {
    processes: Processes,
    known: HashMap<Pid, Known>,
    /// Where the processes of a cgroup run, the root aside.
    places: HashMap<CgroupId, Place>,
}

#[derive(Debug)]
struct Known {
    key: Key,
    program: Arc<Program>,
}

impl Programs {
    pub(super) fn new(processes: Processes) -> Programs {
        Programs { processes, known: HashMap::new(), places: HashMap::new() }
    }

    /// The program that the kernel tells of.
    pub(super) fn meet(&mut self, record: &ProgramRecord<'_>) -> Arc<Program> {
        let key = record.key;
        let ticks = key.start_ticks();
        let mut process = Process {
            pid: key.pid,
            start_ticks: ticks,
            started: self.processes.started(ticks),
            comm: record.comm.to_vec(),
            exe: exe(record.path),
            cmdline: (!record.cmdline.is_empty()).then(|| arguments(record.cmdline)),
            user: self.processes.user(record.uid),
            ancestry: self.ancestry(record),
            place: Place::default(),
        };
        process.place = self.place(key, record);
        if record.cut || process.exe.is_none() || process.cmdline.is_none() {
            self.complete(&mut process);
        }
        let since = if record.executed { record.at } else { key.start };
        self.keep(key, Program { key: key.program(), since, process })
    }

    /// The program of a child that has just been made: its parent's. `None` where that is not
    /// known any more, and the child is gone too.
    pub(super) fn meet_child(
        &mut self,
        key: Key,
        parent: Key,
        at: BootTime,
    ) -> Option<Arc<Program>> {
        let Some(known) = self.of(parent) else { return self.find(key) };
        let forebear = &known.program.process;
        let above = Ancestor { pid: parent.pid, comm: forebear.comm.clone() };
        let ancestry = [vec![above], forebear.ancestry.clone()].concat();
        let ticks = key.start_ticks();
        let process = Process {
            pid: key.pid,
            start_ticks: ticks,
            ancestry,
            started: self.processes.started(ticks),
            ..forebear.clone()
        };
        Some(self.keep(key, Program { key: key.program(), since: at, process }))
    }

    /// The program of a process that was found to hold a socket; `None` if it is gone.
    pub(super) fn find(&mut self, key: Key) -> Option<Arc<Program>> {
        if let Some(known) = self.of(key).filter(|known| known.key.exec == key.exec) {
            return Some(Arc::clone(&known.program));
        }
        let process = self.processes.process(key.pid)?;
        let is_it = process.start_ticks == key.start_ticks();
        let program = Program { key: key.program(), since: key.start, process };
        is_it.then(|| self.keep(key, program))
    }

    /// Forgets a process that has exited.
    pub(super) fn forget(&mut self, key: Key) {
        if self.of(key).is_some() {
            self.known.remove(&key.pid);
        }
    }

    fn of(&self, key: Key) -> Option<&Known> {
        self.known.get(&key.pid).filter(|known| known.key.start == key.start)
    }

    fn keep(&mut self, key: Key, program: Program) -> Arc<Program> {
        // Exits can be lost: what is not worth keeping is found again.
        if self.known.len() >= MOST {
            self.known.clear();
        }
        let program = Arc::new(program);
        self.known.insert(key.pid, Known { key, program: Arc::clone(&program) });
        program
    }

    /// The parents of a program, the nearest first: of those that are gone the first alone.
    fn ancestry(&self, record: &ProgramRecord<'_>) -> Vec<Ancestor> {
        let Some(parent) = record.parent else { return Vec::new() };
        if let Some(known) = self.of(parent) {
            let Process { pid, comm, ancestry, .. } = &known.program.process;
            return [&[Ancestor { pid: *pid, comm: comm.clone() }], &ancestry[..]].concat();
        }
        let ancestry = self.processes.ancestry(parent.pid, record.key.start_ticks());
        if ancestry.is_empty() {
            return vec![Ancestor { pid: parent.pid, comm: record.parent_comm.to_vec() }];
        }
        ancestry
    }

    /// Where a process runs: by its cgroup if we were there before, else by `/proc`; where it is
    /// gone, by its cgroup's own place in the tree, else where its parent runs.
    fn place(&mut self, key: Key, record: &ProgramRecord<'_>) -> Place {
        if let Some(place) = self.places.get(&record.cgroup) {
            return place.clone();
        }
        let place = self.processes.place(key.pid, key.start_ticks());
        if let Some(place) = place.or_else(|| self.processes.place_of(record.cgroup)) {
            // Every process is in the root on a host with cgroups v1 and v2.
            if record.cgroup != ROOT {
                // Cgroups that are gone never come back, and nobody tells which they are.
                if self.places.len() >= MOST_PLACES {
                    self.places.clear();
                }
                self.places.insert(record.cgroup, place.clone());
            }
            return place;
        }
        let Some(parent) = record.parent else { return Place::default() };
        match self.of(parent) {
            Some(known) => known.program.process.place.clone(),
            None => self.processes.place(parent.pid, parent.start_ticks()).unwrap_or_default(),
        }
    }

    /// Fills in what the kernel could not copy, if the process is still there.
    fn complete(&mut self, process: &mut Process) {
        let Some(now) = self.processes.process(process.pid) else { return };
        // It may run another program by now: of one's copied arguments these are the whole.
        let is_it = now.start_ticks == process.start_ticks && now.comm == process.comm;
        if is_it {
            process.exe = process.exe.take().or(now.exe);
            process.cmdline = now.cmdline.or_else(|| process.cmdline.take());
        }
    }
}

/// The path that ends in these names, the last first.
fn exe(names: &[u8]) -> Option<PathBuf> {
    let names = names.strip_suffix(b"\0")?;
    let mut path = Vec::with_capacity(names.len() + 1);
    for name in names.rsplit(|byte| *byte == 0) {
        path.push(b'/');
        path.extend_from_slice(name);
    }
    Some(PathBuf::from(OsString::from_vec(path)))
}

/// The arguments in a process' memory, each ended by NUL but perhaps the last.
fn arguments(text: &[u8]) -> Vec<Vec<u8>> {
    let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let arguments = text[..end].split(|byte| *byte == 0);
    arguments.map(<[u8]>::to_vec).collect()
}

/// The root of the cgroups.
const ROOT: CgroupId = CgroupId(1);
/// How many programs are kept: a host with more processes than that has other sorrows.
const MOST: usize = 65_536;
/// How many cgroups are.
const MOST_PLACES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back_in_order() {
        assert_eq!(exe(b"curl\0bin\0usr\0"), Some(PathBuf::from("/usr/bin/curl")));
        assert_eq!(exe(b"init\0"), Some(PathBuf::from("/init")));
        assert_eq!(exe(b""), None);
    }

    #[test]
    fn arguments_may_lack_their_end() {
        let expected = [b"cat".to_vec(), b"-".to_vec()];
        assert_eq!(arguments(b"cat\0-\0"), expected);
        assert_eq!(arguments(b"cat\0-"), expected);
    }
}
