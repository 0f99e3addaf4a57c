//! The answer in a sentence, before any table: who it was, or that nobody did, or that nobody can
//! know.

use log::{GapReason, Moment, Party, Tenure};
use registry::Target;
use sockets::{Ending, Role};

use super::{Found, Span};
use crate::exit::Exit;
use crate::history::Teller;
use crate::recorder::Client;
use crate::{label, past};

/// The answer of `found` in a sentence.
pub(super) fn sentence(found: &Found) -> String {
    match (found.exit(), &found.answer.tenures[..]) {
        (Exit::No, _) => nobody(found),
        (Exit::Unknown, _) => unknown(found),
        (_, [tenure]) if !found.answer.more => one(found, tenure),
        (_, tenures) if found.inquiry.span == Span::At => several_at(found, tenures),
        (_, tenures) => several(found, tenures),
    }
}

fn ports(target: &Target) -> String {
    let proto = target.proto.map(|proto| format!("/{proto}")).unwrap_or_default();
    format!("{}{proto}", label::ranges(&target.ports))
}

/// The time that was asked about, as it stands in a sentence.
fn time(found: &Found) -> String {
    let (question, now) = (&found.inquiry.question, &found.inquiry.now);
    let (from, until) = (question.from, question.until);
    let written = |at| past::moment(at, 0, now);
    match found.inquiry.span {
        Span::At if from == until && from == crate::when::moment(now.timestamp()) => {
            format!("now, at {}", written(from))
        }
        Span::At if until.0 - from.0 < SECOND => {
            format!("at {}", past::moment(from, places(from, until), now))
        }
        Span::At | Span::Between => format!("between {} and {}", written(from), written(until)),
        Span::Ever => {
            let since = found.answer.since.map(written).unwrap_or_default();
            let to_now = until >= crate::when::moment(now.timestamp());
            let until = if to_now { String::new() } else { format!(" until {}", written(until)) };
            format!("since recording began at {since}{until}")
        }
    }
}

/// How many places behind the point `from..=until` was written with.
fn places(from: Moment, until: Moment) -> usize {
    match until.0 - from.0 + 1 {
        SECOND.. => 0,
        1_000_000.. => 3,
        1000.. => 6,
        _ => 9,
    }
}

fn nobody(found: &Found) -> String {
    match &found.inquiry.target {
        Some(target) => format!("Nobody{} held {} {}", filtered(found), ports(target), time(found)),
        None => format!("Nothing that was asked for was held {}", time(found)),
    }
}

/// A reminder that the answer is about some tenures alone.
fn filtered(found: &Found) -> &'static str {
    if found.inquiry.filters() { " that was asked for" } else { "" }
}

fn unknown(found: &Found) -> String {
    let held = match &found.inquiry.target {
        Some(target) => format!("who held {}", ports(target)),
        None => "whether anything that was asked for was held".to_owned(),
    };
    let what = format!("It is not known {held} {}", time(found));
    match found.answer.since {
        None => format!("It is not known {held}: nothing is recorded yet"),
        Some(_) if found.answer.gaps.is_empty() => {
            format!("{what}: there are processes that are hidden from you")
        }
        Some(_) if found.answer.gaps.iter().all(|gap| gap.reason == GapReason::TailUnknown) => {
            format!("{what}: it may have been in TIME-WAIT")
        }
        Some(_) if found.answer.gaps.iter().all(|gap| gap.reason == GapReason::Sampled) => {
            format!("{what}: it was only sampled, and nobody was seen")
        }
        Some(_) => format!("{what}: not all of that time is recorded"),
    }
}

/// The answer that is one tenure.
fn one(found: &Found, tenure: &Tenure) -> String {
    let who = past::holder(tenure, &found.users);
    let port = format!("{}/{}", tenure.local.port, tenure.proto);
    if found.inquiry.span == Span::At {
        if lingers(found, tenure) {
            return format!("{port} was in TIME-WAIT {}, by inference, left by {who}", time(found));
        }
        return format!("{who} {} {port} {}{}", verb(tenure), time(found), talking(tenure));
    }
    let (now, written) = (&found.inquiry.now, past::moment);
    let from = written(tenure.from, 0, now);
    let talking = talking(tenure);
    match tenure.until {
        None => format!("{who} has {} {port} since {from}{talking}", verb(tenure)),
        Some(until) if written(until, 0, now) == from => {
            format!("{who} {} {port} at {from}{talking}", verb(tenure))
        }
        Some(until) => {
            let until = written(until, 0, now);
            let unseen = tenure.ending == Some(Ending::Unseen);
            let known = if unseen { ", as far as is known" } else { "" };
            format!("{who} {} {port} from {from} to {until}{known}{talking}", verb(tenure))
        }
    }
}

