//! One port, taken: the lock that no other user of portolan gets past, and the sockets that hold it against
//! everybody else.
//!
//! The lock is the name of a Unix socket in the abstract namespace: as ports are, it is the network
//! namespace's own, no file system is asked, and the kernel frees it with its last descriptor. A holding
//! socket is bound without `SO_REUSEADDR`, which fails where any socket at all has the port, and is given
//! `SO_REUSEADDR` afterwards: from then on a server that has it, too, may bind and listen beside it, and
//! nobody else may (`inet_csk_bind_conflict`, `udp_lib_lport_inuse` in the kernel).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::OnceLock;

use registry::{Port, PortRange, Proto};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, socket_with, sockopt,
};
use sockets::{Ports, Query, Source, State};

/// How a port is held against those who do not lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// By sockets beside which a server with `SO_REUSEADDR` may bind, and nobody else.
    #[default]
    Shared,
    /// By sockets beside which nobody may bind: to be passed on, or listened on.
    Exclusive,
    /// Not at all: only users of portolan respect the lease.
    None,
}

/// Whether connections that a server left behind on its port, in `TIME-WAIT` or not, make it another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leftovers {
    /// They do.
    Matter,
    /// They do not, as they do not keep a server with `SO_REUSEADDR` from binding.
    DoNotMatter,
}

/// What holds a port: a socket for each protocol and address, one for IPv4 and IPv6 together where every
/// address of both is wanted.
#[derive(Clone, Debug)]
pub(super) struct Ends(Vec<End>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    proto: Proto,
    address: IpAddr,
    /// Whether an IPv6 address takes IPv4 as well.
    mapped: bool,
}

/// Why a port cannot be had.
#[derive(Debug)]
pub(super) enum Unavailable {
    /// Somebody leases it.
    Leased,
    /// A socket has it.
    InUse,
    /// To bind it takes privilege.
    Privileged,
    /// No port can be had.
    Never(Failure),
}

/// What failed and has nothing to do with which port it is.
#[derive(Debug)]
pub(super) enum Failure {
    /// The address is not this host's.
    Address(IpAddr, Errno),
    /// The kernel refused.
    Kernel(&'static str, Errno),
}

/// A port with its lock and its sockets.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) port: Port,
    pub(super) sockets: Vec<(Proto, OwnedFd)>,
    _lock: OwnedFd,
}

impl Ends {
    pub(super) fn new(protos: &[Proto], addresses: &[IpAddr]) -> Ends {
        let (v4, v6) = (Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into());
        let both = addresses.contains(&v4) && addresses.contains(&v6);
        let spare = if !both {
            None
        } else if has_v6() {
            Some(v4)
        } else {
            Some(v6)
        };
        let wanted = addresses.iter().filter(|address| Some(**address) != spare);
        let ends = wanted.flat_map(|&address| {
            let mapped = both && address == v6;
            protos.iter().map(move |&proto| End { proto, address, mapped })
        });
        Ends(ends.collect())
    }
}

impl Claim {
    /// Takes `port`.
    pub(super) fn take(
        port: Port,
        ends: &Ends,
        hold: Hold,
        leftovers: Leftovers,
    ) -> Result<Claim, Unavailable> {
        let name = format!("{PREFIX}{port}");
        let lock = lock(name.as_bytes()).map_err(Failure::kernel("lock a port"));
        let lock = lock?.ok_or(Unavailable::Leased)?;
        let mut sockets = Vec::with_capacity(ends.0.len());
        for end in &ends.0 {
            sockets.push((end.proto, end.socket(port, hold, leftovers)?));
        }
        if hold == Hold::None {
            sockets = Vec::new();
        }
        Ok(Claim { port, sockets, _lock: lock })
    }
}

