//! How a kernel is asked for a port where nothing is tracked, by what that kernel can do.

use std::fmt;

use super::socket;

/// How a kernel is asked for a port where no ports are tracked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// `IP_LOCAL_PORT_RANGE` set to the whole of the host's range, which has the kernel try every
    /// port in turn and not each parity by itself: Linux 6.8 and later.
    WholeRange,
    /// `IP_LOCAL_PORT_RANGE` set to one port, a few times, and then as [`Step::Plain`]: Linux 6.3 to
    /// 6.7, where the whole range would change nothing.
    OnePort,
    /// A plain `connect(2)`: older kernels. Nothing is tracked there either, so a connect becomes
    /// slow once half of the range is taken.
    Plain,
}

impl Step {
    /// The best that this kernel can do.
    #[must_use]
    pub fn of_this_kernel() -> Step {
        match socket::knows_port_ranges() {
            Ok(true) => Step::of_release(&socket::release()),
            Ok(false) | Err(_) => Step::Plain,
        }
    }

    /// By the release of a kernel that knows the option; one that cannot be read is a new one.
    fn of_release(release: &[u8]) -> Step {
        let mut numbers = release
            .split(|byte| !byte.is_ascii_digit())
            .map_while(|digits| str::from_utf8(digits).ok()?.parse::<u32>().ok());
        match numbers.next().zip(numbers.next()) {
            Some(version) if version < WHOLE_RANGE_SINCE => Step::OnePort,
            _ => Step::WholeRange,
        }
    }

    /// Whether single ports can be asked for.
    pub(super) fn has_port_ranges(self) -> bool {
        self != Step::Plain
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::WholeRange => "IP_LOCAL_PORT_RANGE over the whole range",
            Step::OnePort => "IP_LOCAL_PORT_RANGE over single ports, as the kernel is before 6.8",
            Step::Plain => "plain connect, as the kernel is before 6.3",
        })
    }
}

/// Since then `IP_LOCAL_PORT_RANGE` makes the kernel step by one.
const WHOLE_RANGE_SINCE: (u32, u32) = (6, 8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_decides() {
        for old in ["6.3.0", "6.7.12-amd64", "6.6.102"] {
            assert_eq!(Step::of_release(old.as_bytes()), Step::OnePort, "{old}");
        }
        for new in ["6.8.0-31-generic", "6.18.44-fc", "7.0-rc1", "10.2", "", "weird"] {
            assert_eq!(Step::of_release(new.as_bytes()), Step::WholeRange, "{new}");
        }
    }
}
