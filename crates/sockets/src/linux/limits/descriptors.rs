//! How many descriptors are open: of the system (`/proc/sys/fs/file-nr`), and of each process beside
//! its limit (`proc_pid_limits(5)`). Since Linux 6.2 the size of `/proc/PID/fd` is how many there are,
//! for everybody to see; before, they are counted, which takes the right to look into the process.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::Pid;
use crate::limits::{DescriptorUse, Descriptors, Gauge};

/// The descriptors of the system, and of the `most` processes with the largest share of their limit;
/// for none, no process is looked at.
#[must_use]
pub fn descriptors(most: usize) -> Descriptors {
    let system = fs::read("/proc/sys/fs/file-nr").ok().and_then(|text| file_nr(&text));
    let pids = (most > 0).then(pids).into_iter().flatten();
    let mut processes: Vec<DescriptorUse> = pids.filter_map(of_process).collect();
    processes.sort_by(|a, b| b.descriptors.share().total_cmp(&a.descriptors.share()));
    processes.truncate(most);
    for process in &mut processes {
        let comm = fs::read(format!("/proc/{}/comm", process.pid)).unwrap_or_default();
        process.comm = comm.trim_ascii_end().to_vec();
    }
    Descriptors { system, processes }
}

fn pids() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Pid))
}

/// A process without descriptors, or whose number is not for us to know, is none.
fn of_process(pid: Pid) -> Option<DescriptorUse> {
    let dir = Path::new("/proc").join(pid.to_string());
    let size = fs::metadata(dir.join("fd")).ok()?.size();
    let used = if size > 0 { size } else { count(&dir.join("fd"))? };
    let of = open_files(&fs::read(dir.join("limits")).ok()?)?;
    (used > 0).then_some(DescriptorUse { pid, comm: Vec::new(), descriptors: Gauge { used, of } })
}

fn count(dir: &Path) -> Option<u64> {
    u64::try_from(fs::read_dir(dir).ok()?.count()).ok()
}

/// `655 0 2466174`: open, unused, the limit.
fn file_nr(text: &[u8]) -> Option<Gauge> {
    let mut numbers = str::from_utf8(text).ok()?.split_ascii_whitespace();
    let used = numbers.next()?.parse().ok()?;
    let of = numbers.nth(1)?.parse().ok()?;
    Some(Gauge { used, of })
}

/// The soft limit of a `limits` file: `Max open files            1024                 4096                 files`.
pub(crate) fn open_files(limits: &[u8]) -> Option<u64> {
    let line =
        limits.split(|byte| *byte == b'\n').find_map(|l| l.strip_prefix(b"Max open files"))?;
    let soft = str::from_utf8(line).ok()?.split_ascii_whitespace().next()?;
    if soft == "unlimited" { Some(u64::MAX) } else { soft.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_counts() {
        let limits = b"Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 20000                files\n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(open_files(b"Max open files unlimited unlimited files\n"), Some(u64::MAX));
        assert_eq!(open_files(b"Max processes 7 7\n"), None);
        assert_eq!(file_nr(b"655\t0\t2466174\n"), Some(Gauge { used: 655, of: 2_466_174 }));
        assert_eq!(file_nr(b"655\n"), None);
    }

    #[test]
    fn our_own_descriptors_are_counted() {
        let files: Vec<_> = (0..50).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        let ours = of_process(Pid(std::process::id())).unwrap();
        assert!(ours.descriptors.used > files.len() as u64, "{ours:?}");
        assert!(descriptors(3).processes.len() <= 3);
    }
}
