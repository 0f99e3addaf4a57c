//! Single processes from `/proc`, asked for one by one: for those who learn of a process from
//! elsewhere and want to know who it is.

use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::process::{Particulars, Register, boot_time, start_time, text};
use super::stat::Stat;
use super::users::Users;
use super::{cgroup, mounts, place};
use crate::{Ancestor, CgroupId, Error, Pid, Place, Process, User};

/// The processes of this machine and its users, as they are now.
#[derive(Debug)]
pub struct Processes {
    proc: OwnedFd,
    users: Users,
    /// When the users were read.
    read: Instant,
}

impl Processes {
    /// Opens `/proc`.
    ///
    /// # Errors
    /// [`Error::Proc`] if it is not there.
    pub fn open() -> Result<Processes, Error> {
        let proc = openat(CWD, c"/proc", DIRECTORY, Mode::empty());
        let proc = proc
            .map_err(|error| Error::Proc { path: PathBuf::from("/proc"), source: error.into() })?;
        Ok(Processes { proc, users: Users::load(), read: Instant::now() })
    }

    /// The process `pid`, with its parents; `None` if it is gone.
    #[must_use]
    pub fn process(&mut self, pid: Pid) -> Option<Process> {
        self.several([pid]).pop()
    }

    /// Those of `pids` that are there, with their parents: of several with the same parents, those
    /// are read once.
    #[must_use]
    pub fn several(&mut self, pids: impl IntoIterator<Item = Pid>) -> Vec<Process> {
        self.refresh_users();
        let mut register = Register::new(self.proc.as_fd(), &self.users);
        let process = |pid| {
            let dir = self.directory(pid).ok()?;
            let particulars = Particulars::read(dir.as_fd(), dir.as_fd())?;
            Some(register.process(pid, particulars))
        };
        pids.into_iter().filter_map(process).collect()
    }

    /// Where the process `pid` runs that started `start_ticks` after boot; `None` if it is gone.
    #[must_use]
    pub fn place(&self, pid: Pid, start_ticks: u64) -> Option<Place> {
        let dir = self.directory(pid).ok()?;
        let stat = Stat::parse(&text(dir.as_fd(), "stat").ok()?)?;
        let cgroup = text(dir.as_fd(), "cgroup").ok()?;
        (stat.start_ticks == start_ticks).then(|| place::of_process(&cgroup))
    }

    /// Where the processes of a cgroup run; `None` for the root, and for a cgroup that is gone or
    /// not in our cgroup namespace.
    #[must_use]
    pub fn place_of(&self, cgroup: CgroupId) -> Option<Place> {
        cgroup::place_of(cgroup, &mounts::load())
    }

    /// The process `parent` and its parents, the nearest first, as the ancestry of a process that
    /// started `start_ticks` after boot.
    #[must_use]
    pub fn ancestry(&self, parent: Pid, start_ticks: u64) -> Vec<Ancestor> {
        Register::new(self.proc.as_fd(), &self.users).ancestry(parent, start_ticks)
    }

    /// When a process started, `start_ticks` after boot: as in [`Process::started`].
    #[must_use]
    pub fn started(&self, start_ticks: u64) -> SystemTime {
        start_time(boot_time(), start_ticks)
    }

    /// The user with the number `uid`.
    #[must_use]
    pub fn user(&mut self, uid: u32) -> User {
        self.refresh_users();
        self.users.user(uid)
    }

    fn directory(&self, pid: Pid) -> Result<OwnedFd, Errno> {
        openat(&self.proc, pid.to_string(), DIRECTORY, Mode::empty())
    }

    /// Users come and go, seldom.
    fn refresh_users(&mut self) {
        if self.read.elapsed().as_secs() >= USERS_LAST_S {
            self.users = Users::load();
            self.read = Instant::now();
        }
    }
}

/// The directory where the cgroup v2 tree is mounted from its root; `None` where it is not, or only
/// a part of it.
#[must_use]
pub fn cgroup_root() -> Option<PathBuf> {
    let mounts = mounts::load();
    mounts::cgroup2(&mounts).filter(|mount| mount.root == b"/").map(|mount| mount.point.clone())
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// For how many seconds the users count as read.
const USERS_LAST_S: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_found_one_by_one() {
        let mut processes = Processes::open().unwrap();
        let own = Pid(std::process::id());
        let process = processes.process(own).unwrap();
        assert_eq!(process.exe, std::env::current_exe().ok());
        let parent = process.ancestry[0].pid;
        assert_eq!(processes.ancestry(parent, process.start_ticks), process.ancestry);
        assert_eq!(processes.started(process.start_ticks), process.started);
        assert_eq!(processes.user(process.user.uid), process.user);
        assert_eq!(processes.place(own, process.start_ticks), Some(process.place.clone()));
        assert_eq!(processes.place(own, process.start_ticks + 1), None);
        let nobody = Pid(u32::MAX >> 1);
        assert!(processes.process(nobody).is_none());
        assert_eq!(processes.several([own, nobody, own]), [process.clone(), process]);
    }

    #[test]
    fn the_root_of_the_cgroups_has_processes() {
        let Some(root) = cgroup_root() else { return };
        assert!(root.join("cgroup.procs").exists(), "{}", root.display());
    }
}
