//! What `room` found: plain data, from which text, JSON, metrics and findings are made.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use sockets::{
    Cliff, Descriptors, Destination, Limits, NetnsScope, Note, Outlook, Ownership, Room, Snapshot,
    Socket, Source, TimeWaitReuse, Trend,
};

use super::flows::Flows;
use super::holders::{self, HeldBy};
use super::looks::{Extent, Looks};
use super::rates::ENOUGH;
use crate::recorder::{Client, Unserved};

/// What is asked of a survey.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) scope: NetnsScope,
    pub(crate) extent: Extent,
    /// How far apart to look; `None`: as usual.
    pub(crate) over: Option<Duration>,
    /// How many destinations of each namespace.
    pub(crate) top: usize,
    /// The store whose recorder to ask.
    pub(crate) dir: Option<PathBuf>,
    pub(crate) holders: Holders,
    /// Whether the descriptors of processes are asked for, which are not for everybody.
    pub(crate) processes: bool,
}

/// Whether it is asked who holds the ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holders {
    Wanted,
    Unwanted,
}

/// How much room there is, and who takes it.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) told: Told,
    /// Our own first.
    pub(crate) namespaces: Vec<Namespace>,
    pub(crate) descriptors: Descriptors,
    pub(crate) notes: Vec<Note>,
    /// Connects that found no port since the recorder started, those with the most first; `None`
    /// where none runs that sees them.
    pub(crate) unserved: Option<Vec<Unserved>>,
    /// The sockets of the extent that was asked for, as the destinations number them.
    pub(crate) sockets: Vec<Socket>,
    /// Who holds those of the rows.
    pub(crate) ownership: Ownership,
}

/// What told how fast connections are begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A recorder, of so long.
    Log(Duration),
    /// Two looks so far apart, and the timers of `TIME-WAIT`.
    Looks(Duration),
    /// The kernel counted them for so long; and those timers.
    Counted(Duration),
    /// Nothing did: there was one look.
    Nothing,
}

impl Told {
    /// A stable word for programs.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Told::Log(_) => "log",
            Told::Looks(_) => "looks",
            Told::Counted(_) => "counted",
            Told::Nothing => "none",
        }
    }
}

/// A network namespace.
#[derive(Debug)]
pub(crate) struct Namespace {
    pub(crate) limits: Limits,
    pub(crate) room: Room,
    /// What hurts first stands first.
    pub(crate) rows: Vec<Row>,
    /// How many destinations are not among the rows.
    pub(crate) more: usize,
    /// The largest fill of those, and the ports that are taken towards them all; `None` without any.
    pub(crate) rest: Option<(f64, u64)>,
}

/// A destination, and how it goes with it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) destination: Destination,
    /// How fast connections are begun; `None` where that is not known.
    pub(crate) trend: Option<Trend>,
    /// How many that were begun tell so.
    pub(crate) begun: u32,
    pub(crate) outlook: Option<Outlook>,
    pub(crate) holders: Vec<HeldBy>,
}

impl Survey {
    /// Looks at what `asked` wants, with `source` to tell sockets and owners.
    pub(crate) fn take(source: &(impl Source + Sync), asked: &Asked) -> anyhow::Result<Survey> {
        let limits = sockets::limits(asked.scope).context("the port settings could not be read")?;
        let looks = Looks { source, limits: &limits, scope: asked.scope, extent: asked.extent };
        let apart = asked.over.unwrap_or(APART);
        if asked.holders == Holders::Wanted && apart <= APART {
            source.expect_owners();
        }
        let (log, unserved) = recorded(asked.dir.as_deref());
        let (Snapshot { sockets, notes, .. }, flows) = match (log, apart) {
            (Some(log), _) => (looks.once()?, log),
            (None, Duration::ZERO) => (looks.once()?, Flows::Unknown),
            (None, apart) => looks.twice(apart)?,
        };
        let mut survey = Survey {
            told: flows.told(),
            namespaces: Vec::new(),
            descriptors: sockets::descriptors(if asked.processes { asked.top } else { 0 }),
            notes,
            unserved,
            sockets,
            ownership: Ownership::default(),
        };
        let each =
            limits.into_iter().map(|limits| namespace(limits, &survey.sockets, &flows, asked));
        survey.namespaces = each.collect();
        if asked.holders == Holders::Wanted {
            survey.find_owners(source);
        }
        Ok(survey)
    }

