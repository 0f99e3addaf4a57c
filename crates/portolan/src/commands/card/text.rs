//! The card as a person reads it.

use std::collections::HashSet;
use std::io::{self, Write};
use std::net::IpAddr;

use registry::{Port, PortRange, Proto, Target, Territory};
use sockets::Outcome;

use super::bind::{self, listed};
use super::now::{self, View};
use super::{Card, before_text};
use crate::about::describe;
use crate::commands::registry::{Service, merged};
use crate::label::{self, Scene};
use crate::output::{Paint, Terminal, Tint, hanging, width_of};

/// Writes the card.
pub(super) fn write(
    card: &Card,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    write_present(card, out, paint, terminal)?;
    before_text::write(card, out, paint, terminal)?;
    card.notes.iter().try_for_each(|note| {
        hanging(out, terminal, 6, paint.tint(Tint::Dim, "note: "), &note.to_string())
    })
}

/// Writes all of the card that is not of the past.
pub(super) fn write_present(
    card: &Card,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    title(card, out, paint, terminal)?;
    facts(card, out, paint, terminal)?;
    writeln!(out)?;
    now(card, out, paint, terminal)?;
    match card.port() {
        Some(_) => binds(card, out, paint, terminal),
        None => free(card, out, paint),
    }
}

/// The first line: the port and its territory on the left, the protocols on the right.
fn title(card: &Card, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
    let number = label::ranges(&card.target.ports);
    let span = super::span(&card.target);
    let (from, to) = (Territory::of(span.first()), Territory::of(span.last()));
    let kind = if from == to { from.to_string() } else { format!("{from} to {to}") };
    let noun = if card.port().is_some() { "port" } else { "ports" };
    let protos: Vec<&str> = super::protos(&card.target).into_iter().map(Proto::name).collect();
    let protos = protos.join(", ");
    let used = number.chars().count() + kind.len() + noun.len() + 4;
    let pad = terminal.width.unwrap_or(80).min(100).saturating_sub(used + protos.len()).max(2);
    writeln!(
        out,
        "{} · {kind} {noun}{:pad$}{}",
        paint.tint(Tint::Accent, number),
        "",
        paint.tint(Tint::Dim, protos)
    )
}

/// Territory, this host, service: what the port is, whoever has it.
fn facts(card: &Card, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
    let mut fact = |name: &str, text: &str| {
        hanging(out, terminal, 13, paint.tint(Tint::Dim, format_args!("  {name:9}  ")), text)
    };
    fact("Territory", &territory(card))?;
    fact("This host", &this_host(card))?;
    let elsewhere = card.ephemeral_elsewhere();
    if !elsewhere.is_empty() {
        let names: Vec<String> = elsewhere.iter().map(ToString::to_string).collect();
        fact("Elsewhere", &format!("ephemeral by default on {}", listed(&names)))?;
    }
    if let Some(host) = card.target.host.as_deref().filter(|host| !is_this_machine(host)) {
        fact("Host", &format!("{host} was not looked at: what follows is about this machine"))?;
    }
    let mut name = "Service";
    for line in services(card) {
        fact(name, &line)?;
        name = "";
    }
    Ok(())
}

fn territory(card: &Card) -> String {
    let territory = Territory::of(super::span(&card.target).first());
    let range = label::range(territory.range());
    match territory {
        Territory::System => {
            format!("System Ports {range}: assigned by IANA through the IETF (RFC 6335)")
        }
        Territory::User => format!("User Ports {range}: assigned by IANA on request (RFC 6335)"),
        Territory::Dynamic => {
            format!("Dynamic Ports {range}: IANA assigns nothing here (RFC 6335)")
        }
    }
}

fn this_host(card: &Card) -> String {
    let Some(settings) = &card.settings else { return "its settings could not be read".to_owned() };
    let range = super::span(&card.target);
    let ephemeral = label::range(settings.ephemeral);
    let inside = ports(&card.target).filter(|port| settings.ephemeral.contains(*port)).count();
    let given = ports(&card.target).filter(|port| settings.hands_out(*port)).count();
    let all = ports(&card.target).count();
    let it = if all == 1 { "it" } else { "them" };
    let mut text = match (inside, given) {
        (0, _) => format!("outside the ephemeral range {ephemeral}"),
        (n, 0) if n == all => {
            format!("inside the ephemeral range {ephemeral}, but reserved: never handed out")
        }
        (n, given) if n == all && given == all => {
            format!("inside the ephemeral range {ephemeral}: any outgoing connection may get {it}")
        }
        (n, _) if n == all => format!("inside the ephemeral range {ephemeral}, partly reserved"),
        (n, _) => format!(
            "{} of {} inside the ephemeral range {ephemeral}",
            label::thousands(n),
            label::thousands(all)
        ),
    };
    if range.first() < settings.unprivileged_start {
        text.push_str(&format!(
            "; ports below {} need privilege to bind",
            settings.unprivileged_start
        ));
    }
    text
}

