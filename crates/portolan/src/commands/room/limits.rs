//! What else ends connections, in one list: tables, queues, descriptors and pools, by how full they are.

use registry::Proto;
use sockets::{Gauge, Netns, Pid, Socket, State};

use super::{Namespace, Survey};
use crate::label;
use crate::output::Escaped;

/// Something with a limit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) kind: LimitKind,
    /// The network namespace it is of; `None` for the system's and processes' own.
    pub(crate) netns: Option<Netns>,
    pub(crate) gauge: Gauge,
    /// What it is about, safe to print: a process, a listener, a pool.
    pub(crate) of_what: Option<String>,
    /// The process, where it is one's.
    pub(crate) pid: Option<Pid>,
}

/// What has a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitKind {
    TimeWaitBuckets,
    Conntrack,
    ListenQueue,
    NatPool,
    SystemFiles,
    ProcessFiles,
}

impl LimitKind {
    /// A stable word for programs.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            LimitKind::TimeWaitBuckets => "time-wait-buckets",
            LimitKind::Conntrack => "conntrack",
            LimitKind::ListenQueue => "listen-queue",
            LimitKind::NatPool => "nat-pool",
            LimitKind::SystemFiles => "system-files",
            LimitKind::ProcessFiles => "process-files",
        }
    }

    /// What it is.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            LimitKind::TimeWaitBuckets => "TIME-WAIT sockets",
            LimitKind::Conntrack => "tracked connections",
            LimitKind::ListenQueue => "listen queue",
            LimitKind::NatPool => "NAT ports",
            LimitKind::SystemFiles => "files, system",
            LimitKind::ProcessFiles => "files, process",
        }
    }

    /// What sets the limit.
    pub(crate) const fn setting(self) -> &'static str {
        match self {
            LimitKind::TimeWaitBuckets => "net.ipv4.tcp_max_tw_buckets",
            LimitKind::Conntrack => "net.netfilter.nf_conntrack_max",
            LimitKind::ListenQueue => "its backlog, net.core.somaxconn",
            LimitKind::NatPool => "the number of ports",
            LimitKind::SystemFiles => "fs.file-max",
            LimitKind::ProcessFiles => "RLIMIT_NOFILE",
        }
    }
}

/// The limits of `survey`, the fullest first; of processes, listeners and pools the fullest few.
pub(crate) fn limits(survey: &Survey) -> Vec<Limit> {
    let mut limits: Vec<Limit> = survey.namespaces.iter().flat_map(of_namespace).collect();
    for namespace in &survey.namespaces {
        limits.extend(listen_queues(namespace, &survey.sockets));
    }
    let files = survey.descriptors.system;
    limits.extend(files.map(|gauge| Limit::new(LimitKind::SystemFiles, None, gauge)));
    limits.extend(survey.descriptors.processes.iter().take(FEW).map(|process| Limit {
        of_what: Some(format!("{} ({})", Escaped(&process.comm), process.pid)),
        pid: Some(process.pid),
        ..Limit::new(LimitKind::ProcessFiles, None, process.descriptors)
    }));
    limits.sort_by(|a, b| b.gauge.share().total_cmp(&a.gauge.share()));
    limits
}

fn of_namespace(namespace: &Namespace) -> Vec<Limit> {
    let limits = &namespace.limits;
    let netns = || Some(limits.netns.clone());
    let mut all = Vec::new();
    if let Some(gauge) = limits.time_wait {
        all.push(Limit::new(LimitKind::TimeWaitBuckets, netns(), gauge));
    }
    let Some(conntrack) = &limits.conntrack else { return all };
    let waits = conntrack.time_wait.filter(|count| *count > 0);
    all.push(Limit {
        of_what: waits.map(|count| {
            format!(
                "{} in TIME_WAIT",
                label::thousands(usize::try_from(count).unwrap_or(usize::MAX))
            )
        }),
        ..Limit::new(LimitKind::Conntrack, netns(), conntrack.table)
    });
    all.extend(conntrack.nat.iter().flatten().take(FEW).map(|pool| Limit {
        of_what: Some(format!("{} from {} to {}", pool.proto, pool.source, pool.remote)),
        ..Limit::new(LimitKind::NatPool, netns(), pool.ports)
    }));
    all
}

/// The fullest queues of connections that wait to be accepted. A backlog of 0 holds one.
fn listen_queues(namespace: &Namespace, sockets: &[Socket]) -> Vec<Limit> {
    let id = namespace.limits.netns.id;
    let listens = |socket: &&Socket| {
        socket.netns == id && socket.proto == Proto::Tcp && socket.state == State::Listen
    };
    let queue = |socket: &Socket| Limit {
        of_what: Some(label::local(socket).to_string()),
        ..Limit::new(
            LimitKind::ListenQueue,
            Some(namespace.limits.netns.clone()),
            Gauge { used: socket.recv_q.into(), of: u64::from(socket.send_q) + 1 },
        )
    };
    let mut queues: Vec<Limit> =
        sockets.iter().filter(listens).filter(|s| s.recv_q > 0).map(queue).collect();
    queues.sort_by(|a, b| b.gauge.share().total_cmp(&a.gauge.share()));
    queues.truncate(FEW);
    queues
}

impl Limit {
    fn new(kind: LimitKind, netns: Option<Netns>, gauge: Gauge) -> Limit {
        Limit { kind, netns, gauge, of_what: None, pid: None }
    }
}

const FEW: usize = 3;
