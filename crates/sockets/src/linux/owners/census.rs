//! A census: what the kernel itself tells of who holds which sockets, all processes in one pass.
//!
//! Who takes it lives elsewhere (the crate `bpf`, with an iterator over the descriptors of all
//! tasks). Here is what is wanted of it, when it pays, and what is made of it.

use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::process::{Pid as Target, test_kill_process};

use super::process::{self, Particulars};
use super::walk::Sightings;
use super::wanted::Wanted;
use crate::owner::Holding;
use crate::{BootTime, Held};

/// Whoever can read every descriptor for a socket that there is from the kernel.
pub trait Census: fmt::Debug {
    /// How long it takes to get ready: nothing where it is, some milliseconds where a program must
    /// be put into the kernel first. `None` where that is not permitted or not possible, and where
    /// our pids, users and times are not those of the whole host.
    fn delay(&self) -> Option<Duration>;

    /// Passes every descriptor for a socket to `each`: those of one process mostly in a row, some
    /// twice, those of threads with descriptors of their own too. A process that has descriptors
    /// but none for a socket is passed with the inode 0: one that is not passed at all has none, or
    /// is kept from us.
    ///
    /// # Errors
    /// What the kernel said, if it is refused or breaks off; then what was passed is not all.
    fn take(&self, each: &mut dyn FnMut(&Counted)) -> io::Result<()>;

    /// What [`Census::take`] would have passed a moment ago, where it was taken then: as it was
    /// expected to be asked for. Told once, `None` after that.
    fn taken(&self) -> Option<Vec<Counted>> {
        None
    }
}

/// A descriptor for a socket as a [`Census`] tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The socket, the process and the descriptor; the inode 0 for what is no socket.
    pub held: Held,
    /// When the process started.
    pub started: BootTime,
    /// The user the process runs as (effective).
    pub uid: u32,
    /// The name of the process, with NULs after it.
    pub comm: [u8; 16],
}

/// How long a walk through all of so many processes is expected to take.
pub(super) fn walk_through(proc: BorrowedFd<'_>, processes: usize) -> Duration {
    let files = process::text(proc, "sys/fs/file-nr").ok().and_then(|text| open_files(&text));
    let processes = u32::try_from(processes).unwrap_or(u32::MAX);
    WALKING.of(processes, files.unwrap_or_default())
}

/// A census that can be taken, beside what else could be done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<'a> {
    census: &'a dyn Census,
    processes: u32,
    /// How long it is expected to take.
    takes: Duration,
    /// How long a walk through all processes is.
    walk: Duration,
}

impl<'a> Plan<'a> {
    /// `processes` is how many there are; `None` if the census cannot be taken.
    pub(super) fn new(
        census: &'a dyn Census,
        proc: BorrowedFd<'_>,
        processes: usize,
    ) -> Option<Plan<'a>> {
        let delay = census.delay()?;
        let processes = u32::try_from(processes).expect("there are at most 2^22 processes");
        let files = process::text(proc, "sys/fs/file-nr").ok().and_then(|text| open_files(&text));
        let files = files.unwrap_or_default();
        let takes = delay + COUNTING.of(processes, files);
        Some(Plan { census, processes, takes, walk: WALKING.of(processes, files) })
    }

    /// Whether it is expected to be done before a walk through `count` of the processes is.
    pub(super) fn beats_walk_of(&self, count: usize) -> bool {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.takes < self.walk * count / self.processes.max(1)
    }

    /// Whether it is expected to take no longer than `budget`.
    pub(super) fn fits(&self, budget: Duration) -> bool {
        self.takes <= budget
    }

    /// Takes the census.
    ///
    /// # Errors
    /// As [`Census::take`].
    pub(super) fn take<'w>(&self, wanted: &'w Wanted) -> io::Result<Returns<'w>> {
        let mut returns = Returns::new(wanted);
        self.census.take(&mut |counted| returns.add(counted))?;
        Ok(returns)
    }
}

/// What a census tells of the holders of some sockets.
#[derive(Debug)]
pub(super) struct Returns<'w> {
    wanted: &'w Wanted,
    holdings: Vec<Holding>,
    /// Those that hold any.
    processes: Vec<Counted>,
    /// All that it passed, in no order and some twice.
    pub(super) passed: Vec<u32>,
}

