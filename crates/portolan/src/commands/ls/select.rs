//! The filters of `ls`, together: those the kernel can apply go into the query.

use registry::{PortRange, Proto, Target};
use sockets::{
    Family, NetnsScope, Owners, Ownership, Place, Ports, Process, Query, Socket, State, States,
};

use crate::args::{LookArgs, LsArgs};
use crate::filter::{EndFilter, means};
use crate::netns::NetnsName;
use crate::process_filter::{is_called, is_container, is_unit};

/// What `ls` was asked for.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) query: Query,
    listening: bool,
    ports: Vec<Target>,
    local: Vec<EndFilter>,
    remote: Vec<EndFilter>,
    pids: Vec<u32>,
    processes: Vec<String>,
    users: Vec<u32>,
    units: Vec<String>,
    containers: Vec<String>,
    netns: Option<NetnsScope>,
}

impl Selection {
    /// Reads the filters of `args`.
    pub(super) fn new(args: &LsArgs) -> anyhow::Result<Selection> {
        let states = args
            .state
            .iter()
            .flat_map(|name| State::ALL.into_iter().filter(move |state| name.0.contains(*state)));
        let query = Query {
            protos: protos(args),
            family: family(args),
            states: if args.state.is_empty() { States::ALL } else { states.collect() },
            ports: kernel_ports(args),
            netns: NetnsScope::Own,
        };
        Ok(Selection {
            query,
            listening: args.listening,
            ports: args.port.clone(),
            local: args.local.clone(),
            remote: args.remote.clone(),
            pids: args.pid.clone(),
            processes: args.process.iter().map(|name| name.to_lowercase()).collect(),
            users: args.user.clone(),
            units: args.unit.clone(),
            containers: args.container.clone(),
            netns: args.netns.as_ref().map(NetnsName::scope).transpose()?,
        })
    }

    /// Where to look.
    pub(super) fn netns(&self, look: LookArgs) -> NetnsScope {
        self.netns.unwrap_or(look.netns())
    }

    /// Whether a namespace that may not be ours was asked for.
    pub(super) fn asks_for_foreign(&self) -> bool {
        matches!(self.netns, Some(NetnsScope::One(_)))
    }

    /// Whether anything less than everything was asked for.
    pub(super) fn is_narrow(&self) -> bool {
        let everything = Query::default();
        self.query != everything
            || self.listening
            || !(self.ports.is_empty() && self.local.is_empty() && self.remote.is_empty())
            || self.asks_for_owners()
            || self.netns.is_some()
    }

    /// Whether `socket` is one of those asked for, its owners aside.
    pub(super) fn takes_socket(&self, socket: &Socket) -> bool {
        let either = |target: &Target| {
            means(target, socket.proto, socket.local.port)
                || !socket.remote.is_none() && means(target, socket.proto, socket.remote.port)
        };
        (!self.listening || waits(socket))
            && any(&self.ports, either)
            && any(&self.local, |end| end.matches(socket, &socket.local))
            && any(&self.remote, |end| {
                !socket.remote.is_none() && end.matches(socket, &socket.remote)
            })
    }

    /// Whether owners matter to what was asked for.
    pub(super) fn asks_for_owners(&self) -> bool {
        !(self.pids.is_empty()
            && self.processes.is_empty()
            && self.users.is_empty()
            && self.units.is_empty()
            && self.containers.is_empty())
    }

    /// Whether `socket`'s owners are those asked for; all conditions must hold for one of them.
    pub(super) fn takes_owners(&self, socket: &Socket, ownership: &Ownership) -> bool {
        match ownership.of(socket) {
            Owners::Known(holders) => holders.iter().any(|h| self.takes_process(h.process)),
            _ => self.takes_ownerless(socket, ownership),
        }
    }

    fn takes_process(&self, process: &Process) -> bool {
        any(&self.pids, |pid| *pid == process.pid.0)
            && any(&self.processes, |name| is_called(process, name))
            && any(&self.users, |wanted| *wanted == process.user.uid)
            && self.takes_place(&process.place)
    }

    /// A socket whose owner is not known can still be told by its user and its cgroup.
    fn takes_ownerless(&self, socket: &Socket, ownership: &Ownership) -> bool {
        self.pids.is_empty()
            && self.processes.is_empty()
            && self.takes_maker(socket)
            && self.takes_place(ownership.place_of(socket).unwrap_or(&Place::default()))
    }

    /// Whether the owner of `socket` may be one of those asked for, but is not ours to see. That a
    /// socket was made by somebody else, or elsewhere, tells nothing: sockets are handed on. A
    /// process that we could search, or that is not there, has been found not to hold it.
    pub(super) fn may_take(&self, socket: &Socket, ownership: &Ownership) -> bool {
        matches!(ownership.of(socket), Owners::Hidden { .. })
            && any(&self.pids, |pid| is_there(*pid) && !is_searchable(*pid))
    }

    fn takes_maker(&self, socket: &Socket) -> bool {
        any(&self.users, |wanted| Some(*wanted) == socket.maker())
    }

    fn takes_place(&self, place: &Place) -> bool {
        any(&self.units, |wanted| place.unit.as_deref().is_some_and(|unit| is_unit(unit, wanted)))
            && any(&self.containers, |wanted| {
                place.container.as_deref().is_some_and(|name| is_container(name, wanted))
            })
    }
}

/// Whether one of `filters` takes it, or there are none.
fn any<T>(filters: &[T], takes: impl FnMut(&T) -> bool) -> bool {
    filters.is_empty() || filters.iter().any(takes)
}

fn waits(socket: &Socket) -> bool {
    match socket.proto {
        Proto::Udp => socket.state == State::Close && socket.remote.is_none(),
        _ => socket.state == State::Listen,
    }
}

/// Whether there is a process `pid`, also where `/proc` is mounted so as to hide it.
fn is_there(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// Whether we may look for sockets among the descriptors of `pid`.
fn is_searchable(pid: u32) -> bool {
    std::fs::read_dir(format!("/proc/{pid}/fd")).is_ok()
}

fn protos(args: &LsArgs) -> Vec<Proto> {
    let mut protos = args.proto.clone();
    protos.extend(args.tcp.then_some(Proto::Tcp));
    protos.extend(args.udp.then_some(Proto::Udp));
    if protos.is_empty() {
        return Query::default().protos;
    }
    protos.sort();
    protos.dedup();
    protos
}

fn family(args: &LsArgs) -> Option<Family> {
    match (args.ipv4, args.ipv6) {
        (true, false) => Some(Family::V4),
        (false, true) => Some(Family::V6),
        _ => None,
    }
}

/// The port condition that the kernel can check: one range; anything more is checked here.
fn kernel_ports(args: &LsArgs) -> Ports {
    let of_end = |ends: &[EndFilter]| match ends {
        [end] => end.ports().and_then(one_range),
        _ => None,
    };
    let either = match args.port.as_slice() {
        [target] => one_range(target),
        _ => None,
    };
    either
        .map(Ports::Either)
        .or_else(|| of_end(&args.local).map(Ports::Local))
        .or_else(|| of_end(&args.remote).map(Ports::Remote))
        .unwrap_or(Ports::Any)
}

fn one_range(target: &Target) -> Option<PortRange> {
    match target.ports[..] {
        [range] => Some(range),
        _ => None,
    }
}
