//! `range` alone: the range of each namespace, what IANA says, who listens inside, and what other systems
//! do.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::Context;
use registry::{Port, PortRange, System};
use serde::Serialize;
use sockets::{
    Limits, NetnsScope, Ownership, Query, Room, Snapshot, Socket, Source, TimeWaitReuse,
};

use crate::args::{LookArgs, OutputArgs, RangeArgs};
use crate::exit::Exit;
use crate::label;
use crate::output::json::{RangeJson, SCHEMA, SocketJson};
use crate::output::{Paint, Terminal, Tint, hanging};
use crate::servers::serves;

/// Prints the range.
pub(super) fn run(
    args: &RangeArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let scope = match &args.netns {
        Some(netns) => netns.scope()?,
        None if args.all_netns => NetnsScope::All,
        None => NetnsScope::Own,
    };
    let ranges = Ranges::take(&crate::host::host(), scope)?;
    if output.json {
        ranges.write_json(out)?;
    } else {
        ranges.write(out, Paint::for_stdout(output), Terminal::of_stdout())?;
    }
    Ok(Exit::Answered)
}

struct Ranges {
    each: Vec<Limits>,
    sockets: Vec<Socket>,
    /// Those of servers inside a range.
    inside: Vec<Socket>,
    ownership: Ownership,
}

#[derive(Serialize)]
struct RangesJson<'a> {
    schema: &'static str,
    ranges: Vec<OneJson<'a>>,
    iana: RangeJson,
    elsewhere: Vec<ElsewhereJson>,
}

#[derive(Serialize)]
struct OneJson<'a> {
    netns: u64,
    name: Option<&'a str>,
    range: RangeJson,
    reserved: Vec<RangeJson>,
    unprivileged_start: u16,
    handed_out: u32,
    open: u32,
    listeners: Vec<ListenerJson<'a>>,
}

#[derive(Serialize)]
struct ListenerJson<'a> {
    reserved: bool,
    socket: SocketJson<'a>,
}

#[derive(Serialize)]
struct ElsewhereJson {
    system: &'static str,
    range: RangeJson,
    setting: &'static str,
    source: &'static str,
}

impl Ranges {
    fn take(source: &impl Source, scope: NetnsScope) -> anyhow::Result<Ranges> {
        let each = sockets::limits(scope).context("the port settings could not be read")?;
        let query = Query { netns: scope, ..Query::default() };
        let Snapshot { sockets, .. } =
            source.sockets(&query).context("the sockets could not be listed")?;
        let is_inside = |socket: &&Socket| {
            let limits = each.iter().find(|limits| limits.netns.id == socket.netns);
            limits.is_some_and(|limits| {
                limits.ports.ephemeral.contains(socket.local.port) && serves(socket, &limits.ports)
            })
        };
        let mut inside: Vec<Socket> = sockets.iter().filter(is_inside).cloned().collect();
        inside.sort_by_key(|socket| (socket.netns, socket.local.port, socket.proto));
        let ownership = source.owners(&inside, LookArgs::default().search());
        Ok(Ranges { each, sockets, inside, ownership })
    }

    fn room(&self, limits: &Limits) -> Room {
        let reuse = limits.reuse.unwrap_or(TimeWaitReuse::NEVER);
        Room::of(limits.netns.id, &self.sockets, &limits.ports, reuse)
    }

    fn write(&self, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
        let head = |text: &str| paint.tint(Tint::Heading, text.to_owned());
        for limits in &self.each {
            let ports = &limits.ports;
            let place = if self.each.len() > 1 {
                let netns = std::slice::from_ref(&limits.netns);
                format!(" · netns {}", label::netns(limits.netns.id, netns))
            } else {
                String::new()
            };
            let room = self.room(limits);
            let text = format!(
                "{}: {} for connections to one destination{place}",
                label::range(ports.ephemeral),
                label::count(room.open() as usize, "port")
            );
            hanging(out, terminal, 11, head("RANGE      "), &text)?;
            if !ports.reserved.is_empty() {
                hanging(out, terminal, 11, head("RESERVED   "), &label::ranges(&ports.reserved))?;
            }
            hanging(out, terminal, 11, head("IANA       "), &iana(ports.ephemeral))?;
            self.write_listeners(limits, out, paint, terminal)?;
        }
        let elsewhere = System::ALL
            .map(|system| format!("{} {}", system.name(), label::range(system.ephemeral())));
        hanging(
            out,
            terminal,
            11,
            head("ELSEWHERE  "),
            &format!("by default {}", elsewhere.join(", ")),
        )
    }

