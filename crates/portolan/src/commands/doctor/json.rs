//! `doctor` for programs and pages: `docs/json.md`.

use std::io::{self, Write};

use serde::Serialize;

use super::{Diagnosis, Finding, Page};
use crate::output::json::{NoteJson, SCHEMA};

/// A diagnosis as it is sent.
#[derive(Debug, Serialize)]
pub(crate) struct DoctorJson<'a> {
    schema: &'static str,
    healthy: bool,
    findings: Vec<FindingJson<'a>>,
    notes: Vec<NoteJson>,
}

#[derive(Debug, Serialize)]
struct FindingJson<'a> {
    id: &'static str,
    severity: &'static str,
    title: &'static str,
    subject: &'a str,
    evidence: Vec<&'a str>,
    why: &'static str,
    source: &'static str,
    fix: Vec<&'a str>,
    price: &'static str,
    netns: Option<u64>,
    netns_name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct PagesJson {
    schema: &'static str,
    pages: Vec<PageJson>,
}

#[derive(Debug, Serialize)]
struct PageJson {
    id: &'static str,
    severity: &'static str,
    title: &'static str,
    why: &'static str,
    source: &'static str,
    fix: &'static str,
    price: &'static str,
}

/// Writes one object.
pub(crate) fn write(diagnosis: &Diagnosis, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &DoctorJson::from(diagnosis))?;
    writeln!(out)
}

/// Writes pages of the catalogue.
pub(super) fn write_pages(pages: &[&'static Page], out: &mut impl Write) -> io::Result<()> {
    let page = |page: &&'static Page| PageJson {
        id: page.id,
        severity: page.severity.name(),
        title: page.title,
        why: page.why,
        source: page.source,
        fix: page.fix,
        price: page.price,
    };
    let json = PagesJson { schema: SCHEMA, pages: pages.iter().map(page).collect() };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

impl<'a> From<&'a Diagnosis> for DoctorJson<'a> {
    fn from(diagnosis: &'a Diagnosis) -> DoctorJson<'a> {
        DoctorJson {
            schema: SCHEMA,
            healthy: diagnosis.is_healthy(),
            findings: diagnosis.findings.iter().map(FindingJson::from).collect(),
            notes: diagnosis.notes.iter().map(NoteJson::from).collect(),
        }
    }
}

impl<'a> From<&'a Finding> for FindingJson<'a> {
    fn from(finding: &'a Finding) -> FindingJson<'a> {
        let page = finding.page;
        let fixes = finding.fix.iter().map(String::as_str);
        FindingJson {
            id: page.id,
            severity: finding.severity.name(),
            title: page.title,
            subject: &finding.subject.english,
            evidence: finding.evidence.iter().map(|line| &*line.english).collect(),
            why: page.why,
            source: page.source,
            fix: if finding.fix.is_empty() { vec![page.fix] } else { fixes.collect() },
            price: page.price,
            netns: finding.netns.as_ref().map(|netns| netns.id.0),
            netns_name: finding.netns.as_ref().and_then(|netns| netns.name.as_deref()),
        }
    }
}
