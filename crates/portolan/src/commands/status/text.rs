//! `status` as a person reads it.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use jiff::Zoned;
use log::{Disk, GapReason, Moment, Status};

use super::{Remains, State};
use crate::output::{Escaped, Paint, Terminal, Tint, hanging};
use crate::quantity::written;
use crate::recorder::{ConnectFailures, Standing};
use crate::tongue::Tongue;
use crate::when::moment;
use crate::{label, past};

/// Writes what there is to say.
pub(super) fn write(
    state: &State,
    now: &Zoned,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    match state {
        State::Running(both) => running(&both.0, &both.1, now, &mut Facts { out, paint, terminal }),
        State::Stopped(remains) => stopped(remains, now, &mut Facts { out, paint, terminal }),
    }
}

fn running(
    standing: &Standing,
    status: &Status,
    now: &Zoned,
    facts: &mut Facts<'_, impl Write>,
) -> io::Result<()> {
    let Standing { pid, version, dir, .. } = standing;
    let since = past::moment(status.started, 0, now);
    facts.heading("RECORDING", format_args!("since {since} · pid {pid} · portolan {version}"))?;
    facts.fact("source", source(&standing.source))?;
    facts.fact("open", label::count(count(status.open), "socket"))?;
    facts.fact("ended", ended(status, now))?;
    let failed = standing.failures.as_ref().map(failed);
    facts
        .fact("failed", failed.unwrap_or_else(|| "connects that failed are not seen".to_owned()))?;
    facts.fact("lost", lost(status))?;
    facts.fact("records", format_args!("since {} in {dir}", past::moment(status.since, 0, now)))?;
    facts.fact("on disk", on_disk(status, now))?;
    facts.fact("disk", disk(&status.disk, now))?;
    facts.fact("memory", memory(standing, status))?;
    // That it samples now it says by itself.
    let gaps = status.gaps.iter().filter(|gap| gap.reason != GapReason::Sampled);
    for gap in gaps.rev().take(GAPS) {
        facts.note(past::gap(gap, Some(status.since), now, Tongue::default()))?;
    }
    standing.shortcomings.iter().try_for_each(|line| facts.note(line))
}

fn stopped(remains: &[Remains], now: &Zoned, facts: &mut Facts<'_, impl Write>) -> io::Result<()> {
    facts.heading("NOT RECORDING", "no recorder runs; start one as root: portolan record")?;
    if remains.is_empty() {
        return facts.fact("records", "none");
    }
    for Remains { dir, bytes, since, until } in remains {
        let dir = dir.display();
        facts.fact(
            "records",
            match (bytes, since, until) {
                (None, ..) => format!("in {dir}, not for you to look into"),
                (Some(_), None, _) => format!("none in {dir}"),
                (Some(bytes), Some(since), until) => {
                    let since = past::moment(*since, 0, now);
                    let until = until.map(|until| past::moment(until, 0, now));
                    let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
                    format!("since {since}{until} in {dir}, {}", written(*bytes))
                }
            },
        )?;
    }
    Ok(())
}

/// Lines with a name before them.
struct Facts<'a, W: Write> {
    out: &'a mut W,
    paint: Paint,
    terminal: Terminal,
}

impl<W: Write> Facts<'_, W> {
    fn heading(&mut self, name: &str, text: impl Display) -> io::Result<()> {
        writeln!(self.out, "{}  {text}", self.paint.tint(Tint::Heading, name))
    }

    fn fact(&mut self, name: &str, text: impl Display) -> io::Result<()> {
        let name = format!("  {name:<8} ");
        hanging(self.out, self.terminal, name.len(), &name, &text.to_string())
    }

    fn note(&mut self, text: impl Display) -> io::Result<()> {
        let text = crate::report::on_one_line(&text.to_string());
        let lead = self.paint.tint(Tint::Dim, "note: ");
        hanging(self.out, self.terminal, 6, lead, &text)
    }
}

fn source(name: &str) -> &str {
    match name {
        "kernel" => "programs in the kernel: every socket",
        "sampling" => {
            "sampling: looks from ten times a second to once in ten seconds, as it costs, and misses \
             what is short"
        }
        other => other,
    }
}

fn ended(status: &Status, now: &Zoned) -> String {
    let seconds = (moment(now.timestamp()).0 - status.started.0) / 1_000_000_000;
    let rate = status.ended / u64::try_from(seconds).unwrap_or(0).max(1);
    let tenures = label::count(count(status.ended), "tenure");
    if rate == 0 {
        return tenures;
    }
    format!("{tenures}, {} a second", label::thousands(count(rate)))
}

fn failed(failures: &ConnectFailures) -> String {
    let ConnectFailures { refused, timed_out, failed, no_port } = *failures;
    let by_reason = [
        (no_port.unwrap_or(0), "without a port (`portolan room` says towards where)"),
        (refused, "refused"),
        (timed_out, "timed out"),
        (failed, "otherwise"),
    ];
    let total = by_reason.iter().map(|(times, _)| times).sum();
    let reasons = by_reason.iter().filter(|(times, _)| *times > 0);
    let reasons: Vec<_> =
        reasons.map(|(times, why)| format!("{} {why}", label::thousands(count(*times)))).collect();
    match total {
        0 => "no connect".to_owned(),
        total => format!("{}: {}", label::count(count(total), "connect"), reasons.join(", ")),
    }
}

fn lost(status: &Status) -> String {
    match status.lost {
        0 => "nothing".to_owned(),
        lost => label::count(count(lost), "event"),
    }
}

fn on_disk(status: &Status, now: &Zoned) -> String {
    let segments = label::count(count(status.segments), "segment");
    let sealed = match status.sealed {
        Some(at) => format!("last sealed {}", past::moment(at, 0, now)),
        None => "none sealed yet".to_owned(),
    };
    let [segment_bytes, journal] = [status.segment_bytes, status.journal_bytes].map(written);
    format!("{segment_bytes} in {segments}, {sealed}; journal {journal}")
}

fn disk(disk: &Disk, now: &Zoned) -> String {
    let told = |why: &str, since: &Moment| {
        format!("since {} ({})", past::moment(*since, 0, now), Escaped(why.as_bytes()))
    };
    match disk {
        Disk::Writable => "can be written".to_owned(),
        Disk::Delayed { since, why } => {
            format!("CANNOT BE WRITTEN {}; what happens waits in memory", told(why, since))
        }
        Disk::Stopped { since, why } => {
            format!("CANNOT BE WRITTEN {}; NOTHING IS RECORDED", told(why, since))
        }
    }
}

fn memory(standing: &Standing, status: &Status) -> String {
    let programs = label::count(count(status.programs), "program");
    let clients = label::count(standing.clients, "client");
    let cpu = Duration::from_millis(standing.cpu_ms);
    format!(
        "{} with {programs} and {clients}; {} of processor time so far",
        written(standing.resident),
        past::length(cpu)
    )
}

fn count(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// How many gaps are told of: the newest.
const GAPS: usize = 5;
