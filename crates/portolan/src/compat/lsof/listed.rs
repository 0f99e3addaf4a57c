//! The sockets that were asked for, and the processes that hold them.
//!
//! Source of truth: what `lsof` 4.95 lists: processes by id, their descriptors by number, and of
//! sockets those that `/proc/net` has; not the ones that are bound and do nothing.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use registry::Proto;
use sockets::linux_other::holders;
use sockets::{
    Endpoint, Error, Family, Owners, Ownership, Ports, ProcNetTable, Query, Socket, Source, State,
    proc_net,
};

use super::address::Transport;
use super::names::Names;
use super::options::{Class, Form, Options};
use super::row::{Process, Row};
use super::select::{Wanted, hull};
use super::stat::{Reading, Stat};
use crate::compat::bsd_state::state_name;
use crate::compat::descriptor;
use crate::compat::ended::first_thread_has_ended;
use crate::output::Escaped;

/// What is printed.
#[derive(Debug)]
pub(super) struct Listing {
    /// The processes, ordered by id.
    pub(super) processes: Vec<Process>,
    /// Whether everything that was asked for is there.
    pub(super) complete: bool,
    /// A line for each process that `lsof` leaves out though it holds such a socket.
    pub(super) left_out: Vec<String>,
}

impl Listing {
    /// Finds what `options` and `wanted` ask for.
    ///
    /// # Errors
    /// Where the kernel does not list sockets.
    pub(super) fn collect(
        options: &Options,
        mut wanted: Vec<Wanted>,
        names: &Names,
    ) -> Result<Listing, Error> {
        let sockets = asked_for(options.class, &wanted)?;
        let inodes: Vec<u64> = sockets.keys().copied().collect();
        let ownership = holders(&inodes);
        let mut holdings: BTreeMap<u32, BTreeMap<u32, &Inet>> = BTreeMap::new();
        for (inode, socket) in &sockets {
            for holder in ownership.holders(*inode) {
                holdings.entry(holder.process.pid.0).or_default().insert(holder.fd, socket);
            }
        }
        let mut listing = Listing { processes: Vec::new(), complete: true, left_out: Vec::new() };
        for process in ownership.processes() {
            let Some(held) = holdings.get(&process.pid.0) else { continue };
            match stat(process, held) {
                Ok(stat) => {
                    held.values().for_each(|socket| find(&mut wanted, socket));
                    let rows =
                        held.iter().map(|(fd, socket)| row(process, *fd, socket, options, names));
                    listing.processes.push(listed(process, stat, rows.collect()));
                }
                Err(Absent::LeftOut(why)) => listing.left_out.push(left_out(process, why)),
                Err(Absent::Gone) => {}
            }
        }
        let found = wanted.iter().all(|value| value.found);
        listing.complete = found && !listing.processes.is_empty();
        Ok(listing)
    }
}

/// The processes that hold any of `sockets`, by id, without what only `-F` tells of them.
pub(super) fn processes_of(sockets: &[&Socket], ownership: &Ownership) -> Vec<Process> {
    let (options, names) = (Options::default(), Names::default());
    let mut processes: BTreeMap<u32, (Process, BTreeMap<u32, Row>)> = BTreeMap::new();
    let listed = sockets.iter().filter(|socket| socket.state != State::Bound);
    for socket in listed {
        let Owners::Known(holders) = ownership.of(socket) else { continue };
        let inet = Inet::from((*socket).clone());
        for holder in descriptor::known(holders, socket.inode) {
            let process = holder.process;
            let stat = Stat { name: process.comm.to_vec(), group: 0, parent: 0 };
            let (_, rows) = processes
                .entry(process.pid.0)
                .or_insert_with(|| (self::listed(process, stat, Vec::new()), BTreeMap::new()));
            rows.insert(holder.fd, row(process, holder.fd, &inet, &options, &names));
        }
    }
    let whole = |(process, rows): (Process, BTreeMap<u32, Row>)| Process {
        rows: rows.into_values().collect(),
        ..process
    };
    processes.into_values().map(whole).collect()
}

/// A socket of the internet families.
#[derive(Clone, Debug)]
struct Inet {
    inode: u64,
    transport: Transport,
    family: Family,
    local: Endpoint,
    remote: Endpoint,
    state: State,
    recv_q: u32,
    send_q: u32,
}

impl From<Socket> for Inet {
    fn from(socket: Socket) -> Inet {
        Inet {
            inode: socket.inode,
            transport: if socket.proto == Proto::Udp { Transport::Udp } else { Transport::Tcp },
            family: socket.family,
            local: socket.local,
            remote: socket.remote,
            state: socket.state,
            recv_q: socket.recv_q,
            // `/proc/net`, where `lsof` looks, has no backlog.
            send_q: if socket.state == State::Listen { 0 } else { socket.send_q },
        }
    }
}

