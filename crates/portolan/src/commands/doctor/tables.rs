//! Checks of tables and descriptors that connections need besides a port.

use sockets::Gauge;

use super::catalogue::{CONNTRACK, FILES_FULL, NAT_POOL};
use super::{Finding, Scene};
use crate::commands::room::words;
use crate::output::Escaped;

/// The table of tracked connections.
pub(super) fn conntrack(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let Some(conntrack) = &namespace.limits.conntrack else { return Vec::new() };
        let Gauge { used, of } = conntrack.table;
        if conntrack.table.share() < FULL {
            return Vec::new();
        }
        let finding = Finding::new(&CONNTRACK, words::percent(conntrack.table.share()))
            .evidence(format!("{used} entries of net.netfilter.nf_conntrack_max = {of}"))
            .fix(format!("sysctl -w net.netfilter.nf_conntrack_max={}", of.saturating_mul(2)));
        let lasts = conntrack.time_wait_lasts.map(|lasts| lasts.as_secs());
        vec![match (conntrack.time_wait, lasts) {
            (Some(waiting), Some(lasts)) => finding.evidence(format!(
                "{waiting} of them are in TIME_WAIT, which lasts {lasts} s here"
            )),
            _ => finding,
        }]
    })
}

/// Source addresses that connections of others leave from.
pub(super) fn nat_pools(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let nat = namespace.limits.conntrack.iter().flat_map(|conntrack| &conntrack.nat).flatten();
        let full = nat.filter(|pool| pool.ports.share() >= FULL);
        full.map(|pool| {
            let Gauge { used, of } = pool.ports;
            Finding::new(&NAT_POOL, format!("{} to {}", pool.source, pool.remote))
                .evidence(format!("{used} of {of} {} ports are in use", pool.proto))
        })
        .collect()
    })
}

/// Open files.
pub(super) fn files(scene: &Scene) -> Vec<Finding> {
    let descriptors = &scene.survey.descriptors;
    let system = descriptors.system.filter(|gauge| gauge.share() >= FULL).map(|gauge| {
        Finding::new(&FILES_FULL, "the system")
            .evidence(format!("{} files are open of fs.file-max = {}", gauge.used, gauge.of))
            .fix(format!("sysctl -w fs.file-max={}", gauge.of.saturating_mul(2)))
    });
    let full = descriptors.processes.iter().filter(|process| process.descriptors.share() >= FULL);
    let processes = full.map(|process| {
        let Gauge { used, of } = process.descriptors;
        let name = format!("{} ({})", Escaped(&process.comm), process.pid);
        Finding::new(&FILES_FULL, name)
            .evidence(format!("{used} descriptors are open, of a limit of {of}"))
            .fix(format!("prlimit --pid {} --nofile={}:", process.pid, of.saturating_mul(2)))
    });
    system.into_iter().chain(processes).collect()
}

/// From here on it is worth waking somebody.
const FULL: f64 = 0.8;
