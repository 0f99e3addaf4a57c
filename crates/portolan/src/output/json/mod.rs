//! The shapes of `--json`, schema `portolan/1`, as `docs/json.md` describes them.
//!
//! Fields are only ever added. Text that is not UTF-8 is carried with replacement characters and,
//! beside it, exactly, in hexadecimal (`…_hex`).

mod past;

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use sockets::{
    BindVerdict, Endpoint, Family, Held, Note, Outcome, Owners, Ownership, Place, Process, Socket,
    TimerKind,
};

pub(crate) use past::{GapJson, TenureJson, utc_ns};

/// The schema that every object names.
pub(crate) const SCHEMA: &str = "portolan/1";

/// A number and its far end.
#[derive(Debug, Serialize)]
pub(crate) struct RangeJson {
    first: u16,
    last: u16,
}

impl From<registry::PortRange> for RangeJson {
    fn from(range: registry::PortRange) -> Self {
        RangeJson { first: range.first().number(), last: range.last().number() }
    }
}

/// One end of a socket.
#[derive(Debug, Serialize)]
pub(crate) struct EndpointJson {
    addr: IpAddr,
    port: u16,
}

impl From<std::net::SocketAddr> for EndpointJson {
    fn from(end: std::net::SocketAddr) -> Self {
        EndpointJson { addr: end.ip(), port: end.port() }
    }
}

impl From<Endpoint> for EndpointJson {
    fn from(end: Endpoint) -> Self {
        EndpointJson { addr: end.addr, port: end.port.number() }
    }
}

/// A socket with its owners.
#[derive(Debug, Serialize)]
pub(crate) struct SocketJson<'a> {
    proto: &'static str,
    family: &'static str,
    state: &'static str,
    local: EndpointJson,
    remote: EndpointJson,
    v6only: Option<bool>,
    device: Option<&'a str>,
    recv_q: u32,
    send_q: u32,
    uid: Option<u32>,
    inode: u64,
    cookie: u64,
    netns: u64,
    cgroup: Option<u64>,
    unit: Option<&'a str>,
    container: Option<&'a str>,
    timer: Option<TimerJson>,
    owners: OwnersJson<'a>,
}

#[derive(Debug, Serialize)]
struct TimerJson {
    kind: &'static str,
    expires_ms: u128,
    retransmits: u8,
}

/// Who holds a socket, or why that is not said.
#[derive(Debug, Serialize)]
struct OwnersJson<'a> {
    status: &'static str,
    processes: Vec<ProcessJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suspects: Vec<ProcessJson<'a>>,
}

/// A process.
#[derive(Debug, Serialize)]
pub(crate) struct ProcessJson<'a> {
    pid: u32,
    start_time: String,
    comm: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comm_hex: Option<String>,
    exe: Option<Cow<'a, str>>,
    cmdline: Option<Vec<Cow<'a, str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cmdline_hex: Option<Vec<String>>,
    user: Option<&'a str>,
    uid: u32,
    unit: Option<&'a str>,
    container: Option<&'a str>,
    cgroup: &'a str,
    ancestry: Vec<AncestorJson<'a>>,
    fds: Vec<u32>,
}

#[derive(Debug, Serialize)]
struct AncestorJson<'a> {
    pid: u32,
    comm: Cow<'a, str>,
}

impl<'a> SocketJson<'a> {
    /// `socket` with what `ownership` knows of it.
    pub(crate) fn new(socket: &'a Socket, ownership: &'a Ownership) -> SocketJson<'a> {
        let owners = OwnersJson::new(socket, ownership);
        let place = ownership.place_of(socket);
        let (unit, container) = owners.place().or(place_names(place)).unwrap_or_default();
        SocketJson {
            proto: socket.proto.name(),
            family: match socket.family {
                Family::V4 => "ipv4",
                Family::V6 => "ipv6",
            },
            state: socket.state.name(),
            local: socket.local.into(),
            remote: socket.remote.into(),
            v6only: socket.v6only,
            device: socket.device.as_ref().map(|device| &*device.name),
            recv_q: socket.recv_q,
            send_q: socket.send_q,
            uid: socket.maker(),
            inode: socket.inode,
            cookie: socket.cookie,
            netns: socket.netns.0,
            cgroup: socket.cgroup.map(|id| id.0),
            unit,
            container,
            timer: socket.timer.map(|timer| TimerJson {
                kind: timer_name(timer.kind),
                expires_ms: timer.expires.as_millis(),
                retransmits: timer.retransmits,
            }),
            owners,
        }
    }
}

type PlaceNames<'a> = (Option<&'a str>, Option<&'a str>);

fn place_names(place: Option<&Place>) -> Option<PlaceNames<'_>> {
    place.map(|place| (place.unit.as_deref(), place.container.as_deref()))
}

fn timer_name(kind: TimerKind) -> &'static str {
    match kind {
        TimerKind::Retransmit => "retransmit",
        TimerKind::KeepAlive => "keepalive",
        TimerKind::TimeWait => "time-wait",
        TimerKind::ZeroWindow => "zero-window",
    }
}

