//! What a dialer knows of one destination: how many connections it has there, whether connecting
//! there is slow, and where ports are tracked, which are free.

use std::hash::RandomState;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use registry::Port;
use sockets::PortSettings;

use super::Fill;
use super::free_ports::FreePorts;
use super::survey::{self, Survey};

/// One destination of one dialer.
#[derive(Debug)]
pub(super) struct Route {
    destination: SocketAddr,
    held: AtomicU32,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The source address to begin with at the next dial.
    turn: usize,
    dials: u32,
    /// Slow dials, each [`SLOW_WEIGHT`], less the quick ones since.
    slow: u32,
    /// What a dial takes where a port is found at once.
    quickest: Duration,
    /// Not to be tracked before then: it was looked at, and the ports are not scarce.
    calm_until: Option<Instant>,
    used_at: Instant,
    tracked: Option<Tracked>,
    last_fill: Option<(Instant, Fill)>,
}

/// The ports of each source address.
#[derive(Debug)]
struct Tracked {
    settings: Arc<PortSettings>,
    lanes: Vec<FreePorts>,
    /// Whether a survey has been made, or begun, under these settings.
    surveyed: bool,
}

/// What is to be done before a dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// The source address to begin with.
    pub(super) turn: usize,
    /// How many ports believed free to try, one after the other, before the kernel is to search; 0
    /// where none are tracked.
    pub(super) tries: u32,
    /// Tracking has just begun, under these settings, and a survey is due.
    pub(super) fresh: bool,
    /// A survey would help.
    pub(super) survey: bool,
    /// Whether this dial is one of those that are timed.
    pub(super) timed: bool,
}

impl Route {
    pub(super) fn new(destination: SocketAddr, turn: usize) -> Route {
        let inner = Inner {
            turn,
            dials: 0,
            slow: 0,
            quickest: Duration::MAX / 4,
            calm_until: None,
            used_at: Instant::now(),
            tracked: None,
            last_fill: None,
        };
        Route { destination, held: AtomicU32::new(0), inner: Mutex::new(inner) }
    }

    pub(super) fn destination(&self) -> &SocketAddr {
        &self.destination
    }

    /// How many connections of this dialer.
    pub(super) fn held(&self) -> u32 {
        self.held.load(Ordering::Relaxed)
    }

    /// Takes a turn: which source address is next, and whether its ports are tracked.
    pub(super) fn plan(&self, sources: usize, settings: &Arc<PortSettings>) -> Plan {
        let mut inner = self.lock();
        let turn = inner.turn % sources;
        inner.turn = turn + 1;
        inner.dials = inner.dials.wrapping_add(1);
        let timed = inner.dials % TIMED_EVERY == 1;
        let Some(tracked) = &mut inner.tracked else {
            return Plan { turn, tries: 0, fresh: false, survey: false, timed };
        };
        let now = Instant::now();
        tracked.renew(settings, now);
        let fresh = !std::mem::replace(&mut tracked.surveyed, true);
        let doubtful = tracked.lanes.iter().all(FreePorts::is_empty)
            || tracked.lanes.iter().any(|lane| lane.surprises() >= SURPRISES);
        let survey = fresh || doubtful;
        let tries = if tracked.lanes.iter().any(FreePorts::is_plenty) { 1 } else { KNOWN_TRIES };
        inner.used_at = now;
        Plan { turn, tries, fresh, survey, timed: false }
    }

    /// Tracks ports from now on.
    pub(super) fn track(&self, sources: usize, settings: &Arc<PortSettings>) {
        let now = Instant::now();
        let mut inner = self.lock();
        if inner.tracked.is_none() {
            let lanes = (0..sources).map(|_| FreePorts::new(settings, now)).collect();
            inner.used_at = now;
            let settings = settings.clone();
            inner.tracked = Some(Tracked { settings, lanes, surveyed: false });
        }
    }

    /// Whether ports are scarce enough here for tracking them, by what was seen so far.
    pub(super) fn is_hot(&self, sources: usize, settings: &PortSettings) -> bool {
        let inner = self.lock();
        if inner.tracked.is_some() || inner.calm_until.is_some_and(|until| Instant::now() < until) {
            return false;
        }
        // The range's count will do: to count reserved ports takes longer than a dial.
        let ports = settings.ephemeral.count() * survey::number(sources);
        inner.slow >= HOT_AT || self.held() > ports / 4 * 3
    }

    /// A connect was timed: the kernel's search for a port is nearly all that can make it slow.
    pub(super) fn took(&self, took: Duration) {
        let mut inner = self.lock();
        inner.quickest = inner.quickest.min(took);
        match took > inner.quickest * 2 + SLOW {
            true => inner.slow += SLOW_WEIGHT,
            false => inner.slow = inner.slow.saturating_sub(1),
        }
    }

    /// The port from this source that was freed longest ago.
    pub(super) fn take(&self, source: usize) -> Option<Port> {
        self.lock().lane(source)?.take(Instant::now())
    }

    /// Whether the ports of this destination are tracked.
    pub(super) fn is_tracked(&self) -> bool {
        self.lock().tracked.is_some()
    }

