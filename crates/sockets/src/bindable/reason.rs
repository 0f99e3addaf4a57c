//! Why a bind fails, in words for people and codes for programs.

use std::fmt;
use std::io;

use registry::Port;

/// Why a bind fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A socket listens on the same address or on all.
    Listening,
    /// An IPv6 socket on `::` that takes IPv4 too is in the way.
    DualStack,
    /// A socket is bound there without listening.
    BoundSilent,
    /// An outgoing or accepted connection has the port.
    Connected,
    /// A closed connection still holds the port (`TIME-WAIT`); `SO_REUSEADDR` gets past it if the
    /// connection's own socket had it set too.
    TimeWait,
    /// A UDP socket is bound there.
    UdpBound,
    /// The port is below `ip_unprivileged_port_start` and we may not.
    Privileged {
        /// The first port anyone may bind.
        unprivileged_start: Port,
    },
    /// The address is not one of this host's.
    AddressAbsent,
    /// The host has no IPv6 (or no IPv4).
    FamilyAbsent,
    /// The port is taken, and nothing that we can see has it.
    Unseen,
    /// The kernel said something else: this error number.
    Refused {
        /// The error number of `errno(3)`.
        errno: i32,
    },
}

impl Reason {
    /// A stable word for programs: `listening`, `dual-stack`, …
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Reason::Listening => "listening",
            Reason::DualStack => "dual-stack",
            Reason::BoundSilent => "bound-silent",
            Reason::Connected => "connected",
            Reason::TimeWait => "time-wait",
            Reason::UdpBound => "udp-bound",
            Reason::Privileged { .. } => "privileged",
            Reason::AddressAbsent => "address-absent",
            Reason::FamilyAbsent => "family-absent",
            Reason::Unseen => "unseen",
            Reason::Refused { .. } => "refused",
        }
    }

    /// What the holder of the port does, to be put after its name ("nginx (12) *listens on it*").
    /// `None` where no socket is to blame.
    #[must_use]
    pub const fn predicate(self) -> Option<&'static str> {
        match self {
            Reason::Listening => Some("listens on it"),
            Reason::DualStack => Some("holds it for IPv4 too, through a dual-stack socket on ::"),
            Reason::BoundSilent => Some("has bound it without listening"),
            Reason::Connected => Some("is connected from it"),
            Reason::TimeWait => Some("left it in TIME-WAIT after closing a connection"),
            Reason::UdpBound => Some("has bound it"),
            Reason::Privileged { .. }
            | Reason::AddressAbsent
            | Reason::FamilyAbsent
            | Reason::Unseen
            | Reason::Refused { .. } => None,
        }
    }
}

impl fmt::Display for Reason {
    /// A clause that stands alone, without the holder's name: "a socket listens on it".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Listening => f.write_str("a socket listens on it"),
            Reason::DualStack => f.write_str("a dual-stack socket on :: holds it for IPv4 too"),
            Reason::BoundSilent => f.write_str("a socket has bound it without listening"),
            Reason::Connected => f.write_str("a connection uses it"),
            Reason::TimeWait => f.write_str("a closed connection keeps it in TIME-WAIT"),
            Reason::UdpBound => f.write_str("a UDP socket has bound it"),
            Reason::Privileged { unprivileged_start } => {
                write!(f, "ports below {unprivileged_start} are privileged")
            }
            Reason::AddressAbsent => f.write_str("this host does not have the address"),
            Reason::FamilyAbsent => f.write_str("this host does not have the address family"),
            Reason::Unseen => f.write_str("something that cannot be seen holds it"),
            Reason::Refused { errno } => {
                write!(f, "the kernel refused: {}", io::Error::from_raw_os_error(*errno))
            }
        }
    }
}

impl Reason {
    /// Why `error`, the kernel's answer to a bind of `port`, was given, other than "in use".
    pub(crate) fn of_error(error: &io::Error, port: Port, unprivileged_start: Port) -> Reason {
        match error.raw_os_error() {
            _ if error.kind() == io::ErrorKind::AddrNotAvailable => Reason::AddressAbsent,
            Some(EAFNOSUPPORT) => Reason::FamilyAbsent,
            Some(EACCES) if port < unprivileged_start => Reason::Privileged { unprivileged_start },
            errno => Reason::Refused { errno: errno.unwrap_or_default() },
        }
    }
}

/// The address family is not there; `std::io::ErrorKind` has no name for it.
pub(super) const EAFNOSUPPORT: i32 = if cfg!(windows) {
    10047
} else if cfg!(target_os = "linux") {
    97
} else {
    47
};

/// No permission; `std::io::ErrorKind` does not tell it from `EPERM`, which firewalls say.
const EACCES: i32 = if cfg!(windows) { 10013 } else { 13 };
