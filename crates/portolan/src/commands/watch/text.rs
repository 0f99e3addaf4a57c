//! What `watch` prints for people: a line for each event.

use std::fmt::Write as _;

use jiff::Zoned;
use log::{Change, Party, Tenure, Verb};
use sockets::{Ending, Endpoint, Family, Role, Users};

use crate::output::{Paint, Terminal, Tint, shorten, width_of};
use crate::past;
use crate::tongue::Tongue;
use crate::when::zoned;

/// Writes lines, with what it needs for that.
#[derive(Debug)]
pub(super) struct Lines {
    now: Zoned,
    users: Users,
    paint: Paint,
    terminal: Terminal,
}

impl Lines {
    /// Lines for standard output, in the local time zone.
    pub(super) fn new(paint: Paint, terminal: Terminal) -> Lines {
        Lines { now: crate::time::now(), users: Users::load(), paint, terminal }
    }

    /// A change, in a line.
    pub(super) fn change(&self, change: &Change) -> String {
        let tenure = &change.tenure;
        let at = zoned(change.at, &self.now).strftime("%T%.6f").to_string();
        let (verb, tint) = verb(change);
        let head = format!("{at}  {verb:<8}  {:<4}  ", tenure.proto.name());
        let mut tail = format!("{:<45}  ", ends(tenure));
        tail.push_str(&self.owner(change));
        for remark in [outcome(change), past::evidence(tenure.evidence).to_owned()] {
            if !remark.is_empty() {
                let _infallible = write!(tail, "  {remark}");
            }
        }
        if let Some(width) = self.terminal.width
            && width_of(&head) + width_of(&tail) > width
        {
            tail = shorten(&tail, width.saturating_sub(width_of(&head)), false);
        }
        let verb = self.paint.tint(tint, format!("{verb:<8}"));
        format!("{at}  {verb}  {:<4}  {tail}", tenure.proto.name())
    }

    /// Who it was: for what is taken over the one who took it, for what is closed who closed it,
    /// if that is another.
    fn owner(&self, change: &Change) -> String {
        let (tenure, party) = (&change.tenure, actor(change));
        let user = past::user_of(tenure, &self.users);
        let user = if user.is_empty() { "-" } else { &user };
        format!("{}  {user}", past::party(party, Tongue::default()))
    }
}

/// Who did it: for what is taken over the one who took it.
pub(super) fn actor(change: &Change) -> &Party {
    match change.verb {
        Verb::Taken => &change.tenure.taker,
        _ => change.tenure.holder(),
    }
}

/// Both ends, as an arrow between them; one where there is no other.
pub(super) fn ends(tenure: &Tenure) -> String {
    let any_family = tenure.family == Family::V6 && !tenure.v6only;
    let local = if any_family && tenure.local.addr.is_unspecified() {
        format!("*:{}", tenure.local.port)
    } else {
        plain(tenure.local).to_string()
    };
    match tenure.remote.filter(|remote| !remote.is_none()) {
        None => local,
        Some(remote) if tenure.role == Role::Incoming => format!("{local} ← {}", plain(remote)),
        Some(remote) => format!("{local} → {}", plain(remote)),
    }
}

fn plain(end: Endpoint) -> Endpoint {
    Endpoint { addr: end.canonical(), port: end.port }
}

/// What happened, in a word.
pub(super) fn verb(change: &Change) -> (&'static str, Tint) {
    let role = change.tenure.role;
    match (change.verb, role) {
        (Verb::Opened | Verb::Changed, Role::Listening) => ("listen", Tint::Good),
        (Verb::Opened | Verb::Changed, Role::Outgoing) => ("connect", Tint::Plain),
        (Verb::Opened | Verb::Changed, Role::Incoming) => ("incoming", Tint::Plain),
        (Verb::Opened | Verb::Changed, Role::Bound) => ("bind", Tint::Good),
        (Verb::Taken, Role::Incoming) => ("accept", Tint::Plain),
        (Verb::Taken, _) => ("take", Tint::Odd),
        (Verb::Closed, _) => match change.tenure.ending {
            Some(Ending::Refused | Ending::TimedOut | Ending::Failed) => ("fail", Tint::Bad),
            Some(Ending::Reset | Ending::Aborted) => ("close", Tint::Odd),
            _ => ("close", Tint::Dim),
        },
    }
}

/// How it ended, and after how long.
fn outcome(change: &Change) -> String {
    let tenure = &change.tenure;
    let Some(ending) = tenure.ending else { return String::new() };
    let how = match ending {
        Ending::Closed => "closed",
        Ending::TimeWait => "closed, TIME-WAIT",
        Ending::Aborted => "reset by us",
        Ending::Reset => "reset by peer",
        Ending::Refused => "refused",
        Ending::TimedOut => "timed out",
        Ending::Failed => "failed",
        Ending::Unseen => "end not seen",
        Ending::FinWait | Ending::FinWaitBriefly => "closed, FIN-WAIT-2",
    };
    format!("{how} after {}", past::length(tenure.duration))
}
