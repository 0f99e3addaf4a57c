//! A cgroup with the pilot on, and programs that run in it and beside it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use bpf::pilot::{self, Counts, Destination};
use rustix::process::geteuid;

use crate::namespace::{apart, run};

/// What every script begins with; its first argument is the cgroup to go to, if any.
const PRELUDE: &str = include_str!("prelude.py");

/// A cgroup of the test's own with the pilot on.
pub(crate) struct Scene {
    pub(crate) cgroup: PathBuf,
}

/// Runs `test` in a network namespace where 1,000 ports are handed out, on a `/run` of its own. Without
/// root it is skipped, loudly.
pub(crate) fn piloted(test: impl FnOnce(&Scene) + Send) {
    apart(|| {
        run(&["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"]);
        set("ip_local_port_range", "40000 40999");
        fs::write("/proc/sys/net/core/somaxconn", "65535").unwrap();
        if let Some(scene) = Scene::open() {
            test(&scene);
        }
    });
}

/// Sets something of `net.ipv4` in the test's namespace.
pub(crate) fn set(name: &str, value: &str) {
    fs::write(Path::new("/proc/sys/net/ipv4").join(name), value).unwrap();
}

impl Scene {
    fn open() -> Option<Scene> {
        let scene = Scene { cgroup: make_cgroup()? };
        match pilot::on(&scene.cgroup) {
            Ok(()) => Some(scene),
            Err(error) if !geteuid().is_root() => {
                println!("SKIPPED: programs may not be loaded into this kernel: {error}");
                None
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Runs a script in the cgroup; what it prints. It must succeed.
    pub(crate) fn inside(&self, script: &str) -> String {
        self.inside_with(script, &[])
    }

    /// The same with arguments, from the second on.
    pub(crate) fn inside_with(&self, script: &str, args: &[&str]) -> String {
        let mut python = python(self.cgroup.to_str().unwrap(), script);
        finish(python.args(args).spawn().unwrap())
    }

    /// Begins a script in the cgroup.
    pub(crate) fn begin(&self, script: &str) -> Child {
        start(self.cgroup.to_str().unwrap(), script)
    }

    /// Runs a script in the cgroup that then stays as it is.
    pub(crate) fn stay(&self, script: &str) -> Staying {
        stay_in(&self.cgroup, script)
    }

    pub(crate) fn counts(&self) -> Counts {
        pilot::status().unwrap().unwrap().counts
    }

    pub(crate) fn destinations(&self) -> Vec<Destination> {
        pilot::status().unwrap().unwrap().destinations
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let off = pilot::off(None);
        let removed = fs::remove_dir(&self.cgroup);
        if !std::thread::panicking() {
            off.unwrap();
            removed.unwrap();
        }
    }
}

/// Runs a script beside the cgroup.
pub(crate) fn beside(script: &str) -> String {
    finish(start("", script))
}

/// Runs a script beside the cgroup that then stays as it is.
pub(crate) fn stay_beside(script: &str) -> Staying {
    stay_in(Path::new(""), script)
}

/// Runs a script in a cgroup that then stays as it is.
pub(crate) fn stay_in(cgroup: &Path, script: &str) -> Staying {
    Staying::new(start(cgroup.to_str().unwrap(), &format!("{script}{STAY}")))
}

/// A script that has done its work, and holds what it has until this goes.
pub(crate) struct Staying(Option<Child>);

impl Staying {
    fn new(mut child: Child) -> Staying {
        let mut line = [0];
        if child.stdout.as_mut().unwrap().read_exact(&mut line).is_err() {
            finish(child);
            panic!("it ended");
        }
        Staying(Some(child))
    }
}

impl Drop for Staying {
    fn drop(&mut self) {
        let mut child = self.0.take().unwrap();
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}

const STAY: &str = "\nprint(flush=True)\nsys.stdin.read()";

/// What a script printed that was begun; it must succeed.
pub(crate) fn finish(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// A cgroup of our own; `None`, with a line that says so, where none can be made.
pub(crate) fn make_cgroup() -> Option<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("portolan-test-{}-{count}", std::process::id());
    let cgroup = sockets::cgroup_root().map(|root| root.join(name));
    let made = cgroup.filter(|cgroup| fs::create_dir(cgroup).is_ok());
    if made.is_none() {
        println!("SKIPPED: no cgroup (v2) can be made");
    }
    made
}

fn start(cgroup: &str, script: &str) -> Child {
    python(cgroup, script).spawn().unwrap()
}

fn python(cgroup: &str, script: &str) -> Command {
    let mut python = Command::new("python3");
    python.args(["-c", &format!("{PRELUDE}\n{script}"), cgroup]);
    python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    python
}
