//! `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`): where the cgroup v2 tree is, and whether
//! `/proc` keeps processes from us.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// A mounted filesystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// The directory of the filesystem that is mounted; for cgroups, seen from our cgroup
    /// namespace.
    pub(super) root: Vec<u8>,
    /// Where it is mounted.
    pub(super) point: PathBuf,
    kind: Vec<u8>,
    /// The options of the filesystem, apart from those of this mount.
    options: Vec<u8>,
}

/// The mounts of our own mount namespace; none where they cannot be read.
pub(super) fn load() -> Vec<Mount> {
    std::fs::read("/proc/self/mountinfo").map_or_else(|_| Vec::new(), |text| parse(&text))
}

/// The mounts in the text of a mountinfo file; lines that are none are skipped.
pub(super) fn parse(text: &[u8]) -> Vec<Mount> {
    text.split(|byte| *byte == b'\n').filter_map(mount).collect()
}

/// The mount of the cgroup v2 tree, the whole of it where there is one.
pub(super) fn cgroup2(mounts: &[Mount]) -> Option<&Mount> {
    let cgroup2 = || mounts.iter().filter(|mount| mount.kind == b"cgroup2");
    cgroup2().find(|mount| mount.root == b"/").or_else(|| cgroup2().next())
}

/// Whether `/proc` is mounted such that other users' processes do not appear (`hidepid`).
pub(super) fn hides_processes(mounts: &[Mount]) -> bool {
    let proc = mounts.iter().rfind(|mount| mount.point.as_os_str() == "/proc");
    let hides = |option: &[u8]| {
        option.strip_prefix(b"hidepid=").is_some_and(|level| HIDING.contains(&level))
    };
    proc.is_some_and(|mount| mount.options.split(|byte| *byte == b',').any(hides))
}

/// One line: `ID PARENT DEV ROOT POINT OPTIONS [TAG…] - KIND SOURCE SUPER-OPTIONS`.
fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let root = unescape(fields.nth(3)?);
    let point = unescape(fields.next()?);
    let _dash = fields.find(|field| *field == b"-")?;
    let (kind, _source, options) = (fields.next()?, fields.next()?, fields.next()?);
    Some(Mount {
        root,
        point: OsString::from_vec(point).into(),
        kind: kind.to_vec(),
        options: options.to_vec(),
    })
}

/// Undoes the kernel's `\NNN` (octal) for blanks, newlines and backslashes.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, after @ ..] = rest {
        let (byte, after) = match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), after)
            }
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    bytes
}

/// The values of `hidepid` that hide whole processes, by number and since Linux 5.8 by name.
const HIDING: [&[u8]; 4] = [b"2", b"invisible", b"4", b"ptraceable"];

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &[u8] = b"22 1 0:21 / /proc rw,relatime shared:3 master:1 - proc proc rw\n\
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n\
        41 31 0:38 /../.. /mnt/part\\040of\\134it rw,relatime - cgroup2 cgroup2 rw\n\
        42 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n\
        nonsense\n\n";

    #[test]
    fn the_whole_cgroup_tree_is_preferred() {
        let mounts = parse(HYBRID);
        assert_eq!(mounts.len(), 5);
        assert_eq!(cgroup2(&mounts).unwrap().point, PathBuf::from("/sys/fs/cgroup/unified"));
        let part = cgroup2(&mounts[..4]).unwrap();
        assert_eq!(part.point, PathBuf::from("/mnt/part of\\it"));
        assert_eq!(part.root, b"/../..");
        assert_eq!(cgroup2(&mounts[..3]), None);
    }

    #[test]
    fn hidepid_hides_from_the_second_level_on() {
        let proc = |options: &str| format!("22 1 0:21 / /proc rw - proc proc {options}\n");
        for (options, hides) in [
            ("rw", false),
            ("rw,hidepid=1", false),
            ("rw,hidepid=noaccess", false),
            ("rw,hidepid=2", true),
            ("rw,gid=4,hidepid=invisible", true),
            ("rw,hidepid=ptraceable,subset=pid", true),
        ] {
            assert_eq!(hides_processes(&parse(proc(options).as_bytes())), hides, "{options}");
        }
        let twice = proc("rw,hidepid=2") + &proc("rw");
        assert!(!hides_processes(&parse(twice.as_bytes())), "the last mount is the one seen");
    }
}
