//! Who holds a socket: processes, where they run, and the honest answer when it is not known.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::{CgroupId, Note, Socket};

/// A process id in our own pid namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(pub u32);

impl std::fmt::Display for Pid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A user, with the name `/etc/passwd` has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The number.
    pub uid: u32,
    /// The name; `None` where there is none.
    pub name: Option<Arc<str>>,
}

/// A process that holds sockets. Text is the process's own and untrusted: escape it where it is
/// printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: Pid,
    /// When it started, in clock ticks since boot: with the pid, its identity until the next boot.
    pub start_ticks: u64,
    /// When it started, to the clock tick (10 ms).
    pub started: SystemTime,
    /// Its name, at most 15 bytes of anything but NUL.
    pub comm: Vec<u8>,
    /// The program it runs; `None` where it may not be read.
    pub exe: Option<PathBuf>,
    /// Its arguments, the program's name first; empty for a kernel thread, `None` where it may not
    /// be read.
    pub cmdline: Option<Vec<Vec<u8>>>,
    /// The user it runs as (effective).
    pub user: User,
    /// Its parents, the nearest first, up to pid 1.
    pub ancestry: Vec<Ancestor>,
    /// Where it runs now.
    pub place: Place,
}

/// A parent of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// Its id.
    pub pid: Pid,
    /// Its name, untrusted.
    pub comm: Vec<u8>,
}

/// Where a process runs, read from its cgroup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The cgroup's path, untrusted; empty where it is not known.
    pub cgroup: Arc<str>,
    /// The systemd unit: `ssh.service`, `session-3.scope`.
    pub unit: Option<Arc<str>>,
    /// The container, `RUNTIME:ID` with the runtime's short id: `docker:4f5c…`, `lxc:web`.
    pub container: Option<Arc<str>>,
}

/// How far to look for owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// The likely processes first (the socket's cgroup, then its user's), then all others. Once
    /// every socket has an owner, the rest is looked through for `budget` longer and no more;
    /// a [`Note`] says when something was left out.
    Likely {
        /// How long to go on looking for further holders.
        budget: Duration,
    },
    /// Every process there is.
    Full,
}

/// What found the owners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Nothing had to be looked for.
    #[default]
    None,
    /// The processes of the sockets' cgroups held them all; others were not looked at.
    Cgroup,
    /// The processes of the sockets' users held them all; others were not looked at.
    User,
    /// Every process was looked at, or all until the last holder was found and the budget was
    /// spent; then a note says how many were not.
    Walk,
    /// The kernel told every descriptor of every process in one pass.
    Iterator,
    /// A recorder had named processes that hold them all; others were not looked at.
    Recorder,
}

impl Method {
    /// A stable word for programs: `none`, `cgroup`, `user`, `walk`, `iterator` or
    /// `recorder`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Method::None => "none",
            Method::Cgroup => "cgroup",
            Method::User => "user",
            Method::Walk => "walk",
            Method::Iterator => "iterator",
            Method::Recorder => "recorder",
        }
    }
}

/// Who holds one socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owners<'a> {
    /// These processes, ordered by pid; never empty.
    Known(Vec<Holder<'a>>),
    /// Somebody of this user, probably; not for us to see without more privilege.
    Hidden {
        /// The user who made the socket.
        uid: u32,
    },
    /// It closed, or its last holder exited, while we looked.
    Gone,
    /// The kernel alone: no process has a descriptor for it (`TIME-WAIT`, not yet accepted,
    /// orphaned, in flight between processes, or the kernel's own).
    Kernel,
}

/// A process that holds a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder<'a> {
    /// The process.
    pub process: &'a Process,
    /// One of its descriptors for the socket; a process with two is listed twice.
    /// [`crate::Held::UNKNOWN_FD`] where only that is known that it holds it.
    pub fd: u32,
}

/// What was found out about the owners of some sockets.
#[derive(Clone, Debug, Default)]
pub struct Ownership {
    /// The processes found, ordered by pid.
    pub(crate) processes: Vec<Process>,
    /// Who holds what, ordered by inode, then pid, then descriptor.
    pub(crate) holdings: Vec<Holding>,
    /// Sockets without an owner that were looked for among processes we could not all read.
    pub(crate) blind: bool,
    /// Inodes that no process holds and that were still there afterwards, ordered.
    pub(crate) kernel: Vec<u64>,
    /// Places of sockets' cgroups, ordered by id.
    pub(crate) places: Vec<(CgroupId, Place)>,
    /// The users who made the sockets, ordered by uid.
    pub(crate) users: Vec<User>,
    /// Processes of hidden sockets' cgroups, ordered by cgroup.
    pub(crate) suspects: Vec<(CgroupId, Vec<Process>)>,
    /// What found them.
    pub(crate) method: Method,
    /// What could not be seen.
    pub(crate) notes: Vec<Note>,
}

/// One descriptor of one process for one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holding {
    pub(crate) inode: u64,
    /// Index into [`Ownership::processes`].
    pub(crate) process: u32,
    pub(crate) fd: u32,
}

