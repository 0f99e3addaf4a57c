//! One end of a socket: an address and a port.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use registry::Port;

/// The address family a socket was made with. An IPv6 socket may talk IPv4 through mapped
/// addresses (RFC 4291 §2.5.5.2), so this is not always the family of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// `AF_INET`.
    V4,
    /// `AF_INET6`.
    V6,
}

impl Family {
    /// The unspecified address of this family: `0.0.0.0` or `::`.
    #[must_use]
    pub const fn unspecified(self) -> IpAddr {
        match self {
            Family::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            Family::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        }
    }
}

/// An address and a port, as the kernel has them: mapped addresses stay mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The address; unspecified where the socket takes or has any.
    pub addr: IpAddr,
    /// The port; [`Port::NONE`] where there is none.
    pub port: Port,
}

impl Endpoint {
    /// Whether this is nobody in particular: no address and no port, the far end of a listener.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.port == Port::NONE && self.addr.is_unspecified()
    }

    /// The same end with the address that a person means, see [`Endpoint::canonical`].
    #[must_use]
    pub fn plain(&self) -> Endpoint {
        Endpoint { addr: self.canonical(), port: self.port }
    }

    /// The address a person means by this one: `::ffff:192.0.2.1` becomes `192.0.2.1`.
    #[must_use]
    pub fn canonical(&self) -> IpAddr {
        self.addr.to_canonical()
    }
}

impl fmt::Display for Endpoint {
    /// `192.0.2.1:80`, `[2001:db8::1]:80`; addresses as they are, never resolved.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.addr, self.port.number()).fmt(f)
    }
}
