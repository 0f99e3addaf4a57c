//! `doctor` as a person reads it.

use std::io::{self, Write};

use super::{Diagnosis, Finding, Severity};
use crate::label;
use crate::output::{Paint, Terminal, Tint, hanging};

/// Writes the findings, the worst first.
pub(super) fn write(
    diagnosis: &Diagnosis,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    for finding in &diagnosis.findings {
        one(finding, diagnosis.several, out, paint, terminal)?;
    }
    let count = |severity| diagnosis.findings.iter().filter(|f| f.severity == severity).count();
    let counts = [Severity::Error, Severity::Warning, Severity::Note]
        .map(|severity| label::count(count(severity), severity.name()))
        .join(", ");
    let (tint, word) =
        if diagnosis.is_healthy() { (Tint::Good, "HEALTHY") } else { (Tint::Bad, "NOT HEALTHY") };
    let more = if diagnosis.findings.is_empty() { "" } else { " · --explain ID tells more" };
    writeln!(out, "{}  {counts}{more}", paint.tint(tint, word))
}

fn one(
    finding: &Finding,
    several: bool,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let page = finding.page;
    let tint = match finding.severity {
        Severity::Error => Tint::Bad,
        Severity::Warning => Tint::Odd,
        Severity::Note => Tint::Dim,
    };
    let place = match &finding.netns {
        Some(netns) if several => {
            format!(" · netns {}", label::netns(netns.id, std::slice::from_ref(netns)))
        }
        _ => String::new(),
    };
    let severity = finding.severity.name().to_uppercase();
    let id = paint.tint(Tint::Accent, page.id);
    let lead = format!("{}  {id}  ", paint.tint(tint, severity));
    let indent = finding.severity.name().len() + page.id.len() + 4;
    hanging(out, terminal, indent, lead, &format!("{}{place}", finding.subject))?;
    hanging(out, terminal, 2, "  ", page.title)?;
    for line in &finding.evidence {
        hanging(out, terminal, 4, "  - ", &line.english)?;
    }
    let fixes = if finding.fix.is_empty() { vec![page.fix] } else { texts(&finding.fix) };
    for fix in fixes {
        hanging(out, terminal, 9, format!("  {}    ", paint.tint(Tint::Dim, "fix")), fix)?;
    }
    hanging(out, terminal, 9, format!("  {}  ", paint.tint(Tint::Dim, "price")), page.price)?;
    writeln!(out)
}

fn texts(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}
