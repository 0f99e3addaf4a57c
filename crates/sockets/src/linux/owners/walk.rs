//! Looks through the descriptors of many processes, two at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, RawDir, fstat, openat, statat};
use rustix::io::Errno;

use super::fd_walk;
use super::likely::Likely;
use super::process::{self, Particulars};
use super::queue::{Job, Queue, Stretch};
use super::stat::Stat;
use super::wanted::Wanted;
use crate::owner::Holding;

/// A search for the holders of some inodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    pub(super) wanted: &'a Wanted,
    /// The directory `/proc`.
    pub(super) proc: BorrowedFd<'a>,
    /// How long to go on once every inode has a holder; to the end without.
    pub(super) budget: Option<Duration>,
    /// Puts off a process once all that it is likely to hold has a holder.
    pub(super) likely: Option<&'a Likely>,
}

/// What a search came upon.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    /// In no order; the process is a pid here.
    pub(super) holdings: Vec<Holding>,
    /// The processes that hold something, by pid.
    pub(super) holders: BTreeMap<u32, Particulars>,
    /// The processes whose descriptors we may not read.
    pub(super) unreadable: BTreeSet<u32>,
    /// The processes that were put off, in no order.
    pub(super) deferred: Vec<u32>,
    /// How many processes were not looked at, or not to the end.
    pub(super) skipped: usize,
}

impl Sightings {
    pub(super) fn add(&mut self, mut more: Sightings) {
        self.holdings.append(&mut more.holdings);
        self.holders.append(&mut more.holders);
        self.unreadable.append(&mut more.unreadable);
        self.deferred.append(&mut more.deferred);
        self.skipped += more.skipped;
    }
}

impl Walk<'_> {
    /// Looks at the processes `pids`, in that order.
    pub(super) fn run(&self, pids: &[u32]) -> Sightings {
        let queue = Queue::new(pids);
        let helper = (pids.len() >= WORTH_A_THREAD).then_some(());
        let mut sightings = thread::scope(|scope| {
            let helper = helper.and_then(|()| {
                thread::Builder::new().spawn_scoped(scope, || self.work(&queue)).ok()
            });
            let mut sightings = self.work(&queue);
            match helper.map(thread::ScopedJoinHandle::join) {
                Some(Ok(more)) => sightings.add(more),
                Some(Err(panic)) => std::panic::resume_unwind(panic),
                None => {}
            }
            sightings
        });
        sightings.skipped = queue.left();
        sightings
    }

    fn work(&self, queue: &Queue<'_>) -> Sightings {
        let listing = vec![MaybeUninit::uninit(); LISTING].into_boxed_slice();
        let mut look = Look { walk: self, listing, sightings: Sightings::default() };
        let stop = || self.budget.is_some_and(|budget| self.wanted.owned_for(budget));
        while let Some(job) = queue.take(stop) {
            match job {
                Job::Process(pid) => look.process(pid, queue),
                Job::Stretch(Stretch { pid, dir, fds }) => look.stretch(pid, &dir, fds),
            }
            queue.done();
        }
        look.sightings
    }
}

/// One thread's part in a search.
#[derive(Debug)]
struct Look<'a> {
    walk: &'a Walk<'a>,
    listing: Box<[MaybeUninit<u8>]>,
    sightings: Sightings,
}