impl Ownership {
    /// Who holds `socket`, one of those that were asked for.
    #[must_use]
    pub fn of(&self, socket: &Socket) -> Owners<'_> {
        if socket.inode == 0 {
            return Owners::Kernel;
        }
        let holders = self.holders(socket.inode);
        if !holders.is_empty() {
            return Owners::Known(holders);
        }
        if self.blind {
            return Owners::Hidden { uid: socket.uid };
        }
        match self.kernel.binary_search(&socket.inode) {
            Ok(_) => Owners::Kernel,
            Err(_) => Owners::Gone,
        }
    }

    /// The processes that were found to hold the socket with this inode, ordered by pid, then
    /// descriptor; empty where none was.
    #[must_use]
    pub fn holders(&self, inode: u64) -> Vec<Holder<'_>> {
        self.each_holder(inode).collect()
    }

    /// The first of [`Ownership::holders`].
    #[must_use]
    pub fn first_holder(&self, inode: u64) -> Option<Holder<'_>> {
        self.each_holder(inode).next()
    }

    fn each_holder(&self, inode: u64) -> impl Iterator<Item = Holder<'_>> {
        let from = self.holdings.partition_point(|holding| holding.inode < inode);
        self.holdings[from..]
            .iter()
            .take_while(move |holding| holding.inode == inode)
            .map(|h| Holder { process: &self.processes[h.process as usize], fd: h.fd })
    }

    /// Where `socket` was made, by its cgroup: known without any privilege, also where the owner is
    /// hidden. `None` where the kernel does not tell, or tells only the root.
    #[must_use]
    pub fn place_of(&self, socket: &Socket) -> Option<&Place> {
        let id = socket.cgroup?;
        let at = self.places.binary_search_by_key(&id, |(place, _)| *place).ok()?;
        Some(&self.places[at].1)
    }

    /// The user who made `socket`: known without any privilege, also where the owner is hidden.
    /// `None` where the kernel does not tell: see [`Socket::maker`].
    #[must_use]
    pub fn user_of(&self, socket: &Socket) -> Option<User> {
        let uid = socket.maker()?;
        Some(match self.users.binary_search_by_key(&uid, |user| user.uid) {
            Ok(at) => self.users[at].clone(),
            Err(_) => User { uid, name: None },
        })
    }

    /// Where the holder of `socket` is hidden: the processes in the cgroup it was made in that we
    /// may not look into, one of which probably holds it; at most 32, in the kernel's order. What
    /// is known of them is what everyone may read: seldom `exe`. Empty where the kernel does not
    /// tell the cgroup or tells only the root, and where the holder is known.
    #[must_use]
    pub fn suspects_of(&self, socket: &Socket) -> &[Process] {
        let suspects = || {
            let id = socket.cgroup?;
            let at = self.suspects.binary_search_by_key(&id, |(cgroup, _)| *cgroup).ok()?;
            matches!(self.of(socket), Owners::Hidden { .. }).then(|| self.suspects[at].1.as_slice())
        };
        suspects().unwrap_or_default()
    }

    /// What is known of `sockets` alone, as far as one may know it who `sees` those processes: what
    /// others hold has a hidden owner.
    #[must_use]
    pub fn narrowed(&self, sockets: &[Socket], sees: impl Fn(&Process) -> bool) -> Ownership {
        let mut inodes: Vec<u64> = sockets.iter().map(|socket| socket.inode).collect();
        inodes.sort_unstable();
        inodes.dedup();
        let wanted = inodes.iter().flat_map(|inode| {
            let from = self.holdings.partition_point(|holding| holding.inode < *inode);
            self.holdings[from..].iter().take_while(move |holding| holding.inode == *inode)
        });
        let (seen, unseen): (Vec<Holding>, Vec<Holding>) =
            wanted.partition(|holding| sees(&self.processes[holding.process as usize]));
        let mut kept: Vec<u32> = seen.iter().map(|holding| holding.process).collect();
        kept.sort_unstable();
        kept.dedup();
        let holding = |holding: &Holding| {
            let at = kept.binary_search(&holding.process).expect("each was kept");
            Holding { process: u32::try_from(at).expect("fewer than before"), ..*holding }
        };
        let cgroup = |id: CgroupId| sockets.iter().any(|socket| socket.cgroup == Some(id));
        let maker = |uid: u32| sockets.iter().any(|socket| socket.uid == uid);
        let count = distinct(unseen.iter().map(|holding| holding.process));
        Ownership {
            processes: kept.iter().map(|at| self.processes[*at as usize].clone()).collect(),
            holdings: seen.iter().map(holding).collect(),
            blind: self.blind || count > 0,
            kernel: self
                .kernel
                .iter()
                .copied()
                .filter(|i| inodes.binary_search(i).is_ok())
                .collect(),
            places: self.places.iter().filter(|(id, _)| cgroup(*id)).cloned().collect(),
            users: self.users.iter().filter(|user| maker(user.uid)).cloned().collect(),
            suspects: self.suspects.iter().filter(|(id, _)| cgroup(*id)).cloned().collect(),
            method: self.method,
            notes: with_unreadable(self.notes.clone(), count),
        }
    }

    /// Every process that holds any of the sockets, ordered by pid.
    #[must_use]
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// What found the owners.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// What could not be seen, and why.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// How many different numbers there are.
fn distinct(numbers: impl Iterator<Item = u32>) -> usize {
    numbers.collect::<std::collections::HashSet<u32>>().len()
}

/// `notes`, and that `more` processes could not be looked into: one note says how many in all.
fn with_unreadable(mut notes: Vec<Note>, more: usize) -> Vec<Note> {
    let count = notes.iter_mut().find_map(|note| match note {
        Note::ProcessesUnreadable { count } => Some(count),
        _ => None,
    });
    match count {
        Some(count) => *count += more,
        None if more > 0 => notes.push(Note::ProcessesUnreadable { count: more }),
        None => {}
    }
    notes
}

#[cfg(test)]
mod tests;
