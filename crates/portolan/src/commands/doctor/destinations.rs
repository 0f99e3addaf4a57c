//! Checks of how full the ports are towards each destination, and when they run out.

use std::time::Duration;

use registry::Proto;
use sockets::{Cliff, Destination};
use web::Remark;

use super::catalogue::{DESTINATION_FILLING, EXHAUSTION, PAST_CLIFF, Severity, UDP_FULL};
use super::remark::{Value, remark};
use super::{Finding, Scene};
use crate::commands::room::{FILLING, Namespace, Row};

/// Destinations past two fifths, and not past the cliff yet.
pub(super) fn filling(scene: &Scene) -> Vec<Finding> {
    rows(scene, |_, row| {
        let destination = &row.destination;
        let is_past = destination.cliff() == Cliff::Past;
        let is_full = destination.proto == Proto::Tcp && destination.fill() >= FILLING;
        let severity =
            if destination.fill() >= NEARLY_FULL { Severity::Error } else { Severity::Warning };
        let finding = || Finding::new(&DESTINATION_FILLING, name(row)).severity(severity);
        (is_full && !is_past).then(|| about(finding(), row))
    })
}

/// Destinations that are slow to connect to.
pub(super) fn past_cliff(scene: &Scene) -> Vec<Finding> {
    rows(scene, |_, row| {
        let destination = &row.destination;
        let half = destination.first;
        (destination.cliff() == Cliff::Past).then(|| {
            about(Finding::new(&PAST_CLIFF, name(row)), row).evidence(remark!(
                "evidence-first-half",
                "{count} of the {of} ports that connect() tries first are taken",
                count = Value::count(half.taken),
                of = Value::count(half.of),
            ))
        })
    })
}

/// Destinations that run out of ports.
pub(super) fn exhaustion(scene: &Scene) -> Vec<Finding> {
    rows(scene, |namespace, row| {
        let time = row.exhaustion().filter(|time| *time <= DAY)?;
        let finding = about(Finding::new(&EXHAUSTION, name(row)), row);
        let finding = failed(finding, scene, namespace, row);
        Some(match row.trend {
            _ if time.is_zero() => finding.evidence(remark!("evidence-no-port", "no port is left")),
            Some(trend) => finding.evidence(remark!(
                "evidence-fills",
                "{rate} new connections a second fill the rest in {time}",
                rate = Value::rate(trend.per_s),
                time = Value::time(time),
            )),
            None => {
                let time = Value::time(time);
                finding.evidence(remark!("evidence-fills-in", "in {time}", time = time))
            }
        })
    })
}

/// UDP ports nearly used up.
pub(super) fn udp(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let (used, of) = (namespace.room.udp.ports, namespace.room.handed_out);
        let finding = || {
            let text = remark!(
                "evidence-udp",
                "{count} of {of} ports have a UDP socket",
                count = Value::count(used),
                of = Value::count(of),
            );
            let there = scene.places.option(&namespace.limits.netns);
            Finding::new(&UDP_FULL, "UDP")
                .evidence(text)
                .fix(format!("portolan ls -u --sort process{there}"))
        };
        // Where every port is reserved none is missing: that is another finding.
        let is_full = of > 0 && u64::from(used) * 5 >= u64::from(of) * 4;
        is_full.then(finding).into_iter().collect()
    })
}

fn rows(scene: &Scene, check: impl Fn(&Namespace, &Row) -> Option<Finding>) -> Vec<Finding> {
    scene.each(|namespace| namespace.rows.iter().filter_map(|row| check(namespace, row)).collect())
}

/// With how many connects found no port already, where a recorder knows.
fn failed(finding: Finding, scene: &Scene, namespace: &Namespace, row: &Row) -> Finding {
    let all = scene.survey.unserved_in(namespace).unwrap_or_default();
    let Destination { source, remote, .. } = row.destination;
    match all.iter().find(|it| it.source == source && it.remote() == remote) {
        Some(it) => finding.evidence(remark!(
            "evidence-failed",
            "{count} found none, by the recorder; the last {time} ago",
            count = Value::of(it.count, "connect"),
            time = Value::time(crate::time::since(it.last())),
        )),
        None => finding,
    }
}

fn name(row: &Row) -> Remark {
    let Destination { proto, source, remote, .. } = row.destination;
    remark!(
        "subject-destination",
        "{proto} {remote} from {source}",
        proto = proto,
        remote = Value::text(remote),
        source = Value::text(source),
    )
}

/// With what is taken, and by whom.
fn about(finding: Finding, row: &Row) -> Finding {
    let destination = &row.destination;
    let taken = remark!(
        "evidence-taken",
        "{count} of {of} ports are taken, {share}; {waiting} of those in TIME-WAIT",
        count = Value::count(destination.taken),
        of = Value::count(destination.of),
        share = Value::share(destination.fill()),
        waiting = Value::count(destination.states.of(sockets::State::TimeWait)),
    );
    let holders = Value::holders(&row.holders, 3);
    finding.evidence(taken).evidence(remark!(
        "evidence-held-by",
        "held by {holders}",
        holders = holders,
    ))
}

/// The next connections may be the last.
const NEARLY_FULL: f64 = 0.95;
const DAY: Duration = Duration::from_hours(24);
