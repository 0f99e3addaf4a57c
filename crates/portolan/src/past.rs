//! How tenures, their parties, gaps and moments of the past read in a line of text.

use std::time::Duration;

use jiff::Zoned;
use jiff::civil::Date;
use log::{Gap, GapReason, Moment, Party, Tenure};
use sockets::{Ending, Endpoint, Evidence, Opened, Program, Role, Users};

use crate::label;
use crate::tongue::Tongue;
use crate::when::zoned;

/// How moments are written where several stand together: with no more of the date than they need.
#[derive(Clone, Debug)]
pub(crate) struct Almanac {
    now: Zoned,
    dates: Dates,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dates {
    /// They are all of one day, which is said elsewhere if it is not today.
    Unsaid,
    OfThisYear,
    Full,
}

impl Almanac {
    /// For `moments` that stand together, seen at `now` and in its zone.
    pub(crate) fn of(moments: impl IntoIterator<Item = Moment>, now: &Zoned) -> Almanac {
        let mut days: Vec<Date> = moments.into_iter().map(|at| zoned(at, now).date()).collect();
        days.sort_unstable();
        days.dedup();
        let dates = match &days[..] {
            [] | [_] => Dates::Unsaid,
            [first, ..] if first.year() == now.year() => Dates::OfThisYear,
            _ => Dates::Full,
        };
        Almanac { now: now.clone(), dates }
    }

    /// A moment to the second.
    pub(crate) fn second(&self, at: Moment) -> String {
        self.written(at, "%T")
    }

    /// Whether two moments are of one day.
    pub(crate) fn same_day(&self, one: Moment, other: Moment) -> bool {
        zoned(one, &self.now).date() == zoned(other, &self.now).date()
    }

    /// The time of day alone.
    pub(crate) fn clock(&self, at: Moment) -> String {
        zoned(at, &self.now).strftime("%T").to_string()
    }

    /// A moment to the millisecond.
    pub(crate) fn millisecond(&self, at: Moment) -> String {
        self.written(at, "%T%.3f")
    }

    fn written(&self, at: Moment, clock: &str) -> String {
        let date = match self.dates {
            Dates::Unsaid => "",
            Dates::OfThisYear => "%d %b ",
            Dates::Full => "%F ",
        };
        zoned(at, &self.now).strftime(&format!("{date}{clock}")).to_string()
    }
}

/// A moment in a sentence: with its date unless that is today, with `places` of a second behind the
/// point.
pub(crate) fn moment(at: Moment, places: usize, now: &Zoned) -> String {
    let at = zoned(at, now);
    let date = if at.date() == now.date() { "" } else { "%F " };
    let fraction = if places > 0 { format!("%.{places}f") } else { String::new() };
    at.strftime(&format!("{date}%T{fraction}")).to_string()
}

/// The zone that times are told in, as it was at `at`: `Europe/Berlin (+01:00)`.
pub(crate) fn zone(at: Moment, now: &Zoned) -> String {
    let offset = zoned(at, now).strftime("%:z").to_string();
    match now.time_zone().iana_name() {
        Some(name) if name == "UTC" || name == "Etc/UTC" => "UTC".to_owned(),
        Some(name) => format!("{name} ({offset})"),
        None if offset == "+00:00" => "UTC".to_owned(),
        None => format!("local time ({offset})"),
    }
}

/// A length of time, to two units: `250ms`, `3.2s`, `4m03s`, `2h05m`, `3d04h`.
pub(crate) fn length(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    let two =
        |large: u64, name: &str, small: u64, rest: &str| format!("{large}{name}{small:02}{rest}");
    match seconds {
        0 if duration.as_micros() < 1000 => format!("{}µs", duration.as_micros()),
        0 => format!("{millis}ms"),
        1..60 => format!("{seconds}.{}s", millis / 100),
        60..3600 => two(seconds / 60, "m", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds / 60 % 60, "m"),
        _ => two(seconds / 86_400, "d", seconds / 3600 % 24, "h"),
    }
}

/// How long a tenure lasted, as well as is known: `≥2h05m` for one that was open when recording
/// began, `≈3.2s` for one that was sampled.
pub(crate) fn lasted(tenure: &Tenure) -> String {
    let mark =
        if tenure.evidence == Evidence::OpenAtStart { "≥" } else { about(tenure.evidence) };
    format!("{mark}{}", length(tenure.duration))
}

/// What stands before a time that is not exact.
pub(crate) fn about(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Exact => "",
        Evidence::OpenAtStart => "≤",
        Evidence::Sampled => "≈",
    }
}

/// Why a connect came to nothing, if it did.
pub(crate) fn failure(tenure: &Tenure) -> Option<&'static str> {
    match tenure.ending? {
        Ending::Refused => Some("refused"),
        Ending::TimedOut => Some("timed out"),
        Ending::Failed => Some("failed"),
        _ => None,
    }
}

/// A far end, its mapped address as the IPv4 one that it is.
pub(crate) fn end(end: Endpoint) -> String {
    Endpoint { addr: end.canonical(), port: end.port }.to_string()
}

