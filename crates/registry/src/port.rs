//! A port number (RFC 9293 §3.1, RFC 768): sixteen bits, with 0 meaning "none" on the wire and
//! "any" to `bind(2)`.

use core::fmt;

/// A transport port number, 0 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Port(pub u16);

impl Port {
    /// No port: what an unconnected socket has as its remote end.
    pub const NONE: Port = Port(0);
    /// The highest port, 65535.
    pub const MAX: Port = Port(u16::MAX);

    /// The number itself.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
