//! The parsers of `/proc` text, reachable for fuzzing. What is checked is that they neither panic
//! nor claim what is not in the text.

use super::{fd_walk, mounts, place, process, stat, users};

/// A line of `/proc/PID/stat`.
pub fn stat(line: &[u8]) {
    if let Some(stat) = stat::Stat::parse(line) {
        assert!(line.windows(stat.comm.len().max(1)).any(|part| part.starts_with(&stat.comm)));
    }
}

/// The text of `/proc/PID/cgroup`.
pub fn cgroup(text: &[u8]) {
    let place = place::of_process(text);
    if let Some(unit) = place.unit {
        assert!(place.cgroup.contains(&*unit) && !unit.contains('/'));
    }
    assert!(place.container.is_none_or(|container| container.contains(':')));
}

/// The text of `/etc/passwd`.
pub fn passwd(text: &[u8]) {
    let name = users::Users::parse(text).user(0).name;
    assert!(name.is_none_or(|name| !name.is_empty() && !name.contains(['\n', ':'])));
}

/// The text of `/proc/self/mountinfo`.
pub fn mountinfo(text: &[u8]) {
    let mounts = mounts::parse(text);
    let _cgroup2 = mounts::cgroup2(&mounts);
    let _hides = mounts::hides_processes(&mounts);
}

/// The link of a descriptor.
pub fn descriptor_link(link: &[u8]) {
    if let Some(inode) = fd_walk::socket_inode(link) {
        let digits = &link[b"socket:[".len()..link.len() - 1];
        let text = std::str::from_utf8(digits).expect("digits");
        assert_eq!(text.trim_start_matches('0'), inode.to_string().trim_start_matches('0'));
    }
}

/// The text of `/proc/PID/cmdline`.
pub fn cmdline(text: &[u8]) {
    let arguments = process::arguments(text);
    assert!(arguments.last().is_none_or(|last| !last.is_empty()));
}