/// A party as a cell of a table: its name and pid, or why there is none.
pub(crate) fn party(party: &Party, tongue: Tongue) -> String {
    match party {
        Party::Known(program) => label::process(&program.process),
        Party::Hidden { .. } => tongue.word("card-hidden", "hidden").into_owned(),
        Party::Unknown => tongue.word("card-not-seen", "not seen").into_owned(),
    }
}

/// A party in a sentence: `curl (4711) of alice`, `a hidden process of alice`.
fn party_of(party: &Party, users: &Users) -> Option<String> {
    match party {
        Party::Known(program) => {
            let process = label::process(&program.process);
            Some(format!("{process} of {}", user_then(program, users)))
        }
        Party::Hidden { uid } => Some(format!("a hidden process of {}", user(*uid, users))),
        Party::Unknown => None,
    }
}

/// Who held the port of `tenure`, as the subject of a sentence.
pub(crate) fn holder(tenure: &Tenure, users: &Users) -> String {
    party_of(tenure.holder(), users).unwrap_or_else(|| match tenure.uid {
        Opened::NO_UID => "a process that was not seen".to_owned(),
        uid => format!("a process of {} that was not seen", user(uid, users)),
    })
}

/// The user behind a tenure: the holder's, else the one who made the socket.
pub(crate) fn user_of(tenure: &Tenure, users: &Users) -> String {
    match tenure.holder() {
        Party::Known(program) => user_then(program, users),
        Party::Hidden { uid } => user(*uid, users),
        Party::Unknown if tenure.uid == Opened::NO_UID => String::new(),
        Party::Unknown => user(tenure.uid, users),
    }
}

/// A program's user by the name it had then, else by today's.
fn user_then(program: &Program, users: &Users) -> String {
    let then = &program.process.user;
    if then.name.is_some() { label::user(then) } else { user(then.uid, users) }
}

fn user(uid: u32, users: &Users) -> String {
    label::user(&users.user(uid))
}

/// The program of a party that is known.
pub(crate) fn program(party: &Party) -> Option<&Program> {
    match party {
        Party::Known(program) => Some(program),
        _ => None,
    }
}

/// Who did what, where several did: `opened by nginx (812), accepted by nginx (813)`.
pub(crate) fn hands(tenure: &Tenure) -> Option<String> {
    let opened = if tenure.role == Role::Incoming { "listener opened" } else { "opened" };
    let taken = if tenure.role == Role::Incoming { "accepted" } else { "taken over" };
    let parties = [(opened, &tenure.opener), (taken, &tenure.taker), ("closed", &tenure.closer)];
    let seen: Vec<_> =
        parties.into_iter().filter(|(_, party)| !matches!(party, Party::Unknown)).collect();
    let (_, first) = seen.first()?;
    if seen.iter().all(|(_, party)| party.is_process_of(first)) {
        return None;
    }
    let clause = |(what, party): &(&str, &Party)| {
        format!("{what} by {}", self::party(party, Tongue::default()))
    };
    Some(seen.iter().map(clause).collect::<Vec<_>>().join(", "))
}

/// How a tenure ended, in a word or two.
pub(crate) fn ending(tenure: &Tenure, almanac: &Almanac) -> String {
    let Some(ending) = tenure.ending else { return "still open".to_owned() };
    match ending {
        Ending::Closed => "closed".to_owned(),
        Ending::TimeWait => {
            let tail = tenure.tail_end().map(|tail| format!(" to {}", almanac.clock(tail)));
            format!("TIME-WAIT{}, inferred", tail.unwrap_or_default())
        }
        Ending::FinWait | Ending::FinWaitBriefly => {
            let tail =
                tenure.tail_end().map(|tail| format!(" to {} or later", almanac.clock(tail)));
            format!("FIN-WAIT-2{}, inferred", tail.unwrap_or_default())
        }
        Ending::Aborted => "reset by us".to_owned(),
        Ending::Reset => "reset by peer".to_owned(),
        Ending::Refused => "refused".to_owned(),
        Ending::TimedOut => "timed out".to_owned(),
        Ending::Failed => "failed".to_owned(),
        Ending::Unseen => "end not seen".to_owned(),
    }
}

/// How well a tenure is known, where that is not exactly.
pub(crate) fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Exact => "",
        Evidence::OpenAtStart => "open at start",
        Evidence::Sampled => "sampled",
    }
}

/// What [`evidence`] means.
pub(crate) fn evidence_meaning(evidence: Evidence) -> Option<&'static str> {
    match evidence {
        Evidence::Exact => None,
        Evidence::OpenAtStart => Some(
            "open at start: it was open when recording began; since when and by whose hand is not known",
        ),
        Evidence::Sampled => {
            Some("sampled: told by looking again and again; times are those of the looks")
        }
    }
}

