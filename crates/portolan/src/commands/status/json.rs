//! `status` for programs: `docs/json.md`.

use std::io::{self, Write};

use log::{Disk, Status};
use serde::Serialize;

use super::{Remains, State};
use crate::output::json::{GapJson, SCHEMA, utc_ns};
use crate::recorder::{ConnectFailures, Standing};

#[derive(Serialize)]
struct StatusJson<'a> {
    schema: &'static str,
    recording: bool,
    recorder: Option<RecorderJson<'a>>,
    stores: Vec<StoreJson>,
}

#[derive(Serialize)]
struct RecorderJson<'a> {
    version: &'a str,
    pid: u32,
    started: String,
    source: &'a str,
    shortcomings: &'a [String],
    open: u64,
    ended: u64,
    lost: u64,
    connect_failures: Option<ConnectFailures>,
    gaps: Vec<GapJson>,
    dir: &'a str,
    since: String,
    segments: u64,
    segment_bytes: u64,
    journal_bytes: u64,
    sealed: Option<String>,
    disk: DiskJson<'a>,
    programs: u64,
    clients: usize,
    resident_bytes: u64,
    cpu_ms: u64,
}

#[derive(Serialize)]
struct DiskJson<'a> {
    state: &'static str,
    since: Option<String>,
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct StoreJson {
    dir: String,
    bytes: Option<u64>,
    since: Option<String>,
    until: Option<String>,
}

/// Writes one object.
pub(super) fn write(state: &State, out: &mut impl Write) -> io::Result<()> {
    let (recorder, stores) = match state {
        State::Running(both) => (Some(recorder(&both.0, &both.1)), Vec::new()),
        State::Stopped(remains) => (None, remains.iter().map(StoreJson::from).collect()),
    };
    let json = StatusJson { schema: SCHEMA, recording: recorder.is_some(), recorder, stores };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

fn recorder<'a>(standing: &'a Standing, status: &'a Status) -> RecorderJson<'a> {
    RecorderJson {
        version: &standing.version,
        pid: standing.pid,
        started: utc_ns(status.started),
        source: &standing.source,
        shortcomings: &standing.shortcomings,
        open: status.open,
        ended: status.ended,
        lost: status.lost,
        connect_failures: standing.failures,
        gaps: status.gaps.iter().map(GapJson::from).collect(),
        dir: &standing.dir,
        since: utc_ns(status.since),
        segments: status.segments,
        segment_bytes: status.segment_bytes,
        journal_bytes: status.journal_bytes,
        sealed: status.sealed.map(utc_ns),
        disk: (&status.disk).into(),
        programs: status.programs,
        clients: standing.clients,
        resident_bytes: standing.resident,
        cpu_ms: standing.cpu_ms,
    }
}

impl<'a> From<&'a Disk> for DiskJson<'a> {
    fn from(disk: &'a Disk) -> DiskJson<'a> {
        let (state, trouble) = match disk {
            Disk::Writable => ("writable", None),
            Disk::Delayed { since, why } => ("delayed", Some((*since, why))),
            Disk::Stopped { since, why } => ("stopped", Some((*since, why))),
        };
        DiskJson {
            state,
            since: trouble.map(|(since, _)| utc_ns(since)),
            why: trouble.map(|(_, why)| why.as_str()),
        }
    }
}

impl From<&Remains> for StoreJson {
    fn from(remains: &Remains) -> StoreJson {
        StoreJson {
            dir: remains.dir.display().to_string(),
            bytes: remains.bytes,
            since: remains.since.map(utc_ns),
            until: remains.until.map(utc_ns),
        }
    }
}
