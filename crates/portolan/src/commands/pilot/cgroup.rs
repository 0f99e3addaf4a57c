//! Cgroups (v2): the one that somebody names, and one of our own for a program that we run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};

/// The whole machine.
pub(super) fn root() -> anyhow::Result<PathBuf> {
    sockets::cgroup_root().context(
        "could not find the root of the cgroup v2 tree in /proc/self/mountinfo: is cgroup2 mounted, \
         and this not a container?",
    )
}

/// The directory of a cgroup that somebody named, or of all.
pub(super) fn named(path: Option<&Path>) -> anyhow::Result<PathBuf> {
    let root = root()?;
    let Some(path) = path else { return Ok(root) };
    if path.starts_with(&root) {
        return Ok(path.to_owned());
    }
    let within = root.join(path.strip_prefix("/").unwrap_or(path));
    if within.is_dir() {
        return Ok(within);
    }
    Err(anyhow!(
        "there is no cgroup '{}' in {}: /proc/PID/cgroup says which one a process is in",
        path.display(),
        root.display()
    ))
}

/// A cgroup of our own, which we are in until it is left.
#[derive(Debug)]
pub(super) struct Own {
    path: PathBuf,
    before: PathBuf,
}

impl Own {
    /// Makes one below that which we are in, so that its limits hold, and enters it.
    pub(super) fn enter() -> anyhow::Result<Own> {
        let before = current()?;
        sweep(&before);
        let path = make(&before, std::process::id())?;
        let own = Own { path, before };
        let entered = join(&own.path);
        if entered.is_err() {
            _ = fs::remove_dir(&own.path);
        }
        entered.with_context(|| format!("could not enter {}", own.path.display()))?;
        Ok(own)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Goes back to where we were; what we started stays.
    pub(super) fn leave(&self) -> io::Result<()> {
        join(&self.before)
    }

    /// How many processes are in it, or below.
    pub(super) fn processes(&self) -> usize {
        processes(&self.path).len()
    }

    /// Puts what is in it to where we were before, and removes it.
    pub(super) fn remove(&self) -> io::Result<()> {
        for _ in 0..ATTEMPTS {
            for pid in processes(&self.path) {
                // One that has ended is not there to be moved.
                _ = fs::write(self.before.join(PROCESSES), pid);
            }
            match remove(&self.path) {
                // A process that is ending still counts for a moment.
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                done => return done,
            }
        }
        remove(&self.path)
    }
}

/// Makes one for the process `pid`. Another may have that pid in another PID namespace, or have had it and been
/// killed; then a number follows.
fn make(parent: &Path, pid: u32) -> anyhow::Result<PathBuf> {
    let nth = |nth: u32| match nth {
        1 => parent.join(format!("{NAME}{pid}")),
        _ => parent.join(format!("{NAME}{pid}-{nth}")),
    };
    let made = |path: PathBuf| fs::create_dir(&path).map(|()| path);
    let is_taken = |made: &io::Result<_>| {
        made.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists)
    };
    let mut all = (1..=MOST_OF_A_PID).map(|number| made(nth(number)));
    all.find(|made| !is_taken(made))
        .unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()))
        .with_context(|| format!("could not make {}", nth(1).display()))
}

/// Whose a cgroup is by its name, if it is one of [`make`].
fn maker(folder: &Path) -> Option<u32> {
    let numbers = folder.file_name()?.to_str()?.strip_prefix(NAME)?;
    match numbers.split_once('-') {
        Some((pid, nth)) => nth.parse::<u32>().ok().and(pid.parse().ok()),
        None => numbers.parse().ok(),
    }
}

/// Removes those whose maker was killed, and that nobody is in any more. A maker who is not seen may live in another
/// PID namespace, and have made his a moment ago: one that is new stays.
pub(super) fn sweep(parent: &Path) {
    folders(parent).filter(|folder| is_old(folder)).for_each(|folder| remove_if_left(&folder));
}

/// Removes such a one, however new: of those that were piloted, whose makers had entered them.
pub(super) fn remove_if_left(folder: &Path) {
    let is_alive = |pid: u32| Path::new("/proc").join(pid.to_string()).exists();
    if maker(folder).is_some_and(|pid| !is_alive(pid)) && processes(folder).is_empty() {
        _ = remove(folder);
    }
}

fn is_old(folder: &Path) -> bool {
    let made = fs::metadata(folder).and_then(|metadata| metadata.modified());
    made.is_ok_and(|made| made.elapsed().is_ok_and(|since| since > NEW))
}

/// The pids in a cgroup and those below it.
fn processes(path: &Path) -> Vec<String> {
    let own = fs::read_to_string(path.join(PROCESSES)).unwrap_or_default();
    let mut all: Vec<String> = own.lines().map(str::to_owned).collect();
    for folder in folders(path) {
        all.extend(processes(&folder));
    }
    all
}

fn remove(path: &Path) -> io::Result<()> {
    for folder in folders(path) {
        remove(&folder)?;
    }
    fs::remove_dir(path)
}

fn folders(path: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    entries.filter(is_folder).map(|entry| entry.path())
}

/// The cgroup that we are in.
fn current() -> anyhow::Result<PathBuf> {
    let text =
        fs::read_to_string("/proc/self/cgroup").context("could not read /proc/self/cgroup")?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::/"));
    Ok(root()?.join(path.context("this process is in no cgroup of version 2")?))
}

fn join(path: &Path) -> io::Result<()> {
    fs::write(path.join(PROCESSES), "0")
}

const NAME: &str = "portolan-pilot-";
const PROCESSES: &str = "cgroup.procs";
const ATTEMPTS: u32 = 100;
/// How many of one pid there may be.
const MOST_OF_A_PID: u32 = 1000;
/// How long a maker may take to enter what he made.
const NEW: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;
    use std::time::SystemTime;

    use super::*;

    /// No process has that pid.
    const NOBODY: u32 = u32::MAX;

    #[test]
    fn two_with_one_pid_have_a_cgroup_each() {
        let parent = tempfile::tempdir().unwrap();
        let made: Vec<PathBuf> = (0..3).map(|_| make(parent.path(), 7).unwrap()).collect();
        let names = ["portolan-pilot-7", "portolan-pilot-7-2", "portolan-pilot-7-3"];
        assert_eq!(made, names.map(|name| parent.path().join(name)));
        assert!(made.iter().all(|path| maker(path) == Some(7)));
        for other in ["portolan-pilot-", "portolan-pilot-7-", "portolan-pilot-x", "nginx"] {
            assert_eq!(maker(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn what_is_swept_is_old_and_of_nobody() {
        let parent = tempfile::tempdir().unwrap();
        let age = |path: &Path| {
            let times = FileTimes::new().set_modified(SystemTime::now() - 2 * NEW);
            fs::File::open(path).unwrap().set_times(times).unwrap();
        };
        let [old, ours] = [NOBODY, std::process::id()].map(|pid| make(parent.path(), pid).unwrap());
        let second = make(parent.path(), NOBODY).unwrap();
        [&old, &ours, &second].into_iter().for_each(|path| age(path));
        let new = make(parent.path(), NOBODY).unwrap();
        sweep(parent.path());
        let all = [&old, &second, &ours, &new];
        assert_eq!(all.map(|path| path.exists()), [false, false, true, true]);
        all.iter().for_each(|path| remove_if_left(path));
        assert_eq!(all.map(|path| path.exists()), [false, false, true, false]);
    }
}
