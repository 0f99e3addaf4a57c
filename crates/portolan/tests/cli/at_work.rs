//! A recorder of a test's own: in a directory that goes away with it, asked through its own socket.
//!
//! Programs in the kernel see the whole machine. So tests ask for their own network namespace or
//! ports alone, and nothing is said of what others do meanwhile.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::netns::{Run, portolan, portolan_as_nobody, program};

/// A recorder that runs, until dropped.
#[derive(Debug)]
pub(crate) struct Recorder {
    child: Child,
    told: BufReader<ChildStderr>,
    /// What it said at its start.
    pub(crate) greeting: String,
    dir: PathBuf,
}

/// A directory for a store, open to everyone on the way to its socket.
pub(crate) fn store_dir() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
    dir
}

impl Recorder {
    /// Starts a recorder on the store in `dir`, with programs in the kernel; says why not where
    /// they may not run.
    pub(crate) fn in_kernel(name: &str, dir: &Path) -> Option<Recorder> {
        match Recorder::start(dir, &["--source", "kernel"]) {
            Ok(recorder) => Some(recorder),
            Err(run) if run.stderr.contains("kernel") => {
                println!("SKIPPED: {name} needs programs in the kernel: {}", run.stderr.trim());
                None
            }
            Err(run) => panic!("{run:?}"),
        }
    }

    /// Starts a recorder on the store in `dir`; what it said where it ended instead.
    pub(crate) fn start(dir: &Path, args: &[&str]) -> Result<Recorder, Run> {
        let mut command = Command::new(program());
        command.arg("record").arg("--dir").arg(dir).args(args);
        Recorder::spawn(command, dir)
    }

    /// Starts `command`, which records into `dir`.
    pub(crate) fn spawn(mut command: Command, dir: &Path) -> Result<Recorder, Run> {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("its records begin at") {
            if told.read_line(&mut greeting).unwrap() == 0 {
                let status = child.wait().unwrap().code().expect("it ends by itself");
                return Err(Run { stdout: String::new(), stderr: greeting, status });
            }
        }
        Ok(Recorder { child, told, greeting, dir: dir.to_owned() })
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Runs the program with `args` on its store.
    pub(crate) fn ask(&self, args: &[&str]) -> Run {
        portolan(&[args, &["--dir", self.dir.to_str().unwrap()]].concat())
    }

    /// The same as nobody.
    pub(crate) fn ask_as_nobody(&self, args: &[&str]) -> Run {
        portolan_as_nobody(&[args, &["--dir", self.dir.to_str().unwrap()]].concat())
    }

    /// Asks again and again until the answer is as wanted, for a few seconds.
    pub(crate) fn ask_until(&self, args: &[&str], wanted: impl Fn(&Run) -> bool) -> Run {
        let started = Instant::now();
        loop {
            let run = self.ask(args);
            if wanted(&run) || started.elapsed() > Duration::from_secs(5) {
                return run;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it with `signal`; its exit status, or the signal's negative number, and what else it
    /// said.
    pub(crate) fn end(mut self, signal: Signal) -> (i32, String) {
        self.signal(signal);
        let mut told = String::new();
        self.told.read_to_string(&mut told).unwrap();
        let status = self.child.wait().unwrap();
        (status.code().unwrap_or_else(|| -status.signal().unwrap()), told)
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
