//! A fresh network namespace for one test.

use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use rustix::thread::UnshareFlags;

/// Runs `test` on a thread in a network namespace of its own, with `lo` up and every sysctl at its
/// default; the namespace goes when the thread ends. Without root the test is skipped, loudly.
///
/// One at a time: a child that another test is just making has our descriptors too until it runs
/// its program, and so would be a holder of our sockets.
pub(crate) fn in_fresh_netns(test: impl FnOnce() + Send) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        let inside = || {
            #[expect(deprecated, reason = "only unsharing the descriptor table is unsafe")]
            let unshared = rustix::thread::unshare(UnshareFlags::NEWNET);
            if unshared == Err(rustix::io::Errno::PERM) {
                eprintln!("SKIPPED: needs root to make a network namespace");
                return;
            }
            unshared.unwrap();
            run(&["ip", "link", "set", "lo", "up"]);
            test();
        };
        if let Err(panic) = scope.spawn(inside).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// What a command prints; it must succeed.
pub(crate) fn run(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
