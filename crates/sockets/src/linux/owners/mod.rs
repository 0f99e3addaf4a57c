//! Finds the processes that hold sockets, the likely ones first.
//!
//! A socket's holders are the processes with a descriptor for it, and only their descriptors tell:
//! the search looks through those of the processes in the cgroup a socket was made in, then of the
//! user who made it, then of all others. Threads that have a descriptor table apart from their
//! process's (`unshare(CLONE_FILES)`) are not looked into. A census by the kernel, where there is
//! one, misses nobody: it is taken where it is quicker, and where the search leaves a question.

pub(super) mod census;
mod cgroup;
mod fd_walk;
pub(crate) mod fuzz;
mod hunt;
mod likely;
mod mounts;
mod place;
mod process;
pub(super) mod processes;
mod queue;
mod stat;
mod still_open;
pub(super) mod users;
mod walk;
mod wanted;

use std::collections::BTreeSet;
use std::os::fd::{AsFd, OwnedFd};
use std::str::FromStr;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, statat};

use self::census::Census;
use self::cgroup::Cgroups;
use self::hunt::Hunt;
use self::users::Users;
use self::walk::{Walk, numbers};
use self::wanted::Wanted;
use crate::{Method, Note, Ownership, Pid, Search, Socket};

/// Finds the holders of `sockets`, looking as far as `search` says, with the help of `census`.
pub(super) fn find(sockets: &[Socket], search: Search, census: Option<&dyn Census>) -> Ownership {
    let mounts = mounts::load();
    let cgroups = Cgroups::of_sockets(sockets, &mounts);
    let users = Users::load();
    let makers: BTreeSet<u32> = sockets.iter().map(|socket| socket.uid).collect();
    let makers = makers.into_iter().map(|uid| users.user(uid)).collect();
    let ownership = Ownership { places: cgroups.places(), users: makers, ..Ownership::default() };
    let wanted = Wanted::new(sockets.iter().map(|socket| socket.inode));
    if wanted.is_empty() {
        return ownership;
    }
    let Some(proc) = open_proc() else {
        let notes = vec![Note::ProcessesInvisible { why: "/proc is not there" }];
        return Ownership { blind: true, notes, ..ownership };
    };
    let budget = match search {
        Search::Likely { budget } => Some(budget),
        Search::Full => None,
    };
    let walk = Walk { wanted: &wanted, proc: proc.as_fd(), budget, likely: None };
    Hunt { walk, census, sockets, users: &users, cgroups, mounts, ownership }.run()
}

/// Finds the holders of the sockets with these inodes among all processes, and no more: not why
/// others have none, nor where the sockets were made.
pub(super) fn find_inodes(inodes: &[u64]) -> Ownership {
    let wanted = Wanted::new(inodes.iter().copied());
    let Some(proc) = open_proc() else { return Ownership::default() };
    let walk = Walk { wanted: &wanted, proc: proc.as_fd(), budget: None, likely: None };
    let users = Users::load();
    let (cgroups, mounts) = (Cgroups::default(), Vec::new());
    let ownership = Ownership::default();
    Hunt { walk, census: None, sockets: &[], users: &users, cgroups, mounts, ownership }.run()
}

/// Finds holders of `sockets` among the likely processes, those of the cgroups and of the users that
/// the sockets were made in and by, and no more.
pub(super) fn find_likely(sockets: &[Socket]) -> Ownership {
    let wanted = Wanted::new(sockets.iter().map(|socket| socket.inode));
    let Some(proc) = open_proc() else { return Ownership::default() };
    let walk =
        Walk { wanted: &wanted, proc: proc.as_fd(), budget: Some(Duration::ZERO), likely: None };
    let mounts = mounts::load();
    let cgroups = Cgroups::of_sockets(sockets, &mounts);
    let (users, ownership) = (Users::load(), Ownership::default());
    Hunt { walk, census: None, sockets, users: &users, cgroups, mounts, ownership }.run_likely()
}

/// Whether a walk through all processes is expected to take less than `time`.
pub(super) fn walks_within(time: Duration) -> bool {
    let Some(proc) = open_proc() else { return true };
    // On a busy host the open files say enough, and to list its processes takes long itself.
    census::walk_through(proc.as_fd(), 0) < time
        && census::walk_through(proc.as_fd(), numbers(proc.as_fd(), c".").len()) < time
}

/// Finds the holders of `sockets` among the processes `named` alone. `None` unless each has one
/// there, and where those have too many descriptors.
pub(super) fn find_named(sockets: &[Socket], named: &[Pid]) -> Option<Ownership> {
    let wanted = Wanted::new(sockets.iter().map(|socket| socket.inode));
    let proc = open_proc()?;
    // The size of the directory, since Linux 6.2.
    let table = |pid: &Pid| statat(&proc, format!("{pid}/fd"), AtFlags::empty()).ok();
    let descriptors: i64 = named.iter().filter_map(table).map(|table| table.st_size).sum();
    if descriptors > MOST_DESCRIPTORS {
        return None;
    }
    let pids = numbers(proc.as_fd(), c".");
    let walk = Walk { wanted: &wanted, proc: proc.as_fd(), budget: None, likely: None };
    let named: Vec<u32> = named.iter().map(|pid| pid.0).collect();
    let mut sightings = walk.run(&named);
    if !wanted.all_owned() {
        return None;
    }
    sightings.skipped = pids.iter().filter(|pid| !named.contains(pid)).count();
    let users = Users::load();
    let makers: BTreeSet<u32> = sockets.iter().map(|socket| socket.uid).collect();
    let ownership = Ownership {
        users: makers.into_iter().map(|uid| users.user(uid)).collect(),
        method: Method::Recorder,
        ..Ownership::default()
    };
    let (cgroups, mounts) = (Cgroups::default(), Vec::new());
    let mut hunt = Hunt { walk, census: None, sockets, users: &users, cgroups, mounts, ownership };
    hunt.explain_unowned(&sightings);
    hunt.record(sightings);
    Some(hunt.ownership)
}

/// Whether the process that started at `start_ticks` with this pid still runs. So it is said where
/// it cannot be known, for want of descriptors.
pub(super) fn runs(pid: Pid, start_ticks: u64) -> bool {
    let Some(proc) = open_proc() else { return true };
    match process::text(proc.as_fd(), format!("{pid}/stat")) {
        Ok(line) => stat::Stat::parse(&line)
            .is_none_or(|stat| stat.start_ticks == start_ticks && !stat.holds_nothing()),
        Err(error) => !fd_walk::is_exit(error),
    }
}

fn open_proc() -> Option<OwnedFd> {
    openat(CWD, c"/proc", OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()
}

/// A decimal number without a sign, as `/proc` writes them.
fn number<T: FromStr>(digits: &[u8]) -> Option<T> {
    digits.first().filter(|first| first.is_ascii_digit())?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// How many descriptors of named processes are looked at: about 2 ms.
const MOST_DESCRIPTORS: i64 = 2000;
