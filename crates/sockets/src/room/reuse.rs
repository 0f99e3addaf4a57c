//! When Linux's connect(2) takes a port over that is in `TIME-WAIT`: `tcp_twsk_unique` of
//! `net/ipv4/tcp_ipv4.c`, and `tcp_tw_reuse` of `ip-sysctl.rst`.

use std::time::Duration;

use crate::Socket;

/// The value of `tcp_tw_reuse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// 0: never.
    Never,
    /// 2, the default: towards loopback addresses.
    Loopback,
    /// 1: towards everybody.
    Everywhere,
}

/// Which ports in `TIME-WAIT` connect(2) takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeWaitReuse {
    /// Towards whom. Without `tcp_timestamps` the kernel never does.
    pub reuse: Reuse,
    /// How long a port must have been in `TIME-WAIT`: `tcp_tw_reuse_delay`, a second before Linux 6.14.
    pub delay: Duration,
}

impl TimeWaitReuse {
    /// It takes none over.
    pub const NEVER: TimeWaitReuse =
        TimeWaitReuse { reuse: Reuse::Never, delay: Duration::from_secs(1) };
    /// How long Linux keeps a port in `TIME-WAIT` (`TCP_TIMEWAIT_LEN`, `net/tcp.h`).
    pub const TIME_WAIT: Duration = Duration::from_secs(60);

    /// Whether connect(2) takes the port of `socket` over once it is old enough.
    #[must_use]
    pub fn covers(&self, socket: &Socket) -> bool {
        let is_loopback =
            || socket.local.canonical().is_loopback() || socket.remote.canonical().is_loopback();
        match self.reuse {
            Reuse::Never => false,
            Reuse::Loopback => is_loopback(),
            Reuse::Everywhere => true,
        }
    }

    /// Whether connect(2) takes the port of `socket`, which is in `TIME-WAIT`, over now.
    #[must_use]
    pub fn lends(&self, socket: &Socket) -> bool {
        let age = socket.time_wait_left().map(|left| Self::TIME_WAIT.saturating_sub(left));
        self.covers(socket) && age.is_some_and(|age| age > self.delay)
    }
}
