//! `portolan who`: who held a port, or which ports somebody held, at a time or between two.

mod inquiry;
mod json;
mod left;
mod others;
mod sentence;
mod tail;
#[cfg(test)]
mod tests;
mod text;
mod wheel;

use std::io::Write;
use std::path::{Path, PathBuf};

use log::{Answer, GapReason, Party, Question, Tenure, Viewer};
use sockets::{NetnsId, Users};

use crate::args::{OutputArgs, WhoArgs};
use crate::exit::Exit;
use crate::history::{History, Teller, Unrecorded};
use crate::output::{Paint, Terminal};
use crate::progress::patiently;
use crate::reader::Reader;
use crate::{netns, report, trial};

pub(crate) use inquiry::Inquiry;
use inquiry::Span;

/// What was found out.
#[derive(Debug)]
pub(crate) struct Found {
    inquiry: Inquiry,
    answer: Answer,
    /// Processes that are not for us to see may be those asked for.
    hidden: bool,
    teller: Teller,
    users: Users,
    /// Our own network namespace, whose number goes without saying.
    own: Option<NetnsId>,
}

/// Answers `args`.
pub(crate) fn run(
    args: &WhoArgs,
    output: OutputArgs,
    out: &mut Reader<impl Write>,
) -> anyhow::Result<Exit> {
    let mut inquiry = Inquiry::new(args, crate::time::now())?;
    let missing = |dir: &&PathBuf| matches!(dir.try_exists(), Ok(false));
    if let Some(dir) = args.dir.as_ref().filter(missing) {
        anyhow::bail!("--dir: there is no directory {}", dir.display());
    }
    let asked = patiently("searching the records", || -> Result<_, Unrecorded> {
        let mut history = History::open(args.dir.as_deref())?;
        let answer = ask(&mut history, &mut inquiry, Viewer::Everything)?;
        let hidden = answer.tenures.is_empty() && hides_some(&mut history, &inquiry.question)?;
        Ok((answer, hidden, history.teller()))
    });
    let (answer, hidden, teller) = match asked {
        Ok(told) => told,
        Err(Unrecorded::Failed(error)) => return Err(error),
        Err(unrecorded) => {
            report::error(&unrecorded);
            if output.json
                && let Unrecorded::Nothing(dirs) = unrecorded
            {
                json::write(&Found::nothing(inquiry, dirs), out)?;
            }
            return Ok(Exit::Unknown);
        }
    };
    let found = Found::new(inquiry, answer, teller, Users::load(), netns::own().ok());
    let found = Found { hidden, ..found };
    if output.json {
        json::write(&found, out)?;
    } else {
        text::write(&found, out, Paint::for_stdout(output), Terminal::of_stdout())?;
    }
    Ok(found.exit())
}

/// What `inquiry` finds in the store in `dir`, as much as `viewer` may know, as JSON.
pub(crate) fn write_json(
    mut inquiry: Inquiry,
    dir: Option<&Path>,
    viewer: Viewer,
    out: &mut impl Write,
) -> Result<(), web::Trouble> {
    let failed = |error: anyhow::Error| web::Trouble::Failed(format!("{error:#}"));
    inquiry.question.most = inquiry.question.most.min(MOST_AT_ONCE);
    let asked = History::open(dir)
        .and_then(|mut history| Ok((ask(&mut history, &mut inquiry, viewer)?, history.teller())));
    let (mut answer, teller) = match asked {
        Ok(told) => told,
        Err(Unrecorded::Failed(error)) => return Err(failed(error)),
        Err(unrecorded) => return Err(web::Trouble::Unknown(unrecorded.to_string())),
    };
    let question = &inquiry.question;
    let by_process = !(question.pids.is_empty()
        && question.names.is_empty()
        && question.units.is_empty()
        && question.containers.is_empty());
    if viewer != Viewer::Everything {
        let tenures = std::mem::take(&mut answer.tenures).into_iter();
        // A name that is hidden must not be found by asking for it.
        answer.tenures =
            tenures.map(|t| t.as_seen_by(viewer)).filter(|t| question.asks_for(t)).collect();
        answer.more &= !by_process;
    }
    let hidden = answer.tenures.is_empty() && by_process && viewer != Viewer::Everything;
    let found = Found::new(inquiry, answer, teller, Users::load(), netns::own().ok());
    json::write(&Found { hidden, ..found }, out).map_err(|error| failed(error.into()))
}

