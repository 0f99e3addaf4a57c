//! The records of the programs in the kernel, as bytes: `src/bpf/event.h` has their layout.
//!
//! Pure, and quick: nothing is copied but numbers. Addresses are in network order, all else in
//! host order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use registry::{Port, Proto};
use sockets::{
    BootTime, CgroupId, Closed, Ending, Endpoint, Evidence, Family, NetnsId, NoPort, Opened, Pid,
    ProgramKey, Role,
};

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    Opened {
        at: BootTime,
        opened: Opened,
    },
    /// `taker` used it, did not open it, and was not told of before. Where `is_unused`, who accepted
    /// it may show when it is closed.
    Closed {
        at: BootTime,
        closed: Closed,
        taker: Option<ProgramKey>,
        is_unused: bool,
    },
    Whole {
        at: BootTime,
        opened: Opened,
        until: BootTime,
        closed: Closed,
    },
    Taken {
        at: BootTime,
        cookie: u64,
        by: Key,
    },
    Program(ProgramRecord<'a>),
    Child {
        at: BootTime,
        key: Key,
        parent: Key,
    },
    Exited {
        at: BootTime,
        key: Key,
    },
    NoPort {
        at: BootTime,
        no_port: NoPort,
    },
    /// It has no port yet; `socket` is where the kernel has it in its memory.
    Awaited {
        at: BootTime,
        cookie: u64,
        socket: u64,
    },
}

/// A process between two `execve(2)`, as the kernel counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) pid: Pid,
    pub(crate) exec: u32,
    pub(crate) start: BootTime,
}

impl Key {
    /// Who this is to everybody else.
    pub(crate) fn program(self) -> ProgramKey {
        ProgramKey { pid: self.pid, start_ticks: self.start_ticks(), exec: self.exec }
    }

    /// When it started, in clock ticks since boot, as `/proc/PID/stat` has it.
    pub(crate) fn start_ticks(self) -> u64 {
        self.start.0 / TICK_NS
    }

    fn read(bytes: &[u8; KEY_LEN]) -> Option<Key> {
        let pid = Pid(u32_at::<0>(bytes));
        let key = Key { pid, exec: u32_at::<4>(bytes), start: BootTime(u64_at::<8>(bytes)) };
        (pid.0 != 0).then_some(key)
    }
}

/// What the kernel copied of a process while it lived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProgramRecord<'a> {
    pub(crate) at: BootTime,
    pub(crate) key: Key,
    pub(crate) parent: Option<Key>,
    pub(crate) cgroup: CgroupId,
    pub(crate) uid: u32,
    /// Whether `at` is when it was executed.
    pub(crate) executed: bool,
    pub(crate) comm: &'a [u8],
    pub(crate) parent_comm: &'a [u8],
    /// Its arguments, each ended by NUL; empty where its memory was gone or not to be read.
    pub(crate) cmdline: &'a [u8],
    /// Whether there are more of them.
    pub(crate) cut: bool,
    /// The names on the way from its executable up to the root, each ended by NUL.
    pub(crate) path: &'a [u8],
}

/// Reads one record of the ring buffer; `None` if it is none.
pub(crate) fn read(bytes: &[u8]) -> Option<Record<'_>> {
    let head: &[u8; HEAD_LEN] = bytes.first_chunk()?;
    let at = BootTime(u64_at::<8>(head));
    match head[0] {
        OPENED => Some(Record::Opened { at, opened: opened(bytes)? }),
        CLOSED => {
            let by = key(bytes, HEAD_LEN)?.map(Key::program);
            let closer = by.filter(|_| head[1] & TAKER_FLAG == 0);
            let taker = by.filter(|_| head[1] & (TAKER_FLAG | TAKEN_FLAG) != 0);
            let is_unused = head[1] & UNUSED != 0;
            Some(Record::Closed { at, closed: closed(head, closer), taker, is_unused })
        }
        WHOLE => whole(at, head, bytes),
        TAKEN => Some(Record::Taken { at, cookie: u64_at::<16>(head), by: key(bytes, HEAD_LEN)?? }),
        PROGRAM => program(at, head, bytes),
        CHILD => {
            let (child, parent) = (key(bytes, HEAD_LEN)??, key(bytes, HEAD_LEN + KEY_LEN)??);
            Some(Record::Child { at, key: child, parent })
        }
        EXITED => Some(Record::Exited { at, key: key(bytes, HEAD_LEN)?? }),
        NO_PORT => {
            let Opened { netns, local, remote, .. } = opened(bytes)?;
            let no_port = NoPort { netns, source: local.addr, remote: remote? };
            Some(Record::NoPort { at, no_port })
        }
        AWAITED => {
            let socket = u64_at::<HEAD_LEN>(bytes.first_chunk::<AWAITED_LEN>()?);
            Some(Record::Awaited { at, cookie: u64_at::<16>(head), socket })
        }
        _ => None,
    }
}

