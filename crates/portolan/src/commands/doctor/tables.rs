//! Checks of tables and descriptors that connections need besides a port.

use sockets::Gauge;

use super::catalogue::{CONNTRACK, FILES_FULL, NAT_POOL};
use super::remark::{Value, remark};
use super::{Finding, Scene};
use crate::output::Escaped;

/// The table of tracked connections.
pub(super) fn conntrack(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let Some(conntrack) = &namespace.limits.conntrack else { return Vec::new() };
        let Gauge { used, of } = conntrack.table;
        if conntrack.table.share() < FULL {
            return Vec::new();
        }
        let share = Value::share(conntrack.table.share());
        let entries = remark!(
            "evidence-conntrack",
            "{count} entries of {setting}",
            count = Value::number(used),
            setting = Value::text(format_args!("net.netfilter.nf_conntrack_max = {of}")),
        );
        let finding = Finding::new(&CONNTRACK, remark!("subject-share", "{share}", share = share))
            .evidence(entries)
            .fix(format!("sysctl -w net.netfilter.nf_conntrack_max={}", of.saturating_mul(2)));
        let lasts = conntrack.time_wait_lasts.map(|lasts| lasts.as_secs());
        vec![match (conntrack.time_wait, lasts) {
            (Some(waiting), Some(lasts)) => finding.evidence(remark!(
                "evidence-conntrack-waiting",
                "{count} of them are in TIME_WAIT, which lasts {seconds} s here",
                count = Value::number(waiting),
                seconds = Value::number(lasts),
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
            let subject = remark!(
                "subject-to",
                "{what} to {remote}",
                what = Value::text(pool.source),
                remote = Value::text(pool.remote),
            );
            Finding::new(&NAT_POOL, subject).evidence(remark!(
                "evidence-nat-pool",
                "{count} of {of} {proto} ports are in use",
                count = Value::number(used),
                of = Value::number(of),
                proto = pool.proto,
            ))
        })
        .collect()
    })
}

/// Open files.
pub(super) fn files(scene: &Scene) -> Vec<Finding> {
    let descriptors = &scene.survey.descriptors;
    let system = descriptors.system.filter(|gauge| gauge.share() >= FULL).map(|gauge| {
        let open = remark!(
            "evidence-system-files",
            "{count} files are open of {setting}",
            count = Value::number(gauge.used),
            setting = Value::text(format_args!("fs.file-max = {}", gauge.of)),
        );
        Finding::new(&FILES_FULL, remark!("subject-system", "the system"))
            .evidence(open)
            .fix(format!("sysctl -w fs.file-max={}", gauge.of.saturating_mul(2)))
    });
    let full = descriptors.processes.iter().filter(|process| process.descriptors.share() >= FULL);
    let processes = full.map(|process| {
        let Gauge { used, of } = process.descriptors;
        let name = format!("{} ({})", Escaped(&process.comm), process.pid);
        Finding::new(&FILES_FULL, name)
            .evidence(remark!(
                "evidence-process-files",
                "{count} descriptors are open, of a limit of {of}",
                count = Value::number(used),
                of = Value::number(of),
            ))
            .fix(format!("prlimit --pid {} --nofile={}:", process.pid, of.saturating_mul(2)))
    });
    system.into_iter().chain(processes).collect()
}

/// From here on it is worth waking somebody.
const FULL: f64 = 0.8;
