//! Whether we see pids and times as the kernel's programs do.

use std::fs;

use crate::Error;

/// Refuses to record where pids or times are others than the kernel's own.
///
/// # Errors
/// [`Error::ForeignPids`]: the programs see the first namespace's pids, and every process would get a
/// wrong name. [`Error::ForeignTime`]: they see the first one's clock since boot, and everything
/// would have happened at another time than it did.
pub(super) fn check() -> Result<(), Error> {
    if !is_in("pid", FIRST_PIDS).unwrap_or(false) {
        return Err(Error::ForeignPids);
    }
    // Before Linux 5.6 there is but one, and a namespace that moves no clock is as good as the first.
    let is_first = is_in("time", FIRST_TIMES).unwrap_or(true);
    let offsets = || fs::read_to_string("/proc/self/timens_offsets");
    if is_first || offsets().is_ok_and(|text| !moves_boottime(&text)) {
        return Ok(());
    }
    Err(Error::ForeignTime)
}

/// Whether the namespace of ours of this kind is the one with this number; `None` where none shows.
fn is_in(kind: &str, number: u32) -> Option<bool> {
    let link = fs::read_link(format!("/proc/self/ns/{kind}")).ok()?;
    Some(link.as_os_str() == format!("{kind}:[{number}]").as_str())
}

/// Whether the clock since boot is set forth or back in the text of `/proc/PID/timens_offsets`
/// (`time_namespaces(7)`).
fn moves_boottime(text: &str) -> bool {
    let mut lines = text.lines().map(str::split_whitespace);
    let mut boottime = lines.find_map(|mut words| (words.next()? == "boottime").then_some(words));
    boottime.as_mut().is_none_or(|offsets| offsets.any(|offset| offset != "0"))
}

/// `PROC_PID_INIT_INO` of the kernel's `linux/proc_ns.h`.
const FIRST_PIDS: u32 = 4_026_531_836;
/// `PROC_TIME_INIT_INO` of the same.
const FIRST_TIMES: u32 = 4_026_531_834;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_moved_is_foreign() {
        assert!(!moves_boottime(
            "monotonic          -5         0\nboottime            0         0\n"
        ));
        assert!(moves_boottime(
            "monotonic           0         0\nboottime       100000         0\n"
        ));
        assert!(moves_boottime(
            "monotonic           0         0\nboottime            0        -7\n"
        ));
        assert!(moves_boottime("monotonic           0         0\n"), "it may be");
    }
}
