//! The recorder itself: takes what happens from a source into the store, until it is told to end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use log::{Change, Moment, Recovery, Settings, Store};
use sockets::{Event, EventKind, Watcher, Watching};

use super::bell::Bell;
use super::lingering;
use super::place::Place;
use super::server::Server;
use super::service::Service;
use super::shared_store::SharedStore;
use super::standing::Standing;
use super::supervisor::Supervisor;

/// A recorder at work.
pub(crate) struct Daemon {
    watcher: Box<dyn Watcher>,
    service: Arc<Service>,
    bell: Bell,
    supervisor: Supervisor,
    /// Closed before the store is.
    server: Server,
    events: Vec<Event>,
}

impl Daemon {
    /// Opens the store of `settings`, takes down what is open already, and lets clients in. What
    /// the store had to mend comes along.
    pub(crate) fn start(
        mut watcher: Box<dyn Watcher>,
        settings: Settings,
        place: &Place,
        instead: Option<String>,
    ) -> anyhow::Result<(Daemon, Recovery)> {
        let bell = Bell::new().context("signals could not be waited for")?;
        let watching = watcher.watching();
        let (mut store, recovery) = Store::open(settings, watching)?;
        let mut events = Vec::new();
        // Where it is only looked now and then, nothing is said to be nobody's anyway.
        let lingering = || match watching {
            Watching::Kernel => lingering::since(recovery.last_alive),
            Watching::Sampling => Ok(Vec::new()),
        };
        survey(&mut *watcher, &mut events, lingering, None, |what| what(&mut store))?;
        let shortcomings = instead.into_iter().chain(watcher.shortcomings()).collect();
        let standing = Standing::new(watching, shortcomings, &place.dir);
        let ringer = bell.ringer().context("a descriptor could not be duplicated")?;
        let store = SharedStore::new(store, ringer);
        let service = Arc::new(Service::new(store, watching, standing));
        let server = Server::open(place, &service)?;
        let supervisor = Supervisor::new();
        Ok((Daemon { watcher, service, bell, supervisor, server, events }, recovery))
    }

    /// What it says of itself.
    pub(crate) fn standing(&self) -> &Standing {
        self.service.standing()
    }

    /// Since when there are records.
    pub(crate) fn since(&self) -> Option<Moment> {
        self.service.store.look(|store| store.status().since)
    }

    /// Records until a signal ends it; then writes down the last of it.
    pub(crate) fn run(mut self) -> anyhow::Result<()> {
        self.supervisor.ready(&summary(&self.service));
        let recorded = self.record();
        self.supervisor.stopping();
        drop(self.server);
        let closed = self.service.store.close();
        recorded.and(closed.context("the last of it could not be written"))
    }

    fn record(&mut self) -> anyhow::Result<()> {
        let mut pause = Pause::default();
        let mut rest = Rest::new(Instant::now());
        while !self.bell.tolls() {
            match self.watcher.alarm() {
                Some(alarm) => self.bell.wait(pause.0, Some(alarm)),
                None => self.watcher.wait(pause.0),
            }
            std::thread::sleep(rest.owed(Instant::now()));
            let lost = self.drain()?;
            if lost > 0 {
                self.survey()?;
            }
            let watched = !self.service.audience.is_empty();
            pause.follow(self.events.len(), watched);
            self.events.clear();
            self.events.shrink_to(KEPT);
            let service = &self.service;
            self.supervisor.alive(|| summary(service));
        }
        self.take(|watcher, events| watcher.finish(events)).map(drop)
    }

    /// Takes what has happened; how many events were lost.
    fn drain(&mut self) -> anyhow::Result<u64> {
        self.take(|watcher, events| watcher.drain(events))
    }

    /// Takes what `from` gets out of the watcher; how many events were lost.
    fn take(
        &mut self,
        from: impl FnOnce(&mut dyn Watcher, &mut Vec<Event>) -> Result<(), sockets::Error>,
    ) -> anyhow::Result<u64> {
        self.service.store.begin_round();
        self.events.clear();
        from(&mut *self.watcher, &mut self.events)
            .context("what happens can no longer be watched")?;
        let lost = lost(&self.events);
        self.service.count_failures(&self.events);
        let mut changes = self.wanted_changes();
        self.service.store.record(|store| {
            store.apply(&self.events, changes.as_mut());
            store.tick();
        });
        self.service.audience.tell(changes.unwrap_or_default(), lost);
        Ok(lost)
    }

