//! The answer for programs: `docs/json.md`.

use std::io::{self, Write};

use serde::Serialize;

use super::{Found, Span};
use crate::exit::Exit;
use crate::output::json::{GapJson, Listed, RangeJson, SCHEMA, TenureJson, utc_ns};
use crate::past;

#[derive(Serialize)]
struct FoundJson<'a, T> {
    schema: &'static str,
    answer: &'static str,
    ports: Vec<RangeJson>,
    proto: Option<&'static str>,
    from: Option<String>,
    until: String,
    zone: String,
    tenures: T,
    more: bool,
    hidden: bool,
    gaps: Vec<GapJson>,
    since: Option<String>,
    source: &'static str,
    dir: Option<String>,
    remarks: &'a [String],
}

/// Writes the answer as one object and a line feed.
pub(super) fn write(found: &Found, out: &mut impl Write) -> io::Result<()> {
    let Found { inquiry, answer, teller, users, .. } = found;
    let question = &inquiry.question;
    let json = FoundJson {
        schema: SCHEMA,
        answer: match found.exit() {
            Exit::Answered => "held",
            Exit::No => "nobody",
            _ => "unknown",
        },
        ports: question.ports.iter().copied().map(RangeJson::from).collect(),
        proto: question.proto.map(registry::Proto::name),
        from: (inquiry.span != Span::Ever).then(|| utc_ns(question.from)),
        until: utc_ns(question.until),
        zone: past::zone(question.until, &inquiry.now),
        tenures: Listed(|| answer.tenures.iter().map(|tenure| TenureJson::new(tenure, users))),
        more: answer.more,
        hidden: found.hidden,
        gaps: answer.gaps.iter().map(GapJson::from).collect(),
        since: answer.since.map(utc_ns),
        source: teller.name(),
        dir: teller.dir().map(|dir| dir.display().to_string()),
        remarks: &inquiry.remarks,
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}
