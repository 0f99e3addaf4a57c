//! What a check found: the evidence, and what helps here. What holds for every machine is in the
//! catalogue.

use sockets::Netns;

use super::catalogue::{Page, Severity};

/// Something that a check found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// What it is, and why it matters.
    pub(crate) page: &'static Page,
    /// How bad it is here.
    pub(crate) severity: Severity,
    /// What it is about, in a few words that are safe to print.
    pub(crate) subject: String,
    /// Numbers and names, a line each, safe to print.
    pub(crate) evidence: Vec<String>,
    /// What helps, as a command; empty where the page's own fix is all there is.
    pub(crate) fix: Vec<String>,
    /// Where; `None` where it is the machine's.
    pub(crate) netns: Option<Netns>,
}

impl Finding {
    /// A finding as severe as its page says.
    pub(crate) fn new(page: &'static Page, subject: impl Into<String>) -> Finding {
        Finding {
            page,
            severity: page.severity,
            subject: subject.into(),
            evidence: Vec::new(),
            fix: Vec::new(),
            netns: None,
        }
    }

    pub(crate) fn severity(self, severity: Severity) -> Finding {
        Finding { severity, ..self }
    }

    pub(crate) fn evidence(mut self, line: impl Into<String>) -> Finding {
        self.evidence.push(line.into());
        self
    }

    pub(crate) fn fix(mut self, command: impl Into<String>) -> Finding {
        self.fix.push(command.into());
        self
    }

    pub(crate) fn within(self, netns: &Netns) -> Finding {
        Finding { netns: Some(netns.clone()), ..self }
    }
}
