//! What would get past a failing bind, in words for people and codes for programs.

use std::fmt;

use registry::Port;

use super::conflict::is_request;
use super::{BindVerdict, Outcome, Reason};
use crate::{Family, Socket, State};

/// What would make a failing bind work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// `SO_REUSEADDR`: the holder has set it too.
    ReuseAddr,
    /// `SO_REUSEADDR`, if the holder has set it too, which only a try can tell.
    ReuseAddrPerhaps,
    /// `IPV6_V6ONLY`: only IPv4 is taken.
    V6Only,
    /// Time: no process holds the port any more, and the kernel lets go of it by itself.
    Wait,
    /// Nothing on our side: the holder must close its socket.
    Release,
    /// `CAP_NET_BIND_SERVICE`, or a lower `net.ipv4.ip_unprivileged_port_start`.
    Privilege,
    /// An address: the device that would carry it is down or does not have it.
    Address,
}

impl Remedy {
    /// A stable word for programs: `reuseaddr`, `v6only`, …
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Remedy::ReuseAddr => "reuseaddr",
            Remedy::ReuseAddrPerhaps => "reuseaddr-perhaps",
            Remedy::V6Only => "v6only",
            Remedy::Wait => "wait",
            Remedy::Release => "release",
            Remedy::Privilege => "privilege",
            Remedy::Address => "address",
        }
    }
}

impl fmt::Display for Remedy {
    /// A clause for people: "SO_REUSEADDR gets past it".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Remedy::ReuseAddr => "SO_REUSEADDR gets past it",
            Remedy::ReuseAddrPerhaps => "SO_REUSEADDR gets past it only if the holder set it too",
            Remedy::V6Only => "IPV6_V6ONLY gets past it",
            Remedy::Wait => "SO_REUSEADDR would not help; the kernel frees it by itself",
            Remedy::Release => "SO_REUSEADDR would not help",
            Remedy::Privilege => {
                "CAP_NET_BIND_SERVICE or a lower net.ipv4.ip_unprivileged_port_start would help"
            }
            Remedy::Address => "a device that is up must have it, and IPv6 must not be disabled",
        })
    }
}

/// What would make the bind of `verdicts[index]` work, judged by the verdict on the same bind with
/// `SO_REUSEADDR` and by the sockets on the port.
pub(super) fn remedy(
    index: usize,
    verdicts: &[BindVerdict],
    port: Port,
    sockets: &[Socket],
) -> Option<Remedy> {
    let verdict = &verdicts[index];
    match verdict.reason? {
        Reason::Privileged { .. } => return Some(Remedy::Privilege),
        Reason::AddressAbsent => return Some(Remedy::Address),
        Reason::FamilyAbsent | Reason::Refused { .. } => return None,
        _ => {}
    }
    let reused = verdicts.iter().find(|other| {
        other.reuseaddr && other.proto == verdict.proto && other.addr == verdict.addr
    });
    match reused.map(|other| other.outcome) {
        Some(Outcome::Yes) => return Some(Remedy::ReuseAddr),
        Some(Outcome::Unknown) if verdict.reuseaddr => return None,
        Some(Outcome::Unknown) => return Some(Remedy::ReuseAddrPerhaps),
        _ => {}
    }
    let culprit = &sockets[verdict.culprit?];
    if only_ipv4_held(verdict, port, sockets) {
        Some(Remedy::V6Only)
    } else if ends_by_itself(culprit) {
        Some(Remedy::Wait)
    } else {
        Some(Remedy::Release)
    }
}

/// Whether a bind to `::` fails on IPv4 sockets alone, so that one without IPv4 would not.
fn only_ipv4_held(verdict: &BindVerdict, port: Port, sockets: &[Socket]) -> bool {
    let mut held = sockets.iter().filter(|socket| {
        socket.proto == verdict.proto && socket.local.port == port && !is_request(socket)
    });
    verdict.addr == Family::V6.unspecified()
        && held.all(|socket| socket.local.canonical().is_ipv4())
}

/// Whether no process has `socket` any more and the kernel will drop it.
fn ends_by_itself(socket: &Socket) -> bool {
    let closing =
        matches!(socket.state, State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck);
    socket.state == State::TimeWait || closing && socket.inode == 0
}
