//! The table of holders against binds, as `docs/bind.md` has it.

use registry::Proto;
use sockets::{BindVerdict, Outcome};

use crate::holders::{HOLDERS, Holder};

/// The whole table, from the answers that `letters` has for each holder.
pub(crate) fn table(letters: impl Fn(&Holder) -> String) -> String {
    let rows = HOLDERS.iter().map(|holder| row(holder, &letters(holder)));
    format!("{HEAD}{}", rows.collect::<String>())
}

/// The verdicts on `proto` in the notation of [`Holder::kernel`].
pub(crate) fn letters(verdicts: &[BindVerdict], proto: Proto) -> String {
    let mut line = String::new();
    for verdict in verdicts.iter().filter(|verdict| verdict.proto == proto) {
        if !verdict.reuseaddr && !line.is_empty() {
            line.push(' ');
        }
        let letter = verdict.reason.map_or('.', |reason| letter(reason.code()));
        line.push(match verdict.outcome {
            Outcome::Unknown => letter.to_ascii_lowercase(),
            Outcome::Yes | Outcome::No => letter,
        });
    }
    line
}

/// The row of `holder`, whose binds went as `letters` says: per address `yes`, `no`, or `reuse`
/// where only `SO_REUSEADDR` gets past it.
fn row(holder: &Holder, letters: &str) -> String {
    let cell = |pair: &str| match pair.as_bytes() {
        b".." => "yes",
        [_, b'.'] => "reuse",
        _ => "no",
    };
    let cells: Vec<&str> = letters.split(' ').map(cell).collect();
    let reasons: Vec<&str> = CODES
        .iter()
        .filter(|(letter, _)| letters.contains(*letter))
        .map(|(_, code)| *code)
        .collect();
    let reasons = reasons.join(", ");
    format!("| {} | {} | {reasons} |\n", holder.name, cells.join(" | "))
}

fn letter(code: &str) -> char {
    let known = CODES.iter().find(|(_, known)| *known == code);
    known.unwrap_or_else(|| panic!("no letter for {code}")).0
}

/// The letter of each reason.
const CODES: [(char, &str); 9] = [
    ('L', "listening"),
    ('D', "dual-stack"),
    ('B', "bound-silent"),
    ('C', "connected"),
    ('T', "time-wait"),
    ('U', "udp-bound"),
    ('P', "privileged"),
    ('A', "address-absent"),
    ('X', "unseen"),
];

const HEAD: &str = "\
| on the port | 0.0.0.0 | 127.0.0.1 | :: | ::1 | reason |
| --- | --- | --- | --- | --- | --- |
";