impl<'w> Returns<'w> {
    pub(super) fn new(wanted: &'w Wanted) -> Returns<'w> {
        Returns { wanted, holdings: Vec::new(), processes: Vec::new(), passed: Vec::new() }
    }

    pub(super) fn add(&mut self, counted: &Counted) {
        let Held { inode, pid, fd } = counted.held;
        if self.passed.last() != Some(&pid.0) {
            self.passed.push(pid.0);
        }
        if !self.wanted.contains(inode) {
            return;
        }
        self.holdings.push(Holding { inode, process: pid.0, fd });
        if self.processes.last().is_none_or(|last| last.held.pid != pid) {
            self.processes.push(*counted);
        }
    }

    /// Who the holders are, of which those are left that still run; claims what they hold.
    pub(super) fn sightings(self, proc: BorrowedFd<'_>) -> Sightings {
        let Returns { wanted, mut holdings, mut processes, .. } = self;
        processes.sort_unstable_by_key(|counted| counted.held.pid);
        processes.dedup_by_key(|counted| counted.held.pid);
        let mut sightings = Sightings::default();
        for counted in &processes {
            if let Some(particulars) = particulars(counted, proc) {
                sightings.holders.insert(counted.held.pid.0, particulars);
            }
        }
        holdings.sort_unstable();
        holdings.dedup();
        // Who has exited holds nothing any more.
        holdings.retain(|holding| sightings.holders.contains_key(&holding.process));
        holdings.iter().for_each(|holding| wanted.claim(holding.inode));
        sightings.holdings = holdings;
        sightings
    }
}

/// Who a counted process is: what `/proc` tells, else what the census did. `None` if it has exited,
/// also where another has its pid by now.
fn particulars(counted: &Counted, proc: BorrowedFd<'_>) -> Option<Particulars> {
    let start_ticks = counted.started.0 / TICK_NS;
    match openat(proc, counted.held.pid.to_string(), DIRECTORY, Mode::empty()) {
        Ok(dir) => {
            let found = Particulars::of_process(&dir)?;
            Some(found).filter(|found| found.start_ticks() == start_ticks)
        }
        Err(_) if is_alive(counted) => {
            let name = counted.comm.split(|byte| *byte == 0).next().unwrap_or_default();
            Some(Particulars::told(name.to_vec(), start_ticks, counted.uid))
        }
        Err(_) => None,
    }
}

/// Whether there is a process with that pid, which `/proc` may keep from us.
fn is_alive(counted: &Counted) -> bool {
    let pid = i32::try_from(counted.held.pid.0).ok().and_then(Target::from_raw);
    pid.is_some_and(|pid| matches!(test_kill_process(pid), Ok(()) | Err(Errno::PERM)))
}

/// How many files are open on the whole host: the first number of `/proc/sys/fs/file-nr`.
fn open_files(text: &[u8]) -> Option<u32> {
    super::number(text.split(u8::is_ascii_whitespace).next()?)
}

/// What a way of looking takes for each process and for each of its descriptors.
#[derive(Clone, Copy, Debug)]
struct Pace {
    process: Duration,
    descriptor: Duration,
}

impl Pace {
    fn of(self, processes: u32, descriptors: u32) -> Duration {
        self.process * processes + self.descriptor * descriptors
    }
}

/// Measured with 300 processes and 600,000 descriptors on a machine of two processors: 0.15 s. What
/// it takes for a process is for those that have no descriptors, the kernel's own.
const COUNTING: Pace =
    Pace { process: Duration::from_micros(10), descriptor: Duration::from_nanos(250) };
/// The same: 0.8 s, on two threads.
const WALKING: Pace =
    Pace { process: Duration::from_micros(20), descriptor: Duration::from_nanos(1300) };
/// A clock tick of `/proc`.
const TICK_NS: u64 = 10_000_000;
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::AsFd;

    use super::*;
    use crate::Pid;

    /// A census of what it was made with, ready after `delay`.
    #[derive(Debug)]
    struct Told {
        delay: Option<Duration>,
        counted: Vec<Counted>,
    }

    impl Census for Told {
        fn delay(&self) -> Option<Duration> {
            self.delay
        }

        fn take(&self, each: &mut dyn FnMut(&Counted)) -> io::Result<()> {
            self.counted.iter().for_each(each);
            Ok(())
        }
    }

    fn proc() -> File {
        File::open("/proc").unwrap()
    }

    #[test]
    fn it_pays_where_there_is_much_to_walk_through() {
        let census = Told { delay: Some(Duration::from_millis(10)), counted: Vec::new() };
        let plan = |processes, files| Plan {
            census: &census,
            processes,
            takes: census.delay.unwrap() + COUNTING.of(processes, files),
            walk: WALKING.of(processes, files),
        };
        let idle = plan(100, 1_000);
        assert!(!idle.beats_walk_of(100) && idle.fits(Duration::from_millis(20)));
        let big = plan(300, 600_000);
        assert!(big.beats_walk_of(300) && big.beats_walk_of(100));
        assert!(!big.beats_walk_of(10) && !big.fits(Duration::from_millis(20)));
    }

    #[test]
    fn where_it_is_not_to_be_had_there_is_no_plan() {
        let census = Told { delay: None, counted: Vec::new() };
        assert!(Plan::new(&census, proc().as_fd(), 1).is_none());
    }

    #[test]
    fn open_files_are_the_first_number() {
        assert_eq!(open_files(b"602369\t0\t2466170\n"), Some(602_369));
        assert_eq!(open_files(b""), None);
        let text = process::text(proc().as_fd(), "sys/fs/file-nr").unwrap();
        assert!(open_files(&text).unwrap() > 3);
    }

    #[test]
    fn a_process_that_is_gone_or_another_by_now_holds_nothing() {
        let stat = std::fs::read("/proc/self/stat").unwrap();
        let ticks = super::super::stat::Stat::parse(&stat).unwrap().start_ticks;
        let us = std::process::id();
        let counted = |inode, pid, fd, ticks| Counted {
            held: Held { inode, pid: Pid(pid), fd },
            started: BootTime(ticks * TICK_NS + 1),
            uid: 0,
            comm: *b"whoever\0\0\0\0\0\0\0\0\0",
        };
        let census = Told {
            delay: Some(Duration::ZERO),
            counted: vec![
                counted(7, us, 3, ticks),
                counted(8, us, 4, ticks),
                counted(7, us, 3, ticks),
                counted(9, u32::MAX >> 1, 3, ticks),
                counted(9, 1, 3, u64::MAX / TICK_NS),
            ],
        };
        let wanted = Wanted::new([7, 9].into_iter());
        let proc = proc();
        let plan = Plan::new(&census, proc.as_fd(), 1).unwrap();
        let returns = plan.take(&wanted).unwrap();
        assert_eq!(returns.passed, [us, u32::MAX >> 1, 1]);
        let sightings = returns.sightings(proc.as_fd());
        assert_eq!(sightings.holdings, [Holding { inode: 7, process: us, fd: 3 }]);
        assert_eq!(sightings.holders.keys().collect::<Vec<_>>(), [&us]);
        assert!(wanted.is_owned(7) && !wanted.is_owned(9));
    }
}
