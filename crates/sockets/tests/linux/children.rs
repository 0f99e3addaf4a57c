//! Processes that hold sockets for a test, and go when it ends.

use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{self, Command, Stdio};

/// A child process, killed and waited for when dropped.
#[derive(Debug)]
pub(crate) struct Child(process::Child);

impl Child {
    /// One that has `fd` as its standard input and does nothing.
    pub(crate) fn of(fd: impl AsFd) -> Child {
        Child::called(Path::new("sleep"), fd)
    }

    /// One that runs `sleep` under another name.
    pub(crate) fn called(program: &Path, fd: impl AsFd) -> Child {
        let fd: OwnedFd = fd.as_fd().try_clone_to_owned().unwrap();
        let mut command = Command::new(program);
        Child(command.arg("300").stdin(fd).stdout(Stdio::null()).spawn().unwrap())
    }

    /// One that plays `role`, a test that is ignored otherwise, and has said that it is ready.
    pub(crate) fn playing(role: &str, argument: &str, stdin: OwnedFd) -> Child {
        let mut started = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", role])
            .env(ARGUMENT, argument)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(started.stdout.take().unwrap());
        let ready = output.lines().map_while(Result::ok).any(|line| line.ends_with(READY));
        let child = Child(started);
        assert!(ready, "{role} failed");
        child
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Child {
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
    std::thread::sleep(std::time::Duration::from_secs(300));
}

const ARGUMENT: &str = "SOCKETS_TEST_ARGUMENT";
const READY: &str = "the role is played";
