//! BEFORE as a person reads it: the newest tenures, a line each, and what was not recorded.

use std::io::{self, Write};

use log::{Moment, Tenure};
use sockets::Role;

use super::Card;
use super::before::{Before, Known};
use crate::output::{Column, Columns, Paint, Terminal, Tint, hanging};
use crate::past::{self, Almanac};
use crate::{label, when};

/// Writes what was before the card's NOW.
pub(super) fn write(
    card: &Card,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let mut line = |tint, text: &str| {
        let heading = paint.tint(Tint::Heading, "BEFORE ");
        let text = paint.tint(tint, text).to_string();
        hanging(out, terminal, 7, heading, &text)
    };
    match &card.before {
        Before::Known(known) => tenures(card, known, out, paint, terminal),
        Before::Unrecorded => line(Tint::Dim, "not recorded: `portolan record` would, from now on"),
        Before::Forbidden(_) => {
            line(Tint::Dim, "recorded, but not for you to read, and no recorder runs to be asked")
        }
        Before::Late => {
            line(Tint::Plain, &format!("takes longer to find out: portolan who {}", card.target))
        }
        Before::Failed(why) => line(
            Tint::Odd,
            &format!("the records could not be read: {}", crate::report::on_one_line(why)),
        ),
    }
}

fn tenures(
    card: &Card,
    known: &Known,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let heading = paint.tint(Tint::Heading, "BEFORE ");
    hanging(out, terminal, 7, heading, &summary(known))?;
    let tenures = &known.answer.tenures;
    table(known).write_rows(out, paint, 2, terminal.width)?;
    let more = tenures.len().saturating_sub(SHOWN);
    if more > 0 || known.answer.more {
        let than = if known.answer.more { "more than " } else { "" };
        let more = label::thousands(more);
        writeln!(out, "  and {than}{more} others: portolan who {}", card.target)?;
    }
    let gaps = &known.answer.gaps;
    for gap in gaps.iter().rev().take(GAPS) {
        let text = format!("not recorded {}", past::gap(gap, known.answer.since, &known.now));
        hanging(out, terminal, 2, "  ", &text)?;
    }
    if gaps.len() > GAPS {
        let rest = label::count(gaps.len() - GAPS, "time");
        writeln!(out, "  nor {rest} before: portolan who {}", card.target)?;
    }
    Ok(())
}

/// How many there were, and since when.
fn summary(known: &Known) -> String {
    let span = match known.since() {
        Some(since) => {
            format!("since recording began at {}", past::moment(since, 0, &known.now))
        }
        None => "in the last 24 h".to_owned(),
    };
    let count = known.answer.tenures.len();
    if count == 0 {
        let seen = if known.answer.gaps.is_empty() { "nobody" } else { "nobody that was seen" };
        return format!("{seen} {span}");
    }
    let than = if known.answer.more { "more than " } else { "" };
    format!("{than}{} {span}, newest first", label::count(count, "tenure"))
}

fn table(known: &Known) -> Columns {
    let shown = &known.answer.tenures[..known.answer.tenures.len().min(SHOWN)];
    let now = when::moment(known.now.timestamp());
    let almanac = Almanac::of(shown.iter().map(|tenure| tenure.from).chain([now]), &known.now);
    let mut table = Columns::new(vec![
        Column::fixed(""),
        Column::fixed(""),
        Column::fixed("").shrinking(14),
        Column::fixed("").shrinking(6).leaving(1),
        Column::fixed("").shrinking(20).keeping_end(),
    ]);
    for tenure in shown {
        table.cell(Tint::Plain, span(tenure, now, &almanac));
        table.cell(Tint::Plain, tenure.proto);
        table.cell(Tint::Accent, past::party(tenure.holder()));
        table.cell(Tint::Plain, past::user_of(tenure, &known.users));
        table.cell(Tint::Plain, what(tenure));
    }
    table
}

/// Since when and until when, to the second: `14:02:11 – now`; with a date where that is neither
/// today's nor said already.
fn span(tenure: &Tenure, now: Moment, almanac: &Almanac) -> String {
    let written = |at, known| {
        if almanac.same_day(at, known) { almanac.clock(at) } else { almanac.second(at) }
    };
    let from = written(tenure.from, now);
    let until = tenure.until.map_or_else(|| "now".to_owned(), |until| written(until, tenure.from));
    let about = past::about(tenure.evidence);
    format!("{about}{from} – {until}")
}

/// What it was: whom it talked to, or that it listened.
fn what(tenure: &Tenure) -> String {
    let failed = past::failure(tenure).map(|how| format!(" ({how})")).unwrap_or_default();
    match (tenure.role, tenure.remote) {
        (Role::Incoming, Some(remote)) => format!("← {}", past::end(remote)),
        (_, Some(remote)) => format!("→ {}{failed}", past::end(remote)),
        (Role::Listening, None) => format!("listened on {}", label::past_local(tenure)),
        (_, None) => format!("bound to {}", label::past_local(tenure)),
    }
}

/// How many tenures are shown.
const SHOWN: usize = 5;
/// How many gaps are.
const GAPS: usize = 2;
