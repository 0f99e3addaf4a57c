//! A network namespace of one's own for the length of a test, and the program run in it, as
//! ourselves or as nobody.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use rustix::thread::UnshareFlags;

/// Runs `test` on a thread in a new network namespace with its loopback device up. The namespace
/// goes away with the thread and the sockets made in it. Needs root: says so where it may not.
pub(crate) fn in_own_netns(name: &str, test: impl FnOnce() + Send + 'static) {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: {name} needs root to make a network namespace");
        return;
    }
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        rustix::thread::unshare(UnshareFlags::NEWNET).expect("root may make a namespace");
        let up = Command::new("ip").args(["link", "set", "lo", "up"]).status();
        assert!(up.expect("ip is installed").success(), "the loopback device did not come up");
        test();
    });
    let ended = thread.expect("a thread can be made").join();
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

/// What a run of the program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

impl Run {
    fn of(output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
        Run {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            status: output.status.code().expect("the program ends by itself"),
        }
    }

    /// What it printed, as JSON of our schema.
    pub(crate) fn json(&self) -> serde_json::Value {
        let value: serde_json::Value = serde_json::from_str(&self.stdout).expect("one JSON object");
        assert_eq!(value["schema"], "portolan/1");
        value
    }
}

/// Runs the program as ourselves.
pub(crate) fn portolan(args: &[&str]) -> Run {
    Run::of(Command::new(program()).args(args).output().expect("the program starts"))
}

/// Runs the program as nobody (uid 65534), without any capability.
pub(crate) fn portolan_as_nobody(args: &[&str]) -> Run {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"]);
    Run::of(command.arg(readable_copy()).args(args).output().expect("setpriv starts"))
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_portolan"))
}

/// A copy of the program that nobody may run, wherever the checkout lies.
fn readable_copy() -> &'static Path {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    COPY.get_or_init(|| {
        let dir = std::env::temp_dir().join(format!("portolan-test-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("the temporary directory is writable");
        let copy = dir.join("portolan");
        std::fs::copy(program(), &copy).expect("the program can be copied");
        copy
    })
}
