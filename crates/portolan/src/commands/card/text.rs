//! The card as a person reads it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, Write};
use std::net::IpAddr;

use registry::{Port, PortRange, Proto, Target, Territory};
use sockets::Outcome;

use super::bind::{self, listed};
use super::now::{self, View};
use super::{Card, before_text, told};
use crate::about::describe;
use crate::commands::registry::{Service, merged};
use crate::label::{self, Scene};
use crate::output::{Paint, Terminal, Tint, hanging, width_of};
use crate::tongue::Tongue;

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
        let lead = format!("{}: ", card.tongue.word("card-note", "note"));
        hanging(
            out,
            terminal,
            width_of(&lead),
            paint.tint(Tint::Dim, lead),
            &told::note(card.tongue, note),
        )
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
    let kind = kind(card, from, to);
    let protos: Vec<&str> = super::protos(&card.target).into_iter().map(Proto::name).collect();
    let protos = protos.join(", ");
    let used = number.chars().count() + width_of(&kind) + 3;
    let pad = terminal.width.unwrap_or(80).min(100).saturating_sub(used + protos.len()).max(2);
    writeln!(
        out,
        "{} · {kind}{:pad$}{}",
        paint.tint(Tint::Accent, number),
        "",
        paint.tint(Tint::Dim, protos)
    )
}

/// What kind of ports they are: `dynamic port`, `system to user ports`.
fn kind(card: &Card, from: Territory, to: Territory) -> String {
    let (many, noun) = if card.port().is_some() { ("one", "port") } else { ("many", "ports") };
    let (id, english) = match (from == to, from) {
        (false, _) => ("card-mixed-ports", format!("{from} to {to} {noun}")),
        (true, Territory::System) => ("card-system-ports", format!("{from} {noun}")),
        (true, Territory::User) => ("card-user-ports", format!("{from} {noun}")),
        (true, Territory::Dynamic) => ("card-dynamic-ports", format!("{from} {noun}")),
    };
    card.tongue.say(id, &[("many", many.into())], || english)
}

/// Territory, this host, service: what the port is, whoever has it.
fn facts(card: &Card, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
    let tongue = card.tongue;
    let labels = Labels::of(tongue);
    let mut fact = |name: &str, text: &str| {
        let pad = labels.width - width_of(name);
        let lead = paint.tint(Tint::Dim, format_args!("  {name}{:pad$}  ", "")).to_string();
        hanging(out, terminal, labels.width + 4, lead, text)
    };
    fact(&labels.territory, &territory(card))?;
    fact(&labels.this_host, &this_host(card))?;
    let elsewhere = card.ephemeral_elsewhere();
    if !elsewhere.is_empty() {
        let names: Vec<String> = elsewhere.iter().map(ToString::to_string).collect();
        let args = [("systems", names.clone().into())];
        let english = || format!("ephemeral by default on {}", listed(&names));
        fact(&labels.elsewhere, &tongue.say("card-elsewhere-on", &args, english))?;
    }
    if let Some(host) = card.target.host.as_deref().filter(|host| !is_this_machine(host)) {
        let args = [("host", host.into())];
        let english = || format!("{host} was not looked at: what follows is about this machine");
        fact(&labels.host, &tongue.say("card-other-host", &args, english))?;
    }
    let mut name = &*labels.service;
    for line in services(card) {
        fact(name, &line)?;
        name = "";
    }
    Ok(())
}

/// The names of the facts, and how wide the widest is.
struct Labels {
    territory: Cow<'static, str>,
    this_host: Cow<'static, str>,
    elsewhere: Cow<'static, str>,
    host: Cow<'static, str>,
    service: Cow<'static, str>,
    width: usize,
}

