//! How fast connections are begun and ended towards each destination: from a recorder's log, else from
//! a count, else from two looks; and from the timers of `TIME-WAIT`, which tell when each of the last
//! minute ended.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use log::{Moment, Question, Tenure};
use registry::Proto;
use sockets::{
    Course, Destination, Ending, Endpoint, Flow, Limits, NetnsId, Role, Socket, State,
    TimeWaitReuse, Trend, Turnover,
};

use super::Told;
use crate::recorder::Client;
use crate::time::ago;
use crate::when::moment;

/// What is known of how fast it goes.
#[derive(Debug)]
pub(super) enum Flows {
    /// From the log.
    Log { window: Duration, by: HashMap<Key, Vec<Past>> },
    /// From two looks.
    Looks { apart: Duration, by: Changes },
    /// From a count of every connection that came and went.
    Counted { apart: Duration, by: Changes },
    /// Not at all.
    Unknown,
}

/// Which connections belong together, as [`Destination`] has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    netns: NetnsId,
    proto: Proto,
    source: IpAddr,
    remote: Endpoint,
}

/// A connection of the log, in time before now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Past {
    begun: Duration,
    ended: Option<Duration>,
    lingers: bool,
}

/// What changed towards each destination, by a hash of its key.
#[derive(Debug, Default)]
pub(super) struct Changes {
    secret: RandomState,
    by: HashMap<u64, Change>,
}

/// What changed towards one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Change {
    begun: u32,
    ended: u32,
    /// Of those that ended, the ones that are in `TIME-WAIT`.
    lingers: u32,
}

/// A first look: the cookies of connections, with a hash of their key.
#[derive(Debug)]
pub(super) struct Marks {
    secret: RandomState,
    known: HashMap<u64, Mark>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    key: u64,
    waits: bool,
}

impl Flows {
    /// What the recorder behind `client` knows of the last minutes; `None` where it does not run long
    /// enough.
    pub(super) fn recorded(client: &mut Client) -> Option<Flows> {
        let now = moment(Timestamp::now());
        let from = Moment(now.0 - i64::try_from(WINDOW.as_nanos()).unwrap_or(0));
        let question = Question { most: MOST, tails: false, ..Question::between(from, now) };
        let answer = client.ask(&question).ok()?;
        let gaps_end = answer.gaps.iter().map(|gap| gap.until.unwrap_or(now)).max();
        let oldest = answer.tenures.last().map(|tenure| tenure.from).filter(|_| answer.more);
        let since = [answer.since, gaps_end, oldest, Some(from)].into_iter().flatten().max()?;
        let window = ago(since, now);
        (window >= LEAST).then(|| {
            let mut by: HashMap<Key, Vec<Past>> = HashMap::new();
            for tenure in &answer.tenures {
                if let Some(key) = Key::of_tenure(tenure) {
                    by.entry(key).or_default().push(Past::of(tenure, now));
                }
            }
            Flows::Log { window, by }
        })
    }

    /// What tells.
    pub(super) fn told(&self) -> Told {
        match self {
            Flows::Log { window, .. } => Told::Log(*window),
            Flows::Looks { apart, .. } => Told::Looks(*apart),
            Flows::Counted { apart, .. } => Told::Counted(*apart),
            Flows::Unknown => Told::Nothing,
        }
    }

    /// How it goes with `destination`; `None` where that is not known.
    pub(super) fn course(
        &self,
        netns: NetnsId,
        destination: &Destination,
        sockets: &[Socket],
        reuse: TimeWaitReuse,
    ) -> Option<Course> {
        let key = Key::of_destination(netns, destination);
        let waits = Waits::of(destination, sockets, reuse);
        let rates = match self {
            Flows::Log { window, by } => {
                Rates::of_log(by.get(&key).map(Vec::as_slice).unwrap_or_default(), *window)
            }
            Flows::Looks { apart, by } | Flows::Counted { apart, by } => {
                Rates::of_changes(by.towards(key), *apart).or_by_timers(&waits)
            }
            Flows::Unknown => return None,
        };
        let waiting = destination.states.of(State::TimeWait).min(destination.taken);
        Some(Course {
            of: destination.of,
            held: destination.taken - waiting,
            waiting: waits.left,
            trend: rates.trend,
            ends_per_s: rates.ends_per_s,
            linger: rates.linger,
            lingers: waits.lingers,
        })
    }
}

