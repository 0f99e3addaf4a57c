//! What is open now: tenures in memory, kept up to date by events.

pub(crate) mod hold;
pub(crate) mod holdings;
pub(crate) mod open;
pub(crate) mod roster;
mod straggler;

use registry::PortRange;
use sockets::{BootTime, Event, NetnsId};

use crate::timeline::{HostTime, TimeSource, Timeline};
use crate::{Change, Error, Tenure, Verb};
use hold::Ended;
use holdings::{Books, Holdings, Sink};
use open::Open;

/// The sockets that are open now, without a past: for those who watch by themselves.
#[derive(Debug)]
pub struct Ledger {
    time: Box<dyn TimeSource>,
    holdings: Holdings,
}

impl Ledger {
    /// An empty ledger by this machine's clocks.
    ///
    /// # Errors
    /// [`Error::Io`] if the kernel does not tell which boot it is.
    pub fn new() -> Result<Ledger, Error> {
        Ok(Ledger::with_time(Box::new(HostTime::new()?)))
    }

    /// An empty ledger by other clocks.
    #[must_use]
    pub fn with_time(time: Box<dyn TimeSource>) -> Ledger {
        let holdings = Holdings::new(Timeline::starting(&*time, 1));
        Ledger { time, holdings }
    }

    /// Takes what [`sockets::Watcher::survey`] told: every socket that is open. It is no news, and
    /// adds no [`Change`].
    pub fn survey(&mut self, events: &[Event]) {
        self.tick();
        self.holdings.survey(self.time.now().since_boot.0);
        events.iter().for_each(|event| self.holdings.step(event, &mut Changes(None)));
    }

    /// Ends what a survey did not tell of, and nothing since; call it after the events that had
    /// waited meanwhile were applied.
    pub fn settle(&mut self, changes: &mut Vec<Change>) {
        self.holdings.settle(&mut Changes(Some(changes)));
    }

    /// Takes what happened, and appends what that means for tenures, in the same order.
    pub fn apply(&mut self, events: &[Event], changes: &mut Vec<Change>) {
        let mut sink = Changes(Some(changes));
        events.iter().for_each(|event| self.holdings.step(event, &mut sink));
    }

    /// Follows the clock, and forgets programs that left; to be called every second or so.
    pub fn tick(&mut self) {
        let now = self.time.now();
        self.holdings.timeline.observe(now);
        self.holdings.roster.drop_left(now.since_boot.0.saturating_sub(LEAVE_NS));
    }

    /// The sockets that are open and have a local or remote port in `ports`, with their cookies,
    /// in no order.
    #[must_use]
    pub fn held(&self, ports: &[PortRange]) -> Vec<(u64, Tenure)> {
        self.holdings.held(ports, self.time.now().since_boot)
    }

    /// How many sockets are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.holdings.open.len()
    }
}

impl Holdings {
    pub(crate) fn held(&self, ports: &[PortRange], now: BootTime) -> Vec<(u64, Tenure)> {
        self.told(self.open_on(ports), now)
    }

    /// The same of one network namespace; `None` where they are more than `most`.
    pub(crate) fn held_in(
        &self,
        netns: NetnsId,
        ports: &[PortRange],
        most: usize,
        now: BootTime,
    ) -> Option<Vec<(u64, Tenure)>> {
        let ours = |open: &&Open| open.hold.netns == netns.0;
        if self.open_on(ports).filter(ours).nth(most).is_some() {
            return None;
        }
        Some(self.told(self.open_on(ports).filter(ours), now))
    }

    /// The sockets with a local or remote port in `ports`, each once.
    fn open_on(&self, ports: &[PortRange]) -> impl Iterator<Item = &Open> {
        let within = |port: u16| ports.iter().any(|range| range.contains(registry::Port(port)));
        let remote = self.open.on_remote(ports).filter(move |open| !within(open.hold.local_port));
        self.open.on_local(ports).chain(remote)
    }

    fn told<'a>(&self, open: impl Iterator<Item = &'a Open>, now: BootTime) -> Vec<(u64, Tenure)> {
        let names = self.names();
        open.map(|open| (open.cookie, open.hold.tenure(&names, now.0))).collect()
    }
}

/// Turns what an event means into changes, where somebody watches.
#[derive(Debug)]
pub(crate) struct Changes<'a>(pub(crate) Option<&'a mut Vec<Change>>);

impl Sink for Changes<'_> {
    fn stands(&mut self, books: &mut Books<'_>, open: &Open, verb: Verb, at: u64) {
        if let Some(changes) = &mut self.0 {
            let tenure = open.hold.tenure(&books.names(), at);
            changes.push(Change { at: books.timeline.moment(at), verb, tenure });
        }
    }

    fn ended(&mut self, books: &mut Books<'_>, _: u64, ended: Ended) {
        if let Some(changes) = &mut self.0 {
            let at = ended.until(books.timeline.clocks());
            changes.push(Change { at, verb: Verb::Closed, tenure: ended.tenure(&books.names()) });
        }
    }

    fn told(&mut self, _: &mut Books<'_>, _: u32) {}

    fn lost(&mut self, _: &mut Books<'_>, _: u64, _: u64, _: u64) {}
}

/// How long a process that exited is remembered for what is told of it late.
pub(crate) const LEAVE_NS: u64 = 10_000_000_000;
