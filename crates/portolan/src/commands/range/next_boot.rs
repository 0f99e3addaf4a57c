//! What the next boot reads after our own file, and so has the last word: of files in several directories
//! those whose names come later (`sysctl.d(5)`), and `/etc/sysctl.conf`, which `sysctl --system` reads last.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::args::SYSCTL_DIR;

/// The files that set what `ours` sets, and are read after it.
pub(super) fn later(ours: &Path) -> Vec<PathBuf> {
    let (Some(dir), Some(name)) = (ours.parent(), ours.file_name()) else { return Vec::new() };
    let is_machines = dir == Path::new(SYSCTL_DIR);
    let further = if is_machines { &FURTHER[..] } else { &[] };
    let mut files: BTreeMap<OsString, PathBuf> = BTreeMap::new();
    for dir in [dir].into_iter().chain(further.iter().map(Path::new)) {
        let paths = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in paths.filter(|path| path.extension().is_some_and(|it| it == "conf")) {
            // Of files with one name the first directory's is read, and no other.
            let name = path.file_name().unwrap_or_default().to_owned();
            files.entry(name).or_insert(path);
        }
    }
    let mut later: Vec<PathBuf> =
        files.into_iter().filter(|(other, _)| &other[..] > name).map(|(_, path)| path).collect();
    let is_last = |path: &PathBuf| fs::canonicalize(path).is_ok_and(|it| it == Path::new(LAST));
    if is_machines && !later.iter().any(is_last) {
        later.push(LAST.into());
    }
    later.retain(|path| fs::read_to_string(path).is_ok_and(|text| text.lines().any(sets)));
    later
}

/// Whether a line sets one of ours: `net.ipv4.NAME = VALUE`, also with slashes, and with a dash before.
fn sets(line: &str) -> bool {
    let key = line.split_once('=').map(|(key, _)| key.trim().trim_start_matches('-'));
    key.is_some_and(|key| KEYS.contains(&&*key.trim().replace('/', ".")))
}

const KEYS: [&str; 2] = ["net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"];
/// Which directories are read besides, the first with the most say.
const FURTHER: [&str; 3] = ["/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"];
const LAST: &str = "/etc/sysctl.conf";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_and_sets_the_same_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        let ours = dir.path().join("60-portolan-range.conf");
        write("50-before.conf", "net.ipv4.ip_local_port_range = 1024 65535");
        write("60-portolan-range.conf", "net.ipv4.ip_local_port_range = 1024 65535");
        write("70-other.conf", "net.ipv4.tcp_tw_reuse = 2\n# net.ipv4.ip_local_port_range = 1 2");
        write("80-disk.conf.bak", "net.ipv4.ip_local_port_range = 1024 65535");
        assert_eq!(later(&ours), Vec::<PathBuf>::new());
        write("90-range.conf", "\n -net/ipv4/ip_local_port_range=1024 65535\n");
        write("99-list.conf", "net.ipv4.ip_local_reserved_ports = 8080");
        let names = ["90-range.conf", "99-list.conf"].map(|name| dir.path().join(name));
        assert_eq!(later(&ours), names);
    }
}
