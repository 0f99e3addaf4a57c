//! `portolan registry`: search IANA's registry of services and ports.

use std::fmt;
use std::io::{self, Write};

use anyhow::bail;
use registry::{Assignment, PortRange, Proto, Term};
use serde::Serialize;

use crate::args::{OutputArgs, RegistryArgs};
use crate::exit::Exit;
use crate::label;
use crate::output::json::{Listed, RangeJson, SCHEMA};
use crate::output::{Column, Columns, Escaped, Paint, Terminal, Tint};

/// An assignment for programs.
#[derive(Debug, Serialize)]
pub(crate) struct AssignmentJson {
    proto: &'static str,
    ports: RangeJson,
    name: Option<&'static str>,
    description: &'static str,
    reference: Option<&'static str>,
    standing: &'static str,
    official: bool,
}

impl From<Assignment> for AssignmentJson {
    fn from(row: Assignment) -> Self {
        AssignmentJson {
            proto: row.proto.name(),
            ports: row.ports.into(),
            name: row.name,
            description: row.description,
            reference: row.reference,
            standing: row.standing.name(),
            official: row.standing.is_official(),
        }
    }
}

/// A service with the same ports on one or more protocols.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Service {
    row: Assignment,
    protos: Vec<Proto>,
}

/// Joins rows that differ in nothing but the protocol, keeping their order.
pub(crate) fn merged(rows: impl IntoIterator<Item = Assignment>) -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    for row in rows {
        let same = |s: &&mut Service| {
            (s.row.ports, s.row.name, s.row.standing) == (row.ports, row.name, row.standing)
        };
        match services.iter_mut().rev().take(4).find(same) {
            Some(service) => service.protos.push(row.proto),
            None => services.push(Service { row, protos: vec![row.proto] }),
        }
    }
    services
}

impl Service {
    fn protos(&self) -> String {
        self.protos.iter().map(|proto| proto.name()).collect::<Vec<_>>().join(", ")
    }

    /// Its ports.
    pub(crate) fn ports(&self) -> PortRange {
        self.row.ports
    }

    /// Its name; lines without one are reserved, or free.
    fn name(&self) -> &'static str {
        self.row.name.unwrap_or(self.row.standing.name())
    }

    fn is_unofficial(&self) -> bool {
        !self.row.standing.is_official()
    }
}

/// What stands behind a use that nobody assigned.
pub(crate) const UNOFFICIAL: &str = " — unofficial, not IANA's";

impl fmt::Display for Service {
    /// `ssh (tcp, udp): The Secure Shell (SSH) Protocol`, with what else is to be said of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.protos())?;
        if !self.row.description.is_empty() {
            write!(f, ": {}", self.row.description)?;
        }
        if let Some(reference) = self.row.reference {
            write!(f, " [{reference}]")?;
        }
        if self.is_unofficial() {
            f.write_str(UNOFFICIAL)?;
        }
        Ok(())
    }
}

/// What the registry has on `term`, as JSON.
pub(crate) fn answer_json(term: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let wanted = wanted(term)?;
    Ok(write_json(term, &registry::search(&wanted), out)?)
}

/// What to search for.
fn wanted(term: &str) -> anyhow::Result<Term> {
    if term.trim().is_empty() {
        bail!("nothing to search for: give a service, a port, a range or words of a description");
    }
    term.parse().map_err(|error| {
        let read = Escaped(term.as_bytes());
        anyhow::anyhow!("cannot search for \"{read}\": {error}; accepted are 443, 53/udp, 6000-6063, ssh or words")
    })
}

/// Prints what the registry has on the term.
pub(crate) fn run(
    args: &RegistryArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let words: Vec<_> = args.term.iter().map(|word| word.to_string_lossy()).collect();
    let term = words.join(" ");
    let wanted = wanted(&term)?;
    let found = registry::search(&wanted);
    if output.json {
        write_json(&term, &found, out)?;
    } else {
        let limit = if args.all { usize::MAX } else { MOST_ON_A_TERMINAL };
        write_text(&wanted, &found, limit, Paint::for_stdout(output), Terminal::of_stdout(), out)?;
    }
    Ok(if found.is_empty() { Exit::No } else { Exit::Answered })
}

#[derive(Serialize)]
struct FoundJson<'a, A> {
    schema: &'static str,
    term: &'a str,
    source: SourceJson,
    assignments: A,
}

#[derive(Serialize)]
struct SourceJson {
    package: &'static str,
    version: &'static str,
    date: &'static str,
}

fn write_json(term: &str, found: &[Assignment], out: &mut impl Write) -> io::Result<()> {
    let source = registry::table_source();
    let json = FoundJson {
        schema: SCHEMA,
        term,
        source: SourceJson { package: source.package, version: source.version, date: source.date },
        assignments: Listed(|| found.iter().map(|row| AssignmentJson::from(*row))),
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

fn write_text(
    term: &Term,
    found: &[Assignment],
    limit: usize,
    paint: Paint,
    terminal: Terminal,
    out: &mut impl Write,
) -> io::Result<()> {
    let services = merged(found.iter().copied());
    if services.is_empty() {
        let what = if term.ports().is_some() { "is assigned there" } else { "matches that" };
        return writeln!(out, "nothing in the registry {what}");
    }
    let limit = if terminal.is_terminal() { limit } else { usize::MAX };
    let mut table = Columns::new(vec![
        Column::fixed("PORT").right(),
        Column::fixed("PROTO"),
        Column::fixed("SERVICE").shrinking(12),
        Column::fixed("DESCRIPTION").shrinking(20),
        Column::fixed("REFERENCE").leaving(1),
    ]);
    for service in services.iter().take(limit) {
        let unofficial = service.is_unofficial();
        table.cell(Tint::Accent, label::range(service.row.ports));
        table.cell(Tint::Plain, service.protos());
        table.cell(Tint::Heading, service.name());
        table.cell(Tint::Plain, service.row.description);
        let reference = if unofficial { "unofficial" } else { service.row.reference.unwrap_or("") };
        table.cell(if unofficial { Tint::Odd } else { Tint::Dim }, reference);
    }
    table.write(out, paint, 0, terminal.width)?;
    let more = services.len() - table.rows();
    if more > 0 {
        writeln!(out, "and {} more: --all shows them", label::thousands(more))?;
    }
    if terminal.is_terminal() {
        let source = format!("IANA's registry as of {}", registry::table_source().date);
        writeln!(out, "{}", paint.tint(Tint::Dim, source))?;
    }
    Ok(())
}

/// A terminal is shown this many services unless it asks for all.
const MOST_ON_A_TERMINAL: usize = 50;
