//! What `/proc/PID` tells of a process that holds a socket (`proc_pid(5)`): who it is, what it
//! runs, whose it is and where.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rustix::fs::{Mode, OFlags, openat, readlinkat};
use rustix::io::Errno;
use rustix::path::Arg;
use rustix::time::{ClockId, clock_gettime};

use super::place;
use super::stat::Stat;
use super::users::Users;
use super::walk::numbers;
use crate::{Ancestor, Pid, Place, Process};

/// What a process's own files say, read while it was looked at.
#[derive(Clone, Debug)]
pub(super) struct Particulars {
    stat: Stat,
    uid: u32,
    exe: Option<PathBuf>,
    cmdline: Option<Vec<Vec<u8>>>,
    /// The text of its cgroup file.
    cgroup: Vec<u8>,
}

impl Particulars {
    /// Reads the process whose directory is `dir`; relative to an open one, so that the process
    /// cannot be mistaken for a later one with its pid. What it runs is asked of `thread`, the
    /// directory of one that lives: of a first thread that has exited it is not known. `None` if
    /// the process has exited.
    pub(super) fn read(dir: BorrowedFd<'_>, thread: BorrowedFd<'_>) -> Option<Particulars> {
        let stat = Stat::parse(&text(dir, "stat").ok()?)?;
        let uid = effective_uid(&text(dir, "status").ok()?)?;
        let exe = readlinkat(thread, "exe", Vec::new()).ok();
        Some(Particulars {
            stat,
            uid,
            exe: exe.map(|path| std::ffi::OsString::from_vec(path.into_bytes()).into()),
            cmdline: text(thread, "cmdline").ok().map(|text| arguments(&text)),
            cgroup: text(dir, "cgroup").unwrap_or_default(),
        })
    }

    /// Reads the process whose directory is `dir`, by a thread of it that lives. `None` if it has
    /// exited.
    pub(super) fn of_process(dir: &OwnedFd) -> Option<Particulars> {
        let found = Particulars::read(dir.as_fd(), dir.as_fd())?;
        if !found.stat.is_zombie {
            return Some(found);
        }
        let thread = |id: u32| openat(dir, format!("task/{id}"), DIRECTORY, Mode::empty()).ok();
        let threads = numbers(dir.as_fd(), c"task").into_iter().filter_map(thread);
        let mut others = threads.filter_map(|of| Particulars::read(dir.as_fd(), of.as_fd()));
        others.find(|particulars| particulars.exe.is_some()).or(Some(found)).filter(Self::lives)
    }

    /// Those of a process of which no more can be known.
    pub(super) fn told(comm: Vec<u8>, start_ticks: u64, uid: u32) -> Particulars {
        let stat = Stat::told(comm, start_ticks);
        Particulars { stat, uid, exe: None, cmdline: None, cgroup: Vec::new() }
    }

    pub(super) fn start_ticks(&self) -> u64 {
        self.stat.start_ticks
    }

    fn lives(&self) -> bool {
        !self.stat.holds_nothing()
    }
}

/// Makes processes of their particulars, with what they have in common read once.
#[derive(Debug)]
pub(super) struct Register<'a> {
    proc: BorrowedFd<'a>,
    users: &'a Users,
    booted: SystemTime,
    places: HashMap<Vec<u8>, Place>,
    /// Parents met so far; `None` for one that is gone.
    parents: HashMap<u32, Option<Stat>>,
}

impl<'a> Register<'a> {
    /// Begins with nothing but `users`; `proc` is the directory `/proc`.
    pub(super) fn new(proc: BorrowedFd<'a>, users: &'a Users) -> Register<'a> {
        Register {
            proc,
            users,
            booted: boot_time(),
            places: HashMap::new(),
            parents: HashMap::new(),
        }
    }

    /// The process `pid` with these particulars.
    pub(super) fn process(&mut self, pid: Pid, particulars: Particulars) -> Process {
        let Particulars { stat, uid, exe, cmdline, cgroup } = particulars;
        Process {
            pid,
            start_ticks: stat.start_ticks,
            started: start_time(self.booted, stat.start_ticks),
            ancestry: self.ancestry(Pid(stat.parent), stat.start_ticks),
            comm: stat.comm,
            exe,
            cmdline,
            user: self.users.user(uid),
            place: self.place(cgroup),
        }
    }

    fn place(&mut self, cgroup: Vec<u8>) -> Place {
        let place = |text: &Vec<u8>| place::of_process(text);
        self.places.entry(cgroup).or_insert_with_key(place).clone()
    }

    /// The parents of a process with this parent and start, the nearest first. One that started
    /// after its child is another process with the pid of a parent that is gone.
    pub(super) fn ancestry(&mut self, parent: Pid, start_ticks: u64) -> Vec<Ancestor> {
        let mut ancestry = Vec::new();
        let (mut pid, mut start) = (parent.0, start_ticks);
        while pid != 0 && ancestry.len() < DEEPEST {
            let Some(parent) = self.parent(pid).filter(|parent| parent.start_ticks <= start) else {
                break;
            };
            ancestry.push(Ancestor { pid: Pid(pid), comm: parent.comm.clone() });
            (pid, start) = (parent.parent, parent.start_ticks);
        }
        ancestry
    }

    fn parent(&mut self, pid: u32) -> Option<&Stat> {
        let proc = self.proc;
        let read = || Stat::parse(&text(proc, format!("{pid}/stat")).ok()?);
        self.parents.entry(pid).or_insert_with(read).as_ref()
    }
}

