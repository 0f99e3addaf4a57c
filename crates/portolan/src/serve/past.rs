//! The past, as the recorder or its store tells: asked once for all who ask the same.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use log::{Answer, GapReason, Moment as Then, Party, Question};
use sockets::{Evidence, Role, Users};
use web::{Gap, Moment, Span, Spell, Timeline, TimelineAsked, Told, Viewer};

use super::kept::Kept;
use crate::history::{History, Teller, Unrecorded};
use crate::label;
use crate::output::json::TenureJson;
use crate::past;
use crate::tongue::Tongue;

/// What was told of a time.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) told: Told,
    pub(super) answer: Answer,
}

/// Asks for the past, and remembers for a moment what was told.
#[derive(Debug)]
pub(super) struct Pasts {
    dir: Option<PathBuf>,
    known: Kept<String, Past>,
}

impl Pasts {
    /// The past by the store in `dir`, if that is not the default one.
    pub(super) fn new(dir: Option<PathBuf>) -> Pasts {
        Pasts { dir, known: Kept::at_most(REMEMBERED) }
    }

    /// What is known to `question`; one told within `age` will do. `same` is alike for questions
    /// that have the same answer.
    pub(super) fn ask(
        &self,
        question: &Question,
        age: Duration,
        same: String,
    ) -> anyhow::Result<Arc<Past>> {
        self.known.get(same, age, || self.ask_anew(question))
    }

    fn ask_anew(&self, question: &Question) -> anyhow::Result<Past> {
        let nothing = |told| Past { told, answer: Answer::default() };
        if !History::is_there(self.dir.as_deref()) {
            return Ok(nothing(Told::Unrecorded));
        }
        let asked = History::open(self.dir.as_deref())
            .and_then(|mut history| Ok((history.ask(question)?, history.teller())));
        match asked {
            Ok((answer, teller)) => {
                let told = match teller {
                    Teller::Recorder => Told::ByRecorder,
                    Teller::Store(_) => Told::FromStore,
                };
                Ok(Past { told, answer })
            }
            Err(Unrecorded::Nothing(_)) => Ok(nothing(Told::Unrecorded)),
            Err(Unrecorded::Forbidden(_)) => Ok(nothing(Told::Forbidden)),
            Err(Unrecorded::Failed(error)) => Err(error),
        }
    }
}

/// The question that a timeline answers.
pub(super) fn question(asked: &TimelineAsked, netns: Option<sockets::NetnsId>) -> Question {
    let mut question = Question::between(Then(asked.span.from.0), Then(asked.span.until.0));
    question.ports = vec![asked.port.port.into()];
    question.proto = asked.port.proto;
    question.netns = netns;
    question.most = asked.most;
    question.tails = false;
    question
}

/// What was told, as a timeline for `viewer`.
pub(super) fn timeline(span: Span, past: &Past, viewer: Viewer) -> Timeline {
    let users = Users::load();
    let answer = &past.answer;
    let spells = answer.tenures.iter().map(|tenure| spell(tenure, viewer, &users));
    Timeline {
        span,
        told: past.told.clone(),
        spells: spells.collect(),
        more: answer.more,
        gaps: gaps(answer),
        since: answer.since.map(moment),
    }
}

fn spell(tenure: &log::Tenure, viewer: Viewer, users: &Users) -> Spell {
    let tenure = tenure.clone().as_seen_by(self::viewer(viewer));
    let words = TenureJson::new(&tenure, users);
    Spell {
        from: moment(tenure.from),
        until: tenure.until.map(moment),
        lasted: past::lasted(&tenure),
        proto: tenure.proto,
        port: tenure.local.port,
        role: match tenure.role {
            Role::Bound => "bound",
            Role::Listening => "listening",
            Role::Outgoing => "outgoing",
            Role::Incoming => "incoming",
        },
        local: label::past_local(&tenure).to_string(),
        remote: tenure.remote.map(past::end),
        holder: past::program(tenure.holder())
            .map(|_| past::party(tenure.holder(), Tongue::default())),
        hidden: matches!(tenure.holder(), Party::Hidden { .. }),
        user: past::user_of(&tenure, users),
        ended: words.ended(),
        evidence: match tenure.evidence {
            Evidence::Exact => "exact",
            Evidence::OpenAtStart => "open-at-start",
            Evidence::Sampled => "sampled",
        },
    }
}

/// Times of which events are missing.
pub(super) fn gaps(answer: &Answer) -> Vec<Gap> {
    let gap = |gap: &log::Gap| Gap {
        from: moment(gap.from),
        until: gap.until.map(moment),
        reason: reason(gap.reason),
    };
    answer.gaps.iter().map(gap).collect()
}

fn reason(reason: GapReason) -> &'static str {
    match reason {
        GapReason::NotRunning => "not-running",
        GapReason::EventsLost => "events-lost",
        GapReason::DiskFull => "disk-full",
        GapReason::JournalCut => "journal-cut",
        GapReason::SegmentLost => "segment-lost",
        GapReason::Sampled => "sampled",
        GapReason::TailUnknown => "tail-unknown",
    }
}

/// A moment of the log, as the web has it.
pub(super) fn moment(at: Then) -> Moment {
    Moment(at.0)
}

/// As whom the log shows tenures to `viewer`.
pub(super) fn viewer(viewer: Viewer) -> log::Viewer {
    match viewer {
        Viewer::Everything => log::Viewer::Everything,
        Viewer::User(uid) => log::Viewer::User(uid),
        Viewer::Nobody => log::Viewer::User(sockets::Opened::NO_UID),
    }
}

/// So many answers are remembered.
const REMEMBERED: usize = 512;
