//! How much room is left for connections, and what else ends them.

use registry::{Port, PortRange, Proto};

use super::NoteView;

/// How much room there is in the machine's own network namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomNow {
    /// The range that the kernel hands out.
    pub range: PortRange,
    /// How many ports of it can be given to a TCP connection.
    pub open: u32,
    /// How many are reserved.
    pub reserved: u32,
    /// How many sockets that are bound or listen keep from connections.
    pub closed: u32,
    /// How many UDP has.
    pub udp: u32,
    /// What is talked to; what hurts first stands first.
    pub destinations: Vec<DestinationView>,
    /// How many more there are.
    pub more: usize,
    /// Connects that found no port, those with the most first; empty also where nobody recorded.
    pub unserved: Vec<UnservedView>,
    /// What else has a limit, the fullest first.
    pub limits: Vec<LimitView>,
    /// How many connections found a listen queue full, since boot; `None` where that is not known.
    pub overflows: Option<u64>,
    /// How many skipped `TIME-WAIT` for want of room, since boot.
    pub skipped: Option<u64>,
    /// Whether a table of tracked connections was seen.
    pub tracked: bool,
    /// What told the rates, as a stable word: `log`, `looks`, `none`.
    pub rates: &'static str,
    /// What could not be seen, and why.
    pub notes: Vec<NoteView>,
}

/// A destination, and the ports that are taken towards it from one source address.
#[derive(Clone, Debug, PartialEq)]
pub struct DestinationView {
    /// The protocol.
    pub proto: Proto,
    /// The address that is talked from.
    pub source: String,
    /// The far end.
    pub remote: String,
    /// Its port.
    pub port: Port,
    /// How many ports are taken, `TIME-WAIT` included.
    pub taken: u32,
    /// Of how many.
    pub of: u32,
    /// That as a share, from 0 to 1.
    pub fill: f64,
    /// The same in percent, never rounded to empty or full.
    pub percent: String,
    /// How many connections are in `TIME-WAIT`.
    pub waiting: u32,
    /// New connections a second; `None` where that is not known.
    pub rate: Option<String>,
    /// When they run out.
    pub full_in: FullIn,
    /// How near connect() is to getting slow, as a stable word: `far`, `near`, `past`.
    pub cliff: &'static str,
    /// Who holds the ports, those with the most first.
    pub holders: Vec<HolderView>,
    /// How many were taken in the last hour, at equal distances up to now; `None` where nobody
    /// recorded. Empty where there is no log.
    pub hour: Vec<Option<u32>>,
}

/// Connects that found no port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnservedView {
    /// The address that they would have left from.
    pub source: String,
    /// Where to.
    pub remote: String,
    /// How many, since the recorder started.
    pub count: u64,
}

/// When ports run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FullIn {
    /// They have.
    Now,
    /// In so long: `3 min 20 s`.
    In(String),
    /// Not within a day.
    Later,
    /// Never at this rate.
    Never,
    /// It is not known.
    Unknown,
}

/// Who holds ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderView {
    /// The process, `curl (4711)`, and where it runs; `None` for one that has none, or is not the
    /// viewer's to see.
    pub process: Option<String>,
    /// Else why there is none, as a stable word: `hidden`, `time-wait`, `kernel`.
    pub why: &'static str,
    /// The user behind a hidden one; empty where that is not known.
    pub user: String,
    /// How many sockets.
    pub sockets: u32,
}

/// Something that has a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitView {
    /// What it is, as a stable word: `conntrack`, `listen-queue`.
    pub kind: &'static str,
    /// How much is used.
    pub used: u64,
    /// Of how much; `None` where there is no limit.
    pub of: Option<u64>,
    /// That as a share, from 0 to 1.
    pub share: f64,
    /// The same in percent, likewise.
    pub percent: String,
    /// What it is about: a listener, a process, a pool; empty for the machine's.
    pub whose: String,
    /// What sets it: the name of a setting.
    pub setting: &'static str,
}
