//! Checks of what listens: who it is for, who shares it, who has it, and whether it keeps up.

use std::collections::{BTreeMap, BTreeSet};

use registry::Proto;
use sockets::{Endpoint, Owners, Socket, State};

use super::catalogue::{
    DEAD_OWNER, LISTEN_OVERFLOW, LOOPBACK_ONLY, ORPHANED, REUSEPORT_MIX, Severity,
};
use super::programs::Programs;
use super::remark::{Value, remark};
use super::scene::Recorder;
use super::{Finding, Scene};
use crate::commands::room::Namespace;
use crate::label;

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
        let (what, who) = (Value::text(label::local(listener)), scene.who(listener));
        let subject = remark!("subject-served", "{what}, {who}", what = what, who = who);
        Finding::new(&LOOPBACK_ONLY, subject).evidence(remark!(
            "evidence-loopback",
            "all of its {count} come from loopback",
            count = Value::of(peers.len(), "connection"),
        ))
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
                Finding::new(&REUSEPORT_MIX, end.to_string()).evidence(remark!(
                    "evidence-shared",
                    "{programs} all listen on {end}",
                    programs = Value::list(names, " and "),
                    end = Value::text(end),
                ))
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
                Finding::new(&ORPHANED, label::local(socket).to_string()).evidence(remark!(
                    "evidence-no-process",
                    "no process has a descriptor of it; {count} wait to be accepted",
                    count = Value::of(socket.recv_q, "connection"),
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
        let ended = remark!(
            "evidence-opener-ended",
            "{opener} opened it and has ended",
            opener = label::process(&program.process),
        );
        Some(
            Finding::new(&DEAD_OWNER, label::past_local(tenure).to_string())
                .evidence(ended)
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
                let finding = Finding::new(&LISTEN_OVERFLOW, local).evidence(remark!(
                    "evidence-queue-full",
                    "{count} wait to be accepted by {who}, of a backlog of {backlog}",
                    count = Value::of(socket.recv_q, "connection"),
                    who = scene.who(socket),
                    backlog = Value::number(socket.send_q),
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
            let subject = remark!("subject-since-boot", "since boot");
            let finding = Finding::new(&LISTEN_OVERFLOW, subject).evidence(remark!(
                "evidence-overflows",
                "{count} connections found a queue full, {now} of them just now",
                count = Value::number(now),
                now = Value::number(now - before),
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
    let finding = finding.evidence(remark!(
        "evidence-somaxconn",
        "{setting} permits {most}",
        setting = Value::text("net.core.somaxconn"),
        most = Value::number(most),
    ));
    if backlog < most {
        return finding;
    }
    let setting = format!("net.core.somaxconn={}", most.saturating_mul(2));
    let set = scene.places.sysctl(&namespace.limits.netns, &setting);
    finding.fix(format!("{set}  # and a longer backlog in the program"))
}
