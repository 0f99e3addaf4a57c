//! The three territories of the port space, RFC 6335 §6.

use core::fmt;

use crate::{Port, PortRange};

/// Who may hand out a port: RFC 6335's division of the port space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Territory {
    /// 0–1023: System Ports, also called well-known; assigned by IETF process.
    System,
    /// 1024–49151: User Ports, also called registered; assigned by IANA on request.
    User,
    /// 49152–65535: Dynamic Ports, also called private or ephemeral; never assigned.
    Dynamic,
}

impl Territory {
    /// The territory that `port` lies in.
    #[must_use]
    pub const fn of(port: Port) -> Territory {
        match port.0 {
            0..=1023 => Territory::System,
            1024..=49151 => Territory::User,
            49152..=u16::MAX => Territory::Dynamic,
        }
    }

    /// The ports of this territory.
    #[must_use]
    pub fn range(self) -> PortRange {
        let (first, last) = match self {
            Territory::System => (0, 1023),
            Territory::User => (1024, 49151),
            Territory::Dynamic => (49152, u16::MAX),
        };
        PortRange::new(Port(first), Port(last)).expect("the bounds above are in order")
    }

    /// The lower-case name: `system`, `user` or `dynamic`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Territory::System => "system",
            Territory::User => "user",
            Territory::Dynamic => "dynamic",
        }
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
