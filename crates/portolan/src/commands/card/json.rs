//! The card for programs: `docs/json.md`.

use std::io::{self, Write};

use registry::Territory;
use serde::Serialize;

use super::Card;
use crate::commands::registry::AssignmentJson;
use crate::output::json::{BindJson, Listed, NoteJson, RangeJson, SCHEMA, SocketJson};

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
    notes: Vec<NoteJson>,
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
        notes: card.notes.iter().map(NoteJson::from).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
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
