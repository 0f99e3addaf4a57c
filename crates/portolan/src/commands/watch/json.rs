//! What `watch --json` prints: an object a line, as `docs/json.md` describes it.

use std::io::{self, Write};

use log::{Change, Verb};
use serde::Serialize;
use sockets::Users;

use crate::output::json::{SCHEMA, TenureJson, utc_ns};

#[derive(Serialize)]
struct EventJson<'a> {
    schema: &'static str,
    event: &'static str,
    at: String,
    tenure: TenureJson<'a>,
}

#[derive(Serialize)]
struct MissedJson {
    schema: &'static str,
    event: &'static str,
    count: u64,
}

/// Writes a change.
pub(super) fn change(change: &Change, users: &Users, out: &mut impl Write) -> io::Result<()> {
    let json = EventJson {
        schema: SCHEMA,
        event: match change.verb {
            Verb::Opened => "opened",
            Verb::Changed => "changed",
            Verb::Taken => "taken",
            Verb::Closed => "closed",
        },
        at: utc_ns(change.at),
        tenure: TenureJson::new(&change.tenure, users),
    };
    serde_json::to_writer(&mut *out, &json)?;
    writeln!(out)
}

/// Writes that so many changes were missed.
pub(super) fn missed(count: u64, out: &mut impl Write) -> io::Result<()> {
    let json = MissedJson { schema: SCHEMA, event: "missed", count };
    serde_json::to_writer(&mut *out, &json)?;
    writeln!(out)
}
