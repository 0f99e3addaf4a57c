//! Finds the cgroups that sockets were made in: their directories in the cgroup v2 tree, whose
//! inode numbers are what `sock_diag` tells, and the processes in them (`cgroups(7)`).

use std::collections::{BTreeMap, BTreeSet};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{CWD, FileType, Mode, OFlags, RawDir, fstat, openat};

use super::mounts::{self, Mount};
use super::{place, process};
use crate::{CgroupId, Place, Socket};

/// A cgroup that was found.
#[derive(Debug)]
pub(super) struct Cgroup {
    dir: OwnedFd,
    /// Its path from the root of our cgroup namespace.
    path: Vec<u8>,
}

impl Cgroup {
    /// Where its processes run.
    pub(super) fn place(&self) -> Place {
        place::of_path(&self.path)
    }

    /// The processes that are in it now, those in cgroups below it aside. None where that may not
    /// be read.
    pub(super) fn processes(&self) -> Vec<u32> {
        let text = process::text(self.dir.as_fd(), "cgroup.procs").unwrap_or_default();
        // 0 is a process of another pid namespace.
        let pids = text.split(|byte| *byte == b'\n').filter_map(super::number);
        pids.filter(|pid| *pid != 0).collect()
    }
}

/// The cgroups that `sockets` were made in, as far as they still exist and are in our cgroup
/// namespace. The root is left out: on a host with cgroups v1 and v2 every socket is made there.
pub(super) fn of_sockets(sockets: &[Socket], mounts: &[Mount]) -> BTreeMap<CgroupId, Cgroup> {
    let told = sockets.iter().filter_map(|socket| socket.cgroup);
    let missing: BTreeSet<CgroupId> = told.filter(|id| *id != ROOT).collect();
    let mut search = Search { missing, found: BTreeMap::new() };
    if let (false, Some(mount)) = (search.missing.is_empty(), mounts::cgroup2(mounts)) {
        search.run(mount);
    }
    search.found
}

#[derive(Debug)]
struct Search {
    missing: BTreeSet<CgroupId>,
    found: BTreeMap<CgroupId, Cgroup>,
}

impl Search {
    /// Looks through the tree, the upper directories first, until nothing is missing.
    fn run(&mut self, mount: &Mount) {
        let Ok(root) = openat(CWD, &mount.point, DIRECTORY, Mode::empty()) else { return };
        let id = fstat(&root).map_or(ROOT, |stat| CgroupId(stat.st_ino));
        let path = if mount.root == b"/" { Vec::new() } else { mount.root.clone() };
        let mut level = vec![Cgroup { dir: root, path }];
        if self.missing.remove(&id) {
            self.keep(id, &level[0]);
        }
        while !level.is_empty() && !self.missing.is_empty() {
            level = level.iter().flat_map(|parent| self.children(parent)).collect();
        }
    }

    /// The cgroups in `parent`; keeps those that are looked for.
    fn children(&mut self, parent: &Cgroup) -> Vec<Cgroup> {
        if self.missing.is_empty() {
            return Vec::new();
        }
        let mut children = Vec::new();
        let mut buffer = [MaybeUninit::uninit(); 8192];
        let mut entries = RawDir::new(&parent.dir, &mut buffer);
        while let Some(Ok(entry)) = entries.next() {
            let name = entry.file_name();
            if entry.file_type() != FileType::Directory || name == c"." || name == c".." {
                continue;
            }
            let id = CgroupId(entry.ino());
            let Ok(dir) = openat(&parent.dir, name, DIRECTORY, Mode::empty()) else { continue };
            let path = [&parent.path, b"/".as_slice(), name.to_bytes()].concat();
            let child = Cgroup { dir, path };
            if self.missing.remove(&id) {
                self.keep(id, &child);
            }
            children.push(child);
        }
        children
    }

    fn keep(&mut self, id: CgroupId, cgroup: &Cgroup) {
        if let Ok(dir) = cgroup.dir.try_clone() {
            self.found.insert(id, Cgroup { dir, path: cgroup.path.clone() });
        }
    }
}

/// The root of the whole tree, whatever namespace it is seen from.
const ROOT: CgroupId = CgroupId(1);
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
