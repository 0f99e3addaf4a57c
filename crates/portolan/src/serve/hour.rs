//! How many ports were taken towards a destination in the last hour, from the log.

use std::collections::HashMap;
use std::time::Duration;

use log::{Gap, GapReason, Moment as Then, Question, Remote, Tenure};
use sockets::{Destination, NetnsId};
use web::{Moment, Told};

use super::past::Pasts;
use crate::commands::room::{Key, Namespace};

/// For each destination how many ports were taken, minute by minute up to now; `None` for a minute
/// of which nothing is known. Nothing at all where there is no log to be read.
pub(super) fn of(own: &Namespace, pasts: &Pasts) -> anyhow::Result<Vec<Vec<Option<u32>>>> {
    let netns = own.limits.netns.id;
    let destinations: Vec<&Destination> = own.rows.iter().map(|row| &row.destination).collect();
    if destinations.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = destinations.iter().map(|it| it.remote.to_string()).collect();
    let names = names.join(" ");
    let ask = |from, until, which| {
        let same = format!("{which} of {names}");
        pasts.ask(&question(netns, &destinations, from, until), A_WHILE, same)
    };
    let now = Then(Moment::now().0);
    let hour = Then(now.0 - MINUTE_NS * (MINUTES - 1));
    let past = ask(hour, now, "the hour")?;
    let answer = &past.answer;
    if matches!(past.told, Told::Unrecorded | Told::Forbidden) {
        return Ok(Vec::new());
    }
    let mut tenures: Vec<&Tenure> = answer.tenures.iter().collect();
    let oldest = answer.tenures.last().map(|tenure| tenure.from).filter(|_| answer.more);
    // Of more than are told, those that were there when the told ones began are told apart.
    let earlier = oldest.map(|oldest| ask(oldest, oldest, "the beginning")).transpose()?;
    let since = oldest.unwrap_or(hour);
    let before = earlier.iter().flat_map(|past| &past.answer.tenures);
    tenures.extend(before.filter(|tenure| tenure.from < since));
    let minutes: Vec<Then> = (0..MINUTES).map(|nth| Then(hour.0 + MINUTE_NS * nth)).collect();
    let known: Vec<bool> =
        minutes.iter().map(|at| since <= *at && !is_missing(*at, &answer.gaps)).collect();
    let keys = destinations.iter().map(|it| Key::of_destination(netns, it));
    let shown = |counts: Vec<u32>| {
        counts.into_iter().zip(&known).map(|(count, known)| known.then_some(count)).collect()
    };
    Ok(taken(keys, &tenures, &minutes).into_iter().map(shown).collect())
}

fn question(netns: NetnsId, destinations: &[&Destination], from: Then, until: Then) -> Question {
    let remote = |it: &&Destination| Remote {
        net: Some((it.remote.addr, if it.remote.addr.is_ipv4() { 32 } else { 128 })),
        ports: Some(it.remote.port.into()),
    };
    Question {
        remotes: destinations.iter().map(remote).collect(),
        netns: Some(netns),
        most: MOST,
        ..Question::between(from, until)
    }
}

/// For each of `keys` how many of `tenures` had a port at each of `minutes`.
fn taken(keys: impl Iterator<Item = Key>, tenures: &[&Tenure], minutes: &[Then]) -> Vec<Vec<u32>> {
    let places: HashMap<Key, usize> = keys.enumerate().map(|(at, key)| (key, at)).collect();
    let mut counts = vec![vec![0; minutes.len()]; places.len()];
    for tenure in tenures {
        let place = Key::of_tenure(tenure).and_then(|key| places.get(&key));
        let Some(counts) = place.map(|at| &mut counts[*at]) else { continue };
        for (count, minute) in counts.iter_mut().zip(minutes) {
            *count += u32::from(tenure.held_at(*minute) || tenure.lingered_at(*minute));
        }
    }
    counts
}

/// Whether nothing is known of `at`; of a time that was only sampled the number is about right.
fn is_missing(at: Then, gaps: &[Gap]) -> bool {
    let lasts = |gap: &&Gap| gap.from <= at && gap.until.is_none_or(|until| at < until);
    gaps.iter().filter(lasts).any(|gap| gap.reason != GapReason::Sampled)
}

const MINUTES: i64 = 60;
const MINUTE_NS: i64 = 60_000_000_000;
/// The line of an hour need not be newer.
const A_WHILE: Duration = Duration::from_secs(10);
/// So many connections are looked through; of a host that makes more, the newest tell of less time.
const MOST: usize = 100_000;
