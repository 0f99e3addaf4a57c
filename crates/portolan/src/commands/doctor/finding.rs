//! What a check found: the evidence, and what helps here. What holds for every machine is in the
//! catalogue.

use sockets::Netns;
use web::Remark;

use super::catalogue::{Page, Severity};

/// Something that a check found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// What it is, and why it matters.
    pub(crate) page: &'static Page,
    /// How bad it is here.
    pub(crate) severity: Severity,
    /// What it is about, in a few words that are safe to print.
    pub(crate) subject: Remark,
    /// Numbers and names, a line each, safe to print.
    pub(crate) evidence: Vec<Remark>,
    /// What helps, as a command; empty where the page's own fix is all there is.
    pub(crate) fix: Vec<String>,
    /// Where; `None` where it is the machine's.
    pub(crate) netns: Option<Netns>,
}

impl Finding {
    /// A finding as severe as its page says.
    pub(crate) fn new(page: &'static Page, subject: impl Into<Remark>) -> Finding {
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

    /// With a line of evidence: a `remark!`, so that every language has it.
    pub(crate) fn evidence(mut self, line: Remark) -> Finding {
        self.evidence.push(line);
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
