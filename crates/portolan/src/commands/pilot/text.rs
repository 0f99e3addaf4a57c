//! `pilot status` as a person reads it.

use std::io::{self, Write};

use bpf::pilot::{Counts, Status};

use super::status::Seen;
use super::switch::shown;
use crate::label;
use crate::output::{Column, Columns, Paint, Terminal, Tint, hanging};

/// Writes what there is to say.
pub(super) fn write(
    status: &Status,
    seen: &[Seen<'_>],
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let places: Vec<String> = status.cgroups.iter().map(|path| shown(path)).collect();
    writeln!(out, "{}  {}", paint.tint(Tint::Heading, "PILOTED"), places.join(", "))?;
    for (name, text) in facts(status) {
        let name = format!("  {name:<9} ");
        hanging(out, terminal, name.len(), &name, &text)?;
    }
    if seen.is_empty() {
        return Ok(());
    }
    let mut columns = Columns::new(vec![
        Column::fixed("DESTINATION"),
        Column::fixed("FROM"),
        Column::fixed("PILOTED").right(),
        Column::fixed("HELD").right(),
        Column::fixed("NOT FOUND").right(),
        Column::fixed("FULL").right(),
    ]);
    for Seen { destination, fill } in seen {
        columns.cell(Tint::Plain, destination.destination);
        columns.cell(Tint::Plain, destination.source);
        for number in [destination.piloted, destination.held, destination.fallbacks] {
            columns.cell(Tint::Plain, thousands(number));
        }
        match fill {
            Some(fill) => columns.cell(Tint::Plain, format_args!("{:.1} %", fill.share() * 100.0)),
            None => columns.cell(Tint::Dim, "-"),
        }
    }
    columns.write(out, paint, 0, terminal.width)
}

fn facts(status: &Status) -> Vec<(&'static str, String)> {
    let counts = &status.counts;
    let mut facts = vec![
        (
            "connects",
            format!("{} seen, {} piloted", thousands(counts.connects), thousands(counts.piloted)),
        ),
        ("ports", ports(counts)),
        ("kernel's", kernels(counts)),
        ("let be", let_be(counts)),
    ];
    if let Some(quota) = status.policy.quota {
        facts.push((
            "quota",
            format!(
                "{} a cgroup and destination, {} refused",
                thousands(quota.get().into()),
                thousands(counts.over_quota)
            ),
        ));
    }
    if !status.policy.sources.is_empty() {
        let sources: Vec<String> = status.policy.sources.iter().map(ToString::to_string).collect();
        facts.push((
            "sources",
            format!("{}, {} went on from there", sources.join(", "), thousands(counts.spread)),
        ));
    }
    facts
}

fn ports(counts: &Counts) -> String {
    format!(
        "{} looked up, {} of them taken; {} claimed, {} could not be bound, {} lost to a race; {} given back",
        thousands(counts.probes),
        thousands(counts.taken),
        thousands(counts.claims),
        thousands(counts.conflicts),
        thousands(counts.races),
        thousands(counts.released),
    )
}

/// What was left to the kernel. One without a place for its destination is a fallback, too, and told of once.
fn kernels(counts: &Counts) -> String {
    format!(
        "{} with room where it looks first, {} for want of a port, {} of too many destinations",
        thousands(counts.room),
        thousands(counts.fallbacks.saturating_sub(counts.no_place)),
        thousands(counts.no_place)
    )
}

/// What the pilot had no business with.
fn let_be(counts: &Counts) -> String {
    let reasons = [
        (counts.bound, "bound already"),
        (counts.own_range, "with a range of their own"),
        (counts.device, "bound to a device"),
        (counts.reuse_port, "with SO_REUSEPORT"),
        (counts.kernel, "of the kernel or MPTCP"),
        (counts.no_source, "whose source address is not known"),
    ];
    let said: Vec<String> = reasons
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, why)| format!("{} {why}", thousands(*count)))
        .collect();
    if said.is_empty() { "none".into() } else { said.join(", ") }
}

fn thousands(number: u64) -> String {
    label::thousands(usize::try_from(number).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_the_kernel_is_told_of_once() {
        let mut counts = Counts::default();
        (counts.room, counts.fallbacks, counts.no_place) = (7, 5, 3);
        assert_eq!(
            kernels(&counts),
            "7 with room where it looks first, 2 for want of a port, 3 of too many destinations"
        );
    }
}
