//! The states a socket can be in, and sets of them, numbered as in the kernel's `net/tcp_states.h`.

use std::fmt;

/// The state of a socket, under the names of RFC 9293 §3.3.2. UDP sockets are
/// [`State::Established`] when connected and [`State::Close`] when not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum State {
    /// Data flows, or could.
    Established = 1,
    /// A SYN is out, no answer yet.
    SynSent = 2,
    /// A SYN came in, the handshake is not over. Also the kernel's `NEW_SYN_RECV`.
    SynRecv = 3,
    /// We closed; the peer has not acknowledged it.
    FinWait1 = 4,
    /// We closed and the peer knows; it has not closed.
    FinWait2 = 5,
    /// Both closed; the port is kept for stray segments.
    TimeWait = 6,
    /// Unconnected (UDP), or closed and not yet gone (TCP).
    Close = 7,
    /// The peer closed; we have not.
    CloseWait = 8,
    /// The peer closed, then we did; the last acknowledgement is due.
    LastAck = 9,
    /// Waiting for connections.
    Listen = 10,
    /// Both closed at once.
    Closing = 11,
    /// Bound to a port, neither listening nor connected (Linux 6.8 and later tell).
    Bound = 13,
}

impl State {
    /// Every state, in the kernel's order.
    pub const ALL: [State; 12] = [
        State::Established,
        State::SynSent,
        State::SynRecv,
        State::FinWait1,
        State::FinWait2,
        State::TimeWait,
        State::Close,
        State::CloseWait,
        State::LastAck,
        State::Listen,
        State::Closing,
        State::Bound,
    ];

    /// The state with the kernel's number `number`; `NEW_SYN_RECV` (12) is [`State::SynRecv`].
    #[must_use]
    pub fn from_kernel(number: u8) -> Option<State> {
        if number == NEW_SYN_RECV {
            return Some(State::SynRecv);
        }
        State::ALL.into_iter().find(|state| *state as u8 == number)
    }

    /// The short upper-case name, as `ss` prints it: `ESTAB`, `LISTEN`, `TIME-WAIT`, `UNCONN`, and
    /// `BOUND` for [`State::Bound`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            State::Established => "ESTAB",
            State::SynSent => "SYN-SENT",
            State::SynRecv => "SYN-RECV",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::TimeWait => "TIME-WAIT",
            State::Close => "UNCONN",
            State::CloseWait => "CLOSE-WAIT",
            State::LastAck => "LAST-ACK",
            State::Listen => "LISTEN",
            State::Closing => "CLOSING",
            State::Bound => "BOUND",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A set of [`State`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct States(u32);

impl States {
    /// Every state.
    pub const ALL: States = States(u32::MAX);
    /// No state.
    pub const NONE: States = States(0);

    /// This set and `state`.
    #[must_use]
    pub const fn with(self, state: State) -> States {
        States(self.0 | 1 << state as u8)
    }

    /// Whether `state` is in the set.
    #[must_use]
    pub const fn contains(self, state: State) -> bool {
        self.0 & (1 << state as u8) != 0
    }

    /// The set as the kernel's bit mask (`TCPF_*`), with `NEW_SYN_RECV` beside `SYN_RECV`.
    #[must_use]
    pub const fn kernel_mask(self) -> u32 {
        let both = if self.contains(State::SynRecv) { 1 << NEW_SYN_RECV } else { 0 };
        self.0 | both
    }
}

impl FromIterator<State> for States {
    fn from_iter<I: IntoIterator<Item = State>>(states: I) -> Self {
        states.into_iter().fold(States::NONE, States::with)
    }
}

/// `TCP_NEW_SYN_RECV`, the request sockets of `net/tcp_states.h`.
const NEW_SYN_RECV: u8 = 12;
