//! The card for programs: `docs/json.md`.

use std::io::{self, Write};
use std::path::PathBuf;

use registry::Territory;
use serde::Serialize;

use super::Card;
use super::before::Before;
use crate::commands::registry::AssignmentJson;
use crate::output::json::{
    BindJson, GapJson, Listed, NoteJson, RangeJson, SCHEMA, SocketJson, TenureJson, utc_ns,
};

#[derive(Serialize)]
struct CardJson<'a, S, B> {
    schema: &'static str,
    port: Option<u16>,
    ports: Vec<RangeJson>,
    host: Option<&'a str>,
    proto: Option<&'static str>,
    territory: &'static str,
    ephemeral: Option<EphemeralJson>,
    unprivileged_start: Option<u16>,
    assignments: Vec<AssignmentJson>,
    sockets: S,
    bind: B,
    search: &'static str,
    before: BeforeJson<'a>,
    notes: Vec<NoteJson>,
}

#[derive(Serialize)]
struct BeforeJson<'a> {
    status: &'static str,
    dir: Option<String>,
    problem: Option<&'a str>,
    from: Option<String>,
    until: Option<String>,
    tenures: Vec<TenureJson<'a>>,
    more: bool,
    gaps: Vec<GapJson>,
    since: Option<String>,
    source: Option<&'static str>,
}

#[derive(Serialize)]
struct EphemeralJson {
    inside: bool,
    reserved: bool,
    range: RangeJson,
    source: &'static str,
    elsewhere: Vec<ElsewhereJson>,
}

#[derive(Serialize)]
struct ElsewhereJson {
    system: &'static str,
    range: RangeJson,
    source: &'static str,
}

/// Writes the card as one object and a line feed.
pub(super) fn write(card: &Card, out: &mut impl Write) -> io::Result<()> {
    let range = super::span(&card.target);
    let (sockets, ownership) = (&card.snapshot.sockets, &card.ownership);
    let json = CardJson {
        schema: SCHEMA,
        port: card.port().map(registry::Port::number),
        ports: card.target.ports.iter().map(|range| RangeJson::from(*range)).collect(),
        host: card.target.host.as_deref(),
        proto: card.target.proto.map(registry::Proto::name),
        territory: Territory::of(range.first()).name(),
        ephemeral: ephemeral(card),
        unprivileged_start: card.settings.as_ref().map(|s| s.unprivileged_start.number()),
        assignments: card.assignments().into_iter().map(AssignmentJson::from).collect(),
        sockets: Listed(|| sockets.iter().map(|socket| SocketJson::new(socket, ownership))),
        bind: Listed(|| card.binds.iter().map(|v| BindJson::new(v, sockets, ownership))),
        search: ownership.method().name(),
        before: before(&card.before),
        notes: card.notes.iter().map(NoteJson::from).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

fn before(before: &Before) -> BeforeJson<'_> {
    let nothing = |status, dir: Option<&PathBuf>, problem| BeforeJson {
        status,
        dir: dir.map(|dir| dir.display().to_string()),
        problem,
        from: None,
        until: None,
        tenures: Vec::new(),
        more: false,
        gaps: Vec::new(),
        since: None,
        source: None,
    };
    let known = match before {
        Before::Known(known) => known,
        Before::Unrecorded => return nothing("not-recorded", None, None),
        Before::Forbidden(dir) => return nothing("forbidden", Some(dir), None),
        Before::Late => return nothing("late", None, None),
        Before::Failed(problem) => return nothing("failed", None, Some(problem)),
    };
    let answer = &known.answer;
    let tenure = |tenure| TenureJson::new(tenure, &known.users);
    BeforeJson {
        from: Some(utc_ns(known.question.from)),
        until: Some(utc_ns(known.question.until)),
        tenures: answer.tenures.iter().map(tenure).collect(),
        more: answer.more,
        gaps: answer.gaps.iter().map(GapJson::from).collect(),
        since: answer.since.map(utc_ns),
        source: Some(known.teller.name()),
        ..nothing("known", known.teller.dir(), None)
    }
}

fn ephemeral(card: &Card) -> Option<EphemeralJson> {
    let settings = card.settings.as_ref()?;
    let range = super::span(&card.target);
    Some(EphemeralJson {
        inside: settings.ephemeral.contains(range.first())
            && settings.ephemeral.contains(range.last()),
        reserved: card.port().is_some_and(|port| settings.is_reserved(port)),
        range: settings.ephemeral.into(),
        source: "net.ipv4.ip_local_port_range",
        elsewhere: card
            .ephemeral_elsewhere()
            .into_iter()
            .map(|system| ElsewhereJson {
                system: system.name(),
                range: system.ephemeral().into(),
                source: system.source(),
            })
            .collect(),
    })
}
