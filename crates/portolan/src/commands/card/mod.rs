//! `portolan PORT`: what the port is, who holds it now, whether it can be bound, and who had it
//! before.

mod before;
mod before_text;
mod bind;
mod json;
mod now;
#[cfg(test)]
mod tests;
mod text;
mod told;
#[cfg(test)]
mod tongue_tests;
mod view;

use std::io::Write;
use std::time::Instant;

use anyhow::Context;
use registry::{Assignment, Port, PortRange, Proto, Standing, System, Target};
use sockets::{
    BindVerdict, Note, Outcome, Ownership, PortSettings, Ports, Query, Reason, Snapshot, Source,
};

use crate::args::{CardArgs, LookArgs, OutputArgs};
use crate::exit::Exit;
use crate::netns;
use crate::output::{Paint, Terminal};
use crate::recorder::Recalled;
use crate::tongue::Tongue;

use before::{Asked, Before};

pub(crate) use now::local_role;
pub(crate) use told::note_view;
pub(crate) use view::{card_json, port_now, socket_view};

/// Everything a card says.
#[derive(Debug)]
pub(crate) struct Card {
    target: Target,
    settings: Option<PortSettings>,
    snapshot: Snapshot,
    ownership: Ownership,
    /// Empty for a range.
    binds: Vec<BindVerdict>,
    before: Before,
    notes: Vec<Note>,
    /// What it is told in.
    tongue: Tongue,
}

/// Prints the card of `target`, or answers `--held`.
pub(crate) fn run(
    target: Target,
    args: &CardArgs,
    look: LookArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let tongue = Tongue::of(args.lang.as_deref())?;
    let netns = if look.all_netns { None } else { netns::own().ok() };
    let asks = |netns| Asked::recorder(&target, netns, args.dir.as_deref());
    let (briefing, before) = match netns.filter(|_| !args.quiet).and_then(asks) {
        Some((briefing, asked)) => (Some(briefing), Some(asked)),
        None if args.quiet => (None, None),
        None => (None, Some(Before::ask(&target, netns, args.dir.clone()))),
    };
    let source = Recalled::new(crate::host::host(), args.dir.clone(), briefing);
    let mut card = Card::draw(&source, target, args.no_probe, look)?;
    if let Some(before) = before {
        card.before = before.answer(started);
        if output.json {
            json::write(&card, out)?;
        } else {
            card.tongue = tongue;
            text::write(&card, out, Paint::for_stdout(output), Terminal::of_stdout())?;
        }
    }
    Ok(if args.held { card.held() } else { Exit::Answered })
}

impl Card {
    /// Asks `source` for everything the card of `target` says of the present.
    fn draw(
        source: &impl Source,
        target: Target,
        no_probe: bool,
        look: LookArgs,
    ) -> anyhow::Result<Card> {
        let query = Query {
            protos: protos(&target),
            ports: Ports::Either(span(&target)),
            netns: look.netns(),
            ..Query::default()
        };
        let mut snapshot = source.sockets(&query).context("the sockets could not be listed")?;
        let meant = |port| target.contains(port);
        snapshot.sockets.retain(|s| meant(s.local.port) || meant(s.remote.port));
        let own = snapshot.netns.first().map(|netns| netns.id);
        snapshot.sockets.sort_by_key(|socket| Some(socket.netns) != own);
        let ownership = source.owners(&snapshot.sockets, look.search());
        let settings = source.port_settings().ok();
        let binds = match (target.port(), &settings) {
            (Some(port), Some(settings)) => {
                bind::verdicts(source, port, &query.protos, &snapshot, settings, no_probe)
            }
            _ => Vec::new(),
        };
        let notes = snapshot.notes.iter().chain(ownership.notes()).cloned().collect();
        let before = Before::Unrecorded;
        let tongue = Tongue::default();
        Ok(Card { target, settings, snapshot, ownership, binds, before, notes, tongue })
    }

    /// The one port the card is about, unless it is about a range.
    fn port(&self) -> Option<Port> {
        self.target.port()
    }

    /// The other systems that hand the port out to whoever asks for any.
    fn ephemeral_elsewhere(&self) -> Vec<System> {
        let Some(port) = self.port() else { return Vec::new() };
        let others = System::ALL.into_iter().filter(|system| *system != System::Linux);
        others.filter(|system| system.ephemeral().contains(port)).collect()
    }

    /// What the registry has on the ports, official lines first.
    fn assignments(&self) -> Vec<Assignment> {
        let proto = self.target.proto;
        if let Some(port) = self.port() {
            return registry::assignments(port, proto);
        }
        let ranges = &self.target.ports;
        let overlaps = |row: &Assignment| {
            let meets =
                |r: &PortRange| r.first() <= row.ports.last() && row.ports.first() <= r.last();
            ranges.iter().any(meets)
        };
        registry::all()
            .filter(|row| row.standing != Standing::Unassigned)
            .filter(|row| proto.is_none_or(|proto| proto == row.proto) && overlaps(row))
            .collect()
    }

    /// Whether somebody holds the port: by the table, or, where a socket may hide from it, by what
    /// the kernel said to a bind.
    fn held(&self) -> Exit {
        if self.snapshot.sockets.iter().any(|socket| self.target.contains(socket.local.port)) {
            return Exit::Answered;
        }
        let unseen = |v: &BindVerdict| matches!(v.reason, Some(Reason::Unseen));
        if self.binds.iter().any(|verdict| verdict.probed && unseen(verdict)) {
            return Exit::Answered;
        }
        let settled = |v: &BindVerdict| v.probed && v.outcome == Outcome::Yes;
        let probed = !self.binds.is_empty() && self.binds.iter().all(settled);
        let may_hide = |note: &Note| match note {
            Note::ProcNet { .. } | Note::BoundUnlisted => !probed,
            // A bind of ours tells nothing of another namespace.
            Note::NetnsUnreadable { .. } | Note::NetnsHidden { .. } => true,
            _ => false,
        };
        if self.notes.iter().any(may_hide) { Exit::Unknown } else { Exit::No }
    }
}

/// The protocols to look at: the one asked for, or those that can be listed.
fn protos(target: &Target) -> Vec<Proto> {
    target.proto.map_or_else(|| vec![Proto::Tcp, Proto::Udp], |proto| vec![proto])
}

/// The smallest range with all the target's ports in it, which the kernel can filter by.
fn span(target: &Target) -> PortRange {
    let first = target.ports.iter().map(|range| range.first()).min();
    let last = target.ports.iter().map(|range| range.last()).max();
    let ends = first.zip(last).and_then(|(first, last)| PortRange::new(first, last));
    ends.unwrap_or(PortRange::ALL)
}