fn verb(tenure: &Tenure) -> &'static str {
    if tenure.role == Role::Listening { "listened on" } else { "held" }
}

/// Whether `tenure` had let go of its port all through the time asked about, and the kernel had it.
fn lingers(found: &Found, tenure: &Tenure) -> bool {
    tenure.ending.is_some_and(Ending::leaves_tail)
        && tenure.until.is_some_and(|until| until <= found.inquiry.question.from)
}

/// The far end, as the end of a sentence.
fn talking(tenure: &Tenure) -> String {
    let Some(remote) = tenure.remote else { return String::new() };
    let remote = past::end(remote);
    match tenure.ending {
        Some(Ending::Refused) => format!(", trying to reach {remote}, which refused"),
        Some(Ending::TimedOut) if tenure.role == Role::Outgoing => {
            format!(", talking to {remote} until that timed out")
        }
        Some(Ending::Failed) => format!(", trying to reach {remote} in vain"),
        _ => format!(", talking to {remote}"),
    }
}

/// The answer for one moment that is several tenures: what each kind of them did, a clause each.
fn several_at(found: &Found, tenures: &[Tenure]) -> String {
    let within = found.inquiry.question.until > found.inquiry.question.from;
    let object = found.inquiry.target.as_ref().map(ports);
    let (it, object) = match object {
        Some(object) => ("it", object),
        None => ("a port", String::new()),
    };
    let mut clauses = Vec::new();
    let (tails, held): (Vec<_>, Vec<_>) = tenures.iter().partition(|tenure| lingers(found, tenure));
    for role in [Role::Listening, Role::Bound, Role::Outgoing, Role::Incoming] {
        let of_role: Vec<_> = held.iter().copied().filter(|tenure| tenure.role == role).collect();
        if !of_role.is_empty() {
            clauses.push(clause(found, role, &of_role, it));
        }
    }
    if !tails.is_empty() {
        let connections = label::count(tails.len(), "connection");
        let s = if tails.len() == 1 { "was" } else { "were" };
        clauses.push(format!("{connections} {s} in TIME-WAIT on {it}, by inference"));
    }
    let when = time(found);
    let when = if within && held.len() > 1 { when.replacen("at ", "within ", 1) } else { when };
    let lead = [object, when].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let lead = lead.join(" ");
    let rest = if found.answer.more {
        format!("; there were more ({})", narrower(found))
    } else {
        String::new()
    };
    format!("{}: {}{rest}", capital(&lead), clauses.join("; "))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// What tenures of one role did, in a clause.
fn clause(found: &Found, role: Role, tenures: &[&Tenure], it: &str) -> String {
    let mut parties: Vec<&Party> = Vec::new();
    for tenure in tenures {
        if !parties.contains(&tenure.holder()) {
            parties.push(tenure.holder());
        }
    }
    let first = past::holder(tenures[0], &found.users);
    let who = match parties.len() - 1 {
        0 => first,
        1 => format!("{first} and 1 other"),
        others => format!("{first} and {} others", label::thousands(others)),
    };
    let connections = label::count(tenures.len(), "connection");
    match (role, tenures) {
        (Role::Listening, _) => format!("{who} listened on {it}"),
        (Role::Bound, _) => format!("{who} had {it} bound"),
        (_, [tenure]) => format!("{who} held {it}{}", talking(tenure)),
        (Role::Outgoing, _) => format!("{connections} of {who} went out from {it}"),
        (Role::Incoming, _) => format!("{connections} of {who} came in on {it}"),
    }
}

/// The answer for a length of time that is several tenures.
fn several(found: &Found, tenures: &[Tenure]) -> String {
    let count = label::count(tenures.len(), "tenure");
    let count = if found.answer.more { format!("The newest {count}") } else { count };
    let of = found.inquiry.target.as_ref().map(|target| format!(" of {}", ports(target)));
    let order = match found.answer.more {
        true => format!("; there are more ({})", narrower(found)),
        false => ", the newest first".to_owned(),
    };
    format!("{count}{} {}{order}", of.unwrap_or_default(), time(found))
}

/// How the rest is to be had.
fn narrower(found: &Found) -> &'static str {
    let all_at_once =
        found.teller == Teller::Recorder && found.answer.tenures.len() >= Client::MOST_AT_ONCE;
    if all_at_once { "a recorder tells no more at once: --from, --to" } else { "--limit" }
}

const SECOND: i64 = 1_000_000_000;
