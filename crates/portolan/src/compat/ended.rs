//! Processes whose first thread has ended, while others go on and hold sockets.
//!
//! `/proc/PID/fd` is that of the first thread and empty then, which is all that `netstat` and `lsof`
//! look at. The search for owners looks at the other threads too.

use std::fs;

/// Whether the first thread of a process has ended (`proc_pid_status(5)`).
pub(crate) fn first_thread_has_ended(pid: u32) -> bool {
    let status = fs::read(format!("/proc/{pid}/status")).unwrap_or_default();
    status.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"State:\tZ"))
}
