//! Whether we see pids, users and times as the kernel's programs do.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::Error;

/// A kind of namespace, and the number of its first one: `PROC_*_INIT_INO` of the kernel's
/// `linux/proc_ns.h`.
type Kind = (&'static str, &'static str);

/// Whether our pids, users and times are those that the kernel counts in.
pub(crate) fn are_first() -> bool {
    [PID, USER, TIME].into_iter().all(is_first)
}

/// Refuses to record where pids or times are others than the kernel's own.
///
/// # Errors
/// [`Error::ForeignPids`]: the programs see the first namespace's pids, and every process would get a
/// wrong name. [`Error::ForeignTime`]: they see the first one's clock since boot, and everything
/// would have happened at another time than it did.
pub(crate) fn check() -> Result<(), Error> {
    if !is_first(PID) {
        return Err(Error::ForeignPids);
    }
    // A namespace that moves no clock is as good as the first.
    let offsets = || fs::read_to_string("/proc/self/timens_offsets");
    if is_first(TIME) || offsets().is_ok_and(|text| !moves_boottime(&text)) {
        return Ok(());
    }
    Err(Error::ForeignTime)
}

/// Whether we are in the first namespace of a kind. A kernel without a kind has no other.
fn is_first((name, first): Kind) -> bool {
    let kinds = Path::new("/proc/self/ns");
    fs::read_link(kinds.join(name)).map_or_else(
        |error| error.kind() == ErrorKind::NotFound && kinds.exists(),
        |link| link.as_os_str() == format!("{name}:[{first}]").as_str(),
    )
}

/// Whether the clock since boot is set forth or back in the text of `/proc/PID/timens_offsets`
/// (`time_namespaces(7)`).
fn moves_boottime(text: &str) -> bool {
    let mut lines = text.lines().map(str::split_whitespace);
    let mut boottime = lines.find_map(|mut words| (words.next()? == "boottime").then_some(words));
    boottime.as_mut().is_none_or(|offsets| offsets.any(|offset| offset != "0"))
}

const PID: Kind = ("pid", "4026531836");
const USER: Kind = ("user", "4026531837");
const TIME: Kind = ("time", "4026531834");

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
