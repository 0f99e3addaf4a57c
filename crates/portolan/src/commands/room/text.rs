//! `room` as a person reads it.

use std::io::{self, Write};
use std::time::Duration;

use registry::Proto;
use sockets::{Cliff, Outlook};

use super::limits::{Limit, limits};
use super::probe::Cost;
use super::words::{about, bar, held_by, percent, rate};
use super::{Namespace, Row, Survey, Told};
use crate::label;
use crate::output::{Column, Columns, Paint, Terminal, Tint, hanging};

/// Writes the rooms, then what else ends connections.
pub(super) fn write(
    survey: &Survey,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    for namespace in &survey.namespaces {
        heading(survey, namespace, out, paint, terminal)?;
        if !namespace.rows.is_empty() {
            table(namespace, terminal).write(out, paint, 2, terminal.width)?;
        }
        if namespace.more > 0 {
            writeln!(out, "  and {} more: --top", label::count(namespace.more, "destination"))?;
        }
        pools(namespace, out, terminal)?;
        cliffs(namespace, out, terminal)?;
        unserved(survey, namespace, out, terminal)?;
    }
    writeln!(out, "{}", paint.tint(Tint::Heading, "LIMITS"))?;
    limits_table(&limits(survey), survey.namespaces.len() > 1).write(
        out,
        paint,
        2,
        terminal.width,
    )?;
    overflows(survey, out, terminal)?;
    told(survey.told, out, paint, terminal)
}

/// Writes what `--probe` measured.
pub(super) fn write_cost(
    cost: Option<(&Row, Cost)>,
    out: &mut impl Write,
    terminal: Terminal,
) -> io::Result<()> {
    let Some((row, Cost { empty, full })) = cost else {
        return writeln!(out, "PROBE  there is no TCP destination to measure at");
    };
    let failed = match full.failed {
        0 => String::new(),
        failed => format!("; {failed} of 100 found no port"),
    };
    let text = format!(
        "a connect takes {} µs at this fill of {} ({}), {} µs with no port taken; of a hundred the slowest but \
         one {} and {} µs{failed}",
        rate(full.median_us),
        row.destination.remote,
        percent(row.destination.fill()),
        rate(empty.median_us),
        rate(full.slow_us),
        rate(empty.slow_us),
    );
    hanging(out, terminal, 7, "PROBE  ", &text)
}

fn heading(
    survey: &Survey,
    namespace: &Namespace,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let room = &namespace.room;
    let ports = &namespace.limits.ports;
    let mut text = format!(
        "{} of {} ports for connect() · range {}",
        label::thousands(room.open() as usize),
        label::thousands(ports.ephemeral.count() as usize),
        label::range(ports.ephemeral),
    );
    let reserved = ports.ephemeral.count() - room.handed_out;
    if reserved > 0 {
        text.push_str(&format!(" · {} reserved", label::thousands(reserved as usize)));
    }
    if room.closed > 0 {
        let closed = label::thousands(room.closed as usize);
        text.push_str(&format!(" · {closed} kept from it by sockets bound or listening"));
    }
    text.push_str(&format!(" · UDP has {}", label::thousands(room.udp.ports as usize)));
    let lead = match survey.namespaces.len() {
        1 => "ROOM  ".to_owned(),
        _ => {
            let netns = &namespace.limits.netns;
            format!("ROOM  netns {}: ", label::netns(netns.id, std::slice::from_ref(netns)))
        }
    };
    hanging(out, terminal, 6, paint.tint(Tint::Heading, lead), &text)
}

