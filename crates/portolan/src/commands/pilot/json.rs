//! `pilot status` for programs: `docs/json.md`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::IpAddr;

use bpf::pilot::Status;
use serde::Serialize;

use super::status::Seen;
use crate::output::json::{EndpointJson, SCHEMA};

#[derive(Serialize)]
struct PilotJson {
    schema: &'static str,
    piloted: bool,
    cgroups: Vec<String>,
    counts: BTreeMap<&'static str, u64>,
    quota: Option<u32>,
    sources: Vec<IpAddr>,
    destinations: Vec<DestinationJson>,
}

#[derive(Serialize)]
struct DestinationJson {
    netns_cookie: u64,
    source: IpAddr,
    destination: EndpointJson,
    piloted: u64,
    held: u64,
    fallbacks: u64,
    fill: Option<FillJson>,
}

#[derive(Serialize)]
struct FillJson {
    taken: u32,
    bound: u32,
    of: u32,
}

/// Writes one object.
pub(super) fn write(status: &Status, seen: &[Seen<'_>], out: &mut impl Write) -> io::Result<()> {
    let cgroup = |path: &std::path::PathBuf| path.to_string_lossy().into_owned();
    print(
        out,
        &PilotJson {
            schema: SCHEMA,
            piloted: true,
            cgroups: status.cgroups.iter().map(cgroup).collect(),
            counts: status.counts.named().into_iter().collect(),
            quota: status.policy.quota.map(std::num::NonZero::get),
            sources: status.policy.sources.clone(),
            destinations: seen.iter().map(DestinationJson::from).collect(),
        },
    )
}

/// Writes that nothing is piloted.
pub(super) fn write_nothing(out: &mut impl Write) -> io::Result<()> {
    print(
        out,
        &PilotJson {
            schema: SCHEMA,
            piloted: false,
            cgroups: Vec::new(),
            counts: BTreeMap::new(),
            quota: None,
            sources: Vec::new(),
            destinations: Vec::new(),
        },
    )
}

fn print(out: &mut impl Write, json: &PilotJson) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, json)?;
    writeln!(out)
}

impl From<&Seen<'_>> for DestinationJson {
    fn from(Seen { destination, fill }: &Seen<'_>) -> Self {
        DestinationJson {
            netns_cookie: destination.netns_cookie,
            source: destination.source,
            destination: destination.destination.into(),
            piloted: destination.piloted,
            held: destination.held,
            fallbacks: destination.fallbacks,
            fill: fill.as_ref().map(|fill| FillJson {
                taken: fill.taken,
                bound: fill.bound,
                of: fill.of,
            }),
        }
    }
}