impl Key {
    fn of_socket(socket: &Socket) -> Key {
        Key {
            netns: socket.netns,
            proto: socket.proto,
            source: socket.local.canonical(),
            remote: Endpoint { addr: socket.remote.canonical(), port: socket.remote.port },
        }
    }

    pub(crate) fn of_destination(netns: NetnsId, destination: &Destination) -> Key {
        let Destination { proto, source, remote, .. } = *destination;
        Key { netns, proto, source, remote }
    }

    fn of_turnover(turnover: &Turnover) -> Key {
        let Turnover { netns, source, remote, .. } = *turnover;
        Key { netns, proto: Proto::Tcp, source, remote }
    }

    /// `None` for what did not go out.
    pub(crate) fn of_tenure(tenure: &Tenure) -> Option<Key> {
        let remote = tenure.remote.filter(|_| tenure.role == Role::Outgoing)?;
        let source = tenure.local.canonical();
        let remote = Endpoint { addr: remote.canonical(), port: remote.port };
        Some(Key { netns: tenure.netns, proto: tenure.proto, source, remote })
    }
}

impl Past {
    fn of(tenure: &Tenure, now: Moment) -> Past {
        Past {
            begun: ago(tenure.from, now),
            ended: tenure.until.map(|until| ago(until, now)),
            lingers: tenure.ending == Some(Ending::TimeWait),
        }
    }
}

impl Marks {
    /// Marks the connections of `sockets` from ports that are handed out.
    pub(super) fn of(sockets: &[Socket], limits: &[Limits]) -> Marks {
        let secret = RandomState::new();
        let mark = |(socket, key): (&Socket, Key)| {
            let waits = socket.state == State::TimeWait;
            (socket.cookie, Mark { key: secret.hash_one(key), waits })
        };
        let known = connections(sockets, limits).map(mark).collect();
        Marks { secret, known }
    }

    /// What became of those marked, by a second look at as many of the sockets.
    pub(super) fn changes(self, sockets: &[Socket], limits: &[Limits]) -> Changes {
        let Marks { secret, mut known } = self;
        let mut by: HashMap<u64, Change> = HashMap::new();
        for (socket, key) in connections(sockets, limits) {
            let waits = socket.state == State::TimeWait;
            let before = known.remove(&socket.cookie);
            let ended = waits && before.is_none_or(|mark| !mark.waits);
            if before.is_some() && !ended {
                continue;
            }
            let key = before.map_or_else(|| secret.hash_one(key), |mark| mark.key);
            let change = by.entry(key).or_default();
            change.begun += u32::from(before.is_none());
            change.ended += u32::from(ended);
            change.lingers += u32::from(ended);
        }
        for gone in known.into_values().filter(|mark| !mark.waits) {
            by.entry(gone.key).or_default().ended += 1;
        }
        Changes { secret, by }
    }
}

impl Changes {
    /// Adds what was counted.
    pub(super) fn add(&mut self, turnovers: &[Turnover]) {
        for turnover in turnovers {
            let key = self.secret.hash_one(Key::of_turnover(turnover));
            let change = self.by.entry(key).or_default();
            change.begun += turnover.begun;
            change.ended += turnover.ended;
            change.lingers += turnover.lingers;
        }
    }

    fn towards(&self, key: Key) -> Change {
        self.by.get(&self.secret.hash_one(key)).copied().unwrap_or_default()
    }
}

/// Connections from ports that are handed out, that can be told from one another.
fn connections<'a>(
    sockets: &'a [Socket],
    limits: &'a [Limits],
) -> impl Iterator<Item = (&'a Socket, Key)> {
    let handed_out = |socket: &Socket| {
        let limits = limits.iter().find(|limits| limits.netns.id == socket.netns);
        limits.is_some_and(|limits| limits.ports.hands_out(socket.local.port))
    };
    sockets
        .iter()
        .filter(move |socket| socket.cookie != 0 && !socket.remote.is_none() && handed_out(socket))
        .map(|socket| (socket, Key::of_socket(socket)))
}

/// What a destination's ports in `TIME-WAIT` tell.
#[derive(Debug)]
struct Waits {
    /// In how long each can be had again; those that can be now are not in it.
    left: Vec<Duration>,
    /// For how long a port cannot be had.
    lingers: Duration,
    /// How long ago each connection ended.
    ended: Vec<Duration>,
}

