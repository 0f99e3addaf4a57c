//! Which processes are likely to hold which sockets: those of the same cgroup, or of the same user.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::wanted::Wanted;

/// Processes in groups, each with the sockets that they are likely to hold.
#[derive(Debug, Default)]
pub(super) struct Likely {
    groups: Vec<Group>,
    /// The group of each process, an index.
    of: HashMap<u32, usize>,
}

#[derive(Debug, Default)]
struct Group {
    inodes: Vec<u64>,
    /// How many of the first inodes are known to have a holder.
    owned: AtomicUsize,
}

impl Likely {
    /// Brings together the sockets (by inode) and the processes (by pid) that have a key in common.
    pub(super) fn new<K: Ord>(
        sockets: impl Iterator<Item = (K, u64)>,
        processes: impl Iterator<Item = (K, u32)>,
    ) -> Likely {
        let mut indices = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for (key, inode) in sockets {
            let at = *indices.entry(key).or_insert(groups.len());
            if at == groups.len() {
                groups.push(Group::default());
            }
            groups[at].inodes.push(inode);
        }
        let of = processes.filter_map(|(key, pid)| Some((pid, *indices.get(&key)?))).collect();
        Likely { groups, of }
    }

    /// Whether the process is in any group.
    pub(super) fn contains(&self, pid: u32) -> bool {
        self.of.contains_key(&pid)
    }

    /// Whether the process is still likely to hold a socket that has no holder yet.
    pub(super) fn is_worthwhile(&self, pid: u32, wanted: &Wanted) -> bool {
        self.of.get(&pid).is_some_and(|at| !self.groups[*at].is_owned(wanted))
    }
}

impl Group {
    /// Whether all its sockets have a holder. An owned socket stays owned, so each is passed once.
    fn is_owned(&self, wanted: &Wanted) -> bool {
        let before = self.owned.load(Ordering::Relaxed);
        let more = self.inodes[before..].iter().take_while(|inode| wanted.is_owned(**inode));
        let owned = before + more.count();
        self.owned.fetch_max(owned, Ordering::Relaxed);
        owned == self.inodes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_worthwhile_until_its_sockets_are_owned() {
        let sockets = [("a", 10), ("b", 20), ("a", 11), ("c", 30), ("a", 0)];
        let processes = [("a", 1), ("a", 2), ("b", 3), ("d", 4)];
        let likely = Likely::new(sockets.into_iter(), processes.into_iter());
        let wanted = Wanted::new(sockets.iter().map(|(_, inode)| *inode));
        let worthwhile = || [1, 2, 3, 4].map(|pid| likely.is_worthwhile(pid, &wanted));
        assert_eq!([1, 2, 3, 4].map(|pid| likely.contains(pid)), [true, true, true, false]);
        assert_eq!(worthwhile(), [true, true, true, false]);
        wanted.claim(11);
        wanted.claim(20);
        assert_eq!(worthwhile(), [true, true, false, false]);
        wanted.claim(10);
        assert_eq!(worthwhile(), [false; 4]);
    }
}
