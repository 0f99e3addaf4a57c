//! How many ports were taken towards a destination in the last hour, from the log.

use std::time::Duration;

use log::{GapReason, Moment as Then, Question, Remote, Tenure};
use registry::Proto;
use sockets::{Destination, Role};
use web::{Moment, Told};

use super::past::{Past, Pasts};
use crate::netns;

/// For each destination how many ports were taken, minute by minute up to now; `None` for a minute
/// of which nothing is known. Nothing at all where there is no log to be read.
pub(super) fn of(
    destinations: &[&Destination],
    pasts: &Pasts,
) -> anyhow::Result<Vec<Vec<Option<u32>>>> {
    if destinations.is_empty() {
        return Ok(Vec::new());
    }
    let now = Then(Moment::now().0);
    let hour = Then(now.0 - MINUTE_NS * (MINUTES - 1));
    let ask = |from, until, which| {
        let names: Vec<String> = destinations.iter().map(|it| it.remote.to_string()).collect();
        let same = format!("{which} of {}", names.join(" "));
        pasts.ask(&question(destinations, from, until), A_WHILE, same)
    };
    let Past { told, answer } = ask(hour, now, "the hour")?;
    if matches!(told, Told::Unrecorded | Told::Forbidden) {
        return Ok(Vec::new());
    }
    let mut known =
        Known { tenures: answer.tenures.iter().collect(), since: hour, gaps: &answer.gaps };
    let oldest = answer.tenures.last().map(|tenure| tenure.from).filter(|_| answer.more);
    // Of more than are told, those that were there when the told ones began are told apart.
    let earlier = oldest.map(|oldest| ask(oldest, oldest, "the beginning")).transpose()?;
    if let (Some(oldest), Some(earlier)) = (oldest, &earlier) {
        known.since = oldest;
        known.tenures.extend(earlier.answer.tenures.iter().filter(|tenure| tenure.from < oldest));
    }
    let minutes: Vec<Then> = (0..MINUTES).map(|nth| Then(hour.0 + MINUTE_NS * nth)).collect();
    Ok(destinations.iter().map(|it| known.taken(it, &minutes)).collect())
}

/// What the log tells of all destinations.
struct Known<'a> {
    tenures: Vec<&'a Tenure>,
    since: Then,
    gaps: &'a [log::Gap],
}

fn question(destinations: &[&Destination], from: Then, until: Then) -> Question {
    let remote = |it: &&Destination| Remote {
        net: Some((it.remote.addr, if it.remote.addr.is_ipv4() { 32 } else { 128 })),
        ports: Some(it.remote.port.into()),
    };
    Question {
        remotes: destinations.iter().map(remote).collect(),
        netns: netns::own().ok(),
        most: MOST,
        ..Question::between(from, until)
    }
}

impl Known<'_> {
    /// How many ports were taken towards `destination` at each of `minutes`.
    fn taken(&self, destination: &Destination, minutes: &[Then]) -> Vec<Option<u32>> {
        let mut counts = vec![0; minutes.len()];
        for tenure in self.tenures.iter().filter(|tenure| is_of(destination, tenure)) {
            for (count, minute) in counts.iter_mut().zip(minutes) {
                *count += u32::from(tenure.held_at(*minute) || tenure.lingered_at(*minute));
            }
        }
        let counts = counts.into_iter().zip(minutes);
        counts.map(|(count, at)| self.is_known(*at).then_some(count)).collect()
    }

    fn is_known(&self, at: Then) -> bool {
        // Of a time that was only sampled the number is about right.
        let gap = |gap: &log::Gap| {
            let lasts = gap.from <= at && gap.until.is_none_or(|until| at < until);
            lasts && gap.reason != GapReason::Sampled
        };
        self.since <= at && !self.gaps.iter().any(gap)
    }
}

fn is_of(destination: &Destination, tenure: &Tenure) -> bool {
    let same_end = |remote: sockets::Endpoint| {
        (remote.canonical(), remote.port) == (destination.remote.addr, destination.remote.port)
    };
    let is_ours = match destination.proto {
        Proto::Tcp => tenure.role == Role::Outgoing,
        _ => true,
    };
    is_ours
        && tenure.proto == destination.proto
        && tenure.local.canonical() == destination.source
        && tenure.remote.is_some_and(same_end)
}

const MINUTES: i64 = 60;
const MINUTE_NS: i64 = 60_000_000_000;
/// The line of an hour need not be newer.
const A_WHILE: Duration = Duration::from_secs(10);
/// So many connections are looked through; of a host that makes more, the newest tell of less time.
const MOST: usize = 100_000;
