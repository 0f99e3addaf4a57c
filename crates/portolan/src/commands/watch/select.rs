//! Which tenures `watch` shows: its filters, together.

use log::{Party, Tenure};
use registry::{Proto, Target};
use sockets::{Family, NetnsId, Opened, Process, Role};

use crate::args::WatchArgs;
use crate::filter::{EndFilter, means};
use crate::process_filter::{is_called, is_container, is_unit};

/// What `watch` was asked for.
#[derive(Debug)]
pub(super) struct Selection {
    protos: Vec<Proto>,
    family: Option<Family>,
    listening: bool,
    ports: Vec<Target>,
    local: Vec<EndFilter>,
    remote: Vec<EndFilter>,
    pids: Vec<u32>,
    processes: Vec<String>,
    users: Vec<u32>,
    units: Vec<String>,
    containers: Vec<String>,
    netns: Option<NetnsId>,
}

impl Selection {
    /// Reads the filters of `args`.
    pub(super) fn new(args: &WatchArgs) -> anyhow::Result<Selection> {
        let mut protos = args.proto.clone();
        protos.extend(args.tcp.then_some(Proto::Tcp));
        protos.extend(args.udp.then_some(Proto::Udp));
        Ok(Selection {
            protos,
            family: match (args.ipv4, args.ipv6) {
                (true, false) => Some(Family::V4),
                (false, true) => Some(Family::V6),
                _ => None,
            },
            listening: args.listening,
            ports: args.target.iter().chain(&args.port).cloned().collect(),
            local: args.local.clone(),
            remote: args.remote.clone(),
            pids: args.pid.clone(),
            processes: args.process.iter().map(|name| name.to_lowercase()).collect(),
            users: args.user.clone(),
            units: args.unit.clone(),
            containers: args.container.clone(),
            netns: args.netns.as_ref().map(|netns| netns.id()).transpose()?,
        })
    }

    /// Whether `tenure` is one of those asked for.
    pub(super) fn takes(&self, tenure: &Tenure) -> bool {
        let either = |target: &Target| {
            let at = |port| means(target, tenure.proto, port);
            at(tenure.local.port) || tenure.remote.is_some_and(|remote| at(remote.port))
        };
        any(&self.protos, |proto| *proto == tenure.proto)
            && self.family.is_none_or(|family| family == tenure.family)
            && self.netns.is_none_or(|netns| netns == tenure.netns)
            && (!self.listening || waits(tenure))
            && any(&self.ports, either)
            && any(&self.local, |end| end.matches_end(tenure.proto, &tenure.local, None))
            && any(&self.remote, |end| {
                tenure.remote.is_some_and(|far| end.matches_end(tenure.proto, &far, None))
            })
            && self.takes_parties(tenure)
    }

    /// Whether one of those who had to do with it meets every condition on processes; a user's
    /// number is also known of one who is hidden, and of the socket.
    fn takes_parties(&self, tenure: &Tenure) -> bool {
        let nameless = self.pids.is_empty()
            && self.processes.is_empty()
            && self.units.is_empty()
            && self.containers.is_empty();
        let takes = |party: &Party| match party {
            Party::Known(program) => self.takes_process(&program.process),
            Party::Hidden { uid } => nameless && any(&self.users, |wanted| wanted == uid),
            Party::Unknown => false,
        };
        let made = tenure.uid != Opened::NO_UID && self.users.contains(&tenure.uid);
        nameless && (self.users.is_empty() || made)
            || [&tenure.opener, &tenure.taker, &tenure.closer].into_iter().any(takes)
    }

    fn takes_process(&self, process: &Process) -> bool {
        let place = &process.place;
        any(&self.pids, |pid| *pid == process.pid.0)
            && any(&self.processes, |name| is_called(process, name))
            && any(&self.users, |uid| *uid == process.user.uid)
            && any(&self.units, |unit| place.unit.as_deref().is_some_and(|it| is_unit(it, unit)))
            && any(&self.containers, |container| {
                place.container.as_deref().is_some_and(|it| is_container(it, container))
            })
    }
}

/// Whether one of `filters` takes it, or there are none.
fn any<T>(filters: &[T], takes: impl FnMut(&T) -> bool) -> bool {
    filters.is_empty() || filters.iter().any(takes)
}

/// Whether it waits for others: a listener, or UDP that takes from anybody.
fn waits(tenure: &Tenure) -> bool {
    match tenure.proto {
        Proto::Udp => tenure.remote.is_none(),
        _ => tenure.role == Role::Listening,
    }
}