/// The text of a file under `dir`.
pub(super) fn text(dir: BorrowedFd<'_>, path: impl Arg) -> Result<Vec<u8>, Errno> {
    let file = openat(dir, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let mut text = Vec::with_capacity(1024);
    let read = File::from(file).take(LONGEST).read_to_end(&mut text);
    read.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    Ok(text)
}

/// The arguments in a cmdline file, each ended by NUL. Empty ones at the end are left out: programs
/// that write a title over their arguments leave such behind.
pub(super) fn arguments(text: &[u8]) -> Vec<Vec<u8>> {
    let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if end == 0 {
        return Vec::new();
    }
    text[..end].split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}

/// The effective user in a status file: the second number of `Uid:`.
fn effective_uid(status: &[u8]) -> Option<u32> {
    let uids = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Uid:"))?;
    let second = uids.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).nth(1)?;
    super::number(second)
}

/// When the machine booted: now, less the time since then.
pub(super) fn boot_time() -> SystemTime {
    let since = clock_gettime(ClockId::Boottime);
    let seconds = Duration::from_secs(since.tv_sec.unsigned_abs());
    let nanos = Duration::from_nanos(since.tv_nsec.unsigned_abs());
    SystemTime::now() - seconds - nanos
}

/// The time `ticks` after `booted`, to the tick, so that it reads the same each time.
pub(super) fn start_time(booted: SystemTime, ticks: u64) -> SystemTime {
    let time = booted + Duration::from_millis(ticks.saturating_mul(TICK_MS));
    let epoch = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let past = epoch.as_nanos() % (u128::from(TICK_MS) * 1_000_000);
    time - Duration::from_nanos(u64::try_from(past).unwrap_or_default())
}

/// A clock tick of `/proc`: `USER_HZ` is 100 wherever Rust runs.
const TICK_MS: u64 = 10;
/// As much as one argument may be long (`MAX_ARG_STRLEN`).
const LONGEST: u64 = 128 * 1024;
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// No real ancestry is this deep.
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn arguments_are_split_and_stray_nuls_dropped() {
        for (text, expected) in [
            (&b"cat\0-\0"[..], &[&b"cat"[..], b"-"][..]),
            (b"cat\0\0x\0", &[b"cat", b"", b"x"]),
            (b"nginx: master process\0\0\0\0", &[b"nginx: master process"]),
            (b"no end", &[b"no end"]),
            (b"\xff\x1b\n\0", &[b"\xff\x1b\n"]),
            (b"", &[]),
            (b"\0\0", &[]),
        ] {
            assert_eq!(arguments(text), expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn the_effective_user_is_the_second() {
        assert_eq!(effective_uid(b"Name:\tx\nUid:\t1000\t0\t1000\t0\nGid:\t1\t2\t3\t4\n"), Some(0));
        assert_eq!(effective_uid(b"Uid:\t1000\n"), None);
        assert_eq!(effective_uid(b"Name:\tUid:\n"), None);
    }

    #[test]
    fn a_start_time_falls_on_a_tick() {
        let booted = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_004_999_999);
        let expected = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
        assert_eq!(start_time(booted, 50), expected);
    }

    #[test]
    fn our_own_particulars_are_ours() {
        let dir = fs::File::open("/proc/self").unwrap();
        let proc = fs::File::open("/proc").unwrap();
        let particulars = Particulars::read(dir.as_fd(), dir.as_fd()).unwrap();
        let users = Users::load();
        let mut register = Register::new(proc.as_fd(), &users);
        let process = register.process(Pid(std::process::id()), particulars);
        assert_eq!(process.exe, std::env::current_exe().ok());
        let arguments: Vec<Vec<u8>> =
            std::env::args_os().map(|arg| arg.into_encoded_bytes()).collect();
        assert_eq!(process.cmdline, Some(arguments));
        assert_eq!(process.user.uid, rustix::process::geteuid().as_raw());
        let parent = std::os::unix::process::parent_id();
        assert_eq!(process.ancestry.first().map(|parent| parent.pid), Some(Pid(parent)));
        let age = process.started.elapsed().unwrap();
        assert!(age < Duration::from_secs(3600), "started {age:?} ago");
    }
}