    /// Takes down every socket that is open now, after a loss.
    fn survey(&mut self) -> anyhow::Result<()> {
        let mut changes = self.wanted_changes();
        let Daemon { watcher, service, events, .. } = self;
        let nothing = || Ok(Vec::new());
        survey(&mut **watcher, events, nothing, changes.as_mut(), |what| {
            service.store.record(what);
        })?;
        service.audience.tell(changes.unwrap_or_default(), 0);
        Ok(())
    }

    /// Where to put changes, if anybody watches.
    fn wanted_changes(&self) -> Option<Vec<Change>> {
        (!self.service.audience.is_empty()).then(Vec::new)
    }
}

/// Has every socket that is open now taken down in a store, to which `with` gives access. What is
/// told of no more has ended; but for that, all that has happened meanwhile must be known, and of what
/// has ended before and is `lingering`, that it has.
fn survey(
    watcher: &mut dyn Watcher,
    events: &mut Vec<Event>,
    lingering: impl FnOnce() -> anyhow::Result<Vec<Event>>,
    mut changes: Option<&mut Vec<Change>>,
    mut with: impl FnMut(&mut dyn FnMut(&mut Store)),
) -> anyhow::Result<()> {
    events.clear();
    watcher.survey(events).context("the open sockets could not be listed")?;
    with(&mut |store| store.survey(events));
    events.clear();
    let lingering = lingering().context("the sockets in TIME-WAIT could not be listed")?;
    watcher.drain(events).context("what happens can no longer be watched")?;
    with(&mut |store| {
        store.apply(events, changes.as_deref_mut());
        // Of what was seen to end just now nothing more is to be told.
        store.apply(&lingering, None);
        store.settle();
        store.tick();
    });
    events.clear();
    Ok(())
}

/// How long to sleep until the next round: little while much happens, longer and longer while
/// nothing does, but never so long that a crash would lose more than a second.
#[derive(Debug)]
struct Pause(Duration);

impl Default for Pause {
    fn default() -> Pause {
        Pause(SHORT)
    }
}

impl Pause {
    /// After a round that took so many events, and with somebody watching or not.
    fn follow(&mut self, events: usize, watched: bool) {
        self.0 = if events > 0 || watched { SHORT } else { (self.0 * 2).min(LONG) };
    }
}

/// However often clients ring, they do not keep us from sleeping: a few rounds may follow each other
/// at once, and are slept for thereafter.
#[derive(Debug)]
struct Rest {
    /// Up to when what rounds there were are slept for.
    until: Instant,
}

impl Rest {
    fn new(now: Instant) -> Rest {
        Rest { until: now }
    }

    /// How long to sleep before the round that is to begin at `now`.
    fn owed(&mut self, now: Instant) -> Duration {
        self.until = self.until.max(now) + A_ROUND;
        self.until.saturating_duration_since(now + AT_ONCE)
    }
}

/// How many events were lost, of some.
pub(crate) fn lost(events: &[Event]) -> u64 {
    let lost = |event: &Event| match event.kind {
        EventKind::Lost { events, .. } => events.max(1),
        _ => 0,
    };
    events.iter().map(lost).sum()
}

/// The state in a line, for the service manager.
fn summary(service: &Service) -> String {
    let status = service.store.look(Store::status);
    status.map_or_else(String::new, |status| {
        format!("{} sockets open, {} tenures recorded", status.open, status.ended)
    })
}

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_millis(400);

/// The least time between two rounds, on average.
const A_ROUND: Duration = Duration::from_millis(2);

/// For how long it may be owed: ten rounds.
const AT_ONCE: Duration = Duration::from_millis(20);

/// How many events' room is kept from one round to the next.
const KEPT: usize = 1 << 14;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_rounds_come_at_once_and_many_are_slept_for() {
        let mut now = Instant::now();
        let began = now;
        let mut rest = Rest::new(now);
        let owed: Vec<Duration> = (0..10).map(|_| rest.owed(now)).collect();
        assert_eq!(owed, [Duration::ZERO; 10]);
        for _ in 0..990 {
            now += rest.owed(now);
        }
        assert!(now - began >= 990 * A_ROUND - AT_ONCE, "{:?}", now - began);
        assert_eq!(rest.owed(now + AT_ONCE), Duration::ZERO, "it has slept enough");
    }
}
