//! Cgroups (v2): the one that somebody names, and one of our own for a program that we run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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
        let path = before.join(format!("{NAME}{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("could not make {}", path.display()))?;
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
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                done => return done,
            }
        }
        remove(&self.path)
    }
}

/// Removes those whose maker was killed, and that nobody is in any more.
pub(super) fn sweep(parent: &Path) {
    let maker = |folder: &Path| folder.file_name()?.to_str()?.strip_prefix(NAME)?.parse().ok();
    for folder in folders(parent) {
        let is_alive = |pid: u32| Path::new("/proc").join(pid.to_string()).exists();
        if maker(&folder).is_some_and(|pid| !is_alive(pid)) {
            _ = remove(&folder);
        }
    }
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
