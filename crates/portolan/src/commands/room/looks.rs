//! The looks of a survey: which sockets are asked for, and what is asked twice to tell what is new.
//!
//! What the kernel lists takes it most of the time, so it is asked for what decides over room alone,
//! and what a [`Turnstile`] counts is not listed twice.

use std::time::{Duration, Instant};

use anyhow::Context;
use registry::{PortRange, Proto};
use sockets::{Limits, NetnsScope, Ports, Query, Snapshot, Source, State, States, Turnstile};

use super::flows::{Flows, Marks};

/// Which sockets a survey wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All.
    All,
    /// Those on ports that connect(2) hands out, and those that listen.
    Room,
}

/// How sockets are looked at.
#[derive(Debug)]
pub(super) struct Looks<'a, S> {
    pub(super) source: &'a S,
    pub(super) limits: &'a [Limits],
    pub(super) scope: NetnsScope,
    pub(super) extent: Extent,
}

impl<S: Source + Sync> Looks<'_, S> {
    /// Looks once.
    pub(super) fn once(&self) -> anyhow::Result<Snapshot> {
        let mut snapshot = self.tcp()?;
        add(&mut snapshot, self.udp()?);
        Ok(snapshot)
    }

    /// Looks, and finds out what came and went within `apart` or a little more.
    pub(super) fn twice(&self, apart: Duration) -> anyhow::Result<(Snapshot, Flows)> {
        if let Some(turnstile) = self.source.turnstile()
            && let Some(done) = self.counted(turnstile, apart)?
        {
            return Ok(done);
        }
        let begun = Instant::now();
        let marks = self.marks(&[Proto::Tcp, Proto::Udp])?;
        let before = begun + begun.elapsed() / 2;
        std::thread::sleep(apart.saturating_sub(before.elapsed()));
        let begun = Instant::now();
        let snapshot = self.once()?;
        let after = begun + begun.elapsed() / 2;
        let by = marks.changes(&snapshot.sockets, self.limits);
        Ok((snapshot, Flows::Looks { apart: after - before, by }))
    }

    /// The same, while `turnstile` counts; `None` where it did not see everything.
    fn counted(
        &self,
        turnstile: Box<dyn Turnstile>,
        apart: Duration,
    ) -> anyhow::Result<Option<(Snapshot, Flows)>> {
        let begun = Instant::now();
        let marks = self.marks(&[Proto::Udp])?;
        std::thread::sleep(apart.saturating_sub(LISTING));
        let mut snapshot = self.tcp()?;
        std::thread::sleep(apart.saturating_sub(begun.elapsed()));
        let Ok(turnovers) = turnstile.turnovers() else { return Ok(None) };
        let apart = begun.elapsed();
        // The kernel takes its time to let go of a program.
        std::thread::spawn(|| drop(turnstile));
        let udp = self.udp()?;
        let mut by = marks.changes(&udp.sockets, self.limits);
        by.add(&turnovers);
        add(&mut snapshot, udp);
        Ok(Some((snapshot, Flows::Counted { apart, by })))
    }

    /// Marks the connections of `protos`.
    fn marks(&self, protos: &[Proto]) -> anyhow::Result<Marks> {
        let query = Query { protos: protos.to_vec(), states: connected(), ..self.query() };
        Ok(Marks::of(&self.list(&query)?.sockets, self.limits))
    }

    /// The UDP sockets that are wanted.
    fn udp(&self) -> anyhow::Result<Snapshot> {
        self.list(&Query { protos: vec![Proto::Udp], ..self.query() })
    }

    /// The TCP sockets that are wanted. For those that are bound and no more the kernel goes through
    /// a table of its own that has all others too: it takes half as long as listing those, and is
    /// done meanwhile.
    fn tcp(&self) -> anyhow::Result<Snapshot> {
        let query = |states| Query { protos: vec![Proto::Tcp], states, ..self.query() };
        let bound = query(States::NONE.with(State::Bound));
        let listening = Query { ports: Ports::Any, ..query(States::NONE.with(State::Listen)) };
        std::thread::scope(|scope| {
            let others = scope.spawn(|| [self.list(&bound), self.list(&listening)]);
            let mut snapshot = self.list(&query(connected()))?;
            for other in others.join().expect("listing does not panic") {
                add(&mut snapshot, other?);
            }
            Ok(snapshot)
        })
    }

    /// What all queries have in common.
    fn query(&self) -> Query {
        let ports = match self.extent {
            Extent::All => Ports::Any,
            Extent::Room => around(self.limits).map_or(Ports::Any, Ports::Local),
        };
        Query { netns: self.scope, ports, ..Query::default() }
    }

    fn list(&self, query: &Query) -> anyhow::Result<Snapshot> {
        self.source.sockets(query).context("the sockets could not be listed")
    }
}

/// The states of a socket that has a far end.
fn connected() -> States {
    let unconnected = [State::Listen, State::Bound];
    State::ALL.into_iter().filter(|state| !unconnected.contains(state)).collect()
}

/// The ports from the lowest to the highest that one of the namespaces hands out.
fn around(limits: &[Limits]) -> Option<PortRange> {
    let ranges = || limits.iter().map(|limits| limits.ports.ephemeral);
    let first = ranges().map(PortRange::first).min()?;
    PortRange::new(first, ranges().map(PortRange::last).max()?)
}

/// Adds what another query found.
fn add(to: &mut Snapshot, from: Snapshot) {
    to.sockets.extend(from.sockets);
    for note in from.notes {
        if !to.notes.contains(&note) {
            to.notes.push(note);
        }
    }
}

/// How much of the time between two looks is left for a long list to take.
const LISTING: Duration = Duration::from_millis(100);
