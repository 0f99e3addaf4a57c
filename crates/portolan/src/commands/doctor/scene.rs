//! What the doctor looks at: two looks at the sockets, settings, limits and processes, and the
//! recorder's word. Plain data: every check is a function of it.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use log::{Party, Status, Tenure};
use registry::{Port, PortRange, Proto};
use sockets::{
    NetnsId, NetnsScope, Owners, Ownership, Pid, Process, Query, Role, Search, Socket, Source,
    SourceRoute, State,
};
use web::Remark;

use super::Finding;
use super::places::Places;
use super::remark::remark;
use crate::commands::lease::{Leased, moment_of};
use crate::commands::room::{Asked, Extent, Holders, Namespace, Survey};
use crate::netns;
use crate::recorder::{Client, Standing};

/// Everything the checks look at.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) survey: Survey,
    /// How commands name the namespaces.
    pub(crate) places: Places,
    /// Who holds every socket, not only those of the survey's rows.
    pub(crate) ownership: Ownership,
    pub(crate) before: Before,
    /// The names of the processes that run.
    pub(crate) running: BTreeSet<Vec<u8>>,
    /// Which source address connects get in our own namespace.
    pub(crate) routes: Vec<SourceRoute>,
    pub(crate) recorder: Recorder,
    /// The leased ports of our own namespace.
    pub(crate) leases: Vec<Kept>,
}

/// A leased port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) port: Port,
    /// Who holds it, safe to print.
    pub(crate) holder: String,
    /// For how long.
    pub(crate) age: Duration,
    /// The process that it was taken for, if that has ended.
    pub(crate) gone: Option<Pid>,
    /// Whether somebody listens there, or waits for datagrams.
    pub(crate) served: bool,
}

/// What the first look saw.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// The cookies of sockets that were bound and silent.
    pub(crate) silent: HashSet<u64>,
    /// How often a listen queue had overflowed, by namespace.
    pub(crate) overflows: Vec<(NetnsId, u64)>,
}

/// What the recorder says.
#[derive(Debug)]
pub(crate) enum Recorder {
    Off,
    /// Its word is not for whoever asks.
    Unasked,
    /// It does not answer.
    Silent(String),
    Running {
        standing: Box<(Standing, Status)>,
        /// Listening sockets whose opener has ended.
        orphans: Vec<Tenure>,
    },
}

/// What is asked of the doctor.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) scope: NetnsScope,
    pub(crate) over: Duration,
    pub(crate) dir: Option<PathBuf>,
    /// Whether to look at what is not for everybody: the recorder's word, and processes' descriptors.
    pub(crate) whole: bool,
}

impl Scene {
    /// Looks twice.
    pub(crate) fn take(source: &(impl Source + Sync), visit: &Visit) -> anyhow::Result<Scene> {
        let before = Before::look(source, visit)?;
        let asked = Asked {
            scope: visit.scope,
            extent: Extent::All,
            over: Some(visit.over),
            top: DESTINATIONS,
            dir: visit.dir.clone(),
            holders: Holders::Wanted,
            processes: visit.whole,
        };
        let survey = Survey::take(source, &asked)?;
        if matches!(survey.told, crate::commands::room::Told::Log(_)) {
            // The log spared the survey its pause.
            std::thread::sleep(visit.over);
        }
        let held: Vec<Socket> =
            survey.sockets.iter().filter(|socket| socket.inode != 0).cloned().collect();
        let ownership = source.owners(&held, Search::Full);
        let leases = if visit.whole { kept(&survey, &ownership) } else { Vec::new() };
        Ok(Scene {
            leases,
            places: Places::look(survey.namespaces.iter().map(|it| &it.limits.netns)),
            ownership,
            before,
            running: running(),
            routes: sockets::source_routes().unwrap_or_default(),
            recorder: match visit.whole {
                true => Recorder::ask(visit.dir.as_deref(), &survey.sockets),
                false => Recorder::Unasked,
            },
            survey,
        })
    }

