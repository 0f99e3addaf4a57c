//! Asks the kernel whether a port can be bound, by binding it, and what else decides over a bind.

use std::io;
use std::net::{IpAddr, SocketAddr};

use registry::{Port, Proto};
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, readlinkat};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
use rustix::thread::{CapabilitySet, capabilities};

use crate::bindable::BIND_ADDRESSES;
use crate::{BindPremises, BindTrial, Privilege, Reason};

/// Tries every way of binding `port`; only TCP and UDP, whose sockets need no kernel module.
pub(super) fn try_binds(port: Port, protos: &[Proto]) -> Vec<BindTrial> {
    let mut trials = Vec::new();
    for &proto in protos {
        let Some(kind) = socket_type(proto) else { continue };
        for addr in BIND_ADDRESSES {
            for reuseaddr in [false, true] {
                let result = try_bind(kind, SocketAddr::new(addr, port.number()), reuseaddr);
                trials.push(BindTrial { proto, addr, reuseaddr, result });
            }
        }
    }
    trials
}

/// Which addresses exist here and what we may bind, without touching any port that is asked about:
/// each address is tried with a UDP port of the kernel's choice.
pub(super) fn premises() -> BindPremises {
    let absent = BIND_ADDRESSES
        .into_iter()
        .filter_map(|addr| {
            let error = try_bind(SocketType::DGRAM, SocketAddr::new(addr, 0), false).err()?;
            let reason = Reason::of_error(&error, Port::NONE, Port::NONE);
            matches!(reason, Reason::AddressAbsent | Reason::FamilyAbsent).then_some((addr, reason))
        })
        .collect();
    BindPremises { privilege: privilege(), absent, unlisted: Vec::new() }
}

/// Binds and closes at once. Never listens or connects, so nothing stays behind and nobody can
/// reach it.
fn try_bind(kind: SocketType, to: SocketAddr, reuseaddr: bool) -> io::Result<()> {
    let socket = open(kind, to.ip())?;
    if reuseaddr {
        sockopt::set_socket_reuseaddr(&socket, true)?;
    }
    Ok(bind(&socket, &to)?)
}

/// A socket for `addr`; an IPv6 one takes IPv4 too, whatever `net.ipv6.bindv6only` says.
fn open(kind: SocketType, addr: IpAddr) -> io::Result<OwnedFd> {
    let family = if addr.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
    if addr.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, false)?;
    }
    Ok(socket)
}

fn socket_type(proto: Proto) -> Option<SocketType> {
    match proto {
        Proto::Tcp => Some(SocketType::STREAM),
        Proto::Udp => Some(SocketType::DGRAM),
        Proto::Sctp | Proto::Dccp => None,
    }
}

/// The kernel wants `CAP_NET_BIND_SERVICE` in the user namespace that owns the network namespace.
/// The first user namespace owns or rules all; elsewhere nothing safe tells.
fn privilege() -> Privilege {
    let may = capabilities(None)
        .is_ok_and(|sets| sets.effective.contains(CapabilitySet::NET_BIND_SERVICE));
    let first = readlinkat(CWD, "/proc/self/ns/user", Vec::new())
        .is_ok_and(|name| name.as_bytes() == FIRST_USER_NAMESPACE);
    match (may, first) {
        (false, _) => Privilege::Denied,
        (true, true) => Privilege::Granted,
        (true, false) => Privilege::Unclear,
    }
}

/// `PROC_USER_INIT_INO` of the kernel's `proc_ns.h`, the same on every machine.
const FIRST_USER_NAMESPACE: &[u8] = b"user:[4026531837]";
