//! `portolan status`: how the recorder does; or that none runs, and what there is nevertheless.

mod json;
mod text;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use jiff::Zoned;
use log::{Archive, Gap, GapReason, Moment, Question, Status};

use crate::args::{OutputArgs, StatusArgs};
use crate::exit::Exit;
use crate::output::{Paint, Terminal};
use crate::recorder::{Client, Place, Standing};
use crate::when::moment;

/// What there is to say.
#[derive(Debug)]
pub(crate) enum State {
    /// A recorder runs.
    Running(Box<(Standing, Status)>),
    /// None does, and these stores are left.
    Stopped(Vec<Remains>),
}
/// What a recorder that has ended left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remains {
    dir: PathBuf,
    /// How many bytes it takes; `None` where it may not be looked into.
    bytes: Option<u64>,
    /// Since when there are records.
    since: Option<Moment>,
    /// Until when.
    until: Option<Moment>,
}

/// Prints how the recorder does.
pub(crate) fn run(
    args: &StatusArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let now = crate::time::now();
    let state = State::of(args.dir.as_deref(), &now)?;
    if output.json {
        json::write(&state, out)?;
    } else {
        text::write(&state, &now, out, Paint::for_stdout(output), Terminal::of_stdout())?;
    }
    Ok(match state {
        State::Running(_) => Exit::Answered,
        State::Stopped(_) => Exit::No,
    })
}

/// How the recorder does, as JSON.
pub(crate) fn write_json(dir: Option<&Path>, out: &mut impl Write) -> anyhow::Result<()> {
    Ok(json::write(&State::of(dir, &crate::time::now())?, out)?)
}

impl State {
    /// How the recorder of the store in `dir` does, at the moment `now`.
    fn of(dir: Option<&Path>, now: &Zoned) -> anyhow::Result<State> {
        if let Some(mut client) = Client::connect(dir) {
            return Ok(State::Running(client.status()?));
        }
        let is_file = |dir: &&Path| fs::metadata(dir).is_ok_and(|there| !there.is_dir());
        if let Some(file) = dir.filter(is_file) {
            bail!("--dir: {} is not a directory", file.display());
        }
        let mut dirs: Vec<PathBuf> =
            Place::to_ask(dir).into_iter().map(|place| place.dir).collect();
        dirs.dedup();
        let at = moment(now.timestamp());
        Ok(State::Stopped(dirs.into_iter().filter_map(|dir| Remains::of(dir, at)).collect()))
    }
}

impl Remains {
    /// What is in `dir` at the moment `now`; `None` where there is no such directory.
    fn of(dir: PathBuf, now: Moment) -> Option<Remains> {
        let looked = fs::metadata(&dir);
        if looked.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return None;
        }
        let bytes = size(&dir).ok();
        let question = Question { most: 1, ..Question::between(now, now) };
        let answer = Archive::open(dir.clone()).and_then(|archive| archive.ask(&question)).ok();
        let since = answer.as_ref().and_then(|answer| answer.since);
        // Nobody has recorded since the end of the last record.
        let lasts = |gap: &Gap| gap.reason == GapReason::NotRunning && gap.until.is_none();
        let silence = answer.and_then(|answer| answer.gaps.into_iter().find(lasts));
        Some(Remains { dir, bytes, since, until: silence.map(|gap| gap.from) })
    }
}

/// How many bytes the files in `dir` have.
fn size(dir: &Path) -> io::Result<u64> {
    fs::read_dir(dir)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}