impl Labels {
    fn of(tongue: Tongue) -> Labels {
        let mut labels = Labels {
            territory: tongue.word("card-territory", "Territory"),
            this_host: tongue.word("card-this-host", "This host"),
            elsewhere: tongue.word("card-elsewhere", "Elsewhere"),
            host: tongue.word("card-host", "Host"),
            service: tongue.word("card-service", "Service"),
            width: 0,
        };
        let all = [
            &labels.territory,
            &labels.this_host,
            &labels.elsewhere,
            &labels.host,
            &labels.service,
        ];
        labels.width = all.into_iter().map(|label| width_of(label)).max().unwrap_or_default();
        labels
    }
}

fn territory(card: &Card) -> String {
    let territory = Territory::of(super::span(&card.target).first());
    let range = label::range(territory.range());
    let args = [("range", (&range).into())];
    let (id, english) = match territory {
        Territory::System => (
            "card-territory-system",
            format!("System Ports {range}: assigned by IANA through the IETF (RFC 6335)"),
        ),
        Territory::User => (
            "card-territory-user",
            format!("User Ports {range}: assigned by IANA on request (RFC 6335)"),
        ),
        Territory::Dynamic => (
            "card-territory-dynamic",
            format!("Dynamic Ports {range}: IANA assigns nothing here (RFC 6335)"),
        ),
    };
    card.tongue.say(id, &args, || english)
}

fn this_host(card: &Card) -> String {
    let tongue = card.tongue;
    let Some(settings) = &card.settings else {
        return tongue.say("card-unread", &[], || "its settings could not be read".to_owned());
    };
    let range = super::span(&card.target);
    let ephemeral = label::range(settings.ephemeral);
    let inside = ports(&card.target).filter(|port| settings.ephemeral.contains(*port)).count();
    let given = ports(&card.target).filter(|port| settings.hands_out(*port)).count();
    let all = ports(&card.target).count();
    let (it, many) = if all == 1 { ("it", "one") } else { ("them", "many") };
    let args = [
        ("range", (&ephemeral).into()),
        ("many", many.into()),
        ("inside", inside.into()),
        ("all", all.into()),
    ];
    let (id, english) = match (inside, given) {
        (0, _) => ("card-outside", format!("outside the ephemeral range {ephemeral}")),
        (n, 0) if n == all => (
            "card-reserved",
            format!("inside the ephemeral range {ephemeral}, but reserved: never handed out"),
        ),
        (n, given) if n == all && given == all => (
            "card-inside",
            format!("inside the ephemeral range {ephemeral}: any outgoing connection may get {it}"),
        ),
        (n, _) if n == all => (
            "card-partly-reserved",
            format!("inside the ephemeral range {ephemeral}, partly reserved"),
        ),
        (n, _) => (
            "card-partly-inside",
            format!(
                "{} of {} inside the ephemeral range {ephemeral}",
                label::thousands(n),
                label::thousands(all)
            ),
        ),
    };
    let mut text = tongue.say(id, &args, || english);
    let start = settings.unprivileged_start;
    if range.first() < start {
        let english = || format!("; ports below {start} need privilege to bind");
        text.push_str(&tongue.say("card-privileged", &[("start", start.into())], english));
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
        return vec![card.tongue.say("card-none-assigned", &[], || "none assigned".to_owned())];
    }
    if card.port().is_none() && services.len() > SERVICES {
        let n = label::count(services.len(), "line");
        let span = super::span(&card.target);
        let args = [("count", services.len().into()), ("span", span.to_string().into())];
        let english = || format!("{n} in the registry: portolan registry {span}");
        return vec![card.tongue.say("card-registry", &args, english)];
    }
    let line = |service: &Service| match card.port() {
        Some(_) => told::service(card.tongue, service),
        None => {
            format!("{} {}", label::range(service.ports()), told::service(card.tongue, service))
        }
    };
    services.iter().map(line).collect()
}

