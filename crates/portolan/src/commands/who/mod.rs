//! `portolan who`: who held a port, or which ports somebody held, at a time or between two.

mod inquiry;
mod json;
mod sentence;
#[cfg(test)]
mod tests;
mod text;

use std::path::PathBuf;

use log::{Answer, GapReason};
use sockets::{NetnsId, Users};

use crate::exit::Exit;

pub(crate) use inquiry::Inquiry;
use inquiry::Span;

/// What was found out.
#[derive(Debug)]
pub(crate) struct Found {
    inquiry: Inquiry,
    answer: Answer,
    teller: Teller,
    users: Users,
    /// Our own network namespace, whose number goes without saying.
    own: Option<NetnsId>,
}

/// Who told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Teller {
    /// The recorder that runs.
    Recorder,
    /// The records in this directory, without a recorder.
    Store(PathBuf),
}

impl Found {
    fn new(
        inquiry: Inquiry,
        mut answer: Answer,
        teller: Teller,
        users: Users,
        own: Option<NetnsId>,
    ) -> Found {
        // Asked about all there is, nobody asks about the time before.
        if let (Span::Ever, Some(since)) = (inquiry.span, answer.since)
            && since <= inquiry.question.until
        {
            answer.gaps.retain(|gap| {
                gap.reason != GapReason::NotRunning || gap.until.is_none_or(|until| until > since)
            });
        }
        Found { inquiry, answer, teller, users, own }
    }

    /// Whether the answer is somebody, nobody, or not known.
    fn exit(&self) -> Exit {
        if !self.answer.tenures.is_empty() {
            return Exit::Answered;
        }
        let complete = self.answer.gaps.is_empty() && self.answer.since.is_some();
        if complete { Exit::No } else { Exit::Unknown }
    }
}
