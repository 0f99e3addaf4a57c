//! A network namespace of one's own for the length of a test, and the program run in it, as
//! ourselves or as nobody.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use rustix::fd::AsFd;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Runs `test` on a thread in a new network namespace with its loopback device up. The namespace
/// goes away with the thread and the sockets made in it. Needs root: says so where it may not.
pub(crate) fn in_own_netns(name: &str, test: impl FnOnce() + Send + 'static) {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: {name} needs root to make a network namespace");
        return;
    }
    let namespace = new_namespace();
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
        test();
    });
    let ended = thread.expect("a thread can be made").join();
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

/// A new network namespace, open: it lives as long as this file and the threads in it.
fn new_namespace() -> File {
    let mut maker = Command::new("unshare")
        .args(["-n", "sh", "-c", "ip link set lo up && echo up && read wait"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("unshare is installed");
    let mut up = [0; 3];
    maker.stdout.as_mut().unwrap().read_exact(&mut up).expect("the loopback device comes up");
    let namespace = File::open(format!("/proc/{}/ns/net", maker.id())).unwrap();
    drop(maker.stdin.take());
    maker.wait().unwrap();
    namespace
}

/// What a run of the program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

impl Run {
    /// What `output` is of.
    pub(crate) fn of(output: Output) -> Run {
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
    Run::of(as_nobody(args).output().expect("setpriv starts"))
}

/// The program as nobody, not started yet.
pub(crate) fn as_nobody(args: &[&str]) -> Command {
    as_nobody_in("--clear-groups", args)
}

/// The same in further groups, as an option of `setpriv`.
pub(crate) fn as_nobody_in(groups: &str, args: &[&str]) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", groups, "--bounding-set=-all"]);
    command.arg(program_for_all()).args(args);
    command
}

/// The program at work as nobody, until it is ended or dropped.
#[derive(Debug)]
pub(crate) struct Watch(Child);

impl Watch {
    /// Starts the program.
    pub(crate) fn start(args: &[&str]) -> Watch {
        let mut command = as_nobody(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Watch(command.spawn().expect("setpriv starts"))
    }

    /// Reads the next lines of its output, then closes it.
    pub(crate) fn lines(&mut self, count: usize) -> Vec<String> {
        let out = self.0.stdout.take().expect("it was not read yet");
        BufReader::new(out).lines().take(count).map(Result::unwrap).collect()
    }

    /// Waits until it ends, as it does once its output is closed; what it told on standard error.
    pub(crate) fn end(mut self) -> String {
        let mut told = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert!(self.0.wait().unwrap().success());
        told
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_portolan"))
}

/// A path by which nobody may run the program, wherever the checkout lies: a descriptor that
/// children inherit.
fn program_for_all() -> String {
    static PROGRAM: OnceLock<File> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        let file = File::open(program()).expect("the program was built");
        rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty()).unwrap();
        file
    });
    format!("/proc/self/fd/{}", program.as_raw_fd())
}
