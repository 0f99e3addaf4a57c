//! Which connections were begun and ended towards each destination: from a recorder's log, else from
//! a count, else from two looks.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use log::{Moment, Question, Tenure};
use registry::Proto;
use sockets::{
    Course, Destination, Ending, Endpoint, Limits, NetnsId, Role, Socket, State, TimeWaitReuse,
    Turnover,
};

use super::Told;
use super::rates::{Rates, Waits};
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
    pub(super) begun: Duration,
    pub(super) ended: Option<Duration>,
    pub(super) lingers: bool,
}

/// What changed towards each destination, by a hash of its key.
#[derive(Debug, Default)]
pub(super) struct Changes {
    secret: RandomState,
    by: HashMap<u64, Change>,
}

/// What changed towards one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) begun: u32,
    pub(super) ended: u32,
    /// Of those that ended, the ones that are in `TIME-WAIT`.
    pub(super) lingers: u32,
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

    /// How it goes with `destination`, and how many connections that were begun tell so; `None` where
    /// that is not known.
    pub(super) fn course(
        &self,
        netns: NetnsId,
        destination: &Destination,
        sockets: &[Socket],
        reuse: TimeWaitReuse,
    ) -> Option<(Course, u32)> {
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
        let course = Course {
            of: destination.of,
            held: destination.taken - waiting,
            waiting: waits.left,
            trend: rates.trend,
            ends_per_s: rates.ends_per_s,
            linger: rates.linger,
            lingers: waits.lingers,
        };
        Some((course, rates.begun))
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
            lingers: tenure.ending.is_some_and(Ending::leaves_tail),
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

/// How far back the log is asked.
const WINDOW: Duration = Duration::from_secs(120);
/// A log shorter than this tells less than two looks.
const LEAST: Duration = Duration::from_secs(3);
/// How many connections are asked for.
const MOST: usize = 50_000;
