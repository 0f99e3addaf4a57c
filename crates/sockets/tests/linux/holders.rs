//! Processes that hold sockets for a test, and go when it ends.

use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A child process, killed and waited for when dropped.
#[derive(Debug)]
pub(crate) struct Holder(Child);

impl Holder {
    /// One that has `fd` as its standard input and does nothing.
    pub(crate) fn of(fd: impl AsFd) -> Holder {
        Holder::called(Path::new("sleep"), fd)
    }

    /// One that runs `sleep` under another name.
    pub(crate) fn called(program: &Path, fd: impl AsFd) -> Holder {
        let fd: OwnedFd = fd.as_fd().try_clone_to_owned().unwrap();
        let mut command = Command::new(program);
        Holder(command.arg("60").stdin(fd).stdout(Stdio::null()).spawn().unwrap())
    }

    /// One that plays `role`, a test that is ignored otherwise, and has said that it is ready.
    pub(crate) fn playing(role: &str, argument: &str, stdin: OwnedFd) -> Holder {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", role])
            .env(ARGUMENT, argument)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let ready = output.lines().map_while(Result::ok).any(|line| line.ends_with(READY));
        let holder = Holder(child);
        assert!(ready, "{role} failed");
        holder
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// What a role was called with; `None` when it was not called by a test.
pub(crate) fn argument() -> Option<String> {
    std::env::var(ARGUMENT).ok()
}

/// Tells the test that the role is played, and waits to be killed.
pub(crate) fn ready() {
    println!("\n{READY}");
    std::io::stdout().flush().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
}

const ARGUMENT: &str = "SOCKETS_TEST_ARGUMENT";
const READY: &str = "the role is played";