impl<'a> OwnersJson<'a> {
    fn new(socket: &Socket, ownership: &'a Ownership) -> OwnersJson<'a> {
        let owners = ownership.of(socket);
        let status = match &owners {
            Owners::Known(_) => "known",
            Owners::Hidden { .. } => "hidden",
            Owners::Gone => "gone",
            Owners::Kernel => "kernel",
        };
        let Owners::Known(holders) = owners else {
            let suspects = ownership.suspects_of(socket).iter();
            let suspects = suspects.map(|process| ProcessJson::new(process, Vec::new())).collect();
            return OwnersJson { status, processes: Vec::new(), suspects };
        };
        let mut processes: Vec<ProcessJson<'_>> = Vec::new();
        for holder in holders {
            let fd = Some(holder.fd).filter(|fd| *fd != Held::UNKNOWN_FD);
            match processes.last_mut() {
                Some(last) if last.pid == holder.process.pid.0 => last.fds.extend(fd),
                _ => processes.push(ProcessJson::new(holder.process, Vec::from_iter(fd))),
            }
        }
        OwnersJson { status, processes, suspects: Vec::new() }
    }

    fn place(&self) -> Option<PlaceNames<'a>> {
        self.processes.first().map(|process| (process.unit, process.container))
    }
}

impl<'a> ProcessJson<'a> {
    /// `process`, holding `fds`.
    pub(crate) fn new(process: &'a Process, fds: Vec<u32>) -> ProcessJson<'a> {
        let text = String::from_utf8_lossy;
        let cmdline = process.cmdline.as_deref();
        let inexact = cmdline.is_some_and(|args| args.iter().any(|arg| hex(arg).is_some()));
        ProcessJson {
            pid: process.pid.0,
            start_time: utc(process.started),
            comm: text(&process.comm),
            comm_hex: hex(&process.comm),
            exe: process.exe.as_ref().map(|exe| exe.as_os_str().to_string_lossy()),
            cmdline: cmdline.map(|args| args.iter().map(|arg| text(arg)).collect()),
            cmdline_hex: cmdline
                .filter(|_| inexact)
                .map(|args| args.iter().map(|arg| to_hex(arg)).collect()),
            user: process.user.name.as_deref(),
            uid: process.user.uid,
            unit: process.place.unit.as_deref(),
            container: process.place.container.as_deref(),
            cgroup: &process.place.cgroup,
            ancestry: process
                .ancestry
                .iter()
                .map(|a| AncestorJson { pid: a.pid.0, comm: text(&a.comm) })
                .collect(),
            fds,
        }
    }
}

/// Whether one way of binding works.
#[derive(Debug, Serialize)]
pub(crate) struct BindJson<'a> {
    proto: &'static str,
    addr: IpAddr,
    reuseaddr: bool,
    ok: Option<bool>,
    probed: bool,
    reason: Option<&'static str>,
    explanation: Option<String>,
    remedy: Option<&'static str>,
    holder: Option<HolderJson<'a>>,
}

/// The socket in the way, and who holds it.
#[derive(Debug, Serialize)]
struct HolderJson<'a> {
    proto: &'static str,
    state: &'static str,
    local: EndpointJson,
    remote: EndpointJson,
    owners: OwnersJson<'a>,
}

impl<'a> BindJson<'a> {
    /// `verdict`, whose culprit is one of `sockets`.
    pub(crate) fn new(
        verdict: &BindVerdict,
        sockets: &'a [Socket],
        ownership: &'a Ownership,
    ) -> BindJson<'a> {
        let culprit = verdict.culprit.and_then(|at| sockets.get(at));
        BindJson {
            proto: verdict.proto.name(),
            addr: verdict.addr,
            reuseaddr: verdict.reuseaddr,
            ok: match verdict.outcome {
                Outcome::Yes => Some(true),
                Outcome::No => Some(false),
                Outcome::Unknown => None,
            },
            probed: verdict.probed,
            reason: verdict.reason.map(|reason| reason.code()),
            explanation: verdict.reason.map(|reason| reason.to_string()),
            remedy: verdict.remedy.map(|remedy| remedy.code()),
            holder: culprit.map(|socket| HolderJson {
                proto: socket.proto.name(),
                state: socket.state.name(),
                local: socket.local.into(),
                remote: socket.remote.into(),
                owners: OwnersJson::new(socket, ownership),
            }),
        }
    }
}

/// Something that could not be seen, and why.
#[derive(Debug, Serialize)]
pub(crate) struct NoteJson {
    code: &'static str,
    text: String,
}

impl From<&Note> for NoteJson {
    fn from(note: &Note) -> Self {
        NoteJson { code: note.code(), text: note.to_string() }
    }
}

/// Serialises an iterator that can be started anew, so that long lists are never held twice.
pub(crate) struct Listed<F>(pub(crate) F);

impl<F, I> Serialize for Listed<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// A time in RFC 3339, UTC, to the millisecond.
fn utc(time: SystemTime) -> String {
    Timestamp::try_from(time).map(|t| format!("{t:.3}")).unwrap_or_default()
}

/// The bytes in hexadecimal, if they are not UTF-8.
fn hex(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).is_err().then(|| to_hex(bytes))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
