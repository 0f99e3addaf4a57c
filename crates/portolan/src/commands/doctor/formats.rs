//! Findings for programs that run tests: workflow commands of GitHub Actions, and JUnit's XML, with a
//! test case for each check, as Jenkins and GitLab read it.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Diagnosis, Finding, PAGES, Severity};

/// Writes a line for each finding: `::warning title=ID::text`.
pub(super) fn github(diagnosis: &Diagnosis, out: &mut impl Write) -> io::Result<()> {
    for finding in &diagnosis.findings {
        let command = match finding.severity {
            Severity::Note => "notice",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let title = github_escaped(&format!("{}: {}", finding.page.id, finding.subject));
        // A property must not end early, either.
        let title = title.replace(':', "%3A").replace(',', "%2C");
        writeln!(out, "::{command} title={title}::{}", github_escaped(&told(finding)))?;
    }
    Ok(())
}

/// Writes a suite with a case for each check, in which its warnings and errors are failures.
pub(super) fn junit(diagnosis: &Diagnosis, out: &mut impl Write) -> io::Result<()> {
    let is_failure = |finding: &&Finding| finding.severity > Severity::Note;
    let of = |id: &str| -> Vec<&Finding> {
        diagnosis.findings.iter().filter(|finding| finding.page.id == id).collect()
    };
    let failures = PAGES.iter().filter(|page| of(page.id).iter().any(is_failure)).count();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuite name="portolan doctor" tests="{}" failures="{failures}" errors="0" skipped="0">"#,
        PAGES.len()
    )?;
    for page in PAGES {
        let found = of(page.id);
        let name = xml_escaped(page.title);
        write!(out, r#"  <testcase classname="{}" name="{name}""#, page.id)?;
        if found.is_empty() {
            writeln!(out, "/>")?;
            continue;
        }
        writeln!(out, ">")?;
        let texts = |wanted: &dyn Fn(&&Finding) -> bool| {
            let texts = found.iter().copied().filter(|finding| wanted(finding)).map(told);
            xml_escaped(&texts.collect::<Vec<_>>().join("\n\n"))
        };
        let failed = found.iter().filter(|finding| is_failure(finding)).count();
        if failed > 0 {
            let kind = page.severity.name();
            writeln!(
                out,
                r#"    <failure type="{kind}" message="{failed} found">{}</failure>"#,
                texts(&is_failure)
            )?;
        }
        if failed < found.len() {
            let notes = texts(&|finding| finding.severity == Severity::Note);
            writeln!(out, "    <system-out>{notes}</system-out>")?;
        }
        writeln!(out, "  </testcase>")?;
    }
    writeln!(out, "</testsuite>")
}

/// A finding in lines of text.
fn told(finding: &Finding) -> String {
    let mut text = format!("{}: {}", finding.subject, finding.page.title);
    for line in &finding.evidence {
        write!(text, "\n- {line}").expect("writing to a string cannot fail");
    }
    match finding.fix.as_slice() {
        [] => write!(text, "\nfix: {}", finding.page.fix),
        fixes => write!(text, "\nfix: {}", fixes.join("; ")),
    }
    .expect("writing to a string cannot fail");
    write!(text, "\nprice: {}", finding.page.price).expect("writing to a string cannot fail");
    text
}

fn github_escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Without what XML gives a meaning, and without what it does not have at all.
fn xml_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