    /// Of `unserved`, those in `namespace`.
    pub(crate) fn unserved_in(&self, namespace: &Namespace) -> Option<Vec<&Unserved>> {
        let here = |it: &&Unserved| it.netns() == namespace.limits.netns.id;
        Some(self.unserved.as_ref()?.iter().filter(here).collect())
    }

    /// Finds who holds the sockets of the rows, and no others: there may be many.
    fn find_owners(&mut self, source: &impl Source) {
        let rows = self.namespaces.iter().flat_map(|namespace| &namespace.rows);
        let count: usize = rows.clone().map(|row| row.destination.sockets.len()).sum();
        let search = crate::args::LookArgs::default().search();
        self.ownership = if count > self.sockets.len() / 2 {
            // To copy most of them takes longer than to look for all.
            source.owners(&self.sockets, search)
        } else {
            let of_rows = rows.flat_map(|row| &row.destination.sockets);
            let sockets = of_rows.map(|at| &self.sockets[*at as usize]);
            let held: Vec<Socket> = sockets.filter(|socket| socket.inode != 0).cloned().collect();
            source.owners(&held, search)
        };
        self.notes.extend(self.ownership.notes().iter().cloned());
        for row in self.namespaces.iter_mut().flat_map(|namespace| &mut namespace.rows) {
            row.holders = holders::holders(&row.destination, &self.sockets, &self.ownership);
        }
    }
}

/// What the recorder that runs knows: how fast it goes, and of connects that found no port. One that
/// does not answer at once is not asked what takes long.
fn recorded(dir: Option<&Path>) -> (Option<Flows>, Option<Vec<Unserved>>) {
    let Some(mut client) = Client::connect(dir) else { return (None, None) };
    match client.status() {
        Ok(status) => (Flows::recorded(&mut client), status.0.unserved),
        Err(_) => (None, None),
    }
}

fn namespace(limits: Limits, sockets: &[Socket], flows: &Flows, asked: &Asked) -> Namespace {
    let reuse = limits.reuse.unwrap_or(TimeWaitReuse::NEVER);
    let mut room = Room::of(limits.netns.id, sockets, &limits.ports, reuse);
    let destinations = std::mem::take(&mut room.destinations);
    let row = |destination: Destination| {
        let told = flows.course(room.netns, &destination, sockets, reuse);
        let (course, begun) = told.map_or((None, 0), |(course, begun)| (Some(course), begun));
        Row {
            trend: course.as_ref().map(|course| course.trend),
            begun,
            // That none is left needs no rate to tell.
            outlook: match course {
                None if destination.free() == 0 => Some(Outlook::Full),
                course => course.map(|course| course.outlook()),
            },
            destination,
            holders: Vec::new(),
        }
    };
    // An outlook takes a while; of thousands of destinations, the full ones matter.
    let mut destinations = destinations;
    let unseen = destinations.split_off(destinations.len().min(asked.top.max(CANDIDATES)));
    let mut rows: Vec<Row> = destinations.into_iter().map(row).collect();
    rows.sort_by(Row::by_hurt);
    let beyond = rows.split_off(rows.len().min(asked.top));
    let rest = || beyond.iter().map(|row| &row.destination).chain(&unseen);
    let largest = rest().map(Destination::fill).max_by(f64::total_cmp);
    let ports = rest().map(|destination| u64::from(destination.taken)).sum();
    let (more, rest) = (rest().count(), largest.map(|largest| (largest, ports)));
    Namespace { limits, room, rows, more, rest }
}

impl Row {
    /// In how long no port is left, where that is within a day and worth an alarm: a few connections make
    /// a rate to show, and none to warn of while there is room.
    pub(crate) fn exhaustion(&self) -> Option<Duration> {
        let is_sound = self.begun >= ENOUGH || self.destination.fill() >= FILLING;
        self.outlook.and_then(Outlook::within).filter(|_| is_sound)
    }

    /// What hurts first: those that run out, the soonest first; then those past the cliff; then by fill.
    fn by_hurt(&self, other: &Row) -> Ordering {
        let time = |row: &Row| row.outlook.and_then(Outlook::within).unwrap_or(Duration::MAX);
        let slow = |row: &Row| row.destination.cliff() == Cliff::Past;
        time(self)
            .cmp(&time(other))
            .then(slow(other).cmp(&slow(self)))
            .then(other.destination.fill().total_cmp(&self.destination.fill()))
    }
}

/// From so full on a destination is worth a warning.
pub(crate) const FILLING: f64 = 0.4;
/// How far apart two looks are unless more is asked for.
const APART: Duration = Duration::from_millis(100);
/// For how many destinations of a namespace it is worked out when they run out.
const CANDIDATES: usize = 200;