/// A socket that the survey found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Since when it is known to hold its port.
    pub(crate) at: BootTime,
    pub(crate) opened: Opened,
    pub(crate) opener: Option<Key>,
    /// Whether it was not seen how the socket came to its port.
    pub(crate) is_of_unknown_role: bool,
}

/// Reads the records of the survey, which come without anything between them.
pub(crate) fn survey(bytes: &[u8]) -> impl Iterator<Item = Found> {
    bytes.chunks_exact(OPENED_LEN).filter_map(|row| {
        Some(Found {
            at: BootTime(u64_at::<8>(row)),
            opened: opened(row)?,
            opener: key(row, HEAD_LEN)?,
            is_of_unknown_role: row[ROLE] == ROLE_UNKNOWN,
        })
    })
}

fn opened(bytes: &[u8]) -> Option<Opened> {
    let row: &[u8; OPENED_LEN] = bytes.first_chunk()?;
    let family = match row[FAMILY] {
        AF_INET => Family::V4,
        AF_INET6 => Family::V6,
        _ => return None,
    };
    let local = endpoint::<LOCAL, LOCAL_PORT>(row, family);
    let remote = endpoint::<REMOTE, REMOTE_PORT>(row, family);
    Some(Opened {
        cookie: u64_at::<16>(row),
        netns: NetnsId(u64::from(u32_at::<NETNS>(row))),
        proto: if row[PROTOCOL] == IPPROTO_UDP { Proto::Udp } else { Proto::Tcp },
        family,
        v6only: row[V6ONLY] != 0,
        local,
        remote: (remote.port != Port::NONE).then_some(remote),
        role: role(row[ROLE]),
        uid: u32_at::<UID>(row),
        opener: key(row, HEAD_LEN)?.map(Key::program),
        evidence: if row[1] & FOUND != 0 { Evidence::OpenAtStart } else { Evidence::Exact },
    })
}

fn closed(head: &[u8; HEAD_LEN], closer: Option<ProgramKey>) -> Closed {
    Closed { cookie: u64_at::<16>(head), closer, ending: ending(head[2]) }
}

fn whole<'a>(at: BootTime, head: &[u8; HEAD_LEN], bytes: &[u8]) -> Option<Record<'a>> {
    let row: &[u8; WHOLE_LEN] = bytes.first_chunk()?;
    let until = BootTime(u64_at::<OPENED_LEN>(row));
    let closer = key(row, OPENED_LEN + 8)?.map(Key::program);
    Some(Record::Whole { at, opened: opened(row)?, until, closed: closed(head, closer) })
}

fn program<'a>(at: BootTime, head: &[u8; HEAD_LEN], bytes: &'a [u8]) -> Option<Record<'a>> {
    let row: &[u8; PROGRAM_LEN] = bytes.first_chunk()?;
    let field = |from: usize, most: usize, len: usize| &row[from..from + len.min(most)];
    let name = |from: usize| row[from..from + COMM_LEN].split(|byte| *byte == 0).next();
    let cmdline_len = u16_at::<CMDLINE_SIZE>(row);
    let path_len = u16_at::<PATH_SIZE>(row);
    Some(Record::Program(ProgramRecord {
        at,
        key: key(row, HEAD_LEN)??,
        parent: key(row, HEAD_LEN + KEY_LEN)?,
        cgroup: CgroupId(u64_at::<16>(head)),
        uid: u32_at::<PROGRAM_UID>(row),
        executed: head[1] & EXECUTED != 0,
        comm: name(COMM)?,
        parent_comm: name(COMM + COMM_LEN)?,
        cmdline: field(CMDLINE, PATH - CMDLINE, cmdline_len.into()),
        cut: head[1] & CUT != 0,
        path: field(PATH, PROGRAM_LEN - PATH, path_len.into()),
    }))
}

