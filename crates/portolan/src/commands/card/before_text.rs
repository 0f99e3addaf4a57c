//! BEFORE as a person reads it: the newest tenures, a line each, and what was not recorded.

use std::io::{self, Write};

use log::{Moment, Tenure};
use sockets::Role;

use super::Card;
use super::before::{Before, Known};
use crate::output::{Column, Columns, Paint, Terminal, Tint, hanging, width_of};
use crate::past::{self, Almanac};
use crate::tongue::Tongue;
use crate::{label, when};

/// Writes what was before the card's NOW.
pub(super) fn write(
    card: &Card,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let tongue = card.tongue;
    let target = card.target.to_string();
    let (tint, text) = match &card.before {
        Before::Known(known) => return tenures(card, known, out, paint, terminal),
        Before::Unrecorded => {
            let english = || "not recorded: `portolan record` would, from now on".to_owned();
            (Tint::Dim, tongue.say("card-unrecorded", &[], english))
        }
        Before::Forbidden(_) => {
            let english = "recorded, but not for you to read, and no recorder runs to be asked";
            (Tint::Dim, tongue.say("card-forbidden", &[], || english.to_owned()))
        }
        Before::Late => {
            let english = || format!("takes longer to find out: portolan who {target}");
            (Tint::Plain, tongue.say("card-late", &[("target", (&target).into())], english))
        }
        Before::Failed(why) => {
            let why = crate::report::on_one_line(why);
            let english = || format!("the records could not be read: {why}");
            (Tint::Odd, tongue.say("card-failed", &[("why", (&why).into())], english))
        }
    };
    let heading = heading(tongue);
    let text = paint.tint(tint, text).to_string();
    hanging(out, terminal, width_of(&heading), paint.tint(Tint::Heading, &heading), &text)
}

/// What stands before the past, and a space.
fn heading(tongue: Tongue) -> String {
    format!("{} ", tongue.word("card-before", "BEFORE"))
}

fn tenures(
    card: &Card,
    known: &Known,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let tongue = card.tongue;
    let heading = heading(tongue);
    let lead = paint.tint(Tint::Heading, &heading);
    hanging(out, terminal, width_of(&heading), lead, &summary(known, tongue))?;
    let tenures = &known.answer.tenures;
    table(known, tongue).write_rows(out, paint, 2, terminal.width)?;
    let more = tenures.len().saturating_sub(SHOWN);
    if more > 0 || known.answer.more && !tenures.is_empty() {
        let target = card.target.to_string();
        let args = [
            ("kind", at_least(known).into()),
            ("count", more.into()),
            ("target", (&target).into()),
        ];
        let than = if known.answer.more { "more than " } else { "" };
        let more = label::thousands(more);
        let english = || format!("and {than}{more} others: portolan who {target}");
        writeln!(out, "  {}", tongue.say("card-more-tenures", &args, english))?;
    }
    let gaps = &known.answer.gaps;
    for gap in gaps.iter().rev().take(GAPS) {
        hanging(out, terminal, 2, "  ", &past::gap(gap, known.answer.since, &known.now, tongue))?;
    }
    if gaps.len() > GAPS {
        let rest = label::count(gaps.len() - GAPS, "time");
        let target = card.target.to_string();
        let args = [("count", (gaps.len() - GAPS).into()), ("target", (&target).into())];
        let english = || format!("nor {rest} before: portolan who {target}");
        writeln!(out, "  {}", tongue.say("card-more-gaps", &args, english))?;
    }
    Ok(())
}

/// How many there were, and since when.
fn summary(known: &Known, tongue: Tongue) -> String {
    let span = match known.since() {
        Some(since) => {
            let since = past::moment(since, 0, &known.now);
            let english = || format!("since recording began at {since}");
            tongue.say("card-since-recording", &[("since", (&since).into())], english)
        }
        None => tongue.say("card-last-day", &[], || "in the last 24 h".to_owned()),
    };
    let count = known.answer.tenures.len();
    if count == 0 && known.answer.more {
        return tongue.say("card-only-trials", &[("span", (&span).into())], || {
            format!("{span} so many binds by cards that `portolan who` alone has the rest")
        });
    }
    if count == 0 {
        let (id, seen) = match known.answer.gaps.is_empty() {
            true => ("card-nobody", "nobody"),
            false => ("card-nobody-seen", "nobody that was seen"),
        };
        return tongue.say(id, &[("span", (&span).into())], || format!("{seen} {span}"));
    }
    let than = if known.answer.more { "more than " } else { "" };
    let args =
        [("kind", at_least(known).into()), ("count", count.into()), ("span", (&span).into())];
    tongue.say("card-tenures", &args, || {
        format!("{than}{} {span}, newest first", label::count(count, "tenure"))
    })
}

/// Whether there are as many as were counted, or more.
fn at_least(known: &Known) -> &'static str {
    if known.answer.more { "more" } else { "exact" }
}

fn table(known: &Known, tongue: Tongue) -> Columns {
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
        table.cell(Tint::Plain, span(tenure, now, &almanac, tongue));
        table.cell(Tint::Plain, tenure.proto);
        table.cell(Tint::Accent, past::party(tenure.holder(), tongue));
        table.cell(Tint::Plain, past::user_of(tenure, &known.users));
        table.cell(Tint::Plain, what(tenure, tongue));
    }
    table
}

/// Since when and until when, to the second: `14:02:11 – now`; with a date where that is neither
/// today's nor said already.
fn span(tenure: &Tenure, now: Moment, almanac: &Almanac, tongue: Tongue) -> String {
    let written = |at, known| {
        if almanac.same_day(at, known) { almanac.clock(at) } else { almanac.second(at) }
    };
    let from = written(tenure.from, now);
    let still = || tongue.word("card-until-now", "now").into_owned();
    let until = tenure.until.map_or_else(still, |until| written(until, tenure.from));
    let about = past::about(tenure.evidence);
    format!("{about}{from} – {until}")
}

/// What it was: whom it talked to, or that it listened.
fn what(tenure: &Tenure, tongue: Tongue) -> String {
    let failed = past::failure(tenure).map(|how| {
        let id = match how {
            "refused" => "card-refused",
            "timed out" => "card-timed-out",
            _ => "card-connect-failed",
        };
        format!(" ({})", tongue.word(id, how))
    });
    let failed = failed.unwrap_or_default();
    let local = label::past_local(tenure).to_string();
    let at = [("local", (&local).into())];
    match (tenure.role, tenure.remote) {
        (Role::Incoming, Some(remote)) => format!("← {}", past::end(remote)),
        (_, Some(remote)) => format!("→ {}{failed}", past::end(remote)),
        (Role::Listening, None) => {
            tongue.say("card-listened", &at, || format!("listened on {local}"))
        }
        (_, None) => tongue.say("card-was-bound", &at, || format!("bound to {local}")),
    }
}

/// How many tenures are shown.
const SHOWN: usize = 5;
/// How many gaps are.
const GAPS: usize = 2;
