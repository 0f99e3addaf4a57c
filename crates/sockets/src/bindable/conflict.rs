//! Which sockets the kernel weighs against a bind: its rules on addresses, families and sharing.
//!
//! Source: `inet_rcv_saddr_equal`, `inet_csk_bind_conflict` and `udp_lib_lport_inuse` of Linux,
//! and the measured matrix in `docs/bind.md`. What `sock_diag` does not tell (`SO_REUSEADDR` of the
//! holder, `IPV6_V6ONLY` of connections, VRF) is [`Blocks::Maybe`].

use std::cmp::Reverse;
use std::net::IpAddr;

use registry::{Port, Proto};

use super::Reason;
use crate::{Family, Socket, State};

/// One way of binding a port.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bind {
    pub(super) proto: Proto,
    pub(super) addr: IpAddr,
    pub(super) port: Port,
    pub(super) reuseaddr: bool,
}

/// Whether a socket stands in the way of a bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Blocks {
    No,
    Maybe,
    Yes,
}

impl Bind {
    /// Whether `socket` stands in the way.
    pub(super) fn blocked_by(self, socket: &Socket) -> Blocks {
        let sharing = if self.reuseaddr { shares(socket) } else { Blocks::Yes };
        self.collides(socket).min(sharing)
    }

    /// Whether `socket` would stand in the way of this bind if neither side shared.
    pub(super) fn collides(self, socket: &Socket) -> Blocks {
        if socket.proto != self.proto
            || socket.local.port != self.port
            || self.port == Port::NONE
            || is_request(socket)
        {
            return Blocks::No;
        }
        overlap(self.addr, socket).min(reaches(socket))
    }

    /// Why `socket` stands in the way, given that it does.
    pub(super) fn reason(self, socket: &Socket) -> Reason {
        let wildcard_v6 = socket.family == Family::V6
            && socket.local.canonical() == Family::V6.unspecified()
            && self.addr.is_ipv4();
        match (self.proto, socket.state) {
            _ if wildcard_v6 => Reason::DualStack,
            (Proto::Udp, _) => Reason::UdpBound,
            (_, State::Listen) => Reason::Listening,
            (_, State::Bound | State::Close) => Reason::BoundSilent,
            (_, State::TimeWait) => Reason::TimeWait,
            _ => Reason::Connected,
        }
    }

    /// The one to blame among the `candidates` into `sockets`: the surest, then what blocks the
    /// longest and most, then the same address before an overlapping one, then a socket that a
    /// process has, then the first.
    pub(super) fn worst(
        self,
        sockets: &[Socket],
        candidates: impl Iterator<Item = usize>,
    ) -> Option<(usize, Blocks)> {
        candidates
            .map(|index| (index, self.blocked_by(&sockets[index])))
            .filter(|(_, blocks)| *blocks != Blocks::No)
            .max_by_key(|&(index, blocks)| {
                let socket = &sockets[index];
                let exact = socket.local.canonical() == self.addr;
                let live = socket.inode != 0;
                let collides = self.collides(socket);
                (blocks, collides, weight(socket.state), exact, live, Reverse(index))
            })
    }
}

/// Whether the kernel would find the addresses of `socket` and of a bind to `addr` to overlap.
fn overlap(addr: IpAddr, socket: &Socket) -> Blocks {
    let held = socket.local.canonical();
    match (addr, held) {
        (IpAddr::V4(_), IpAddr::V4(_)) => {
            sure(addr == held || addr.is_unspecified() || held.is_unspecified())
        }
        // An IPv6 socket that is connected but not v6only blocks the IPv4 wildcard too.
        (IpAddr::V4(_), IpAddr::V6(_)) => match socket.v6only {
            _ if !addr.is_unspecified() && !held.is_unspecified() => Blocks::No,
            Some(v6only) => sure(!v6only),
            None => Blocks::Maybe,
        },
        // The bind to `::` is dual-stack, the one to a specific address is v6only.
        (IpAddr::V6(_), IpAddr::V4(_)) => sure(addr.is_unspecified()),
        (IpAddr::V6(_), IpAddr::V6(_)) => {
            sure(addr == held || addr.is_unspecified() || held.is_unspecified())
        }
    }
}

/// Whether `socket` is in the way of a bind with `SO_REUSEADDR`: a listener never shares; anything
/// else does if it has set the option too, which nobody tells.
fn shares(socket: &Socket) -> Blocks {
    if socket.state == State::Listen { Blocks::Yes } else { Blocks::Maybe }
}

/// Whether `socket` counts for a bind without a device: not, for TCP, if its device is part of a
/// VRF (`tcp_l3mdev_accept`). Loopback cannot be.
fn reaches(socket: &Socket) -> Blocks {
    let device = socket.device.as_ref().is_some_and(|device| device.index != LOOPBACK_IFINDEX);
    if socket.proto == Proto::Tcp && device { Blocks::Maybe } else { Blocks::Yes }
}

/// Whether `socket` is a handshake that has no socket of its own yet and so holds no port: its
/// listener does.
pub(super) fn is_request(socket: &Socket) -> bool {
    socket.state == State::SynRecv && socket.inode == 0
}

/// How much a socket in `state` is to blame where several are in the way.
fn weight(state: State) -> u8 {
    match state {
        State::Listen => 3,
        State::Bound | State::Close => 2,
        State::TimeWait => 0,
        _ => 1,
    }
}

fn sure(blocks: bool) -> Blocks {
    if blocks { Blocks::Yes } else { Blocks::No }
}

/// `LOOPBACK_IFINDEX` of the kernel's `net/flow.h`: the same in every network namespace.
const LOOPBACK_IFINDEX: u32 = 1;
