//! `portolan` alone: who listens here, how much of the ephemeral range is in use, what to try next.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use anyhow::Context;
use serde::Serialize;
use sockets::{Endpoint, Note, Ownership, PortSettings, Query, Snapshot, Socket, Source, State};

use crate::args::{LookArgs, OutputArgs};
use crate::exit::Exit;
use crate::label::{self, Scene};
use crate::output::json::{Listed, NoteJson, RangeJson, SCHEMA, SocketJson};
use crate::output::{Column, Columns, Paint, Terminal, Tint};

/// Prints the overview.
pub(crate) fn run(
    look: LookArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let overview = Overview::take(&crate::host::host(), look)?;
    if output.json {
        overview.write_json(out)?;
    } else {
        overview.write_text(out, Paint::for_stdout(output), Terminal::of_stdout())?;
    }
    Ok(Exit::Answered)
}

/// The overview of `source`, as JSON.
pub(crate) fn write_json(
    source: &impl Source,
    look: LookArgs,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    Ok(Overview::take(source, look)?.write_json(out)?)
}

struct Overview {
    total: usize,
    listeners: Vec<Socket>,
    ownership: Ownership,
    settings: PortSettings,
    usage: Usage,
    notes: Vec<Note>,
}

/// The sockets that wait for others, by protocol and port.
fn listeners(mut sockets: Vec<Socket>) -> Vec<Socket> {
    sockets.retain(|s| s.state == State::Listen || s.state == State::Close && s.remote.is_none());
    sockets.sort_by_key(|s| (s.proto, s.local.port, s.family, s.local.addr));
    sockets
}

/// How much of the ephemeral range is in use.
#[derive(Debug, PartialEq, Eq)]
struct Usage {
    /// Distinct ports of the range that some socket has.
    ports: usize,
    /// The destination with the most connections from the range, and how many.
    busiest: Option<(Endpoint, usize)>,
}

impl Usage {
    fn of(sockets: &[Socket], settings: &PortSettings) -> Usage {
        let inside: Vec<&Socket> =
            sockets.iter().filter(|s| settings.hands_out(s.local.port)).collect();
        let ports: HashSet<_> = inside.iter().map(|s| s.local.port).collect();
        let mut towards: HashMap<Endpoint, usize> = HashMap::new();
        for socket in inside.iter().filter(|s| !s.remote.is_none()) {
            *towards.entry(socket.remote).or_default() += 1;
        }
        let busiest = towards.into_iter().max_by_key(|(end, n)| (*n, std::cmp::Reverse(*end)));
        Usage { ports: ports.len(), busiest }
    }
}

#[derive(Serialize)]
struct OverviewJson<S> {
    schema: &'static str,
    total: usize,
    ephemeral: UsageJson,
    sockets: S,
    search: &'static str,
    notes: Vec<NoteJson>,
}

#[derive(Serialize)]
struct UsageJson {
    range: RangeJson,
    size: usize,
    ports_in_use: usize,
}

impl Overview {
    fn take(source: &impl Source, look: LookArgs) -> anyhow::Result<Overview> {
        let query = Query { netns: look.netns(), ..Query::default() };
        let Snapshot { sockets, notes, .. } =
            source.sockets(&query).context("the sockets could not be listed")?;
        let settings = source.port_settings().context("the port settings could not be read")?;
        let usage = Usage::of(&sockets, &settings);
        let (total, listeners) = (sockets.len(), listeners(sockets));
        let ownership = source.owners(&listeners, look.search());
        let notes = notes.into_iter().chain(ownership.notes().iter().cloned()).collect();
        Ok(Overview { total, listeners, ownership, settings, usage, notes })
    }

    fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        let json = OverviewJson {
            schema: SCHEMA,
            total: self.total,
            ephemeral: UsageJson {
                range: self.settings.ephemeral.into(),
                size: self.settings.handed_out(),
                ports_in_use: self.usage.ports,
            },
            sockets: Listed(|| {
                self.listeners.iter().map(|socket| SocketJson::new(socket, &self.ownership))
            }),
            search: self.ownership.method().name(),
            notes: self.notes.iter().map(NoteJson::from).collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &json)?;
        writeln!(out)
    }

    fn write_text(&self, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
        let heading = |text| paint.tint(Tint::Heading, text);
        let waiting = label::count(self.listeners.len(), "socket");
        writeln!(
            out,
            "{}  {waiting} of {} wait for others",
            heading("LISTENING"),
            label::thousands(self.total)
        )?;
        if !self.listeners.is_empty() {
            self.table().write(out, paint, 2, terminal.width)?;
        }
        writeln!(out, "{}  {}", heading("EPHEMERAL"), self.usage_text())?;
        writeln!(out, "{}  {}", heading("TRY"), self.next_steps())?;
        for note in &self.notes {
            writeln!(out, "{}", paint.tint(Tint::Dim, format_args!("note: {note}")))?;
        }
        Ok(())
    }

    fn table(&self) -> Columns {
        let mut table = Columns::new(vec![
            Column::fixed("PROTO"),
            Column::fixed("LOCAL").shrinking(15).keeping_end(),
            Column::fixed("OWNER").shrinking(22),
            Column::fixed("USER").shrinking(6).leaving(2),
            Column::fixed("WHERE").shrinking(10).leaving(3),
            Column::fixed("SERVICE").shrinking(8).leaving(1),
        ]);
        let scene = Scene::of(&self.listeners, &self.ownership);
        for socket in &self.listeners {
            let service =
                registry::assignments(socket.local.port, Some(socket.proto)).into_iter().next();
            let who = scene.who(socket);
            table.cell(Tint::Plain, socket.proto);
            table.cell(Tint::Good, label::local(socket));
            table.cell(Tint::Accent, who.holds(1));
            table.cell(Tint::Plain, who.user());
            table.cell(Tint::Plain, who.place());
            table.cell(Tint::Dim, service.and_then(|row| row.name).unwrap_or_default());
        }
        table
    }

    fn usage_text(&self) -> String {
        let size = self.settings.handed_out();
        let mut text = format!(
            "{}: {} of {} ports in use ({} %)",
            label::range(self.settings.ephemeral),
            label::thousands(self.usage.ports),
            label::thousands(size),
            self.usage.ports * 100 / size.max(1)
        );
        if let Some((end, n)) = self.usage.busiest {
            text.push_str(&format!(", {} towards {end}", label::thousands(n)));
        }
        text
    }

    fn next_steps(&self) -> String {
        let port = self.listeners.first().map_or(8080, |socket| socket.local.port.number());
        format!("portolan {port} · portolan ls · portolan registry ssh · portolan --help")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Harbour;

    fn overview() -> Overview {
        Overview::take(&Harbour, LookArgs::default()).unwrap()
    }

    #[test]
    fn as_text() {
        let mut out = Vec::new();
        let terminal = Terminal { width: Some(80), height: Some(24) };
        overview().write_text(&mut out, Paint::PLAIN, terminal).unwrap();
        insta::assert_snapshot!("overview_80", String::from_utf8(out).unwrap());
    }

    #[test]
    fn as_json() {
        let mut out = Vec::new();
        overview().write_json(&mut out).unwrap();
        insta::assert_snapshot!("overview_json", String::from_utf8(out).unwrap());
    }
}
