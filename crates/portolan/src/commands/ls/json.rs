//! `ls` for programs: `docs/json.md`.

use std::io::{self, Write};

use serde::Serialize;

use super::Listing;
use crate::output::json::{Listed, NoteJson, SCHEMA, SocketJson};

#[derive(Serialize)]
struct ListingJson<S> {
    schema: &'static str,
    sockets: S,
    search: &'static str,
    notes: Vec<NoteJson>,
}

/// Writes the listing as one object on one line.
pub(super) fn write(listing: &Listing, out: &mut impl Write) -> io::Result<()> {
    let json = ListingJson {
        schema: SCHEMA,
        sockets: Listed(|| {
            listing.sockets.iter().map(|socket| SocketJson::new(socket, &listing.ownership))
        }),
        search: listing.ownership.method().name(),
        notes: listing.notes.iter().map(NoteJson::from).collect(),
    };
    serde_json::to_writer(&mut *out, &json)?;
    writeln!(out)
}
