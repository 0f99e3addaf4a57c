//! What the doctor finds, as a page shows it.

use std::path::Path;
use std::time::Duration;

use sockets::NetnsScope;
use web::{DoctorNow, FindingView, Viewer};

use super::Eyes;
use crate::commands::card;
use crate::commands::doctor::{Diagnosis, Finding, Scene, Visit};

/// Looks, for `viewer`, who gets the findings that are theirs to know.
pub(super) fn look(viewer: Viewer, dir: Option<&Path>) -> anyhow::Result<Diagnosis> {
    let visit = Visit {
        scope: NetnsScope::Own,
        over: APART,
        dir: dir.map(Path::to_owned),
        whole: viewer.is_operator(),
    };
    Ok(Diagnosis::of(&Scene::take(&Eyes(viewer), &visit)?))
}

/// What was found.
pub(super) fn view(diagnosis: &Diagnosis, viewer: Viewer) -> DoctorNow {
    DoctorNow {
        healthy: diagnosis.is_healthy(),
        findings: diagnosis.findings.iter().map(finding).collect(),
        partly: !viewer.is_operator(),
        notes: diagnosis.notes.iter().map(card::note_view).collect(),
    }
}

fn finding(finding: &Finding) -> FindingView {
    let page = finding.page;
    FindingView {
        id: page.id,
        severity: finding.severity.name(),
        title: page.title,
        subject: finding.subject.clone(),
        evidence: finding.evidence.clone(),
        why: page.why,
        source: page.source,
        commands: finding.fix.clone(),
        remedy: page.fix,
        price: page.price,
    }
}

/// How far apart the two looks are: a reader waits for them.
const APART: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use web::{Language, Locale};

    use crate::commands::doctor::PAGES;

    #[test]
    fn every_finding_is_whole_in_every_language() {
        for page in PAGES {
            for language in Language::ALL.into_iter().filter(|it| *it != Language::English) {
                for part in ["", "-why", "-fix", "-price"] {
                    let id = format!("finding-{}{part}", page.id);
                    assert!(Locale::of(language).finding(&id, &[]).is_some(), "{language}: {id}");
                }
            }
        }
    }
}