fn now(card: &Card, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
    let target = &card.target;
    let sockets = &card.snapshot.sockets;
    let tongue = card.tongue;
    let heading = paint.tint(Tint::Heading, tongue.word("card-now", "NOW")).to_string();
    if sockets.is_empty() {
        let none = tongue.say("card-no-socket", &[], || "no socket".to_owned());
        return writeln!(out, "{heading}  {none}");
    }
    let scene = Scene::of(sockets, &card.ownership);
    let view = View::of(card, &scene);
    let rows = view.rows(sockets);
    let args = [("count", sockets.len().into())];
    let count = tongue.say("card-sockets", &args, || label::count(sockets.len(), "socket"));
    write!(out, "{heading}  {count}")?;
    let clauses = view.clauses(&rows);
    let room = terminal.width.unwrap_or(MOST_ON_A_LINE).min(MOST_ON_A_LINE);
    if clauses.iter().map(|clause| width_of(clause) + 2).sum::<usize>() + 20 <= room {
        writeln!(out, ": {}", clauses.join("; "))?;
    } else {
        writeln!(out)?;
        clauses.iter().try_for_each(|clause| hanging(out, terminal, 4, "  · ", clause))?;
    }
    let most = if terminal.is_terminal() { ROWS_OF_A_ROLE } else { usize::MAX };
    let table = now::table(&rows, &scene, most, &card.snapshot.netns, tongue);
    table.write(out, paint, 2, terminal.width)?;
    let hidden = sockets.len() - table.rows();
    if hidden > 0 {
        let args = [("count", hidden.into()), ("target", target.to_string().into())];
        let hidden = label::thousands(hidden);
        let english = || format!("and {hidden} more: portolan ls --port {target}");
        writeln!(out, "  {}", tongue.say("card-more-sockets", &args, english))?;
    }
    for process in now::processes(&rows, &scene, PROCESSES) {
        describe(process, out, paint, terminal, tongue)?;
    }
    Ok(())
}

/// For several ports: how many of them no socket has.
fn free(card: &Card, out: &mut impl Write, paint: Paint) -> io::Result<()> {
    let taken: HashSet<Port> = card.snapshot.sockets.iter().map(|s| s.local.port).collect();
    let mut free = ports(&card.target).filter(|port| !taken.contains(port));
    let first = free.next();
    let count = free.count() + usize::from(first.is_some());
    let all = ports(&card.target).count();
    let args = [("free", count.into()), ("all", all.into())];
    let english =
        || format!("{} of {} have no socket", label::thousands(count), label::thousands(all));
    let mut text = card.tongue.say("card-free-of", &args, english);
    if let Some(port) = first {
        let english = || format!("; the first is {port}");
        text.push_str(&card.tongue.say("card-first-free", &[("port", port.into())], english));
    }
    let heading = paint.tint(Tint::Heading, card.tongue.word("card-free", "FREE")).to_string();
    writeln!(out, "{heading} {text}")
}

fn binds(card: &Card, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
    let tongue = card.tongue;
    let title = tongue.word("card-bind", "BIND");
    let wide = width_of(&title);
    let mut heading = &*title;
    for line in bind::lines(card) {
        let (word, tint) = match line.answer {
            Outcome::Yes => (tongue.word("card-yes", "yes"), Tint::Good),
            Outcome::No => (tongue.word("card-no", "no"), Tint::Bad),
            Outcome::Unknown => (tongue.word("card-unknown", "unknown"), Tint::Odd),
        };
        let pad = " ".repeat(wide - width_of(heading));
        let lead = [
            paint.tint(Tint::Heading, format!("{heading}{pad}")).to_string(),
            paint.tint(tint, &word).to_string(),
            String::new(),
        ];
        hanging(out, terminal, wide + 2 + width_of(&word), lead.join(" "), &line.text)?;
        heading = "";
    }
    if card.binds.is_empty() {
        let proto = super::protos(&card.target)[0];
        let args = [("proto", proto.name().into())];
        let text = tongue.say("card-not-tried", &args, || format!("not tried for {proto}"));
        writeln!(out, "{} {text}", paint.tint(Tint::Heading, &title))?;
    }
    if card.binds.iter().any(|verdict| !verdict.probed) {
        let english = || "told from the socket table; not tried".to_owned();
        let text = tongue.say("card-from-table", &[], english);
        writeln!(out, "{:1$} {text}", "", wide)?;
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
