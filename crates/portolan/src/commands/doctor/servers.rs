//! Checks of what listens: who it is for, who shares it, who has it, and whether it keeps up.

use std::collections::{BTreeMap, BTreeSet};

use registry::Proto;
use sockets::{Endpoint, Owners, Socket, State};

use super::catalogue::{
    DEAD_OWNER, LISTEN_OVERFLOW, LOOPBACK_ONLY, ORPHANED, REUSEPORT_MIX, Severity,
};
use super::programs::Programs;
use super::scene::Recorder;
use super::{Finding, Scene};
use crate::commands::room::Namespace;
use crate::label;
use crate::output::Escaped;

/// Servers on all addresses that are only talked to from here.
pub(super) fn loopback_only(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let mut ports = BTreeSet::new();
        let open = |socket: &&Socket| socket.local.addr.is_unspecified();
        let listeners = scene.listeners(namespace).filter(open);
        let listeners = listeners.filter(|socket| ports.insert(socket.local.port));
        listeners.filter_map(|listener| of_listener(scene, namespace, listener)).collect()
    })
}

fn of_listener(scene: &Scene, namespace: &Namespace, listener: &Socket) -> Option<Finding> {
    let came_in = |socket: &&Socket| {
        socket.proto == Proto::Tcp
            && socket.local.port == listener.local.port
            && !socket.remote.is_none()
    };
    let peers: Vec<&Socket> = scene.sockets_of(namespace).filter(came_in).collect();
    let is_local = |socket: &&Socket| socket.remote.canonical().is_loopback();
    (peers.len() >= 3 && peers.iter().all(is_local)).then(|| {
        let who = scene.who(listener);
        Finding::new(&LOOPBACK_ONLY, format!("{}, {who}", label::local(listener))).evidence(
            format!("all of its {} come from loopback", label::count(peers.len(), "connection")),
        )
    })
}

/// Ports on which different programs listen at once.
pub(super) fn shared(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let mut by: BTreeMap<Endpoint, Programs> = BTreeMap::new();
        for listener in scene.listeners(namespace) {
            if let Some(process) = scene.holder(listener) {
                by.entry(listener.local).or_default().add(process);
            }
        }
        let programs = by.into_iter().map(|(end, programs)| (end, programs.different()));
        let shared = programs.filter(|(_, names)| names.len() > 1);
        shared
            .map(|(end, names)| {
                Finding::new(&REUSEPORT_MIX, end.to_string())
                    .evidence(format!("{} all listen on {end}", names.join(" and ")))
            })
            .collect()
    })
}

/// Listening sockets that no process has. Without the right to look into every process it is not
/// known, and not said.
pub(super) fn orphaned(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let nobody = |socket: &&Socket| {
            socket.inode != 0 && matches!(scene.ownership.of(socket), Owners::Kernel)
        };
        let listeners = scene.listeners(namespace).filter(nobody);
        listeners
            .map(|socket| {
                let waiting = label::count(socket.recv_q as usize, "connection");
                Finding::new(&ORPHANED, label::local(socket).to_string()).evidence(format!(
                    "no process has a descriptor of it; {waiting} wait to be accepted"
                ))
            })
            .collect()
    })
}

/// Listening sockets whose opener has ended, by the recorder's word.
pub(super) fn dead_owners(scene: &Scene) -> Vec<Finding> {
    let Recorder::Running { orphans, .. } = &scene.recorder else { return Vec::new() };
    let looked_at =
        |netns| scene.survey.namespaces.iter().find(|namespace| namespace.limits.netns.id == netns);
    let finding = |tenure: &log::Tenure| {
        let namespace = looked_at(tenure.netns)?;
        let log::Party::Known(program) = &tenure.opener else { return None };
        let process = &program.process;
        let opener = format!("{} ({})", Escaped(&process.comm), process.pid);
        let local = label::past_local(tenure);
        Some(
            Finding::new(&DEAD_OWNER, local.to_string())
                .evidence(format!("{opener} opened it and has ended"))
                .fix(format!("portolan {}", tenure.local.port))
                .within(&namespace.limits.netns),
        )
    };
    orphans.iter().filter_map(finding).collect()
}

/// Queues that are full now, or overflowed while we looked; or did at some time.
pub(super) fn overflow(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let full =
            |socket: &&Socket| socket.state == State::Listen && socket.recv_q > socket.send_q;
        let mut findings: Vec<Finding> = scene
            .listeners(namespace)
            .filter(full)
            .map(|socket| {
                let local = label::local(socket).to_string();
                let finding = Finding::new(&LISTEN_OVERFLOW, local).evidence(format!(
                    "{} wait to be accepted by {}, of a backlog of {}",
                    label::count(socket.recv_q as usize, "connection"),
                    scene.who(socket),
                    socket.send_q
                ));
                bounded(finding, scene, namespace, socket.send_q.into())
            })
            .collect();
        let id = namespace.limits.netns.id;
        let before = scene.before.overflows.iter().find(|(netns, _)| *netns == id);
        let now = namespace.limits.counters.listen_overflows;
        if let (Some((_, before)), Some(now)) = (before, now)
            && now > 0
        {
            let rising = now > *before;
            let finding = Finding::new(&LISTEN_OVERFLOW, "since boot").evidence(format!(
                "{now} connections found a queue full, {} of them just now",
                now - before
            ));
            let severity = if rising { Severity::Warning } else { Severity::Note };
            findings.push(finding.severity(severity));
        }
        findings
    })
}

/// With the limit on every queue, and how to raise it where that is what bounds this one, of `backlog`.
fn bounded(finding: Finding, scene: &Scene, namespace: &Namespace, backlog: u64) -> Finding {
    let Some(most) = namespace.limits.somaxconn else { return finding };
    let finding = finding.evidence(format!("net.core.somaxconn permits {most}"));
    if backlog < most {
        return finding;
    }
    let setting = format!("net.core.somaxconn={}", most.saturating_mul(2));
    let set = scene.places.sysctl(&namespace.limits.netns, &setting);
    finding.fix(format!("{set}  # and a longer backlog in the program"))
}
