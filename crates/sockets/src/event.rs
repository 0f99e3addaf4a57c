//! What happens to sockets, as it happens: the contract between whoever watches (programs in the
//! kernel, or a poller where they may not run) and whoever keeps it (`log`) or shows it.

use std::net::IpAddr;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

use registry::{Port, Proto};

use crate::{Endpoint, Error, Family, NetnsId, Pid, Process, Socket};

/// A moment since boot, time asleep included (`CLOCK_BOOTTIME`), in nanoseconds: the clock that
/// nobody steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BootTime(pub u64);

/// One program of one process on this boot: a process between two `execve(2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramKey {
    /// The process, in our own pid namespace.
    pub pid: Pid,
    /// When the process started, in clock ticks (10 ms) since boot; see [`Process::start_ticks`].
    pub start_ticks: u64,
    /// How often the process had executed a program, by the kernel's count (`self_exec_id`); 0
    /// where that is not known.
    pub exec: u32,
}

/// A program that a process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its identity; the pid and start are those of `process`.
    pub key: ProgramKey,
    /// Since when the process runs it, as far as known: its `execve`, else the process' start.
    pub since: BootTime,
    /// Who it is. `exe` and `cmdline` may be cut short where the process was gone before it could
    /// be read; then what the kernel had copied is here.
    pub process: Process,
}

/// How a socket came to hold its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// Bound, neither listening nor connected; an unconnected UDP socket.
    Bound = 0,
    /// A TCP listener.
    Listening = 1,
    /// It connected, or tried to: the kernel or the program chose the port.
    Outgoing = 2,
    /// It was accepted from a listener, or waits to be.
    Incoming = 3,
}

/// How well something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Evidence {
    /// The kernel told of every step.
    Exact = 0,
    /// It was open already when recording began: who made it is not known, only who held it then.
    OpenAtStart = 1,
    /// Seen by looking again and again: what came and went between two looks is missing, times are
    /// those of the looks, and owners those found then.
    Sampled = 2,
}

/// How a socket let go of its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Ending {
    /// Closed in an orderly way, and the port is free.
    Closed = 0,
    /// Closed by us first: the kernel keeps the port in `TIME-WAIT`, by inference, for 60 s more.
    TimeWait = 1,
    /// We reset it: closed with data unread, or with `SO_LINGER` zero.
    Aborted = 2,
    /// The far end reset it.
    Reset = 3,
    /// The connect was refused.
    Refused = 4,
    /// It timed out.
    TimedOut = 5,
    /// The connect failed for another reason (unreachable, forbidden, interrupted).
    Failed = 6,
    /// It ended while nobody recorded, or its end was lost: when and how is not known, only that
    /// it was open before and not after.
    Unseen = 7,
    /// Closed by us first, and the far end had not closed yet: the kernel keeps the port until the far
    /// end closes and for 60 s more, or for 60 s if it does not. When that is, no hook tells.
    FinWait = 8,
    /// The same where the kernel was told to wait for less than 60 s (`tcp_fin_timeout`, `TCP_LINGER2`), so
    /// that it may let go of the port at any time.
    FinWaitBriefly = 9,
}

impl Ending {
    /// Whether the kernel keeps the port for a time, by inference.
    #[must_use]
    pub fn leaves_tail(self) -> bool {
        matches!(self, Ending::TimeWait | Ending::FinWait | Ending::FinWaitBriefly)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: BootTime,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A process that has to do with sockets runs this program: told before the first event that
    /// names it, and possibly again.
    Program(Arc<Program>),
    /// A process that was told of has exited.
    Exited(ProgramKey),
    /// A socket holds a port. Told again when what is known of it changes (bound, then listening):
    /// the last one counts, the first one's moment does. `at` is when it took the port.
    Opened(Opened),
    /// Another process than the opener uses the socket: the one that accepted it, or that it was
    /// passed to. Told once for a socket at most, at the first use that was noticed.
    Taken {
        /// The socket.
        cookie: u64,
        /// The process.
        by: ProgramKey,
    },
    /// A socket let go of its port.
    Closed(Closed),
    /// A connect found no port (`EADDRNOTAVAIL`). Told by [`Watching::Kernel`] alone, for TCP, and
    /// not of a socket that was bound to a port before.
    NoPort(NoPort),
    /// Events were lost between `since` and `at`.
    Lost {
        /// When the last event before them was told at the latest.
        since: BootTime,
        /// How many.
        events: u64,
    },
}

/// A connect that found no port, and so never held one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoPort {
    /// The network namespace.
    pub netns: NetnsId,
    /// The address it would have gone out from. Mapped addresses are plain IPv4 ones.
    pub source: IpAddr,
    /// Where it would have gone to, likewise.
    pub remote: Endpoint,
}

