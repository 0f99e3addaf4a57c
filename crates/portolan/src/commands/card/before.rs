//! BEFORE: who had the port in the last day, if that was recorded. Asked while the sockets are
//! listed, and not waited for longer than a person would notice: of a recorder in one breath with what
//! is so now, of a store on a thread.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use jiff::{Span, Timestamp, Zoned};
use log::{Answer, GapReason, Moment, Question, Viewer};
use registry::Target;
use sockets::{NetnsId, Users};

use crate::history::{History, Teller, Unrecorded};
use crate::recorder::Briefing;
use crate::when::moment;
use crate::{time, trial};

/// What is known of the last day.
#[derive(Debug)]
pub(crate) enum Before {
    /// This.
    Known(Box<Known>),
    /// Nothing: nobody recorded.
    Unrecorded,
    /// There are records, and they are not for us to read.
    Forbidden(PathBuf),
    /// There are records, and to read them takes longer than one waits for a card.
    Late,
    /// There are records, and to read them failed.
    Failed(String),
}

/// What the records tell.
#[derive(Debug)]
pub(crate) struct Known {
    pub(super) question: Question,
    pub(super) answer: Answer,
    pub(super) teller: Teller,
    pub(super) users: Users,
    /// When it was asked, and in which zone.
    pub(super) now: Zoned,
}

/// A question that is being answered.
#[derive(Debug)]
pub(crate) enum Asked {
    /// There is nobody to ask.
    Nobody,
    /// A recorder was asked, with what is so now.
    Recorder(Rc<Briefing>, Box<Question>),
    /// A thread asks.
    Thread(Receiver<Before>),
}

impl Before {
    /// The same as far as `viewer` may know it.
    pub(super) fn seen_by(mut self, viewer: Viewer) -> Before {
        if let Before::Known(known) = &mut self {
            let tenures = std::mem::take(&mut known.answer.tenures).into_iter();
            known.answer.tenures = tenures.map(|tenure| tenure.as_seen_by(viewer)).collect();
        }
        self
    }

    /// What `teller` answered to `question`, for those who read it now.
    fn known(question: Question, answer: Answer, teller: Teller) -> Before {
        Before::Known(Box::new(Known::new(question, answer, teller, Users::load(), time::now())))
    }

    /// Begins to ask about the ports of `target`, in the network namespace `netns` if one is meant.
    pub(super) fn ask(target: &Target, netns: Option<NetnsId>, dir: Option<PathBuf>) -> Asked {
        if !History::is_there(dir.as_deref()) {
            return Asked::Nobody;
        }
        let question = question(target, netns, Timestamp::now());
        let (tell, told) = channel();
        let work = move || {
            let before = told_by_history(question, dir).unwrap_or_else(Before::from);
            // Whoever asked may have gone on without.
            let _heard_or_not = tell.send(before);
        };
        let started = thread::Builder::new().spawn(work);
        started.map_or(Asked::Nobody, |_| Asked::Thread(told))
    }
}

impl Asked {
    /// Asks the recorder of the store in `dir`, if one runs, in one breath with what `netns` has now on
    /// the ports of `target`.
    pub(super) fn recorder(
        target: &Target,
        netns: NetnsId,
        dir: Option<&Path>,
    ) -> Option<(Rc<Briefing>, Asked)> {
        let question = question(target, Some(netns), Timestamp::now());
        let briefing = Rc::new(Briefing::ask(dir, netns, super::span(target), &question)?);
        Some((briefing.clone(), Asked::Recorder(briefing, Box::new(question))))
    }

    /// The answer, if it comes within what is left of the time since `started`.
    pub(super) fn answer(self, started: Instant) -> Before {
        let left = PATIENCE.saturating_sub(started.elapsed());
        match self {
            Asked::Nobody => Before::Unrecorded,
            Asked::Thread(told) => told.recv_timeout(left).unwrap_or(Before::Late),
            Asked::Recorder(briefing, question) => match briefing.past(left.max(AT_HAND)) {
                Ok(Some(answer)) => Before::known(*question, answer, Teller::Recorder),
                Ok(None) => Before::Late,
                Err(error) => Before::Failed(format!("{error:#}")),
            },
        }
    }
}

impl From<Unrecorded> for Before {
    fn from(unrecorded: Unrecorded) -> Before {
        match unrecorded {
            Unrecorded::Nothing(_) => Before::Unrecorded,
            Unrecorded::Forbidden(dir) => Before::Forbidden(dir),
            Unrecorded::Failed(error) => Before::Failed(format!("{error:#}")),
        }
    }
}

impl Known {
    /// What `teller` answered to `question`. The time before the first record is no gap here: it is
    /// said since when there are records.
    pub(super) fn new(
        question: Question,
        mut answer: Answer,
        teller: Teller,
        users: Users,
        now: Zoned,
    ) -> Known {
        let since = answer.since;
        answer.gaps.retain(|gap| {
            let first = gap.reason == GapReason::NotRunning && gap.until.is_some();
            !(first && gap.until <= since)
        });
        trial::leave_out(&mut answer);
        answer.more |= answer.tenures.len() > COUNTED;
        answer.tenures.truncate(COUNTED);
        Known { question, answer, teller, users, now }
    }

    /// Since when there are records, if that is within the day.
    pub(super) fn since(&self) -> Option<Moment> {
        self.answer.since.filter(|since| *since > self.question.from)
    }
}

/// What to ask about the day before `now`.
pub(super) fn question(target: &Target, netns: Option<NetnsId>, now: Timestamp) -> Question {
    let day_ago = now.checked_sub(Span::new().hours(24)).unwrap_or(now);
    let mut question = Question::between(moment(day_ago), moment(now));
    question.ports.clone_from(&target.ports);
    question.proto = target.proto;
    question.netns = netns;
    question.most = trial::MANY;
    // What only lingers was held before.
    question.tails = false;
    question
}

fn told_by_history(question: Question, dir: Option<PathBuf>) -> Result<Before, Unrecorded> {
    let mut history = History::open(dir.as_deref())?;
    let answer = history.ask(&question)?;
    Ok(Before::known(question, answer, history.teller()))
}

/// So many tenures are counted; of more it is said that they are more.
const COUNTED: usize = 100;
/// How long a card may take because of the past.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long it takes to read what has been told already.
const AT_HAND: Duration = Duration::from_millis(10);
