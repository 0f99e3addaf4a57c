//! Which process a client means: it says an id of its own pid namespace, and may say that of another process.

use std::fs;
use std::os::unix::fs::MetadataExt;

use rustix::net::UCred;

/// The process that the client `peer` calls `said`, by our id for it; `None` where there is none, or it is
/// another user's.
pub(super) fn named(peer: &UCred, said: u32) -> Option<u32> {
    let peer_pid = peer.pid.as_raw_nonzero().get().unsigned_abs();
    if peer_pid == said {
        return Some(said);
    }
    let pid = match in_namespaces(peer_pid) {
        // It has ended already, or has one id like all that we see.
        None => said,
        Some(ids) if ids.len() < 2 => said,
        Some(ids) if ids.last() == Some(&said) => peer_pid,
        Some(ids) => sibling(peer_pid, ids.len(), said)?,
    };
    let owner = fs::metadata(format!("/proc/{pid}")).ok()?.uid();
    (peer.uid.is_root() || owner == peer.uid.as_raw()).then_some(pid)
}

/// The process that has the id `said` in the pid namespace of `peer`, `depth` namespaces down from ours.
fn sibling(peer: u32, depth: usize, said: u32) -> Option<u32> {
    let namespace = |pid: u32| fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
    let own = namespace(peer)?;
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| {
            in_namespaces(*pid).is_some_and(|ids| ids.len() == depth && ids.last() == Some(&said))
        })
        .find(|pid| namespace(*pid).as_ref() == Some(&own))
}

/// The ids of a process from our pid namespace down to its own (`proc_pid_status(5)`).
fn in_namespaces(pid: u32) -> Option<Vec<u32>> {
    ids(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn ids(status: &str) -> Option<Vec<u32>> {
    let line = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    line.split_whitespace().map(|id| id.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_the_outermost_inwards() {
        assert_eq!(ids("Name:\tx\nNSpid:\t4711\t12\t3\nVmPeak: 1 kB\n"), Some(vec![4711, 12, 3]));
        assert_eq!(ids("Name:\tx\n"), None);
        assert_eq!(in_namespaces(std::process::id()).unwrap().last(), Some(&std::process::id()));
    }
}