/// A gap, in words: what is not known, since when, until when, why.
pub(crate) fn gap(gap: &Gap, since: Option<Moment>, now: &Zoned, tongue: Tongue) -> String {
    let written = |at| moment(at, 0, now);
    let before_all = since.is_some() && gap.until.is_some() && gap.until <= since;
    let from = written(gap.from);
    let (id, from, until, span) = match gap.until {
        Some(until) if before_all => {
            let until = written(until);
            ("card-gap-before", from, until.clone(), format!("before {until}"))
        }
        Some(until) if written(until) == from => {
            let at = moment(gap.from, 3, now);
            ("card-gap-at", at.clone(), String::new(), format!("at {at}"))
        }
        Some(until) => {
            let until = written(until);
            let span = format!("from {from} to {until}");
            ("card-gap-from-to", from, until, span)
        }
        None => ("card-gap-since", from.clone(), String::new(), format!("since {from}")),
    };
    let (reason, why) = match gap.reason {
        GapReason::NotRunning if before_all => ("card-gap-unbegun", "recording had not begun"),
        GapReason::NotRunning => ("card-gap-not-running", "no recorder ran"),
        GapReason::EventsLost => {
            ("card-gap-events-lost", "events came faster than they were taken")
        }
        GapReason::DiskFull => ("card-gap-disk", "the disk was full or could not be written"),
        GapReason::JournalCut => ("card-gap-journal", "the journal's end was damaged and was cut"),
        GapReason::TailUnknown => ("card-gap-tail", "its TIME-WAIT may have lasted as long"),
        GapReason::SegmentLost => {
            ("card-gap-segment", "a file of the records is missing or cannot be read")
        }
        GapReason::Sampled => {
            ("card-gap-sampled", "what came and went between two looks may be missing")
        }
    };
    let args = [("from", from.into()), ("until", until.into())];
    let mut text = match gap.reason {
        GapReason::Sampled => {
            let id = format!("card-sampled-{}", id.trim_start_matches("card-gap-"));
            tongue.say(&id, &args, || format!("only sampled {span}"))
        }
        _ => tongue.say(id, &args, || format!("not recorded {span}")),
    };
    text.push_str(": ");
    text.push_str(&tongue.say(reason, &[], || why.to_owned()));
    if let Some(events) = usize::try_from(gap.events).ok().filter(|events| *events > 0) {
        let english = || format!(", {} lost", label::count(events, "event"));
        text.push_str(&tongue.say("card-gap-lost", &[("count", events.into())], english));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-23T15:00:00+01:00[Europe/Berlin]".parse().unwrap()
    }

    /// So many seconds before now.
    fn before(seconds: i64) -> Moment {
        Moment((1_795_442_400 - seconds) * 1_000_000_000)
    }

    #[test]
    fn lengths_read_in_two_units() {
        for (duration, text) in [
            (Duration::from_nanos(250), "0µs"),
            (Duration::from_micros(250), "250µs"),
            (Duration::from_millis(250), "250ms"),
            (Duration::from_millis(3250), "3.2s"),
            (Duration::from_secs(243), "4m03s"),
            (Duration::from_secs(7500), "2h05m"),
            (Duration::from_secs(3 * 86_400 + 4 * 3600), "3d04h"),
        ] {
            assert_eq!(length(duration), text);
        }
        let tail = Moment(0).after_time_wait().0;
        assert_eq!(u128::try_from(tail).unwrap(), Tenure::TIME_WAIT.as_nanos());
    }

    #[test]
    fn dates_are_said_where_they_are_needed() {
        let second = |others: &[i64]| {
            let moments = others.iter().map(|seconds| before(*seconds));
            Almanac::of(moments, &now()).second(before(60))
        };
        assert_eq!(second(&[0, 60]), "14:59:00");
        assert_eq!(second(&[60, 86_400]), "23 Nov 14:59:00");
        assert_eq!(second(&[60, 400 * 86_400]), "2026-11-23 14:59:00");
        assert_eq!(moment(before(60), 3, &now()), "14:59:00.000");
        assert_eq!(moment(before(86_400), 0, &now()), "2026-11-22 15:00:00");
    }

    #[test]
    fn the_zone_is_named_with_its_offset_then() {
        assert_eq!(zone(before(0), &now()), "Europe/Berlin (+01:00)");
        assert_eq!(zone(before(180 * 86_400), &now()), "Europe/Berlin (+02:00)");
        assert_eq!(zone(before(0), &now().with_time_zone(jiff::tz::TimeZone::UTC)), "UTC");
    }

    #[test]
    fn gaps_say_when_and_why() {
        let text = |from, until, reason, events| {
            let gap = Gap { from: before(from), until, reason, events };
            super::gap(&gap, Some(before(500)), &now(), Tongue::default())
        };
        let lost = text(60, Some(before(50)), GapReason::EventsLost, 1204);
        assert_eq!(
            lost,
            "not recorded from 14:59:00 to 14:59:10: events came faster than they were taken, 1,204 events lost"
        );
        assert_eq!(
            text(60, None, GapReason::NotRunning, 0),
            "not recorded since 14:59:00: no recorder ran"
        );
        let first = text(900, Some(before(500)), GapReason::NotRunning, 0);
        assert_eq!(first, "not recorded before 14:51:40: recording had not begun");
        let short = text(60, Some(before(60)), GapReason::DiskFull, 0);
        assert_eq!(
            short,
            "not recorded at 14:59:00.000: the disk was full or could not be written"
        );
    }
}