/// A socket that holds a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The kernel's unique number for the socket; never used twice between boots.
    pub cookie: u64,
    /// The network namespace it lives in.
    pub netns: NetnsId,
    /// Its transport protocol.
    pub proto: Proto,
    /// The family it was made with. Addresses of mapped traffic are plain IPv4 ones.
    pub family: Family,
    /// Whether an IPv6 socket takes IPv6 alone.
    pub v6only: bool,
    /// Our end; the address is unspecified where the socket takes any.
    pub local: Endpoint,
    /// The far end; `None` where there is none (yet).
    pub remote: Option<Endpoint>,
    /// How it came to hold the port.
    pub role: Role,
    /// The user who made it; [`Opened::NO_UID`] where that is not known.
    pub uid: u32,
    /// Who made it; for an accepted one, who made its listener. `None` where not known.
    pub opener: Option<ProgramKey>,
    /// How well this is known.
    pub evidence: Evidence,
}

impl Opened {
    /// No user's number (`INVALID_UID` of the kernel): what the user of a socket is where nobody
    /// told it.
    pub const NO_UID: u32 = u32::MAX;

    /// A socket as the kernel lists it, whose opener is not known: made by whom the kernel names, and
    /// without a far end where that has no port.
    #[must_use]
    pub fn listed(socket: &Socket, role: Role, evidence: Evidence) -> Opened {
        Opened {
            cookie: socket.cookie,
            netns: socket.netns,
            proto: socket.proto,
            family: socket.family,
            v6only: socket.v6only.unwrap_or_default(),
            local: socket.local.plain(),
            remote: (socket.remote.port != Port::NONE).then(|| socket.remote.plain()),
            role,
            uid: socket.maker().unwrap_or(Opened::NO_UID),
            opener: None,
            evidence,
        }
    }
}

/// A socket that let go of its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The socket.
    pub cookie: u64,
    /// The process that closed its last descriptor; `None` where the socket ended on its own, its
    /// descriptor still open, and where it is not known.
    pub closer: Option<ProgramKey>,
    /// How.
    pub ending: Ending,
}

/// What tells of the events of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watching {
    /// Programs in the kernel: every event, with its owner.
    Kernel,
    /// Looking again and again, joined to the kernel's word of ended sockets.
    Sampling,
}

/// Somebody who watches the sockets of this machine, in every network namespace it can.
pub trait Watcher {
    /// How it watches.
    fn watching(&self) -> Watching;

    /// Why it does not watch better, or what it cannot see: a line each, for people.
    fn shortcomings(&self) -> Vec<String>;

    /// Appends an [`EventKind::Opened`] for every socket that is open now, with the programs that
    /// hold them: at the start, and again after a loss. Sockets that were told of already are told
    /// of again under the same cookie; one that is told of no more has ended.
    ///
    /// # Errors
    /// [`Error`] if the sockets cannot be listed.
    fn survey(&mut self, events: &mut Vec<Event>) -> Result<(), Error>;

    /// Appends what has happened since the last call, in the order of the kernel's word, which is
    /// that of time but for what happened on several processors within some microseconds. Waits
    /// for no event. A full buffer shows as [`EventKind::Lost`].
    ///
    /// # Errors
    /// [`Error`] if watching has become impossible.
    fn drain(&mut self, events: &mut Vec<Event>) -> Result<(), Error>;

    /// Appends what has happened since the last call like [`Watcher::drain`], and what that holds back to
    /// tell it better later: for those who will not come again.
    ///
    /// # Errors
    /// Those of [`Watcher::drain`].
    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        self.drain(events)
    }

    /// Waits for `pause`, or for less if its buffer fills up faster than that.
    fn wait(&mut self, pause: Duration);

    /// A descriptor that can be polled for reading, and becomes readable when the buffer fills up
    /// faster than one would come back for it: for those who wait for other things besides, instead
    /// of [`Watcher::wait`]. `None` where there is no such thing.
    fn alarm(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