    /// Notes what a survey found. Where the ports turn out not to be scarce, tracking ends, unless it
    /// is to `stay`.
    pub(super) fn learn(
        &self,
        survey: &Survey,
        sources: &[Option<std::net::IpAddr>],
        secret: &RandomState,
        stay: Stay,
    ) {
        let now = Instant::now();
        let mut inner = self.lock();
        let Some(tracked) = &mut inner.tracked else { return };
        let ports = tracked.settings.ephemeral.count() as usize * sources.len();
        let mut found = 0;
        for (lane, source) in tracked.lanes.iter_mut().zip(sources) {
            let busy = survey.busy(*source, &self.destination);
            found += busy.len();
            lane.learn(busy, secret, (survey.begun, now));
        }
        tracked.surveyed = true;
        if stay == Stay::WhileScarce && found * 2 < ports {
            inner.tracked = None;
            inner.slow = 0;
            inner.calm_until = Some(now + CALM);
        }
    }

    /// How full it was a moment ago.
    pub(super) fn recent_fill(&self) -> Option<Fill> {
        let inner = self.lock();
        inner.last_fill.filter(|(at, _)| at.elapsed() < FILL_LASTS).map(|(_, fill)| fill)
    }

    pub(super) fn note_fill(&self, fill: Fill) {
        self.lock().last_fill = Some((Instant::now(), fill));
    }

    /// Whether nothing is lost when this is dropped.
    pub(super) fn is_idle(&self) -> bool {
        let inner = self.lock();
        self.held() == 0 && (inner.tracked.is_none() || inner.used_at.elapsed() > IDLE)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn lane(&mut self, source: usize) -> Option<&mut FreePorts> {
        self.tracked.as_mut()?.lanes.get_mut(source)
    }
}

impl Tracked {
    /// Follows the host's settings.
    fn renew(&mut self, settings: &Arc<PortSettings>, now: Instant) {
        if !Arc::ptr_eq(&self.settings, settings) {
            self.lanes.iter_mut().for_each(|lane| *lane = lane.under(settings, now));
            self.settings = settings.clone();
            self.surveyed = false;
        }
    }
}

/// Whether tracking goes on where ports turn out not to be scarce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stay {
    Always,
    WhileScarce,
}

/// A port towards a destination, held until this is dropped; the socket must be closed by then.
#[derive(Debug)]
pub(super) struct Lease {
    route: Arc<Route>,
    source: usize,
    /// `None` where the kernel chose and nobody has asked.
    port: Option<Port>,
}

impl Lease {
    /// A port from [`Route::take`].
    pub(super) fn of_taken(route: &Arc<Route>, source: usize, port: Port) -> Lease {
        route.held.fetch_add(1, Ordering::Relaxed);
        Lease { route: route.clone(), source, port: Some(port) }
    }

    /// A port that the kernel chose.
    pub(super) fn of_any(route: &Arc<Route>, source: usize) -> Lease {
        route.held.fetch_add(1, Ordering::Relaxed);
        Lease { route: route.clone(), source, port: None }
    }

    /// Tells the route which port it is, if it wants to know and does not.
    pub(super) fn learn(&mut self, local: impl FnOnce() -> Option<Port>) {
        if self.port.is_some() || !self.route.is_tracked() {
            return;
        }
        self.port = local();
        if let (Some(port), Some(lane)) = (self.port, self.route.lock().lane(self.source)) {
            lane.hold(port);
        }
    }

    /// The kernel says that the port is in use.
    pub(super) fn was_busy(mut self) {
        if let (Some(port), Some(lane)) = (self.port.take(), self.route.lock().lane(self.source)) {
            lane.was_busy(port, Instant::now());
        }
    }

    /// Leaves the port to whoever has the socket now.
    pub(super) fn forget(mut self) {
        if let (Some(port), Some(lane)) = (self.port.take(), self.route.lock().lane(self.source)) {
            lane.forget(port);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.route.held.fetch_sub(1, Ordering::Relaxed);
        let Some(port) = self.port else { return };
        if let Some(lane) = self.route.lock().lane(self.source) {
            lane.free(port, Instant::now());
        }
    }
}

/// How many ports believed free are tried for one dial; a futile one costs about a microsecond.
/// Where ports are plenty the kernel finds one as quickly, so one is enough.
const KNOWN_TRIES: u32 = 8;
/// After so many futile tries we know too little of what others do.
const SURPRISES: u32 = 16;
/// One dial in so many is timed.
const TIMED_EVERY: u32 = 8;
/// Finding a port takes a microsecond or two while that is easy; with a port in a hundred free, one
/// search in twenty takes longer than this.
const SLOW: Duration = Duration::from_micros(20);
/// A slow dial counts as much as this many quick ones.
const SLOW_WEIGHT: u32 = 32;
/// Three slow dials among few quick ones: too many for accidents. A survey then tells.
const HOT_AT: u32 = 2 * SLOW_WEIGHT + 1;
/// How long ports that are not scarce are let alone.
const CALM: Duration = Duration::from_secs(10);
const FILL_LASTS: Duration = Duration::from_secs(1);
/// How long what is known of a destination is kept that nobody dials.
const IDLE: Duration = Duration::from_mins(1);