/// What `history` answers, also of ports that the kernel kept or may have kept, where nobody held one, with
/// remarks as far as `viewer` may know.
fn ask(history: &mut History, inquiry: &mut Inquiry, viewer: Viewer) -> Result<Answer, Unrecorded> {
    let mut answer = ask_without_trials(history, inquiry)?;
    tail::look_for(&inquiry.question, &mut answer, wheel::late(), |question| {
        history.ask(question)
    })?;
    left::remark_on(inquiry, &answer, viewer, |question| history.ask(question))?;
    // Where processes are hidden, the others may be those that were asked for.
    if viewer == Viewer::Everything && !history.hides() {
        others::remark_on(inquiry, &answer, |question| history.ask(question))?;
    }
    Ok(answer)
}

/// What `history` answers, but for the trials of ours, unless processes are asked for: those who look at
/// a port again and again want to know of others.
fn ask_without_trials(history: &mut History, inquiry: &mut Inquiry) -> Result<Answer, Unrecorded> {
    let question = &inquiry.question;
    let mut answer = history.ask(question)?;
    if !inquiry.leaves_trials_out() {
        return Ok(answer);
    }
    let mut trials = trial::leave_out(&mut answer);
    if trials > 0 && answer.more {
        let most = question.most.saturating_add(trial::MANY);
        answer = history.ask(&Question { most, ..question.clone() })?;
        trials = trial::leave_out(&mut answer);
        answer.more |= answer.tenures.len() > question.most;
        answer.tenures.truncate(question.most);
    }
    inquiry.remark_on_trials(trials);
    Ok(answer)
}

/// How many tenures are told at once to one who asks from afar.
const MOST_AT_ONCE: usize = 10_000;

/// Whether processes that are not for us to see may be those that `question` asks for: it asks for
/// processes, and some of the tenures that meet the rest of it have a hidden one.
fn hides_some(history: &mut History, question: &Question) -> Result<bool, Unrecorded> {
    let rest =
        Question { uids: question.uids.clone(), most: LOOKED_THROUGH, ..question.of_anybody() };
    if !history.hides() || rest == (Question { most: rest.most, ..question.clone() }) {
        return Ok(false);
    }
    let answer = history.ask(&rest)?;
    let hidden = |tenure: &Tenure| {
        [&tenure.opener, &tenure.taker, &tenure.closer]
            .into_iter()
            .any(|party| matches!(party, Party::Hidden { .. }))
    };
    Ok(answer.more || answer.tenures.iter().any(hidden))
}

/// In how many tenures to look for a hidden process, until one is taken for granted.
const LOOKED_THROUGH: usize = 10_000;

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
        Found { inquiry, answer, hidden: false, teller, users, own }
    }

    /// What there is to say where nobody has recorded, in any of these directories.
    fn nothing(inquiry: Inquiry, dirs: Vec<PathBuf>) -> Found {
        let dir = dirs.into_iter().next().unwrap_or_default();
        let (answer, teller) = (Answer::default(), Teller::Store(dir));
        Found { inquiry, answer, hidden: false, teller, users: Users::default(), own: None }
    }

    /// Whether the answer is somebody, nobody, or not known.
    fn exit(&self) -> Exit {
        if !self.answer.tenures.is_empty() {
            return Exit::Answered;
        }
        let complete = self.answer.gaps.is_empty() && self.answer.since.is_some();
        if complete && !self.hidden { Exit::No } else { Exit::Unknown }
    }
}