/// Whether a host that stood before a port means this machine.
fn is_this_machine(host: &str) -> bool {
    let addr: Option<IpAddr> = host.parse().ok();
    host == "localhost" || addr.is_some_and(|addr| addr.is_loopback() || addr.is_unspecified())
}

/// Every port asked about.
fn ports(target: &Target) -> impl Iterator<Item = Port> {
    let numbers = |range: &PortRange| range.first().number()..=range.last().number();
    target.ports.iter().flat_map(numbers).map(Port)
}

/// A line for each service that has the port; those of several protocols in one.
fn services(card: &Card) -> Vec<String> {
    let services = merged(card.assignments());
    if services.is_empty() {
        return vec!["none assigned".to_owned()];
    }
    if card.port().is_none() && services.len() > SERVICES {
        let n = label::count(services.len(), "line");
        return vec![format!(
            "{n} in the registry: portolan registry {}",
            super::span(&card.target)
        )];
    }
    let line = |service: &Service| match card.port() {
        Some(_) => service.to_string(),
        None => format!("{} {service}", label::range(service.ports())),
    };
    services.iter().map(line).collect()
}

fn now(card: &Card, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
    let target = &card.target;
    let sockets = &card.snapshot.sockets;
    let heading = paint.tint(Tint::Heading, "NOW");
    if sockets.is_empty() {
        return writeln!(out, "{heading}  no socket");
    }
    let scene = Scene::of(sockets, &card.ownership);
    let view = View::of(card, &scene);
    let rows = view.rows(sockets);
    write!(out, "{heading}  {}", label::count(sockets.len(), "socket"))?;
    let clauses = view.clauses(&rows);
    let room = terminal.width.unwrap_or(MOST_ON_A_LINE).min(MOST_ON_A_LINE);
    if clauses.iter().map(|clause| width_of(clause) + 2).sum::<usize>() + 20 <= room {
        writeln!(out, ": {}", clauses.join("; "))?;
    } else {
        writeln!(out)?;
        clauses.iter().try_for_each(|clause| hanging(out, terminal, 4, "  · ", clause))?;
    }
    let most = if terminal.is_terminal() { ROWS_OF_A_ROLE } else { usize::MAX };
    let table = now::table(&rows, &scene, most, &card.snapshot.netns);
    table.write(out, paint, 2, terminal.width)?;
    let hidden = sockets.len() - table.rows();
    if hidden > 0 {
        writeln!(out, "  and {} more: portolan ls --port {target}", label::thousands(hidden))?;
    }
    for process in now::processes(&rows, &scene, PROCESSES) {
        describe(process, out, paint, terminal)?;
    }
    Ok(())
}

/// For several ports: how many of them no socket has.
fn free(card: &Card, out: &mut impl Write, paint: Paint) -> io::Result<()> {
    let taken: HashSet<Port> = card.snapshot.sockets.iter().map(|s| s.local.port).collect();
    let mut free = ports(&card.target).filter(|port| !taken.contains(port));
    let first = free.next();
    let count = free.count() + usize::from(first.is_some());
    let (count, all) = (label::thousands(count), label::thousands(ports(&card.target).count()));
    let first = first.map(|port| format!("; the first is {port}")).unwrap_or_default();
    writeln!(out, "{} {count} of {all} have no socket{first}", paint.tint(Tint::Heading, "FREE"))
}

fn binds(card: &Card, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
    let mut heading = "BIND";
    for line in bind::lines(card) {
        let (word, tint) = match line.answer {
            Outcome::Yes => ("yes", Tint::Good),
            Outcome::No => ("no", Tint::Bad),
            Outcome::Unknown => ("unknown", Tint::Odd),
        };
        let lead = [
            paint.tint(Tint::Heading, format!("{heading:4}")).to_string(),
            paint.tint(tint, word).to_string(),
            String::new(),
        ];
        hanging(out, terminal, 6 + word.len(), lead.join(" "), &line.text)?;
        heading = "";
    }
    if card.binds.is_empty() {
        let proto = super::protos(&card.target)[0];
        writeln!(out, "{} not tried for {proto}", paint.tint(Tint::Heading, "BIND"))?;
    }
    if card.binds.iter().any(|verdict| !verdict.probed) {
        writeln!(out, "     told from the socket table; not tried")?;
    }
    Ok(())
}

/// How many sockets of a role a terminal is shown.
const ROWS_OF_A_ROLE: usize = 10;
/// Longer than this, what the sockets mean is told a line each.
const MOST_ON_A_LINE: usize = 100;
/// How many services of a range are named.
const SERVICES: usize = 8;
/// How many processes are described.
const PROCESSES: usize = 3;
