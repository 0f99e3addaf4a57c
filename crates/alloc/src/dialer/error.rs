//! Why a dial failed, and how full the ports towards a destination are.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use registry::PortRange;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// Every port of every source address is taken towards this destination. The kernel has said so
    /// of each, and the connections of all programs count.
    #[error("no port is left towards {destination}: {fill}; {}", fill.advice())]
    Exhausted {
        /// Towards where; plain IPv4 where it was mapped.
        destination: SocketAddr,
        /// How full, as of the last second.
        fill: Fill,
    },
    /// The connection was not made: refused, no route, or a source address that this host lacks.
    #[error("could not connect to {destination}")]
    Connect {
        /// Towards where.
        destination: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
    /// Nobody answered in time.
    #[error("no answer from {destination} within {after:?}")]
    TimedOut {
        /// Towards where.
        destination: SocketAddr,
        /// How long we waited.
        after: Duration,
    },
    /// There are source addresses, and none of the family of the destination.
    #[error("no source address is of the family of {destination}; add one that is")]
    NoSource {
        /// Towards where.
        destination: SocketAddr,
    },
    /// A socket could not be made or prepared.
    #[error("could not {what}")]
    Socket {
        /// What was attempted: "make a socket".
        what: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
    /// It cannot be known which ports this host hands out, or which are in use.
    #[error("could not learn which ports are free")]
    Ports(#[from] sockets::Error),
}

impl DialError {
    pub(super) fn socket(what: &'static str) -> impl FnOnce(io::Error) -> DialError {
        move |source| DialError::Socket { what, source }
    }
}

impl From<DialError> for io::Error {
    /// Keeps what the kernel said as the kind; `AddrNotAvailable` where the ports are exhausted.
    fn from(error: DialError) -> Self {
        let kind = match &error {
            DialError::Exhausted { .. } | DialError::NoSource { .. } => {
                io::ErrorKind::AddrNotAvailable
            }
            DialError::TimedOut { .. } => io::ErrorKind::TimedOut,
            DialError::Connect { source, .. } | DialError::Socket { source, .. } => source.kind(),
            DialError::Ports(_) => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

/// How many ports towards one destination are taken, of all source addresses together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fill {
    /// Ports with a connection of anybody to the destination.
    pub taken: u32,
    /// Ports without one that nobody gets nevertheless: a program has bound or listens on them.
    pub bound: u32,
    /// Of those taken, the ones of this dialer.
    pub ours: u32,
    /// Of those taken, the ones in `TIME-WAIT`: free again within a minute.
    pub time_wait: u32,
    /// How many ports there are, of all source addresses: the host's ephemeral range without the
    /// reserved ones, times the addresses.
    pub of: u32,
    /// The host's ephemeral range.
    pub range: PortRange,
    /// How many source addresses.
    pub sources: u32,
}

impl Fill {
    /// The share of ports that cannot be had, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        f64::from(self.taken + self.bound) / f64::from(self.of.max(1))
    }

    /// Whether no port is left.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.taken + self.bound >= self.of
    }

    fn advice(&self) -> &'static str {
        if self.time_wait * 2 > self.taken {
            return "most are in TIME-WAIT, so keep connections open and use them again, or add source addresses";
        }
        "add source addresses, widen net.ipv4.ip_local_port_range, or hold fewer connections at once"
    }
}

impl fmt::Display for Fill {
    /// `64 of 64 ports of 40000-40063 from 1 address have connections (60 of this dialer, 4 in
    /// TIME-WAIT)`, and how many are bound, if any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fill { taken, bound, ours, time_wait, of, range, sources } = self;
        let addresses = if *sources == 1 { "address" } else { "addresses" };
        write!(f, "{taken} of {of} ports of {range} from {sources} {addresses} have connections ")?;
        write!(f, "({ours} of this dialer, {time_wait} in TIME-WAIT)")?;
        if *bound > 0 {
            write!(f, " and {bound} are bound by others")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use registry::Port;

    use super::*;

    fn full(time_wait: u32) -> DialError {
        let range = PortRange::new(Port(40000), Port(40063)).unwrap();
        let fill = Fill { taken: 60, bound: 4, ours: 20, time_wait, of: 64, range, sources: 1 };
        DialError::Exhausted { destination: "192.0.2.1:443".parse().unwrap(), fill }
    }

    #[test]
    fn exhaustion_says_towards_where_how_full_and_what_helps() {
        assert_eq!(
            full(3).to_string(),
            "no port is left towards 192.0.2.1:443: 60 of 64 ports of 40000-40063 from 1 address \
             have connections (20 of this dialer, 3 in TIME-WAIT) and 4 are bound by others; add \
             source addresses, widen net.ipv4.ip_local_port_range, or hold fewer connections at once"
        );
        assert!(full(31).to_string().ends_with("use them again, or add source addresses"));
    }

    #[test]
    fn the_kernels_word_stays_the_kind() {
        assert_eq!(io::Error::from(full(0)).kind(), io::ErrorKind::AddrNotAvailable);
        let destination = "192.0.2.1:443".parse().unwrap();
        let refused = io::Error::from_raw_os_error(111);
        let error = DialError::Connect { destination, source: refused };
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::ConnectionRefused);
    }
}
