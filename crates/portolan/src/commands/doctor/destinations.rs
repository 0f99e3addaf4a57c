//! Checks of how full the ports are towards each destination, and when they run out.

use std::time::Duration;

use registry::Proto;
use sockets::{Cliff, Destination};

use super::catalogue::{DESTINATION_FILLING, EXHAUSTION, PAST_CLIFF, Severity, UDP_FULL};
use super::{Finding, Scene};
use crate::commands::room::{FILLING, Namespace, Row, words};
use crate::label;

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
            about(Finding::new(&PAST_CLIFF, name(row)), row).evidence(format!(
                "{} of the {} ports that connect() tries first are taken",
                label::thousands(half.taken as usize),
                label::thousands(half.of as usize)
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
            _ if time.is_zero() => finding.evidence("no port is left"),
            Some(trend) => finding.evidence(format!(
                "{} new connections a second fill the rest in {}",
                words::rate(trend.per_s),
                words::about(time)
            )),
            None => finding.evidence(format!("in {}", words::about(time))),
        })
    })
}

/// UDP ports nearly used up.
pub(super) fn udp(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let (used, of) = (namespace.room.udp.ports, namespace.room.handed_out);
        let finding = || {
            let text = format!(
                "{} of {} ports have a UDP socket",
                label::thousands(used as usize),
                label::thousands(of as usize)
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
        Some(it) => finding.evidence(format!(
            "{} found none, by the recorder; the last {} ago",
            label::count(usize::try_from(it.count).unwrap_or(usize::MAX), "connect"),
            words::about(crate::time::since(it.last()))
        )),
        None => finding,
    }
}

fn name(row: &Row) -> String {
    let destination = &row.destination;
    format!("{} {} from {}", destination.proto, destination.remote, destination.source)
}

/// With what is taken, and by whom.
fn about(finding: Finding, row: &Row) -> Finding {
    let destination = &row.destination;
    finding
        .evidence(format!(
            "{} of {} ports are taken, {}; {} of those in TIME-WAIT",
            label::thousands(destination.taken as usize),
            label::thousands(destination.of as usize),
            words::percent(destination.fill()),
            label::thousands(destination.states.of(sockets::State::TimeWait) as usize)
        ))
        .evidence(format!("held by {}", words::held_by(&row.holders, 3)))
}

/// The next connections may be the last.
const NEARLY_FULL: f64 = 0.95;
const DAY: Duration = Duration::from_hours(24);
