//! Which ports are believed free from one source address towards one destination, and which of
//! them comes next: the one that was freed longest ago.
//!
//! A belief: other programs take ports without telling, so the kernel has the last word at each
//! connect, and what it says is noted here. Pure; asking the kernel is done elsewhere.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use registry::Port;
use sockets::PortSettings;

use super::queue::Queue;

/// The ports of one source address towards one destination.
#[derive(Debug)]
pub(super) struct FreePorts {
    first: u16,
    known: Box<[Known]>,
    /// Believed free, by how far from the range's first; the one freed longest ago in front.
    ready: Queue,
    /// Freed and still in the kernel's `TIME-WAIT`, the one over first on top. A port that is no
    /// longer resting may still be here.
    resting: BinaryHeap<Reverse<Rest>>,
    /// How many ports that others have were tried since the last survey.
    surprises: u32,
    /// What times count from.
    born: Instant,
}

/// What is known of a port.
#[derive(Clone, Copy, Debug)]
struct Known {
    standing: Standing,
    /// When we freed it, in milliseconds; `None` where it was not us.
    freed_ms: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rest {
    due_ms: u32,
    port: Port,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Never to be used.
    Reserved,
    /// Taken by others, or nobody has looked yet.
    Taken,
    /// We hold it.
    Held,
    /// It is in `ready`.
    Ready,
    /// It is in `resting`.
    Resting,
}

/// A port that a survey found in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Busy {
    pub(super) port: Port,
    /// When it comes free, if that is known: the rest of a `TIME-WAIT`.
    pub(super) until: Option<Instant>,
}

impl FreePorts {
    /// Nothing is known but what may be used at all.
    pub(super) fn new(settings: &PortSettings, now: Instant) -> FreePorts {
        let (first, last) =
            (settings.ephemeral.first().number(), settings.ephemeral.last().number());
        let known = (first..=last).map(|port| match settings.is_reserved(Port(port)) {
            true => Known { standing: Standing::Reserved, freed_ms: None },
            false => Known { standing: Standing::Taken, freed_ms: None },
        });
        let known: Box<[Known]> = known.collect();
        FreePorts {
            first,
            ready: Queue::new(known.len()),
            known,
            resting: BinaryHeap::new(),
            surprises: 0,
            born: now,
        }
    }

    /// The same ports under other settings: those we hold stay ours, those that lie outside now
    /// drain, and of all others nothing is known.
    pub(super) fn under(&self, settings: &PortSettings, now: Instant) -> FreePorts {
        let mut renewed = FreePorts::new(settings, now);
        for port in self.ports().filter(|port| self.standing(*port) == Some(Standing::Held)) {
            renewed.hold(port);
        }
        renewed
    }

    /// Takes the port that was freed longest ago; `None` where none is believed free.
    pub(super) fn take(&mut self, now: Instant) -> Option<Port> {
        self.wake(now);
        let index = self.ready.pop_front()?;
        let port = self.port(index);
        self.set(port, Standing::Held);
        Some(port)
    }

    /// The kernel says that a port which was taken here is in use: by others, or it is one of ours
    /// in `TIME-WAIT`, which the kernel lends again after a second at the earliest and a minute at
    /// the latest.
    pub(super) fn was_busy(&mut self, port: Port, now: Instant) {
        let now_ms = self.ms(now);
        let due = self.freed_ms(port).and_then(|freed_ms| {
            AGAIN_MS.iter().map(|wait| freed_ms.saturating_add(*wait)).find(|due| *due > now_ms)
        });
        match due {
            Some(due_ms) => self.rest(port, due_ms),
            None => self.set(port, Standing::Taken),
        }
        self.surprises = self.surprises.saturating_add(1);
    }

    /// Whether nothing is believed free.
    pub(super) fn is_empty(&self) -> bool {
        self.ready.len() == 0
    }

    /// Whether more than half of the range is believed free.
    pub(super) fn is_plenty(&self) -> bool {
        self.ready.len() as usize > self.known.len() / 2
    }

    /// How many tries were futile since the last survey.
    pub(super) fn surprises(&self) -> u32 {
        self.surprises
    }

    /// We hold `port`, though it was not taken here.
    pub(super) fn hold(&mut self, port: Port) {
        self.set(port, Standing::Held);
    }

