//! A socket as the kernel describes it, without its owner.

use std::sync::Arc;
use std::time::Duration;

use registry::Proto;

use crate::{Endpoint, Family, State};

/// One socket. Who holds it is in [`crate::Ownership`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// The transport protocol.
    pub proto: Proto,
    /// The family it was made with; mapped IPv4 traffic of an IPv6 socket is [`Family::V6`].
    pub family: Family,
    /// For IPv6: whether `IPV6_V6ONLY` is set. `None` for IPv4 and where the kernel does not tell.
    pub v6only: Option<bool>,
    /// Our end.
    pub local: Endpoint,
    /// The far end; see [`Endpoint::is_none`].
    pub remote: Endpoint,
    /// Its state.
    pub state: State,
    /// Bytes received and not yet read; for a listener, connections waiting to be accepted.
    pub recv_q: u32,
    /// Bytes sent and not yet acknowledged; for a listener, its backlog.
    pub send_q: u32,
    /// The user who made it, as the kernel tells; see [`Socket::maker`].
    pub uid: u32,
    /// Its inode in sockfs; 0 where no descriptor belongs to it (`TIME-WAIT`, `SYN-RECV`, not yet
    /// accepted, orphaned).
    pub inode: u64,
    /// The kernel's unique number for it; 0 where not known. Never used twice between boots.
    pub cookie: u64,
    /// The network namespace it lives in.
    pub netns: NetnsId,
    /// The cgroup (v2) it was made in; `None` where the kernel does not tell.
    pub cgroup: Option<CgroupId>,
    /// The device it is bound to, or the scope of its link-local address.
    pub device: Option<Device>,
    /// The timer that runs on it, if one does.
    pub timer: Option<Timer>,
}

impl Socket {
    /// The user who made it; `None` in `TIME-WAIT` and `SYN-RECV`, where the kernel has forgotten or
    /// does not know yet, and says 0.
    #[must_use]
    pub fn maker(&self) -> Option<u32> {
        let forgotten = matches!(self.state, State::TimeWait | State::SynRecv) && self.inode == 0;
        (!forgotten).then_some(self.uid)
    }

    /// For how long the kernel keeps the port yet; `None` for a whole socket. This is what is left of a
    /// connection after its socket is gone: in `TIME-WAIT`, or of an orphan in `FIN-WAIT-2`.
    #[must_use]
    pub fn time_wait_left(&self) -> Option<Duration> {
        Some(self.timer.filter(|timer| timer.kind == TimerKind::TimeWait)?.expires)
    }
}

/// Which socket is meant: one of a protocol with these ends, as a socket table or a log of sockets
/// has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tuple {
    /// The transport protocol.
    pub proto: Proto,
    /// Its own end. Mapped addresses and plain IPv4 ones mean the same.
    pub local: Endpoint,
    /// The far end; an unspecified address and port 0 for none, see [`Endpoint::is_none`].
    pub remote: Endpoint,
    /// The kernel's number for it; `None` for whichever socket has these ends.
    pub cookie: Option<u64>,
}

/// A network namespace, by the inode number of `/proc/PID/ns/net`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetnsId(pub u64);

/// A network namespace that was looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Netns {
    /// Its number.
    pub id: NetnsId,
    /// Its name under `/run/netns`, if it has one.
    pub name: Option<String>,
}

/// A cgroup v2, by the kernel's number for it: the inode of its directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CgroupId(pub u64);

/// A network device as its namespace names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// The interface index.
    pub index: u32,
    /// The interface name; `if` and the index where the name was gone before it could be read.
    pub name: Arc<str>,
}

/// A timer of a TCP socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// What happens when it fires.
    pub kind: TimerKind,
    /// How long until it fires.
    pub expires: Duration,
    /// How often it has fired without an answer.
    pub retransmits: u8,
}

/// What a [`Timer`] is for (`idiag_timer` of `linux/inet_diag.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// Something unacknowledged will be sent again.
    Retransmit,
    /// A keep-alive probe will be sent.
    KeepAlive,
    /// `TIME-WAIT` ends.
    TimeWait,
    /// A zero window will be probed.
    ZeroWindow,
}