/// The key at `from`: the outer `None` where the record ends before it does, the inner where it is
/// nobody's.
fn key(bytes: &[u8], from: usize) -> Option<Option<Key>> {
    Some(Key::read(bytes.get(from..)?.first_chunk()?))
}

/// One end of a socket; mapped addresses become plain ones.
fn endpoint<const ADDR: usize, const PORT: usize>(
    row: &[u8; OPENED_LEN],
    family: Family,
) -> Endpoint {
    let bytes: &[u8; 16] = row[ADDR..].first_chunk().expect("addresses lie within the row");
    let addr = match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3])),
        Family::V6 => IpAddr::V6(Ipv6Addr::from(*bytes)).to_canonical(),
    };
    Endpoint { addr, port: Port(u16_at::<PORT>(row)) }
}

const fn role(number: u8) -> Role {
    match number {
        1 => Role::Listening,
        2 => Role::Outgoing,
        3 => Role::Incoming,
        ROLE_UNKNOWN => Role::Outgoing,
        _ => Role::Bound,
    }
}

const fn ending(number: u8) -> Ending {
    match number {
        0 => Ending::Closed,
        1 => Ending::TimeWait,
        2 => Ending::Aborted,
        3 => Ending::Reset,
        4 => Ending::Refused,
        5 => Ending::TimedOut,
        6 => Ending::Failed,
        8 => Ending::FinWait,
        9 => Ending::FinWaitBriefly,
        _ => Ending::Unseen,
    }
}

fn u16_at<const AT: usize>(bytes: &[u8]) -> u16 {
    u16::from_ne_bytes(*bytes[AT..].first_chunk().expect("the field lies within the record"))
}

fn u32_at<const AT: usize>(bytes: &[u8]) -> u32 {
    u32::from_ne_bytes(*bytes[AT..].first_chunk().expect("the field lies within the record"))
}

fn u64_at<const AT: usize>(bytes: &[u8]) -> u64 {
    u64::from_ne_bytes(*bytes[AT..].first_chunk().expect("the field lies within the record"))
}

/// A clock tick of `/proc`: `USER_HZ` is 100 wherever Rust runs.
const TICK_NS: u64 = 10_000_000;

const OPENED: u8 = 1;
const CLOSED: u8 = 2;
const WHOLE: u8 = 3;
const TAKEN: u8 = 4;
const PROGRAM: u8 = 5;
const CHILD: u8 = 6;
const EXITED: u8 = 7;
const NO_PORT: u8 = 8;
const AWAITED: u8 = 9;

const TAKEN_FLAG: u8 = 1;
const FOUND: u8 = 2;
const EXECUTED: u8 = 4;
const CUT: u8 = 8;
const TAKER_FLAG: u8 = 16;
const UNUSED: u8 = 32;

const ROLE_UNKNOWN: u8 = 255;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_UDP: u8 = 17;

/// `struct record`: kind, flags, ending, then the time at 8 and the cookie at 16.
const HEAD_LEN: usize = 24;
/// `struct program_key`.
const KEY_LEN: usize = 16;

/// `struct awaited`.
const AWAITED_LEN: usize = 32;

/// `struct opened`.
const OPENED_LEN: usize = 88;
const NETNS: usize = 40;
const UID: usize = 44;
const LOCAL_PORT: usize = 48;
const REMOTE_PORT: usize = 50;
const FAMILY: usize = 52;
const PROTOCOL: usize = 53;
const ROLE: usize = 54;
const V6ONLY: usize = 55;
const LOCAL: usize = 56;
const REMOTE: usize = 72;

/// `struct whole`.
const WHOLE_LEN: usize = 112;

/// `struct program`.
const PROGRAM_LEN: usize = 992;
const PROGRAM_UID: usize = 56;
const CMDLINE_SIZE: usize = 60;
const PATH_SIZE: usize = 62;
const COMM: usize = 64;
const COMM_LEN: usize = 16;
const CMDLINE: usize = 96;
const PATH: usize = 608;

#[cfg(test)]
mod tests;
