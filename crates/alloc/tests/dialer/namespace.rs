//! A fresh network namespace for one test, and its settings.

use std::fs;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use rustix::thread::UnshareFlags;

/// Runs `test` on a thread in a network namespace of its own, with `lo` up, the ephemeral range set to
/// `range` and every other sysctl at its default. Without root
/// the test is skipped, loudly.
///
/// One at a time: a child that another test is just making has our descriptors too until it runs
/// its program, so a socket that we close would keep its port meanwhile.
pub(crate) fn with_ports(range: (u16, u16), test: impl FnOnce() + Send) {
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
            set("ip_local_port_range", &format!("{} {}", range.0, range.1));
            test();
        };
        if let Err(panic) = scope.spawn(inside).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Sets `/proc/sys/net/ipv4/NAME`.
pub(crate) fn set(name: &str, value: &str) {
    fs::write(format!("/proc/sys/net/ipv4/{name}"), value).unwrap();
}

/// What a command prints; it must succeed.
pub(crate) fn run(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