fn table(namespace: &Namespace, terminal: Terminal) -> Columns {
    let mut table = Columns::new(vec![
        Column::fixed("FILL"),
        Column::fixed("").right(),
        Column::fixed("TAKEN").right().leaving(3),
        Column::fixed("OF").right().leaving(2),
        Column::fixed("T-WAIT").right().leaving(4),
        Column::fixed("NEW/S").right().leaving(5),
        Column::fixed("FULL IN").right(),
        Column::fixed("CLIFF").leaving(1),
        Column::fixed("PROTO").leaving(7),
        Column::fixed("FROM").shrinking(9).leaving(6),
        Column::fixed("TO").shrinking(12).keeping_end(),
        Column::fixed("HELD BY").shrinking(12),
    ]);
    for row in &namespace.rows {
        let destination = &row.destination;
        let tint = tint(destination.fill(), destination.cliff());
        table.cell(tint, bar(destination.fill()));
        table.cell(tint, percent(destination.fill()));
        table.cell(Tint::Plain, label::thousands(destination.taken as usize));
        table.cell(Tint::Plain, label::thousands(destination.of as usize));
        let waiting = destination.states.of(sockets::State::TimeWait);
        table.cell(Tint::Plain, label::thousands(waiting as usize));
        match row.trend {
            Some(trend) => table.cell(Tint::Plain, rate(trend.per_s)),
            None => table.cell(Tint::Plain, ""),
        }
        let (tint, text) = full_in(row);
        table.cell(tint, text);
        match (destination.proto, destination.cliff()) {
            (Proto::Tcp, Cliff::Past) => table.cell(Tint::Bad, "past"),
            (Proto::Tcp, Cliff::Near) => table.cell(Tint::Odd, "near"),
            _ => table.cell(Tint::Plain, ""),
        }
        table.cell(Tint::Plain, destination.proto);
        table.cell(Tint::Plain, destination.source);
        table.cell(Tint::Accent, destination.remote);
        table.cell(
            Tint::Plain,
            held_by(&row.holders, if terminal.is_terminal() { 1 } else { NAMED }),
        );
    }
    table
}

/// When the ports run out, in a word.
fn full_in(row: &Row) -> (Tint, String) {
    match row.outlook {
        None => (Tint::Plain, String::new()),
        Some(Outlook::Full) => (Tint::Bad, "now".to_owned()),
        Some(Outlook::In(time)) => {
            let tint = if time < SOON { Tint::Bad } else { Tint::Odd };
            (tint, about(time))
        }
        Some(Outlook::Later) => (Tint::Plain, "> 1 day".to_owned()),
        Some(Outlook::Levels(_)) => (Tint::Plain, "never".to_owned()),
    }
}

/// What it means to be past the cliff, once.
fn cliffs(namespace: &Namespace, out: &mut impl Write, terminal: Terminal) -> io::Result<()> {
    let past = |row: &&Row| row.destination.cliff() == Cliff::Past;
    let Some(row) = namespace.rows.iter().find(past) else { return Ok(()) };
    let half = label::thousands(row.destination.first.of as usize);
    let text = format!(
        "past the cliff: of every two ports connect() tries one first, and of those none is left, so \
         each connect tries {half} in vain. --probe measures what that costs, `portolan pilot` removes it"
    );
    hanging(out, terminal, 2, "  ", &text)
}

/// What several source addresses have towards one destination, together.
fn pools(namespace: &Namespace, out: &mut impl Write, terminal: Terminal) -> io::Result<()> {
    let all = &namespace.room.pools;
    for pool in all.iter().take(POOLS) {
        let text = format!(
            "to {} from {} source addresses together: {} of {} ports taken, {}; {} left",
            pool.remote,
            label::thousands(pool.sources.len()),
            label::thousands(pool.taken as usize),
            label::thousands(pool.of as usize),
            percent(pool.fill()),
            label::thousands(pool.free() as usize),
        );
        hanging(out, terminal, 2, "  ", &text)?;
    }
    match all.len().saturating_sub(POOLS) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more talked to from several addresses: --json"),
    }
}

/// Where connects found no port, as far as a recorder knows.
fn unserved(
    survey: &Survey,
    namespace: &Namespace,
    out: &mut impl Write,
    terminal: Terminal,
) -> io::Result<()> {
    let all = survey.unserved_in(namespace).unwrap_or_default();
    for it in all.iter().take(UNSERVED) {
        let count = usize::try_from(it.count).unwrap_or(usize::MAX);
        let text = format!(
            "{} from {} to {} found no port (EADDRNOTAVAIL), by the recorder; the last {} ago",
            label::count(count, "connect"),
            it.source,
            it.remote(),
            about(crate::time::since(it.last()))
        );
        hanging(out, terminal, 2, "  ", &text)?;
    }
    match all.len().saturating_sub(UNSERVED) {
        0 => Ok(()),
        more => writeln!(out, "  and towards {}", label::count(more, "further destination")),
    }
}

