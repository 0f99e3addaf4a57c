//! Checks of sockets that wait: for our program to close (CLOSE-WAIT), and for a minute to pass
//! (TIME-WAIT).

use std::collections::{BTreeMap, HashSet};

use sockets::{Gauge, Reuse, Socket, State};
use web::Remark;

use super::catalogue::{CLOSE_WAIT, TIME_WAIT_FULL, TIME_WAIT_PILE, TW_REUSE_OFF, TW_REUSE_ON};
use super::remark::{Value, remark};
use super::{Finding, Scene};
use crate::commands::room::Namespace;
use crate::label;

/// Programs with many connections that only they can end.
pub(super) fn close_wait(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let mut by: BTreeMap<Remark, Vec<&Socket>> = BTreeMap::new();
        let waits = |socket: &&Socket| socket.state == State::CloseWait && socket.inode != 0;
        for socket in scene.sockets_of(namespace).filter(waits) {
            by.entry(scene.who(socket)).or_default().push(socket);
        }
        let piles = by.into_iter().filter(|(_, sockets)| sockets.len() >= LEAK);
        piles
            .map(|(who, sockets)| {
                let finding = Finding::new(&CLOSE_WAIT, who).evidence(remark!(
                    "evidence-close-wait",
                    "{count} in CLOSE-WAIT, the first from {local} to {remote}",
                    count = Value::of(sockets.len(), "connection"),
                    local = Value::text(label::local(sockets[0])),
                    remote = Value::text(sockets[0].remote),
                ));
                match scene.holder(sockets[0]) {
                    Some(process) => {
                        let there = scene.places.option(&namespace.limits.netns);
                        let pid = process.pid;
                        finding.fix(format!("portolan ls --pid {pid} --state close-wait{there}"))
                    }
                    None => finding,
                }
            })
            .collect()
    })
}

/// Many ports in TIME-WAIT, and whether we connected or were connected to.
pub(super) fn time_wait(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let Sides { client, server } = Sides::of(scene, namespace);
        [(client >= PILE).then(|| as_client(client)), (server >= PILE).then(|| as_server(server))]
            .into_iter()
            .flatten()
            .collect()
    })
}

fn as_client(count: usize) -> Finding {
    let subject = remark!("subject-as-client", "{count} as a client", count = Value::count(count));
    Finding::new(&TIME_WAIT_PILE, subject).evidence(remark!(
        "evidence-went-out",
        "{count} in TIME-WAIT that went out from here: our programs close first, so each takes an ephemeral port",
        count = Value::of(count, "connection"),
    ))
}

fn as_server(count: usize) -> Finding {
    let subject = remark!("subject-as-server", "{count} as a server", count = Value::count(count));
    Finding::new(&TIME_WAIT_PILE, subject).evidence(remark!(
        "evidence-came-in",
        "{count} in TIME-WAIT that came in: our servers close first; that takes none of our ephemeral ports",
        count = Value::of(count, "connection"),
    ))
}

struct Sides {
    client: usize,
    server: usize,
}

impl Sides {
    fn of(scene: &Scene, namespace: &Namespace) -> Sides {
        let served: HashSet<_> =
            scene.listeners(namespace).map(|socket| socket.local.port).collect();
        let settings = &namespace.limits.ports;
        let mut sides = Sides { client: 0, server: 0 };
        for socket in scene.sockets_of(namespace).filter(|s| s.state == State::TimeWait) {
            match settings.hands_out(socket.local.port) && !served.contains(&socket.local.port) {
                true => sides.client += 1,
                false => sides.server += 1,
            }
        }
        sides
    }
}

/// What `tcp_tw_reuse` is set to, where that is not the default and matters.
pub(super) fn tw_reuse(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let Some(reuse) = namespace.limits.reuse else { return Vec::new() };
        let waiting = Sides::of(scene, namespace).client;
        let evidence = remark!(
            "evidence-clients-wait",
            "{count} of clients in TIME-WAIT",
            count = Value::of(waiting, "connection"),
        );
        let set = scene.places.sysctl(&namespace.limits.netns, "net.ipv4.tcp_tw_reuse=2");
        let finding = match reuse.reuse {
            Reuse::Everywhere => Finding::new(&TW_REUSE_ON, "tcp_tw_reuse = 1")
                .fix(format!("{set}  # if 1 was not asked for")),
            Reuse::Never if waiting >= PILE => Finding::new(&TW_REUSE_OFF, "tcp_tw_reuse = 0")
                .fix(format!("{set}  # the kernel's default")),
            Reuse::Never | Reuse::Loopback => return Vec::new(),
        };
        vec![finding.evidence(evidence)]
    })
}

/// No more room for TIME-WAIT.
pub(super) fn buckets(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let limits = &namespace.limits;
        let Some(gauge) = limits.time_wait.filter(|gauge| gauge.share() >= 0.9) else {
            return Vec::new();
        };
        let Gauge { used, of } = gauge;
        let setting = format!("net.ipv4.tcp_max_tw_buckets={}", of.saturating_mul(2));
        let (count, most) = (Value::number(used), Value::number(of));
        let subject = remark!("subject-used", "{used} of {of}", used = count.clone(), of = most);
        let sockets = remark!(
            "evidence-buckets",
            "{count} sockets in TIME-WAIT of {setting}",
            count = count,
            setting = Value::text(format_args!("net.ipv4.tcp_max_tw_buckets = {of}")),
        );
        let finding = Finding::new(&TIME_WAIT_FULL, subject)
            .evidence(sockets)
            .fix(scene.places.sysctl(&limits.netns, &setting));
        let skipped = limits.counters.time_wait_overflows.filter(|count| *count > 0);
        vec![match skipped {
            Some(count) => finding.evidence(remark!(
                "evidence-skipped",
                "{count} connections skipped it since boot",
                count = Value::number(count),
            )),
            None => finding,
        }]
    })
}

/// So many connections in CLOSE-WAIT are no longer those of a moment.
const LEAK: usize = 50;
/// So many in TIME-WAIT are worth a word.
const PILE: usize = 1000;
