//! `portolan doctor`: what is wrong with this machine's ports, how that is known, and what helps.

mod catalogue;
mod clients;
mod destinations;
mod explain;
mod finding;
mod formats;
mod json;
mod leases;
mod places;
mod ports;
mod programs;
mod recorder;
mod remark;
mod scene;
mod servers;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod waits;

use std::io::Write;

use sockets::{NetnsScope, Note};

use crate::args::{DoctorArgs, DoctorFormat, OutputArgs};
use crate::exit::Exit;
use crate::output::{Paint, Terminal};

pub(crate) use catalogue::{PAGES, Page, Severity};
pub(crate) use finding::Finding;
pub(crate) use json::write as write_json;
pub(crate) use scene::{Scene, Visit};

/// What was found, the worst first, and what could not be seen.
#[derive(Debug)]
pub(crate) struct Diagnosis {
    pub(crate) findings: Vec<Finding>,
    pub(crate) notes: Vec<Note>,
    /// Whether several namespaces were looked into.
    pub(crate) several: bool,
}

/// Prints what is wrong.
pub(crate) fn run(
    args: &DoctorArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    if let Some(id) = &args.explain {
        return explain::run(id, output, out);
    }
    let visit = Visit { scope: scope(args)?, over: args.over, dir: args.dir.clone(), whole: true };
    let scene = Scene::take(&crate::host::host(), &visit)?;
    let diagnosis = Diagnosis::of(&scene);
    match args.format {
        _ if output.json => json::write(&diagnosis, out)?,
        Some(DoctorFormat::Github) => formats::github(&diagnosis, out)?,
        Some(DoctorFormat::Junit) => formats::junit(&diagnosis, out)?,
        None => {
            text::write(&diagnosis, out, Paint::for_stdout(output), Terminal::of_stdout())?;
            out.flush()?;
            crate::report::notes(&diagnosis.notes);
        }
    }
    Ok(if diagnosis.is_healthy() { Exit::Answered } else { Exit::No })
}

fn scope(args: &DoctorArgs) -> anyhow::Result<NetnsScope> {
    match &args.netns {
        Some(netns) => netns.scope(),
        None if args.all_netns => Ok(NetnsScope::All),
        None => Ok(NetnsScope::Own),
    }
}

impl Diagnosis {
    /// Everything that the checks find in `scene`.
    pub(crate) fn of(scene: &Scene) -> Diagnosis {
        let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(scene)).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let mut notes = scene.survey.notes.clone();
        for note in scene.ownership.notes() {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        Diagnosis { findings, notes, several: scene.survey.namespaces.len() > 1 }
    }

    /// Whether there are notes at most.
    pub(crate) fn is_healthy(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity == Severity::Note)
    }
}

/// The checks, by topic.
const CHECKS: [fn(&Scene) -> Vec<Finding>; 27] = [
    destinations::exhaustion,
    destinations::past_cliff,
    destinations::filling,
    destinations::udp,
    tables::conntrack,
    tables::nat_pools,
    tables::files,
    servers::overflow,
    servers::orphaned,
    servers::shared,
    servers::dead_owners,
    servers::loopback_only,
    ports::below_1024,
    ports::assigned_in_range,
    ports::listeners_in_range,
    ports::known_blocks,
    ports::reserved_skew,
    ports::small,
    clients::bind_before_connect,
    clients::bound_silent,
    waits::close_wait,
    waits::buckets,
    waits::time_wait,
    waits::tw_reuse,
    leases::stale,
    recorder::off,
    |scene| [recorder::losses(scene), recorder::disk(scene)].concat(),
];
