//! All ports at a moment: now by the survey, then by the records.

use std::collections::{BTreeMap, BTreeSet};

use log::{Answer, Moment as Then, Question, Tenure};
use registry::{Port, Proto};
use sockets::Role as Was;
use web::{ChartNow, Held, Moment, Role, Told, Viewer};

use super::past::Past;
use super::{Sight, past};
use crate::commands::card::local_role;
use crate::label::{self, Scene};
use crate::past as words;

/// The chart of this moment; what was in the hour before is told by `hour`.
pub(super) fn now(sight: &Sight, hour: Option<&Past>) -> ChartNow {
    let survey = &sight.survey;
    let ownership = sight.ownership(&survey.sockets);
    let scene = Scene::of(&survey.sockets, &ownership);
    let settings = survey.settings.as_ref().ok();
    let ephemeral = settings.map(|settings| settings.ephemeral);
    let mut held: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    let mut counts: BTreeMap<Key, u32> = BTreeMap::new();
    for socket in survey.sockets.iter().filter(|socket| socket.local.port != Port::NONE) {
        let role = local_role(socket, &scene, ephemeral);
        let key = (socket.local.port, socket.proto, role);
        *counts.entry(key).or_default() += 1;
        let names = held.entry(key).or_default();
        if names.len() < NAMED {
            names.extend(scene.who(socket).known_names());
        }
    }
    let held = counts.into_iter().map(|(key, sockets)| {
        let names = held.remove(&key).unwrap_or_default();
        one(key, sockets, names)
    });
    ChartNow {
        at: survey.at,
        held: held.collect(),
        recent: hour.map(|hour| recent(&hour.answer)).unwrap_or_default(),
        ephemeral,
        reserved: settings.map(|settings| settings.reserved.clone()).unwrap_or_default(),
        told: hour.map_or(Told::Unrecorded, |hour| hour.told.clone()),
        since: hour.and_then(|hour| hour.answer.since).map(past::moment),
        gaps: hour.map(|hour| past::gaps(&hour.answer)).unwrap_or_default(),
    }
}

/// The chart of the moment `at`, by what was recorded in the hour up to it.
pub(super) fn then(sight: &Sight, at: Moment, hour: &Past) -> ChartNow {
    ChartNow {
        at,
        held: held_at(Then(at.0), &hour.answer, sight.viewer),
        recent: recent(&hour.answer),
        told: hour.told.clone(),
        since: hour.answer.since.map(past::moment),
        gaps: past::gaps(&hour.answer),
        ..now_without_sockets(sight)
    }
}

/// What was held at `at`, named as it is on the chart of now: in no language.
fn held_at(at: Then, answer: &Answer, viewer: Viewer) -> Vec<Held> {
    let mut held: BTreeMap<Key, (u32, Vec<String>)> = BTreeMap::new();
    for tenure in &answer.tenures {
        let Some(role) = role_at(tenure, at) else { continue };
        let tenure = tenure.clone().as_seen_by(past::viewer(viewer));
        let (sockets, names) = held.entry((tenure.local.port, tenure.proto, role)).or_default();
        *sockets += 1;
        if names.len() < NAMED {
            names.extend(words::program(tenure.holder()).map(|it| label::process(&it.process)));
        }
    }
    held.into_iter().map(|(key, (sockets, names))| one(key, sockets, names)).collect()
}

/// The question about the hour up to `until`.
pub(crate) fn hour_to(until: Moment, netns: Option<sockets::NetnsId>) -> Question {
    let until = Then(until.0);
    let mut question = Question::between(Then(until.0.saturating_sub(HOUR_NS).max(0)), until);
    question.netns = netns;
    question.most = MOST;
    question
}

type Key = (Port, Proto, Role);

fn one((port, proto, role): Key, sockets: u32, mut names: Vec<String>) -> Held {
    names.dedup();
    let who = match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    };
    Held { port, proto, role, sockets, who }
}

/// What is so by settings, whenever.
fn now_without_sockets(sight: &Sight) -> ChartNow {
    let settings = sight.survey.settings.as_ref().ok();
    ChartNow {
        at: sight.survey.at,
        held: Vec::new(),
        recent: Vec::new(),
        ephemeral: settings.map(|settings| settings.ephemeral),
        reserved: settings.map(|settings| settings.reserved.clone()).unwrap_or_default(),
        told: Told::Unrecorded,
        since: None,
        gaps: Vec::new(),
    }
}

/// How `tenure` held its port at `at`, if it did.
pub(crate) fn role_at(tenure: &Tenure, at: Then) -> Option<Role> {
    if tenure.lingered_at(at) {
        return Some(Role::Lingers);
    }
    tenure.held_at(at).then_some(match (tenure.role, tenure.proto) {
        (Was::Bound, Proto::Udp) | (Was::Listening, _) => Role::Listens,
        (Was::Bound, _) => Role::Bound,
        (Was::Outgoing, _) => Role::Outgoing,
        (Was::Incoming, _) => Role::Incoming,
    })
}

/// The ports that `answer` tells of.
pub(crate) fn recent(answer: &Answer) -> Vec<Port> {
    let ports: BTreeSet<Port> = answer.tenures.iter().map(|tenure| tenure.local.port).collect();
    ports.into_iter().filter(|port| *port != Port::NONE).collect()
}

/// So many processes are looked at for who holds a port.
const NAMED: usize = 4;
/// So many tenures of an hour are looked through; more are seldom, and the newest matter.
const MOST: usize = 100_000;
const HOUR_NS: i64 = 3_600_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::past::{ask, now};
    use crate::when::moment;

    #[test]
    fn a_chart_of_the_past_names_processes_as_that_of_now_does() {
        let now = moment(now().timestamp());
        let answer = ask(&Question::between(Then(0), now));
        let who = |viewer| {
            let held = held_at(now, &answer, viewer);
            held.into_iter().find(|held| held.port == Port(60_440)).map(|held| held.who)
        };
        assert_eq!(who(Viewer::Everything).as_deref(), Some("curl (4711)"));
        assert_eq!(who(Viewer::Nobody).as_deref(), Some(""));
    }
}
