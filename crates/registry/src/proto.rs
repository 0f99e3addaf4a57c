//! The transport protocols that have ports and a place in IANA's registry (RFC 6335 §5).

use core::fmt;

/// A transport protocol with sixteen-bit ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proto {
    /// Transmission Control Protocol, RFC 9293.
    Tcp,
    /// User Datagram Protocol, RFC 768.
    Udp,
    /// Stream Control Transmission Protocol, RFC 9260.
    Sctp,
    /// Datagram Congestion Control Protocol, RFC 4340.
    Dccp,
}

impl Proto {
    /// Every protocol, in the order of IANA's registry.
    pub const ALL: [Proto; 4] = [Proto::Tcp, Proto::Udp, Proto::Sctp, Proto::Dccp];

    /// The lower-case name: `tcp`, `udp`, `sctp` or `dccp`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Proto::Tcp => "tcp",
            Proto::Udp => "udp",
            Proto::Sctp => "sctp",
            Proto::Dccp => "dccp",
        }
    }
}

impl fmt::Display for Proto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