impl Look<'_> {
    /// Looks at a process; of one with very many descriptors at the first, and leaves the others
    /// to whoever is free.
    fn process(&mut self, pid: u32, queue: &Queue<'_>) {
        let Walk { wanted, likely, .. } = self.walk;
        if likely.is_some_and(|likely| !likely.is_worthwhile(pid, wanted)) {
            return self.sightings.deferred.push(pid);
        }
        let dir = match openat(self.walk.proc, format!("{pid}/fd"), DIRECTORY, Mode::empty()) {
            Ok(dir) => dir,
            Err(error) => return self.failed(pid, error),
        };
        let count = fstat(&dir).map_or(0, |stat| descriptors(stat.st_size));
        if count < 2 * STRETCH {
            return self.whole(pid, &dir);
        }
        let dir = Arc::new(dir);
        let starts = (STRETCH..count).step_by(STRETCH as usize);
        queue.add(starts.map(|start| {
            let end = if count - start <= STRETCH { u32::MAX } else { start + STRETCH };
            Stretch { pid, dir: Arc::clone(&dir), fds: start..end }
        }));
        self.stretch(pid, &dir, 0..STRETCH);
    }

    /// Looks at all descriptors of a process.
    fn whole(&mut self, pid: u32, dir: &OwnedFd) {
        if self.descriptors(pid, dir.as_fd(), dir, ALL) == Some(0) {
            self.other_threads(pid, dir);
        }
    }

    /// Looks at some descriptors of a process, through a directory opened anew: an open one has
    /// one position only.
    fn stretch(&mut self, pid: u32, dir: &OwnedFd, fds: Range<u32>) {
        match openat(dir, c".", DIRECTORY, Mode::empty()) {
            Ok(own) => _ = self.descriptors(pid, own.as_fd(), dir, fds),
            Err(error) => self.failed(pid, error),
        }
    }

    /// A process without descriptors may be one whose first thread has exited and whose others go
    /// on: those have them still.
    fn other_threads(&mut self, pid: u32, dir: &OwnedFd) {
        let Ok(task) = statat(dir, c"../task", rustix::fs::AtFlags::empty()) else { return };
        // A directory's links: itself, its name, and one for each thread.
        if task.st_nlink <= 3 {
            return;
        }
        for thread in numbers(dir.as_fd(), c"../task").into_iter().filter(|id| *id != pid) {
            let table = openat(dir, format!("../task/{thread}/fd"), DIRECTORY, Mode::empty());
            let Ok(table) = table else { continue };
            if self.descriptors(pid, table.as_fd(), dir, ALL) != Some(0) {
                return;
            }
        }
    }

    /// Looks at the descriptors `fds` in `table`, the table of the process whose own is `dir`;
    /// returns how many there were, if that may be known.
    fn descriptors(
        &mut self,
        pid: u32,
        table: BorrowedFd<'_>,
        dir: &OwnedFd,
        fds: Range<u32>,
    ) -> Option<usize> {
        let before = self.sightings.holdings.len();
        let Sightings { holdings, holders, .. } = &mut self.sightings;
        let found = |fd, inode| {
            if self.walk.wanted.contains(inode) {
                holdings.push(Holding { inode, process: pid, fd });
            }
        };
        let seen = fd_walk::each_socket(table, fds, &mut self.listing, found);
        if holdings.len() > before && !holders.contains_key(&pid) {
            match particulars(dir.as_fd(), table) {
                Some(particulars) => _ = holders.insert(pid, particulars),
                // It has exited, and so holds nothing any more.
                None => holdings.truncate(before),
            }
        }
        holdings[before..].iter().for_each(|holding| self.walk.wanted.claim(holding.inode));
        seen.map_err(|error| self.failed(pid, error)).ok()
    }

    /// Takes note that the descriptors of a process could not be read, if it may have any.
    fn failed(&mut self, pid: u32, error: Errno) {
        if fd_walk::is_exit(error) {
            return;
        }
        let stat = process::text(self.walk.proc, format!("{pid}/stat"));
        let stat = stat.ok().and_then(|line| Stat::parse(&line));
        if stat.is_some_and(|stat| !stat.holds_nothing()) {
            self.sightings.unreadable.insert(pid);
        }
    }
}

/// The particulars of the process whose descriptor directory is `dir`, as its thread with `table`
/// knows them.
fn particulars(dir: BorrowedFd<'_>, table: BorrowedFd<'_>) -> Option<Particulars> {
    let above = |fds| openat(fds, c"..", DIRECTORY, Mode::empty()).ok();
    Particulars::read(above(dir)?.as_fd(), above(table)?.as_fd())
}

/// The entries of a directory that are numbers: processes in `/proc`, threads in `task`.
pub(super) fn numbers(dir: BorrowedFd<'_>, path: &std::ffi::CStr) -> Vec<u32> {
    let Ok(dir) = openat(dir, path, DIRECTORY, Mode::empty()) else { return Vec::new() };
    let mut listing = vec![MaybeUninit::uninit(); LISTING];
    let mut entries = RawDir::new(dir, &mut listing);
    let mut numbers = Vec::new();
    while let Some(Ok(entry)) = entries.next() {
        numbers.extend(super::number::<u32>(entry.file_name().to_bytes()));
    }
    numbers
}

/// How many descriptors a process has, by the size of its directory; 0 before Linux 6.2, where it
/// has none.
fn descriptors(size: impl TryInto<u32>) -> u32 {
    size.try_into().unwrap_or(0)
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const ALL: Range<u32> = 0..u32::MAX;
/// How many descriptors make a piece of work: about 10 ms.
const STRETCH: u32 = 4096;
/// Fewer processes are looked at before a second thread would have begun.
const WORTH_A_THREAD: usize = 8;
/// Room for 1,300 names at a time.
const LISTING: usize = 32 * 1024;