fn limits_table(limits: &[Limit], several: bool) -> Columns {
    let mut columns = vec![
        Column::fixed("FILL"),
        Column::fixed("").right(),
        Column::fixed("USED").right().leaving(1),
        Column::fixed("OF").right().leaving(2),
        Column::fixed("WHAT"),
        Column::fixed("WHOSE").shrinking(12),
        Column::fixed("SET BY").leaving(4),
    ];
    if several {
        columns.push(Column::fixed("NETNS").leaving(3));
    }
    let mut table = Columns::new(columns);
    for limit in limits {
        let share = limit.gauge.share();
        table.cell(tint(share, Cliff::Far), bar(share));
        table.cell(tint(share, Cliff::Far), percent(share));
        table.cell(Tint::Plain, number(limit.gauge.used));
        table.cell(Tint::Plain, number(limit.gauge.of));
        table.cell(Tint::Plain, limit.kind.name());
        table.cell(Tint::Plain, limit.of_what.as_deref().unwrap_or_default());
        table.cell(Tint::Dim, limit.kind.setting());
        if several {
            let netns = limit.netns.as_ref();
            let name = netns.map(|netns| label::netns(netns.id, std::slice::from_ref(netns)));
            table.cell(Tint::Dim, name.unwrap_or_default());
        }
    }
    table
}

/// What was lost already, since boot; and what is not known.
fn overflows(survey: &Survey, out: &mut impl Write, terminal: Terminal) -> io::Result<()> {
    for namespace in &survey.namespaces {
        let limits = &namespace.limits;
        let mut parts = Vec::new();
        if limits.conntrack.is_none() {
            parts.push("no table of tracked connections is present or visible".to_owned());
        }
        match limits.counters.listen_overflows {
            Some(0) => {}
            Some(count) => parts.push(format!(
                "{} connections found a listen queue full (of at most {}) since boot",
                number(count),
                limits.somaxconn.map_or_else(|| "an unknown length".to_owned(), number),
            )),
            None => parts.push("listen queue overflows are not known".to_owned()),
        }
        match limits.counters.time_wait_overflows {
            Some(0) | None => {}
            Some(count) => {
                parts.push(format!("{} skipped TIME-WAIT for want of room", number(count)))
            }
        }
        if !parts.is_empty() {
            let netns = &limits.netns;
            let lead = if survey.namespaces.len() > 1 {
                format!("  netns {}: ", label::netns(netns.id, std::slice::from_ref(netns)))
            } else {
                "  ".to_owned()
            };
            hanging(out, terminal, 2, lead, &parts.join(" · "))?;
        }
    }
    Ok(())
}

fn told(told: Told, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
    let text = match told {
        Told::Log(window) => format!("rates of the last {}, by the recorder", about(window)),
        Told::Looks(apart) => format!(
            "rates by two looks {} ms apart, and what is in TIME-WAIT: --over looks for longer, a \
             recorder knows",
            apart.as_millis()
        ),
        Told::Counted(apart) => format!(
            "rates of {} ms, counted by the kernel, and what is in TIME-WAIT: --over counts for \
             longer, a recorder knows",
            apart.as_millis()
        ),
        Told::Nothing => "rates are not known after one look".to_owned(),
    };
    for line in crate::output::lines(&text, terminal, 0) {
        writeln!(out, "{}", paint.tint(Tint::Dim, line))?;
    }
    Ok(())
}

fn tint(share: f64, cliff: Cliff) -> Tint {
    match (share, cliff) {
        (share, _) if share >= 0.9 => Tint::Bad,
        (_, Cliff::Past) => Tint::Bad,
        (share, _) if share >= 0.4 => Tint::Odd,
        _ => Tint::Good,
    }
}

fn number(number: u64) -> String {
    match usize::try_from(number) {
        Ok(usize::MAX) | Err(_) => "unlimited".to_owned(),
        Ok(number) => label::thousands(number),
    }
}

/// How many holders a pipe is told by name.
const NAMED: usize = 5;
/// How many destinations of several source addresses are told of.
const POOLS: usize = 5;
/// How many destinations without a port are told of.
const UNSERVED: usize = 5;
const SOON: Duration = Duration::from_hours(1);
