//! Metrics for Prometheus: how full it is, what fails, and how the recorder and the pilot do. Names and
//! units follow Prometheus' conventions; `docs/metrics.md` lists them.
//!
//! A part of the program that has numbers of its own adds a function that returns [`Family`]s to
//! [`families`].

mod exposition;
mod guard;
mod listener;
mod of_recorder;
mod of_room;

use std::path::Path;

use crate::commands::room::{Asked, Survey};
use crate::recorder::Client;

pub(crate) use exposition::Family;
pub(crate) use listener::{Listener, Reach, answer_to};

/// All metrics of now, in Prometheus' text format.
pub(crate) fn text(asked: &Asked) -> anyhow::Result<String> {
    let survey = Survey::take(&crate::host::host(), asked)?;
    Ok(exposition::written(&families(&survey, asked.dir.as_deref())))
}

fn families(survey: &Survey, dir: Option<&Path>) -> Vec<Family> {
    let status = Client::connect(dir).and_then(|mut client| client.status().ok());
    let mut families = of_room::families(survey);
    families.extend(of_recorder::families(status.as_deref()));
    families.extend(pilot());
    families.extend(leases());
    families
}

/// What the pilot did; nothing where it is off.
fn pilot() -> Option<Family> {
    let counts = crate::host::pilot_counts()?;
    let mut family = Family::counter(
        "portolan_pilot_events_total",
        "What the pilot did, by kind; portolan pilot status explains them.",
    );
    for (name, count) in counts {
        family.count(&[("event", name)], count);
    }
    Some(family)
}

/// How many ports are leased; nothing where that cannot be listed.
fn leases() -> Option<Family> {
    let ports = alloc::lease::leased_ports().ok()?;
    let mut family = Family::gauge(
        "portolan_leased_ports",
        "Ports that are leased; portolan lease ls lists them.",
    );
    family.count(&[], ports.len() as u64);
    Some(family)
}