    /// A port that we held is free.
    pub(super) fn free(&mut self, port: Port, now: Instant) {
        if self.standing(port) == Some(Standing::Held) {
            self.set(port, Standing::Ready);
            let freed_ms = self.ms(now);
            let Some(index) = self.index(port) else { return };
            self.known[index as usize].freed_ms = Some(freed_ms);
            self.ready.push_back(index);
        }
    }

    /// A port that we held is somebody else's business from now on.
    pub(super) fn forget(&mut self, port: Port) {
        if self.standing(port) == Some(Standing::Held) {
            self.set(port, Standing::Taken);
        }
    }

    /// Learns which ports were in use at some time since `begun`. Those newly found free come first,
    /// in a secret order: they have been free for longest.
    pub(super) fn learn(
        &mut self,
        busy: &[Busy],
        secret: &RandomState,
        (begun, now): (Instant, Instant),
    ) {
        let begun_ms = self.ms(begun);
        self.surprises = 0;
        self.resting.clear();
        let mut found = vec![None; self.known.len()];
        for busy in busy {
            if let Some(index) = self.index(busy.port) {
                found[index as usize] = Some(busy.until);
            }
        }
        let mut fresh = Vec::new();
        for (port, found) in self.ports().zip(found) {
            match (self.standing(port), found) {
                (Some(Standing::Reserved | Standing::Held) | None, _) => {}
                (Some(Standing::Ready), None) => {}
                // What the survey saw was ours.
                (Some(Standing::Ready), _) if self.freed_ms(port) >= Some(begun_ms) => {}
                (Some(Standing::Taken | Standing::Resting), None) => fresh.push(port),
                (_, Some(None)) => self.set(port, Standing::Taken),
                (_, Some(Some(until))) => self.rest(port, self.ms(until.max(now))),
            }
        }
        fresh.sort_by_cached_key(|port| secret.hash_one(port));
        fresh.into_iter().for_each(|port| self.ready_first(port));
    }

    /// Moves the ports whose time is over to the front.
    fn wake(&mut self, now: Instant) {
        if self.resting.is_empty() {
            return;
        }
        let now_ms = self.ms(now);
        while self.resting.peek().is_some_and(|rest| rest.0.due_ms <= now_ms) {
            let Some(Reverse(Rest { port, .. })) = self.resting.pop() else { return };
            if self.standing(port) == Some(Standing::Resting) {
                self.ready_first(port);
            }
        }
    }

    fn ready_first(&mut self, port: Port) {
        self.set(port, Standing::Ready);
        if let Some(index) = self.index(port) {
            self.ready.push_front(index);
        }
    }

    fn rest(&mut self, port: Port, due_ms: u32) {
        self.set(port, Standing::Resting);
        self.resting.push(Reverse(Rest { due_ms, port }));
    }

    fn ports(&self) -> impl Iterator<Item = Port> + use<> {
        (self.first..=u16::MAX).take(self.known.len()).map(Port)
    }

    /// How far from the first port of the range; `None` outside of it.
    fn index(&self, port: Port) -> Option<u32> {
        let index = port.number().checked_sub(self.first)?;
        (usize::from(index) < self.known.len()).then(|| u32::from(index))
    }

    fn port(&self, index: u32) -> Port {
        Port(self.first + u16::try_from(index).expect("there are 65,536 ports"))
    }

    fn standing(&self, port: Port) -> Option<Standing> {
        Some(self.known[self.index(port)? as usize].standing)
    }

    fn freed_ms(&self, port: Port) -> Option<u32> {
        self.known[self.index(port)? as usize].freed_ms
    }

    /// Takes a port out of the queue, unless it is to be there. Ports outside of the range and
    /// reserved ones stay what they are.
    fn set(&mut self, port: Port, standing: Standing) {
        let Some(index) = self.index(port) else { return };
        let known = &mut self.known[index as usize];
        if known.standing == Standing::Reserved {
            return;
        }
        if known.standing == Standing::Ready {
            self.ready.remove(index);
        }
        known.standing = standing;
    }

    fn ms(&self, at: Instant) -> u32 {
        let since: Duration = at.saturating_duration_since(self.born);
        u32::try_from(since.as_millis()).unwrap_or(u32::MAX)
    }
}

/// When after a close to try a port again that was in use: `tcp_tw_reuse` lends it after a second,
/// `TCP_TIMEWAIT_LEN` is a minute.
const AGAIN_MS: [u32; 2] = [1_000, 60_000];

#[cfg(test)]
mod tests;