impl Waits {
    fn of(destination: &Destination, sockets: &[Socket], reuse: TimeWaitReuse) -> Waits {
        let members = destination.sockets.iter().map(|at| &sockets[*at as usize]);
        let lent = members.clone().next().is_some_and(|socket| reuse.covers(socket));
        let lingers = if lent { reuse.delay } else { TimeWaitReuse::TIME_WAIT };
        let left = members
            .filter(|socket| socket.state == State::TimeWait)
            .map(|socket| socket.timer.map_or(Duration::ZERO, |timer| timer.expires));
        let ended: Vec<Duration> =
            left.map(|left| TimeWaitReuse::TIME_WAIT.saturating_sub(left)).collect();
        let left = ended.iter().filter_map(|ended| lingers.checked_sub(*ended)).collect();
        Waits { left, lingers, ended }
    }
}

/// How fast connections come and go.
#[derive(Clone, Copy, Debug)]
struct Rates {
    trend: Trend,
    ends_per_s: f64,
    linger: f64,
}

impl Rates {
    fn of_log(past: &[Past], window: Duration) -> Rates {
        let bin = window / BINS;
        let count = |nth: u32| {
            let inside = |past: &&Past| past.begun >= bin * nth && past.begun < bin * (nth + 1);
            u32::try_from(past.iter().filter(inside).count()).unwrap_or(u32::MAX)
        };
        let mut flow = Flow::default();
        (0..BINS).rev().for_each(|nth| flow.add(bin * nth, bin, count(nth)));
        let recent = window / 4;
        let ended = || past.iter().filter(|past| past.ended.is_some_and(|ended| ended < recent));
        let (all, lingering) = (ended().count(), ended().filter(|past| past.lingers).count());
        Rates {
            trend: flow.trend().unwrap_or(Trend::NONE),
            ends_per_s: per_s(all, recent),
            linger: part(lingering, all),
        }
    }

    fn of_changes(change: Change, apart: Duration) -> Rates {
        let mut flow = Flow::default();
        flow.add(Duration::ZERO, apart, change.begun);
        Rates {
            trend: flow.trend().unwrap_or(Trend::NONE),
            ends_per_s: per_s(change.ended as usize, apart),
            linger: part(change.lingers as usize, change.ended as usize),
        }
    }

    /// The same, or what the timers tell, if those saw more: they look back for most of a minute,
    /// where two looks see what happened between them.
    fn or_by_timers(self, waits: &Waits) -> Rates {
        let count = |nth: u32| {
            let inside = |ended: &&Duration| **ended >= BACK * nth && **ended < BACK * (nth + 1);
            u32::try_from(waits.ended.iter().filter(inside).count()).unwrap_or(u32::MAX)
        };
        let mut flow = Flow::default();
        (0..BACKS).rev().for_each(|nth| flow.add(BACK * nth, BACK, count(nth)));
        let Some(trend) = flow.trend() else { return self };
        let lately = count(0) + count(1);
        if lately < ENOUGH || trend.per_s < self.ends_per_s / 2.0 {
            return self;
        }
        // What is begun and not ended yet shows between the looks alone.
        let growth = (self.trend.per_s - self.ends_per_s).max(0.0);
        let per_s = trend.per_s + growth;
        Rates {
            trend: Trend { per_s, ..trend },
            ends_per_s: trend.per_s,
            linger: if self.linger > 0.0 { self.linger } else { 1.0 },
        }
    }
}

fn per_s(count: usize, within: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "there are fewer connections than 2^52")]
    let count = count as f64;
    if within.is_zero() { 0.0 } else { count / within.as_secs_f64() }
}

fn part(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "there are fewer connections than 2^52")]
    let (part, all) = (part as f64, whole as f64);
    if whole == 0 { 0.0 } else { part / all }
}

/// How far back the log is asked.
const WINDOW: Duration = Duration::from_secs(120);
/// A log shorter than this tells less than two looks.
const LEAST: Duration = Duration::from_secs(3);
/// How many connections are asked for.
const MOST: usize = 50_000;
/// In how many stretches they are counted.
const BINS: u32 = 24;
/// The same for the timers, which end late where there are many: not the whole minute.
const BACK: Duration = Duration::from_secs(5);
const BACKS: u32 = 10;
/// So many connections that ended within the last ten seconds make a rate.
const ENOUGH: u32 = 20;
