//! What happens, as the web shows it: the same words as on a terminal, as plain data.

use log::{Change, Tenure};
use sockets::Users;
use std::ops::ControlFlow;
use web::{Happening, Moment, Outcome};

use super::own::{Onlooker, look_on};
use super::{json, text};
use crate::args::SourceName;
use crate::output::json::TenureJson;
use crate::past;
use crate::tongue::Tongue;

/// What somebody who follows is told.
#[derive(Debug)]
pub(crate) enum Told {
    /// This happened; perhaps nothing.
    Changes(Vec<Change>),
    /// So many events were lost.
    Missed(u64),
}

/// Tells what we see by ourselves, until `tell` breaks off.
pub(crate) fn follow(
    name: SourceName,
    tell: &mut dyn FnMut(Told) -> ControlFlow<()>,
) -> anyhow::Result<()> {
    let mut follower = Follower { tell, gone: false };
    look_on(name, &mut follower, |_, _| {})
}

struct Follower<'a> {
    tell: &'a mut dyn FnMut(Told) -> ControlFlow<()>,
    gone: bool,
}

impl Onlooker for Follower<'_> {
    fn has_gone(&mut self) -> bool {
        self.gone
    }

    fn show(&mut self, changes: Vec<Change>) -> anyhow::Result<()> {
        self.gone |= (self.tell)(Told::Changes(changes)).is_break();
        Ok(())
    }

    fn missed(&mut self, count: u64) -> anyhow::Result<()> {
        self.gone |= (self.tell)(Told::Missed(count)).is_break();
        Ok(())
    }
}

/// A change, with the names of `users`.
pub(crate) fn happening(change: &Change, users: &Users) -> Happening {
    let tenure = &change.tenure;
    Happening {
        at: Moment(change.at.0),
        verb: text::verb(change).0,
        proto: tenure.proto,
        port: tenure.local.port,
        ends: text::ends(tenure),
        owner: past::party(text::actor(change), Tongue::default()),
        user: past::user_of(tenure, users),
        outcome: outcome(tenure, users),
    }
}

/// How what changed ended, if it did.
fn outcome(tenure: &Tenure, users: &Users) -> Option<Outcome> {
    let ended = TenureJson::new(tenure, users).ended()?;
    Some(Outcome { ended, lasted: past::length(tenure.duration) })
}

/// A change as a line of JSON, without its end.
pub(crate) fn json_line(change: &Change, users: &Users) -> String {
    let mut line = Vec::new();
    let _infallible = json::change(change, users, &mut line);
    String::from_utf8_lossy(&line).trim_end().to_owned()
}
