//! Checks of sockets that wait: for our program to close (CLOSE-WAIT), and for a minute to pass
//! (TIME-WAIT).

use std::collections::{BTreeMap, HashSet};

use sockets::{Gauge, Reuse, Socket, State};

use super::catalogue::{CLOSE_WAIT, TIME_WAIT_FULL, TIME_WAIT_PILE, TW_REUSE_OFF, TW_REUSE_ON};
use super::{Finding, Scene};
use crate::commands::room::Namespace;
use crate::label;

/// Programs with many connections that only they can end.
pub(super) fn close_wait(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let mut by: BTreeMap<String, Vec<&Socket>> = BTreeMap::new();
        let waits = |socket: &&Socket| socket.state == State::CloseWait && socket.inode != 0;
        for socket in scene.sockets_of(namespace).filter(waits) {
            by.entry(scene.who(socket)).or_default().push(socket);
        }
        let piles = by.into_iter().filter(|(_, sockets)| sockets.len() >= LEAK);
        piles
            .map(|(who, sockets)| {
                let finding = Finding::new(&CLOSE_WAIT, who).evidence(format!(
                    "{} in CLOSE-WAIT, the first from {} to {}",
                    label::count(sockets.len(), "connection"),
                    label::local(sockets[0]),
                    sockets[0].remote,
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
        let finding = |(count, side, says): (usize, &str, &str)| {
            (count >= PILE).then(|| {
                Finding::new(&TIME_WAIT_PILE, format!("{} {side}", label::thousands(count)))
                    .evidence(format!(
                        "{} in TIME-WAIT {says}",
                        label::count(count, "connection")
                    ))
            })
        };
        let sides = [
            (client, "as a client", "that went out from here: our programs close first, so each takes an ephemeral port"),
            (server, "as a server", "that came in: our servers close first; that takes none of our ephemeral ports"),
        ];
        sides.into_iter().filter_map(finding).collect()
    })
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
        let evidence = format!("{} of clients in TIME-WAIT", label::count(waiting, "connection"));
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
        let finding = Finding::new(&TIME_WAIT_FULL, format!("{used} of {of}"))
            .evidence(format!("{used} sockets in TIME-WAIT of net.ipv4.tcp_max_tw_buckets = {of}"))
            .fix(scene.places.sysctl(&limits.netns, &setting));
        let skipped = limits.counters.time_wait_overflows.filter(|count| *count > 0);
        vec![match skipped {
            Some(count) => finding.evidence(format!("{count} connections skipped it since boot")),
            None => finding,
        }]
    })
}

/// So many connections in CLOSE-WAIT are no longer those of a moment.
const LEAK: usize = 50;
/// So many in TIME-WAIT are worth a word.
const PILE: usize = 1000;
