//! A port as it is now: its sockets and whose they are, and whether it can be bound.

use std::net::IpAddr;

use registry::{Port, PortRange, Proto};

use super::{Moment, NoteView};

/// A port that was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortAsked {
    /// The port.
    pub port: Port,
    /// The protocol; TCP and UDP where none was named.
    pub proto: Option<Proto>,
}

/// What is so of a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortNow {
    /// What was asked.
    pub asked: PortAsked,
    /// The host's settings; `None` where they could not be read.
    pub settings: Option<PortSettings>,
    /// Its sockets, the weightiest role first.
    pub sockets: Vec<SocketView>,
    /// The processes behind them, each once, in the order of the sockets; at most 32.
    pub processes: Vec<ProcessView>,
    /// Whether it can be bound: for each protocol a line for all addresses that share an answer.
    pub binds: Vec<Bind>,
    /// What could not be seen, and why.
    pub notes: Vec<NoteView>,
    /// What the tools of this system print of it.
    pub printed: Printed,
}

/// What tools print of a port, run as the viewer: the very text, escaped against terminals alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// `portolan PORT`.
    pub portolan: String,
    /// `ss -tuanp '( sport = :PORT or dport = :PORT )'`.
    pub ss: String,
    /// `lsof -nP -i :PORT`; empty where no process is to be seen.
    pub lsof: String,
}

/// What a host does with a port by its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortSettings {
    /// The range that the kernel hands out.
    pub ephemeral: PortRange,
    /// Whether this port is handed out: it lies in the range, and is not reserved.
    pub handed_out: bool,
    /// Whether it lies in the range, but is reserved.
    pub reserved: bool,
    /// Below this port, binding takes privilege.
    pub unprivileged_start: Port,
}

/// A socket of a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SocketView {
    /// What it has to do with the port.
    pub role: Role,
    /// Its protocol.
    pub proto: Proto,
    /// Its state as `ss` names it: `LISTEN`, `ESTAB`.
    pub state: &'static str,
    /// Its own end: `127.0.0.1:8080`, `*:22` for both families.
    pub local: String,
    /// The far end; `None` where there is none.
    pub remote: Option<String>,
    /// The port of the far end; `None` where there is none.
    pub remote_port: Option<Port>,
    /// Its own port.
    pub local_port: Port,
    /// Who holds it.
    pub who: Who,
    /// The user behind it; empty where nobody is.
    pub user: String,
    /// Its container, else its systemd unit; empty where there is neither.
    pub place: String,
}

/// What a socket has to do with a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It waits there: a TCP listener, an unconnected UDP socket.
    Listens,
    /// It has the port without listening.
    Bound,
    /// A connection that came in on the port.
    Incoming,
    /// A connection that went out from the port.
    Outgoing,
    /// A connection that has the port, whichever way it came to be.
    Connected,
    /// A closed connection that still has the port.
    Lingers,
    /// The port is the far end's, and the far end is on this host: it talks to whoever listens.
    Client,
    /// The port is the far end's, somewhere else: we talk to somebody's.
    Talks,
}

impl Role {
    /// A stable word for messages and styles: `listens`, `time-wait`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Role::Listens => "listens",
            Role::Bound => "bound",
            Role::Incoming => "incoming",
            Role::Outgoing => "outgoing",
            Role::Connected => "connected",
            Role::Lingers => "lingers",
            Role::Client => "client",
            Role::Talks => "talks",
        }
    }
}

/// Who holds a socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// These processes, each once: `nginx (812)`.
    Known(Vec<String>),
    /// Somebody who is not for the viewer to see; perhaps one of these.
    Hidden(Vec<String>),
    /// It closed, or its last holder exited, while we looked.
    Gone,
    /// The kernel alone.
    Kernel,
    /// Nobody yet: it waits to be accepted by these.
    Unaccepted(Vec<String>),
}

impl Who {
    /// A stable word for messages and styles.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Who::Known(_) => "known",
            Who::Hidden(_) => "hidden",
            Who::Gone => "gone",
            Who::Kernel => "kernel",
            Who::Unaccepted(_) => "unaccepted",
        }
    }

    /// The processes, whatever they have to do with it.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Who::Known(names) | Who::Hidden(names) | Who::Unaccepted(names) => names,
            Who::Gone | Who::Kernel => &[],
        }
    }
}

/// A process, as a page tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProcessView {
    /// Its name and id: `nginx (812)`.
    pub name: String,
    /// Since when it runs.
    pub started: Moment,
    /// What it runs, its arguments with spaces between; empty where that may not be read.
    pub runs: String,
    /// Who started it, the nearest first: `bash (24591)`.
    pub parents: Vec<String>,
    /// The user.
    pub user: String,
    /// Its container, else its systemd unit; empty where there is neither.
    pub place: String,
}

/// Whether a port can be bound on some addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bind {
    /// The protocol.
    pub proto: Proto,
    /// The addresses; empty where it is so on every one.
    pub addresses: Vec<IpAddr>,
    /// Whether it works.
    pub answer: BindAnswer,
    /// Why not, as a stable word (`listening`, `dual-stack`, …); `None` where it works.
    pub reason: Option<&'static str>,
    /// The same in English, the holder's name in it.
    pub because: String,
    /// Who stands in the way: `nginx (812)`.
    pub holder: Option<WhoAt>,
    /// What would help, as a stable word (`reuseaddr`, `v6only`, …).
    pub remedy: Option<&'static str>,
}

/// Somebody in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WhoAt {
    /// This process, and so many others.
    Known(String, usize),
    /// Somebody who is not for the viewer to see.
    Hidden,
}

/// Whether a bind works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BindAnswer {
    /// It works.
    Yes,
    /// It fails.
    No,
    /// It cannot be told without trying.
    Unknown,
}

impl BindAnswer {
    /// A stable word for messages and styles.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            BindAnswer::Yes => "yes",
            BindAnswer::No => "no",
            BindAnswer::Unknown => "unknown",
        }
    }
}
