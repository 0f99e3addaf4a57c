//! Finds the cgroups that sockets were made in: their directories in the cgroup v2 tree, whose
//! inode numbers are what `sock_diag` tells, and the processes in them (`cgroups(7)`).

use std::collections::{BTreeMap, BTreeSet};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, fstat, openat, statat};

use super::mounts::{self, Mount};
use super::{place, process};
use crate::{CgroupId, Place, Socket};

/// The cgroups that some sockets were made in.
#[derive(Debug, Default)]
pub(super) struct Cgroups {
    tree: Option<Tree>,
    /// Their paths below the mounted tree: empty, or `/a/b`.
    found: BTreeMap<CgroupId, Vec<u8>>,
}

impl Cgroups {
    /// Those of `sockets` that still exist and are in our cgroup namespace. The root is left out:
    /// on a host with cgroups v1 and v2 every socket is made there.
    pub(super) fn of_sockets(sockets: &[Socket], mounts: &[Mount]) -> Cgroups {
        let told = sockets.iter().filter_map(|socket| socket.cgroup);
        let missing: BTreeSet<CgroupId> = told.filter(|id| *id != ROOT).collect();
        if missing.is_empty() {
            return Cgroups::default();
        }
        let Some(tree) = Tree::open(mounts) else { return Cgroups::default() };
        Cgroups { found: tree.find(missing), tree: Some(tree) }
    }

    /// Where the processes of each run, ordered by id.
    pub(super) fn places(&self) -> Vec<(CgroupId, Place)> {
        let prefix = self.tree.as_ref().map_or(&[][..], |tree| &tree.prefix);
        let place = |path: &Vec<u8>| place::of_path(&[prefix, path].concat());
        self.found.iter().map(|(id, path)| (*id, place(path))).collect()
    }

    /// The processes that are in any of them now, with the cgroup.
    pub(super) fn processes(&self) -> impl Iterator<Item = (CgroupId, u32)> {
        let processes = |id| self.processes_of(id).into_iter().map(move |pid| (id, pid));
        self.found.keys().copied().flat_map(processes)
    }

    /// The processes that are in this one now, those in cgroups below it aside. None where they
    /// may not be read, and where the cgroup is not one of these.
    pub(super) fn processes_of(&self, id: CgroupId) -> Vec<u32> {
        let (Some(tree), Some(path)) = (&self.tree, self.found.get(&id)) else { return Vec::new() };
        let file = [b".", &path[..], b"/cgroup.procs"].concat();
        let text = process::text(tree.root.as_fd(), file).unwrap_or_default();
        // 0 is a process of another pid namespace.
        let pids = text.split(|byte| *byte == b'\n').filter_map(super::number);
        pids.filter(|pid| *pid != 0).collect()
    }
}

/// Where the processes of a cgroup run; `None` for the root, and for one that is gone or not in our
/// cgroup namespace.
pub(super) fn place_of(id: CgroupId, mounts: &[Mount]) -> Option<Place> {
    let tree = Tree::open(mounts).filter(|_| id != ROOT)?;
    let path = tree.find(BTreeSet::from([id])).remove(&id)?;
    Some(place::of_path(&[&tree.prefix[..], &path].concat()))
}

/// The cgroup v2 tree, or the part of it that is mounted.
#[derive(Debug)]
struct Tree {
    root: OwnedFd,
    /// What comes before a path below the mount to make the cgroup's.
    prefix: Vec<u8>,
}

impl Tree {
    fn open(mounts: &[Mount]) -> Option<Tree> {
        let mount = mounts::cgroup2(mounts)?;
        let root = openat(CWD, &mount.point, DIRECTORY, Mode::empty()).ok()?;
        let prefix = if mount.root == b"/" { Vec::new() } else { mount.root.clone() };
        Some(Tree { root, prefix })
    }

    /// Looks for the cgroups `missing`, the upper ones first; returns their paths.
    fn find(&self, mut missing: BTreeSet<CgroupId>) -> BTreeMap<CgroupId, Vec<u8>> {
        let root = fstat(&self.root).map_or(ROOT, |stat| CgroupId(stat.st_ino));
        let mut found = BTreeMap::new();
        let mut level = vec![(root, Vec::new())];
        while !level.is_empty() {
            for (id, path) in &level {
                if missing.remove(id) {
                    found.insert(*id, path.clone());
                }
            }
            if missing.is_empty() {
                break;
            }
            level = level.iter().flat_map(|(_, path)| self.children(path)).collect();
        }
        found
    }

    /// The cgroups right below the one at `path`. It may be gone by now.
    fn children(&self, path: &[u8]) -> Vec<(CgroupId, Vec<u8>)> {
        let mut children = Vec::new();
        let name = [b".", path].concat();
        // The links of a directory are two, and one for each directory in it.
        if statat(&self.root, &*name, AtFlags::empty()).is_ok_and(|stat| stat.st_nlink <= 2) {
            return children;
        }
        let Ok(dir) = openat(&self.root, &*name, DIRECTORY, Mode::empty()) else { return children };
        let mut buffer = [MaybeUninit::uninit(); 8192];
        let mut entries = RawDir::new(dir, &mut buffer);
        while let Some(Ok(entry)) = entries.next() {
            let name = entry.file_name();
            if entry.file_type() == FileType::Directory && name != c"." && name != c".." {
                let path = [path, b"/", name.to_bytes()].concat();
                children.push((CgroupId(entry.ino()), path));
            }
        }
        children
    }
}

/// The root of the whole tree, whatever namespace it is seen from.
const ROOT: CgroupId = CgroupId(1);
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
