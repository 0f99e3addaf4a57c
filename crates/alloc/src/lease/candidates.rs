//! Which ports are to be had, and in which order they are tried.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use registry::{Port, PortRange, Standing};
use sockets::{PortSettings, Source};

use super::LeaseError;

/// The ports to choose from, ascending.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    ports: Arc<[Port]>,
    /// Ports among them that the kernel hands out to those who ask for any.
    pub(super) ephemeral: Option<PortRange>,
}

impl Candidates {
    /// All ports of `range`; by default those that nobody is expected on: unprivileged, neither of the
    /// ephemeral range nor reserved, and of no service, be it IANA's or well known without.
    pub(super) fn of(range: Option<PortRange>) -> Result<Candidates, LeaseError> {
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(cached) = cache.as_ref().filter(|at| at.range == range && now < at.until) {
            return Ok(cached.candidates.clone());
        }
        let settings = sockets::host().port_settings().map_err(LeaseError::Settings)?;
        let candidates = Candidates::under(&settings, range);
        *cache = Some(Cached { range, until: now + LASTS, candidates: candidates.clone() });
        Ok(candidates)
    }

    fn under(settings: &PortSettings, range: Option<PortRange>) -> Candidates {
        let ports: Vec<Port> = match range {
            Some(range) => every(range).filter(|port| *port != Port::NONE).collect(),
            None => {
                let quiet = every(PortRange::ALL).filter(|port| is_quiet(*port, settings));
                let outside: Vec<Port> =
                    quiet.clone().filter(|port| !settings.ephemeral.contains(*port)).collect();
                // Some hosts hand out everything.
                if outside.len() < FEWEST { quiet.collect() } else { outside }
            }
        };
        let is_ephemeral = ports.iter().any(|port| settings.hands_out(*port));
        let ephemeral = is_ephemeral.then_some(settings.ephemeral);
        Candidates { ports: ports.into(), ephemeral }
    }

    pub(super) fn len(&self) -> usize {
        self.ports.len()
    }

    pub(super) fn contains(&self, port: Port) -> bool {
        self.ports.binary_search(&port).is_ok()
    }

    /// The first and the last of them.
    pub(super) fn span(&self) -> Option<PortRange> {
        PortRange::new(*self.ports.first()?, *self.ports.last()?)
    }

    /// All of them, each once, in an order that follows from `seed`.
    pub(super) fn in_order(&self, seed: u64) -> impl Iterator<Item = Port> {
        self.places(seed).map(|place| self.ports[place])
    }

    /// All runs of `count` consecutive ports, by the first of them.
    pub(super) fn blocks(&self, count: usize, seed: u64) -> impl Iterator<Item = Port> {
        let is_run = move |place: &usize| {
            let last = self.ports.get(place + count - 1);
            last.is_some_and(|last| usize::from(last.0 - self.ports[*place].0) == count - 1)
        };
        self.places(seed).filter(is_run).map(|place| self.ports[place])
    }

    /// Steps of a length that has no divisor in common with the number of ports.
    fn places(&self, seed: u64) -> impl Iterator<Item = usize> {
        let count = self.ports.len() as u64;
        let (high, low) = (seed >> 32, seed & 0xffff_ffff);
        let start = low.checked_rem(count).unwrap_or(0);
        let step = (0..count).map(|more| (high + more) % count).find(|step| gcd(*step, count) == 1);
        let step = step.unwrap_or(1);
        let place = move |nth| usize::try_from((start + nth * step) % count);
        (0..count).map(move |nth| place(nth).expect("ports are few"))
    }
}

fn every(range: PortRange) -> impl Iterator<Item = Port> + Clone {
    (range.first().number()..=range.last().number()).map(Port)
}

/// Whether nobody is expected on `port`.
fn is_quiet(port: Port, settings: &PortSettings) -> bool {
    let lowest = settings.unprivileged_start.max(FIRST);
    port >= lowest && !settings.is_reserved(port) && !is_assigned(port)
}

/// Whether the registry, official or not, has a service on `port`.
fn is_assigned(port: Port) -> bool {
    static ASSIGNED: OnceLock<Box<[bool]>> = OnceLock::new();
    let assigned = ASSIGNED.get_or_init(|| {
        let mut ports = vec![false; 1 << 16];
        for line in registry::all().filter(|line| line.standing != Standing::Unassigned) {
            let (first, last) = (line.ports.first().number(), line.ports.last().number());
            ports[usize::from(first)..=usize::from(last)].fill(true);
        }
        ports.into()
    });
    assigned[usize::from(port.number())]
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[derive(Debug)]
struct Cached {
    range: Option<PortRange>,
    until: Instant,
    candidates: Candidates,
}

/// The last ones made: to make them takes 100 times as long as to take a lease.
static CACHE: Mutex<Option<Cached>> = Mutex::new(None);
const LASTS: Duration = Duration::from_secs(1);
/// The first port that RFC 6335 calls neither a system's nor well known.
const FIRST: Port = Port(1024);
/// With fewer ports outside the ephemeral range those inside serve as well.
const FEWEST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(first: u16, last: u16) -> PortSettings {
        PortSettings {
            ephemeral: PortRange::new(Port(first), Port(last)).unwrap(),
            reserved: vec![PortRange::new(Port(20_000), Port(20_099)).unwrap()],
            unprivileged_start: Port(1024),
        }
    }

    #[test]
    fn nobody_is_expected_on_the_usual_candidates() {
        let candidates = Candidates::under(&settings(32768, 60999), None);
        assert!(candidates.len() > 10_000, "{}", candidates.len());
        assert_eq!(candidates.ephemeral, None);
        for port in [0, 22, 1023, 3000, 5432, 8080, 20_050, 32768, 60999] {
            assert!(!candidates.contains(Port(port)), "{port}");
        }
        assert!(candidates.contains(Port(61_000)) && candidates.contains(Port(65_000)));
    }

    #[test]
    fn a_host_that_hands_out_everything_has_some_too() {
        let candidates = Candidates::under(&settings(1024, 65535), None);
        assert!(candidates.len() > 10_000 && candidates.ephemeral.is_some());
    }

    #[test]
    fn every_order_has_each_port_once() {
        for count in [1, 2, 6, 97, 100] {
            let range = PortRange::new(Port(7000), Port(6999 + count)).unwrap();
            let candidates = Candidates::under(&settings(32768, 60999), Some(range));
            for seed in [0, 1, u64::MAX, 0x1234_5678_9abc_def0] {
                let mut ports: Vec<Port> = candidates.in_order(seed).collect();
                ports.sort_unstable();
                assert_eq!(ports, every(range).collect::<Vec<_>>(), "{count} {seed}");
            }
        }
    }

    #[test]
    fn blocks_lie_within_and_without_gaps() {
        let range = PortRange::new(Port(19_998), Port(20_003)).unwrap();
        let candidates = Candidates::under(&settings(32768, 60999), Some(range));
        let mut firsts: Vec<u16> = candidates.blocks(3, 5).map(|port| port.0).collect();
        firsts.sort_unstable();
        assert_eq!(firsts, [19_998, 19_999, 20_000, 20_001]);
        assert_eq!(candidates.blocks(7, 5).count(), 0);
        let usual = Candidates::under(&settings(32768, 60999), None);
        for first in usual.blocks(3, 9).take(100) {
            assert!((0..3).all(|nth| usual.contains(Port(first.0 + nth))));
        }
    }
}