/// The sockets with an inode that are asked for, by inode.
fn asked_for(class: Class, wanted: &[Wanted]) -> Result<HashMap<u64, Inet>, Error> {
    let query = query(class, wanted);
    let mut sockets: Vec<Inet> = Vec::new();
    if !query.protos.is_empty() {
        sockets.extend(sockets::host().sockets(&query)?.sockets.into_iter().map(Inet::from));
    }
    if asks_for(class, wanted, Transport::UdpLite) {
        sockets.extend(udp_lite()?);
    }
    sockets.retain(|socket| {
        socket.inode != 0
            && (class.wants(socket.family) || wanted.iter().any(|value| matches(value, socket)))
    });
    Ok(sockets.into_iter().map(|socket| (socket.inode, socket)).collect())
}

/// As little as the kernel must list.
fn query(class: Class, wanted: &[Wanted]) -> Query {
    let all = [(Transport::Tcp, Proto::Tcp), (Transport::Udp, Proto::Udp)];
    let protos = all.into_iter().filter(|(over, _)| asks_for(class, wanted, *over));
    let hulls = wanted.iter().map(Wanted::hull).reduce(|one, other| Some(hull(one?, other?)));
    let ports = hulls.flatten().filter(|_| class == Class::None);
    Query {
        protos: protos.map(|(_, proto)| proto).collect(),
        states: State::ALL.into_iter().filter(|state| *state != State::Bound).collect(),
        ports: ports.map_or(Ports::Any, Ports::Either),
        ..Query::default()
    }
}

fn asks_for(class: Class, wanted: &[Wanted], over: Transport) -> bool {
    let asks = |value: &Wanted| value.transport().is_none_or(|wanted| wanted == over);
    class != Class::None || wanted.iter().any(asks)
}

/// UDP-Lite has no dump of its own.
fn udp_lite() -> Result<Vec<Inet>, Error> {
    let mut sockets = Vec::new();
    for family in [Family::V4, Family::V6] {
        let rows = proc_net(ProcNetTable::UdpLite, family)?.into_iter();
        sockets.extend(rows.map(|row| Inet {
            inode: row.inode,
            transport: Transport::UdpLite,
            family,
            local: row.local,
            remote: row.remote,
            state: row.state,
            recv_q: row.rx_queue,
            send_q: row.tx_queue,
        }));
    }
    Ok(sockets)
}

fn matches(value: &Wanted, socket: &Inet) -> bool {
    value.matches(socket.transport, &socket.local, &socket.remote)
}

/// Marks the value that `socket` counts for: the last that asks for it.
fn find(wanted: &mut [Wanted], socket: &Inet) {
    if let Some(value) = wanted.iter_mut().rev().find(|value| matches(value, socket)) {
        value.found = true;
    }
}

fn row(
    process: &sockets::Process,
    fd: u32,
    socket: &Inet,
    options: &Options,
    names: &Names,
) -> Row {
    let over = socket.transport;
    let mut name = names.end(&socket.local, over);
    if !socket.remote.is_none() {
        name.extend_from_slice(b"->");
        name.extend(names.end(&socket.remote, over));
    }
    let wants_flags = matches!(options.form, Form::Fields(fields) if fields.has('G'));
    Row {
        fd,
        flags: wants_flags.then(|| flags(process.pid.0, fd)).flatten(),
        family: socket.family,
        inode: socket.inode,
        transport: over,
        name,
        state: (over == Transport::Tcp).then(|| state_name(socket.state)),
        recv_q: socket.recv_q,
        send_q: socket.send_q,
    }
}

fn listed(process: &sockets::Process, stat: Stat, rows: Vec<Row>) -> Process {
    Process {
        pid: process.pid.0,
        group: stat.group,
        parent: stat.parent,
        name: stat.name,
        uid: process.user.uid,
        user: process.user.name.as_deref().map(str::to_owned),
        rows,
    }
}

/// Why a process is not listed.
enum Absent {
    /// It has exited or closed what it held.
    Gone,
    /// `lsof` does not list it, for this reason.
    LeftOut(&'static str),
}

/// Reads what `lsof` prints of a process with these sockets.
fn stat(process: &sockets::Process, held: &BTreeMap<u32, &Inet>) -> Result<Stat, Absent> {
    let pid = process.pid.0;
    match Reading::of(pid) {
        Some(Reading::Endless) => Err(Absent::LeftOut("lsof cannot read its name")),
        Some(Reading::Read(stat)) if shows_files(pid, held) => Ok(stat),
        Some(_) if first_thread_has_ended(pid) => {
            Err(Absent::LeftOut("its first thread has ended"))
        }
        _ => Err(Absent::Gone),
    }
}

/// Whether `/proc/PID/fd` has what the process holds: not if its first thread has ended, of which
/// `lsof` knows nothing.
fn shows_files(pid: u32, held: &BTreeMap<u32, &Inet>) -> bool {
    held.keys().any(|fd| fs::symlink_metadata(format!("/proc/{pid}/fd/{fd}")).is_ok())
}

fn left_out(process: &sockets::Process, why: &str) -> String {
    format!(
        "process {} \"{}\" is left out as by lsof, because {why}; portolan ls shows it",
        process.pid,
        Escaped(&process.comm)
    )
}

/// The flags in `/proc/PID/fdinfo/FD`, which are octal.
fn flags(pid: u32, fd: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?;
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"))?;
    u64::from_str_radix(flags.trim(), 8).ok()
}