impl End {
    /// A socket that has `port`.
    fn socket(self, port: Port, hold: Hold, leftovers: Leftovers) -> Result<OwnedFd, Unavailable> {
        let refused = Failure::kernel("hold a port");
        let mut socket = self.open().map_err(refused)?;
        let to = SocketAddr::new(self.address, port.number());
        let mut bound = bind(&socket, &to);
        if bound == Err(Errno::ADDRINUSE)
            && leftovers == Leftovers::DoNotMatter
            && self.proto == Proto::Tcp
            && only_connections(port)
        {
            socket = self.open().map_err(refused)?;
            bound = sockopt::set_socket_reuseaddr(&socket, true).and_then(|()| bind(&socket, &to));
        }
        bound.map_err(|error| match error {
            Errno::ADDRINUSE => Unavailable::InUse,
            Errno::ACCESS => Unavailable::Privileged,
            Errno::ADDRNOTAVAIL => Unavailable::Never(Failure::Address(self.address, error)),
            error => Failure::kernel("bind a port")(error),
        })?;
        sockopt::set_socket_reuseaddr(&socket, hold == Hold::Shared).map_err(refused)?;
        Ok(socket)
    }

    fn open(self) -> Result<OwnedFd, Errno> {
        let family =
            if self.address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let kind = if self.proto == Proto::Udp { SocketType::DGRAM } else { SocketType::STREAM };
        let socket = socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
        if self.address.is_ipv6() {
            sockopt::set_ipv6_v6only(&socket, !self.mapped)?;
        }
        if self.proto == Proto::Udp {
            // Datagrams that come before there is a server are nobody's: few are kept.
            sockopt::set_socket_recv_buffer_size(&socket, 0)?;
        }
        Ok(socket)
    }
}

impl Failure {
    fn kernel(what: &'static str) -> impl Fn(Errno) -> Unavailable + Copy {
        move |error| Unavailable::Never(Failure::Kernel(what, error))
    }
}

/// A lock in this network namespace, held for as long as its descriptor is open; `None` where somebody
/// has it. Nobody can connect to it.
pub(super) fn lock(name: &[u8]) -> Result<Option<OwnedFd>, Errno> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    match bind(&socket, &SocketAddrUnix::new_abstract_name(name)?) {
        Ok(()) => Ok(Some(socket)),
        Err(Errno::ADDRINUSE) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether this kernel knows IPv6; asked once, for it takes as long as a third of a lease.
fn has_v6() -> bool {
    static HAS_V6: OnceLock<bool> = OnceLock::new();
    *HAS_V6.get_or_init(|| {
        let socket =
            socket_with(AddressFamily::INET6, SocketType::STREAM, SocketFlags::CLOEXEC, None);
        socket.err() != Some(Errno::AFNOSUPPORT)
    })
}

/// Whether all that has `port` is connections, over or not: nothing that listens or may come to.
fn only_connections(port: Port) -> bool {
    let query = Query {
        protos: vec![Proto::Tcp],
        ports: Ports::Local(PortRange::from(port)),
        ..Query::default()
    };
    let is_connection =
        |state| !matches!(state, State::Listen | State::Bound | State::Close | State::SynSent);
    sockets::host()
        .sockets(&query)
        .is_ok_and(|seen| seen.sockets.iter().all(|socket| is_connection(socket.state)))
}

/// What the names of all locks begin with, behind the NUL byte of the abstract namespace. A port's lock is
/// this and its number: part of the protocol between all versions.
pub(super) const PREFIX: &str = "portolan/lease/";

#[cfg(test)]
mod tests {
    use super::*;

    const V4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    const V6: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

    #[test]
    fn both_families_share_a_socket() {
        let ends = Ends::new(&[Proto::Tcp, Proto::Udp], &[V4, V6]);
        assert_eq!(ends.0.len(), 2);
        let alone = Ends::new(&[Proto::Tcp], &[V6]);
        assert_eq!(alone.0, [End { proto: Proto::Tcp, address: V6, mapped: false }]);
    }

    #[test]
    fn a_lock_is_had_once_and_freed_with_its_descriptor() {
        let name = format!("portolan/test/{}", std::process::id());
        let first = lock(name.as_bytes()).unwrap();
        assert!(first.is_some());
        assert!(lock(name.as_bytes()).unwrap().is_none());
        drop(first);
        assert!(lock(name.as_bytes()).unwrap().is_some());
    }
}
