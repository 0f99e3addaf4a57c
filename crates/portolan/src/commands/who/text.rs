//! What was found, as a person reads it: a sentence, a table, what is known of the processes, and
//! what is not known.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

use log::{Moment, Tenure};
use sockets::{Evidence, Program};

use super::sentence::sentence;
use super::{Found, Span, Teller, tail};
use crate::about::describe;
use crate::exit::Exit;
use crate::output::{Column, Columns, Escaped, Paint, Terminal, Tint, hanging, lines};
use crate::past::Almanac;
use crate::tongue::Tongue;
use crate::{label, past};

/// Writes the answer.
pub(super) fn write(
    found: &Found,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let tint = match found.exit() {
        Exit::Answered => Tint::Heading,
        Exit::No => Tint::Good,
        _ => Tint::Odd,
    };
    for line in lines(&sentence(found), terminal, 0) {
        writeln!(out, "{}", paint.tint(tint, line))?;
    }
    let almanac = Almanac::of(moments(found), &found.inquiry.now);
    if !found.answer.tenures.is_empty() {
        let narrow = terminal.width.is_some_and(|width| width < WIDE);
        let table = Table { found, almanac: &almanac, narrow };
        table.columns().write(out, paint, 2, terminal.width)?;
        details(found, &almanac, out, paint, terminal)?;
    }
    footer(found, out, paint, terminal)
}

/// Every moment that the table shows.
fn moments(found: &Found) -> impl Iterator<Item = Moment> {
    // The day of a moment that was asked about stands in the sentence.
    let said = match found.inquiry.span {
        Span::At => found.inquiry.question.from,
        _ => crate::when::moment(found.inquiry.now.timestamp()),
    };
    let of = |tenure: &Tenure| [tenure.from, tenure.until.unwrap_or(tenure.from)];
    found.answer.tenures.iter().flat_map(of).chain([said])
}

/// The table of tenures.
struct Table<'a> {
    found: &'a Found,
    almanac: &'a Almanac,
    narrow: bool,
}

impl Table<'_> {
    fn columns(&self) -> Columns {
        let Found { answer, own, inquiry, .. } = self.found;
        let tenures = &answer.tenures;
        let first = tenures.first().map(|tenure| tenure.netns);
        let foreign = tenures.iter().any(|tenure| Some(tenure.netns) != own.or(first));
        // Who asks about one port knows it.
        let one = inquiry.target.as_ref().is_some_and(|target| target.port().is_some());
        let local = Column::fixed("LOCAL").shrinking(15).keeping_end();
        let mut columns = vec![
            Column::fixed("FROM"),
            Column::fixed("UNTIL").leaving(5),
            Column::fixed("FOR").right(),
            Column::fixed("PROTO"),
            if one { local.leaving(8) } else { local },
            Column::fixed("REMOTE").shrinking(15).keeping_end(),
            Column::fixed("OWNER").shrinking(14),
            Column::fixed("USER").shrinking(6).leaving(6),
            Column::fixed("WHERE").shrinking(10).leaving(7),
            Column::fixed("ENDED").shrinking(9).leaving(2),
            Column::fixed("SURE").shrinking(7).leaving(3),
        ];
        if foreign {
            columns.push(Column::fixed("NETNS").leaving(4));
        }
        let mut table = Columns::new(columns);
        for tenure in tenures {
            self.row(&mut table, tenure);
            if foreign {
                table.cell(Tint::Dim, tenure.netns.0);
            }
        }
        table
    }

    fn row(&self, table: &mut Columns, tenure: &Tenure) {
        let place = past::program(tenure.holder()).map(|program| &program.process.place);
        let (until, tint) = match tenure.until {
            Some(until) => (self.moment(until), Tint::Plain),
            None => ("now".to_owned(), Tint::Good),
        };
        table.cell(Tint::Plain, self.moment(tenure.from));
        table.cell(tint, until);
        table.cell(Tint::Plain, past::lasted(tenure));
        table.cell(Tint::Plain, tenure.proto);
        table.cell(Tint::Plain, label::past_local(tenure));
        table.cell(Tint::Plain, tenure.remote.map(past::end).unwrap_or_default());
        table.cell(Tint::Accent, past::party(tenure.holder(), Tongue::default()));
        table.cell(Tint::Plain, past::user_of(tenure, &self.found.users));
        table.cell(Tint::Plain, place.map(label::place).unwrap_or_default());
        table.cell(tint, past::ending(tenure, self.almanac));
        table.cell(Tint::Odd, past::evidence(tenure.evidence));
    }

    fn moment(&self, at: Moment) -> String {
        if self.narrow { self.almanac.second(at) } else { self.almanac.millisecond(at) }
    }
}

/// What is known of the processes, and of tenures that went through several hands.
fn details(
    found: &Found,
    almanac: &Almanac,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let tenures = &found.answer.tenures;
    let mut programs: Vec<&Program> = Vec::new();
    for tenure in tenures {
        for party in [tenure.holder(), &tenure.opener, &tenure.taker, &tenure.closer] {
            if let Some(program) = past::program(party)
                && !programs.iter().any(|known| known.key == program.key)
            {
                programs.push(program);
            }
        }
    }
    for program in programs.iter().take(PROGRAMS) {
        describe(&program.process, out, paint, terminal, Tongue::default())?;
    }
    let handed = tenures.iter().filter_map(|tenure| Some((tenure, past::hands(tenure)?)));
    for (tenure, hands) in handed.take(HANDS) {
        let lead = format!("  {}  ", almanac.millisecond(tenure.from));
        let indent = lead.chars().count();
        hanging(out, terminal, indent, paint.tint(Tint::Dim, lead), &hands)?;
    }
    Ok(())
}

/// What is not known, and how the rest is to be read.
fn footer(found: &Found, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
    let now = &found.inquiry.now;
    let mut note = |text: &str| hanging(out, terminal, 6, paint.tint(Tint::Dim, "note: "), text);
    for gap in found.answer.gaps.iter().rev().take(GAPS) {
        let other = || past::gap(gap, found.answer.since, now, Tongue::default());
        note(&tail::doubt(gap, now).unwrap_or_else(other))?;
    }
    if let Some(more) = found.answer.gaps.len().checked_sub(GAPS + 1) {
        note(&format!("and {} before that not recorded", label::count(more + 1, "time")))?;
    }
    for evidence in [Evidence::OpenAtStart, Evidence::Sampled] {
        let shown = found.answer.tenures.iter().any(|tenure| tenure.evidence == evidence);
        if let Some(meaning) = past::evidence_meaning(evidence).filter(|_| shown) {
            note(meaning)?;
        }
    }
    found.inquiry.remarks.iter().try_for_each(|remark| note(remark))?;
    let at = found.answer.tenures.first().map_or(found.inquiry.question.until, |t| t.from);
    let teller = match &found.teller {
        Teller::Recorder => "told by the recorder".to_owned(),
        Teller::Store(dir) => format!("read from {}", Escaped(dir.as_os_str().as_bytes())),
    };
    let last = format!("times in {} · {teller}", past::zone(at, now));
    lines(&last, terminal, 0)
        .iter()
        .try_for_each(|line| writeln!(out, "{}", paint.tint(Tint::Dim, line)))
}

/// From this many columns on, there is room for milliseconds.
const WIDE: usize = 100;
/// How many processes are described.
const PROGRAMS: usize = 5;
/// How many tenures that changed hands.
const HANDS: usize = 5;
/// How many gaps.
const GAPS: usize = 5;