    fn write_listeners(
        &self,
        limits: &Limits,
        out: &mut impl Write,
        paint: Paint,
        terminal: Terminal,
    ) -> io::Result<()> {
        let scene = label::Scene::of(&self.inside, &self.ownership);
        let mut by: BTreeMap<(Port, &str), (bool, String)> = BTreeMap::new();
        for socket in self.inside.iter().filter(|socket| socket.netns == limits.netns.id) {
            let reserved = limits.ports.is_reserved(socket.local.port);
            let who = scene.who(socket).holds(1);
            by.insert((socket.local.port, socket.proto.name()), (reserved, who));
        }
        if by.is_empty() {
            let text = "nobody listens inside";
            return hanging(out, terminal, 11, paint.tint(Tint::Heading, "LISTENERS  "), text);
        }
        let texts = by.iter().map(|((port, proto), (reserved, who))| {
            let reserved = if *reserved { ", reserved" } else { ", NOT reserved" };
            format!("{port}/{proto} {who}{reserved}")
        });
        let text = texts.collect::<Vec<_>>().join(" · ");
        hanging(out, terminal, 11, paint.tint(Tint::Heading, "LISTENERS  "), &text)
    }

    fn write_json(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let one = |limits: &'_ Limits| {
            let room = self.room(limits);
            let mine = |socket: &&Socket| socket.netns == limits.netns.id;
            (room.handed_out, room.open(), self.inside.iter().filter(mine).collect::<Vec<_>>())
        };
        let ranges = self.each.iter().map(|limits| {
            let (handed_out, open, listeners) = one(limits);
            let listener = |socket: &'_ Socket| limits.ports.is_reserved(socket.local.port);
            OneJson {
                netns: limits.netns.id.0,
                name: limits.netns.name.as_deref(),
                range: limits.ports.ephemeral.into(),
                reserved: limits.ports.reserved.iter().map(|range| (*range).into()).collect(),
                unprivileged_start: limits.ports.unprivileged_start.number(),
                handed_out,
                open,
                listeners: listeners
                    .into_iter()
                    .map(|socket| ListenerJson {
                        reserved: listener(socket),
                        socket: SocketJson::new(socket, &self.ownership),
                    })
                    .collect(),
            }
        });
        let elsewhere = System::ALL.map(|system| ElsewhereJson {
            system: system.name(),
            range: system.ephemeral().into(),
            setting: system.setting(),
            source: system.source(),
        });
        let json = RangesJson {
            schema: SCHEMA,
            ranges: ranges.collect(),
            iana: dynamic().into(),
            elsewhere: elsewhere.into(),
        };
        serde_json::to_writer_pretty(&mut *out, &json)?;
        Ok(writeln!(out)?)
    }
}

/// What IANA says of the ports of a range.
fn iana(range: PortRange) -> String {
    let dynamic = dynamic();
    let outside = dynamic.first().number().saturating_sub(range.first().number());
    let outside = u32::from(outside).min(range.count());
    let text = format!("Dynamic Ports are {} (RFC 6335)", label::range(dynamic));
    match outside {
        0 => format!("{text}: the whole range is among them"),
        outside => format!(
            "{text}: {} of the range may be assigned to services",
            label::count(outside as usize, "port")
        ),
    }
}

fn dynamic() -> PortRange {
    PortRange::new(Port(49152), Port(65535)).expect("the ends are in order")
}
