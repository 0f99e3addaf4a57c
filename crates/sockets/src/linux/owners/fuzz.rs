//! The parsers of `/proc` text, for fuzzing: they may neither panic nor claim what is not there.
//!
//! Not part of the interface; may change at any time.

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

/// The text of `/etc/passwd`, and of `/etc/group`.
pub fn passwd(text: &[u8]) {
    let members = users::members(text, "portolan");
    assert!(members.iter().all(|name| !name.is_empty() && !name.contains(['\n', ',', ':'])));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bytes that resemble what the parsers read.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        const PIECES: [&[u8]; 17] = [
            b"socket:[",
            b"]",
            b"1 (",
            b") S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
            b"0::/",
            b"/docker/0123456789abcdef",
            b"/a.service",
            b"_",
            b"machine-\\x2d.scope",
            b"lxc.payload.",
            b":x:0:",
            b"1 1 0:1 / /proc rw - proc proc hidepid=2",
            b"\\040",
            b"\n",
            b"\0",
            b"0",
            b"\xff",
        ];
        let piece = prop::sample::select(&PIECES[..]);
        let pieces = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
        prop_oneof![pieces, prop::collection::vec(any::<u8>(), 0..64)]
    }

    proptest! {
        #[test]
        fn no_text_upsets_a_parser(text in text()) {
            for parser in [stat, cgroup, passwd, mountinfo, descriptor_link, cmdline] {
                parser(&text);
            }
        }
    }
}
