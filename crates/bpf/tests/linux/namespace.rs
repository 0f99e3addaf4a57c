//! Namespaces of a test's own, and other users.

use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use rustix::process::{Gid, Uid};
use rustix::thread::{UnshareFlags, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

/// Runs `test` on a thread in network and mount namespaces of its own, with `lo` up; they go when
/// the thread ends. Without root the test is skipped, loudly.
///
/// One at a time: a child that another test is just making has our descriptors too until it runs
/// its program, and so would be a holder of our sockets.
pub(crate) fn apart(test: impl FnOnce() + Send) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    on_a_thread(|| {
        #[expect(deprecated, reason = "only unsharing the descriptor table is unsafe")]
        let unshared = rustix::thread::unshare(UnshareFlags::NEWNET | UnshareFlags::NEWNS);
        if unshared == Err(rustix::io::Errno::PERM) {
            eprintln!("SKIPPED: needs root to make namespaces");
            return;
        }
        unshared.unwrap();
        run(&["mount", "--make-rprivate", "/"]);
        run(&["ip", "link", "set", "lo", "up"]);
        test();
    });
}

/// Runs `test` on a thread of its own as the user nobody and the group `gid`.
pub(crate) fn as_nobody(gid: u32, test: impl FnOnce() + Send) {
    on_a_thread(|| {
        let (nobody, gid) = (Uid::from_raw(65534), Gid::from_raw(gid));
        set_thread_groups(&[]).unwrap();
        set_thread_res_gid(gid, gid, gid).unwrap();
        set_thread_res_uid(nobody, nobody, nobody).unwrap();
        test();
    });
}

/// Runs `test` on a thread of its own; panics if it does.
pub(crate) fn on_a_thread(test: impl FnOnce() + Send) {
    thread::scope(|scope| {
        if let Err(panic) = scope.spawn(test).join() {
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
