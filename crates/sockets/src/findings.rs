//! What a source found out about owners, as loose facts that make an [`Ownership`].

use crate::owner::Holding;
use crate::{CgroupId, Method, Note, Ownership, Pid, Place, Process, User};

/// Facts about the owners of sockets, in any order.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The processes that hold any of the sockets.
    pub processes: Vec<Process>,
    /// Which of them holds what.
    pub held: Vec<Held>,
    /// Not every process could be looked into: a socket without a holder has a hidden one.
    pub blind: bool,
    /// Inodes of sockets that are still there and that no process holds.
    pub kernel: Vec<u64>,
    /// Where cgroups of sockets lie.
    pub places: Vec<(CgroupId, Place)>,
    /// The users who made the sockets.
    pub users: Vec<User>,
    /// Processes in the cgroups of sockets whose holders are hidden.
    pub suspects: Vec<(CgroupId, Vec<Process>)>,
    /// What found the holders.
    pub method: Method,
    /// What could not be seen.
    pub notes: Vec<Note>,
}

/// A descriptor of a process for a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The socket's inode.
    pub inode: u64,
    /// The process; one of [`Findings::processes`], else the fact is dropped.
    pub pid: Pid,
    /// Its descriptor, or [`Held::UNKNOWN_FD`].
    pub fd: u32,
}

impl Held {
    /// No descriptor's number: it is known who holds the socket, and not by which.
    pub const UNKNOWN_FD: u32 = u32::MAX;
}

impl From<Findings> for Ownership {
    fn from(mut found: Findings) -> Ownership {
        found.processes.sort_by_key(|process| process.pid);
        found.kernel.sort_unstable();
        found.places.sort_by_key(|(id, _)| *id);
        found.users.sort_by_key(|user| user.uid);
        found.suspects.sort_by_key(|(id, _)| *id);
        let holding = |held: &Held| {
            let at = found.processes.binary_search_by_key(&held.pid, |process| process.pid).ok()?;
            let process = u32::try_from(at).expect("there are at most 2^22 processes");
            Some(Holding { inode: held.inode, process, fd: held.fd })
        };
        let mut holdings: Vec<Holding> = found.held.iter().filter_map(holding).collect();
        holdings.sort_unstable();
        Ownership {
            processes: found.processes,
            holdings,
            blind: found.blind,
            kernel: found.kernel,
            places: found.places,
            users: found.users,
            suspects: found.suspects,
            method: found.method,
            notes: found.notes,
        }
    }
}
