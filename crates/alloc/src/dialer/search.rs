//! Finding a port for one dial: first those believed free, then whatever the kernel finds, from each
//! source address in turn.
//!
//! The kernel decides in every case: a port is asked for by `IP_LOCAL_PORT_RANGE` and `connect(2)`, never
//! bound. A bound port would be lost to the connects of all other programs of the host, would clash with
//! sockets in `TIME-WAIT`, and would pass by `tcp_tw_reuse` and the reserved ports.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use registry::{Port, PortRange};
use rustix::io::Errno;
use sockets::PortSettings;

use super::route::{Lease, Plan, Route};
use super::socket::{self, Progress};
use super::survey::{self, Survey};
use super::{DialError, Fill, Step};

/// One dial's search.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) socket: BorrowedFd<'a>,
    /// As it was asked for, which a socket of either family needs.
    pub(super) destination: &'a SocketAddr,
    pub(super) route: &'a Arc<Route>,
    pub(super) sources: &'a [Option<IpAddr>],
    pub(super) settings: &'a PortSettings,
    pub(super) step: Step,
    pub(super) secret: &'a RandomState,
}

/// A port, and how far the connect from it has come.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) lease: Lease,
    pub(super) progress: Progress,
}

impl Search<'_> {
    /// Connects from the first port that the kernel lets us have.
    pub(super) fn run(&self, plan: Plan) -> Result<Found, DialError> {
        let mut bound = None;
        if plan.tries > 0 {
            let mut tries = plan.tries;
            for source in self.turns(plan) {
                if let Some(found) = self.try_known(source, &mut bound, &mut tries)? {
                    return Ok(found);
                }
            }
        }
        for attempt in 0..ATTEMPTS {
            for source in self.turns(plan) {
                if let Some(found) = self.ask_kernel(source, &mut bound)? {
                    return Ok(found);
                }
            }
            if let Some(error) = self.verdict(attempt)? {
                return Err(error);
            }
        }
        Err(self.not_available())
    }

    /// The source addresses, the one whose turn it is first.
    fn turns(&self, plan: Plan) -> impl Iterator<Item = usize> + use<> {
        let sources = self.sources.len();
        (0..sources).map(move |index| (plan.turn + index) % sources)
    }

    /// Tries ports believed free; `None` where none of them was.
    fn try_known(
        &self,
        source: usize,
        bound: &mut Option<usize>,
        tries: &mut u32,
    ) -> Result<Option<Found>, DialError> {
        while *tries > 0 {
            let Some(port) = self.route.take(source) else { break };
            // Whatever happens to the lease from here on, the port comes back.
            let lease = Lease::of_taken(self.route, source, port);
            if !self.bind(source, bound)? {
                break;
            }
            socket::allow_ports(self.socket, port.into()).map_err(DialError::socket(ALLOW))?;
            match socket::start(self.socket, self.destination) {
                Ok(progress) => return Ok(Some(Found { lease, progress })),
                Err(Errno::ADDRNOTAVAIL) => lease.was_busy(),
                Err(error) => return Err(self.refused(error)),
            }
            *tries -= 1;
        }
        Ok(None)
    }

    /// Has the kernel choose; `None` where it finds no free port.
    fn ask_kernel(
        &self,
        source: usize,
        bound: &mut Option<usize>,
    ) -> Result<Option<Found>, DialError> {
        if !self.bind(source, bound)? {
            return Ok(None);
        }
        if self.step == Step::OnePort {
            for _ in 0..RANDOM_TRIES {
                if let Some(found) = self.try_ports(source, self.random_port().into())? {
                    return Ok(Some(found));
                }
            }
        }
        match self.step {
            Step::Plain => self.connect(source),
            Step::WholeRange | Step::OnePort => self.try_ports(source, self.settings.ephemeral),
        }
    }

    fn try_ports(&self, source: usize, ports: PortRange) -> Result<Option<Found>, DialError> {
        socket::allow_ports(self.socket, ports).map_err(DialError::socket(ALLOW))?;
        self.connect(source)
    }

    fn connect(&self, source: usize) -> Result<Option<Found>, DialError> {
        match socket::start(self.socket, self.destination) {
            Ok(progress) => {
                let mut lease = Lease::of_any(self.route, source);
                lease.learn(|| socket::local(self.socket).ok().map(|local| Port(local.port())));
                Ok(Some(Found { lease, progress }))
            }
            Err(Errno::ADDRNOTAVAIL) => Ok(None),
            Err(error) => Err(self.refused(error)),
        }
    }

    /// Gives the socket the source address, unless it has it; false where the host has no such address, or has it no
    /// more: others may be there to go on with.
    fn bind(&self, source: usize, bound: &mut Option<usize>) -> Result<bool, DialError> {
        let Some(addr) = self.sources[source].filter(|_| *bound != Some(source)) else {
            return Ok(true);
        };
        // A bind that fails takes the address away that the socket had.
        *bound = None;
        match socket::bind_source(self.socket, addr, self.destination) {
            Ok(()) => *bound = Some(source),
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => return Ok(false),
            Err(source) => {
                return Err(DialError::Connect { destination: *self.destination, source });
            }
        }
        Ok(true)
    }

    /// The kernel has found nothing from any source: whether that is the end of it.
    ///
    /// A search passes each port once, so it can miss one that comes free behind it while another is
    /// taken before it; then the survey still sees a free port, and we search again.
    fn verdict(&self, attempt: u32) -> Result<Option<DialError>, DialError> {
        if attempt == 0 {
            return Ok(None);
        }
        let fill = match self.route.recent_fill() {
            Some(fill) if fill.is_full() && attempt > 1 => fill,
            Some(fill) if fill.is_full() => return Ok(None),
            _ => fill(self.route, self.sources, self.settings)?,
        };
        // It says the same where there is no route or no address of the family.
        if fill.share() < HALF {
            return Ok(Some(self.not_available()));
        }
        let over = fill.is_full() || attempt + 1 == ATTEMPTS;
        let destination = *self.route.destination();
        Ok(over.then_some(DialError::Exhausted { destination, fill }))
    }

    fn not_available(&self) -> DialError {
        self.refused(Errno::ADDRNOTAVAIL)
    }

    fn refused(&self, error: Errno) -> DialError {
        DialError::Connect { destination: *self.destination, source: error.into() }
    }

    /// Any port of the range.
    fn random_port(&self) -> Port {
        let range = self.settings.ephemeral;
        let number = self.secret.hash_one(RANDOM.fetch_add(1, Ordering::Relaxed));
        let offset = number % u64::from(range.count());
        Port(range.first().number() + u16::try_from(offset).expect("less than the range is long"))
    }
}

/// How full the ports towards the route's destination are, by a survey.
pub(super) fn fill(
    route: &Route,
    sources: &[Option<IpAddr>],
    settings: &PortSettings,
) -> Result<Fill, DialError> {
    let survey = Survey::make(route.destination())?;
    let bound = survey::bound(settings)?;
    let addresses = survey::number(sources.len());
    let mut fill = Fill {
        taken: 0,
        bound: 0,
        ours: route.held(),
        time_wait: 0,
        of: survey::number(settings.handed_out()) * addresses,
        range: settings.ephemeral,
        sources: addresses,
    };
    for source in sources {
        let count = survey.count(*source, route.destination(), settings, &bound);
        fill.taken += count.taken;
        fill.bound += count.bound;
        fill.time_wait += count.time_wait;
    }
    route.note_fill(fill);
    Ok(fill)
}

/// How many single ports are tried where the whole range would not help: at 90 % every second dial
/// finds one of them free.
const RANDOM_TRIES: u32 = 8;
/// How often the kernel searches in vain before a dial fails.
const ATTEMPTS: u32 = 6;
const HALF: f64 = 0.5;
const ALLOW: &str = "choose the ports of a socket";

static RANDOM: AtomicU64 = AtomicU64::new(0);