    /// The sockets of a namespace.
    pub(crate) fn sockets_of<'a>(
        &'a self,
        namespace: &'a Namespace,
    ) -> impl Iterator<Item = &'a Socket> {
        let id = namespace.limits.netns.id;
        self.survey.sockets.iter().filter(move |socket| socket.netns == id)
    }

    /// The TCP listeners of a namespace, one for each port and address.
    pub(crate) fn listeners<'a>(
        &'a self,
        namespace: &'a Namespace,
    ) -> impl Iterator<Item = &'a Socket> {
        self.sockets_of(namespace)
            .filter(|socket| socket.proto == Proto::Tcp && socket.state == State::Listen)
    }

    /// The first process that holds `socket`, where one is known.
    pub(crate) fn holder(&self, socket: &Socket) -> Option<&Process> {
        match self.ownership.of(socket) {
            Owners::Known(holders) => holders.first().map(|holder| holder.process),
            _ => None,
        }
    }

    /// Who holds `socket`, in words.
    pub(crate) fn who(&self, socket: &Socket) -> Remark {
        match self.ownership.of(socket) {
            Owners::Known(holders) => crate::label::process(holders[0].process).into(),
            Owners::Hidden { .. } => remark!("party-hidden", "a process hidden from you"),
            Owners::Kernel => remark!("party-kernel", "the kernel"),
            Owners::Gone => remark!("party-gone", "nobody any more"),
        }
    }

    /// `make` for each namespace, all findings with their namespace.
    pub(crate) fn each(&self, make: impl Fn(&Namespace) -> Vec<Finding>) -> Vec<Finding> {
        let namespaces = self.survey.namespaces.iter();
        namespaces
            .flat_map(|namespace| {
                let netns = &namespace.limits.netns;
                make(namespace).into_iter().map(|finding| finding.within(netns)).collect::<Vec<_>>()
            })
            .collect()
    }
}

impl Before {
    fn look(source: &(impl Source + Sync), visit: &Visit) -> anyhow::Result<Before> {
        let limits = sockets::limits(visit.scope).context("the port settings could not be read")?;
        let query = Query {
            netns: visit.scope,
            protos: vec![Proto::Tcp],
            states: sockets::States::NONE.with(State::Bound),
            ..Query::default()
        };
        let bound = source.sockets(&query).context("the sockets could not be listed")?;
        let overflows = limits.iter().filter_map(|limits| {
            limits.counters.listen_overflows.map(|count| (limits.netns.id, count))
        });
        Ok(Before {
            silent: bound.sockets.iter().map(|socket| socket.cookie).collect(),
            overflows: overflows.collect(),
        })
    }
}

impl Recorder {
    fn ask(dir: Option<&Path>, sockets: &[Socket]) -> Recorder {
        let Some(mut client) = Client::connect(dir) else { return Recorder::Off };
        let standing = match client.status() {
            Ok(standing) => standing,
            Err(error) => return Recorder::Silent(format!("{error:#}")),
        };
        let listens = |socket: &&Socket| socket.state == State::Listen;
        let mut ports: Vec<PortRange> =
            sockets.iter().filter(listens).map(|socket| socket.local.port.into()).collect();
        ports.sort_by_key(|range| range.first());
        ports.dedup();
        ports.truncate(MOST_PORTS);
        let own = netns::own().ok();
        let held = Client::connect(dir).zip(own);
        let held = held.and_then(|(mut client, own)| client.held(own, &ports).ok());
        let tenures = held.into_iter().flat_map(|held| held.open).map(|(_, tenure)| tenure);
        let orphans = tenures.filter(|tenure| tenure.role == Role::Listening && is_gone(tenure));
        Recorder::Running { standing, orphans: orphans.collect() }
    }
}

/// Whether the process that opened it has ended.
fn is_gone(tenure: &Tenure) -> bool {
    match &tenure.opener {
        Party::Known(program) => {
            let pid = program.process.pid;
            !Path::new("/proc").join(pid.to_string()).exists()
        }
        Party::Hidden { .. } | Party::Unknown => false,
    }
}

/// The leases of our own namespace, if that was looked into; none where they cannot be listed.
fn kept(survey: &Survey, ownership: &Ownership) -> Vec<Kept> {
    let own = netns::own().ok();
    let looked_into = survey.namespaces.iter().any(|it| Some(it.limits.netns.id) == own);
    let tenancies = looked_into.then(alloc::lease::leases).and_then(Result::ok).unwrap_or_default();
    let there = |socket: &&Socket| Some(socket.netns) == own;
    let sockets: Vec<&Socket> = survey.sockets.iter().filter(there).collect();
    Leased::each(tenancies, &sockets, ownership).iter().filter_map(Kept::of).collect()
}

impl Kept {
    fn of(leased: &Leased) -> Option<Kept> {
        let label = leased.tenancy.label.as_ref()?;
        let holder = leased.tenancy.holder.as_ref()?;
        let ended = |pid: &Pid| !Path::new("/proc").join(pid.to_string()).exists();
        Some(Kept {
            port: leased.port,
            holder: crate::label::process(holder),
            age: moment_of(label.since).elapsed().unwrap_or_default(),
            gone: label.tenant.filter(ended),
            served: leased.server.is_some(),
        })
    }
}

fn running() -> BTreeSet<Vec<u8>> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let comm = |entry: fs::DirEntry| {
        let is_pid = entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit);
        let comm = is_pid.then(|| fs::read(entry.path().join("comm")).ok())??;
        Some(comm.trim_ascii_end().to_vec())
    };
    entries.filter_map(comm).collect()
}

/// How many destinations of a namespace are looked at.
const DESTINATIONS: usize = 1000;
/// A recorder is asked about so many ports at once.
const MOST_PORTS: usize = 500;
