//! Connecting with flat latency, however full the ephemeral ports towards a destination are.
//!
//! Linux searches the free port of a `connect(2)` port by port, half of the range first; once that
//! half is taken towards one destination a connect takes a millisecond instead of five microseconds.
//! [`Dialer`] asks differently ([`Step`]), keeps track of free ports where they are scarce
//! ([`Tracking`]), and spreads connections over several source addresses ([`Settings::sources`]).
//! No privilege is needed. TCP and Linux only. How it works: `docs/dialer.md`.

#[cfg(feature = "tokio")]
mod asynchronous;
mod budget;
mod connection;
#[cfg(feature = "hyper")]
mod connector;
mod error;
mod free_ports;
mod host_ports;
mod queue;
mod route;
mod routes;
mod search;
mod settings;
mod socket;
mod step;
mod survey;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sockets::PortSettings;

#[cfg(feature = "tokio")]
pub use asynchronous::AsyncConnection;
pub use connection::{Connection, Dialed, Dialing};
#[cfg(feature = "hyper")]
pub use connector::Connector;
pub use error::{DialError, Fill};
pub use settings::{Settings, Tracking};
pub use step::Step;

use budget::Budget;
use host_ports::HostPorts;
use route::{Plan, Route, Stay};
use routes::Routes;
use search::Search;
use socket::{Mode, Progress};
use survey::Survey;

/// Connects to TCP destinations from ports of the host's ephemeral range.
///
/// Clones share what is known of free ports, and so may threads. A dialer belongs to the network
/// namespace that it was made in: threads in others need their own.
///
/// ```
/// use std::net::TcpListener;
///
/// use alloc::dialer::{Dialer, Settings};
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let dialer = Dialer::new(Settings::default())?;
/// let connection = dialer.connect(listener.local_addr()?, None)?;
/// assert_eq!(connection.peer_addr()?, listener.local_addr()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dialer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    step: Step,
    tracking: Tracking,
    v4: Vec<Option<IpAddr>>,
    v6: Vec<Option<IpAddr>>,
    ports: HostPorts,
    routes: Routes,
    surveys: Budget,
}

impl Dialer {
    /// Makes one; nothing is connected and nothing surveyed yet.
    ///
    /// # Errors
    /// [`DialError::Ports`] if the host's port settings cannot be read.
    pub fn new(settings: Settings) -> Result<Dialer, DialError> {
        let Settings { sources, tracking, step } = settings;
        let any = sources.is_empty();
        let family = |wanted: fn(&IpAddr) -> bool| match any {
            true => vec![None],
            false => sources.iter().map(IpAddr::to_canonical).filter(wanted).map(Some).collect(),
        };
        Ok(Dialer {
            inner: Arc::new(Inner {
                step: step.unwrap_or_else(Step::of_this_kernel),
                tracking,
                v4: family(IpAddr::is_ipv4),
                v6: family(IpAddr::is_ipv6),
                ports: HostPorts::read()?,
                routes: Routes::default(),
                surveys: Budget::new(),
            }),
        })
    }

    /// How the kernel is asked where no ports are tracked: what it can do, unless the settings said
    /// otherwise. [`Step::Plain`] means that nothing is gained on this kernel.
    #[must_use]
    pub fn step(&self) -> Step {
        self.inner.step
    }

    /// Whether free ports towards `destination` are tracked at present.
    #[must_use]
    pub fn is_tracked(&self, destination: SocketAddr) -> bool {
        self.route(destination).is_tracked()
    }

    /// Connects, and waits until the connection stands, as long as `timeout` says or the kernel has
    /// patience (`tcp_syn_retries`, some two minutes).
    ///
    /// # Errors
    /// [`DialError::Exhausted`] only where the kernel finds no port from any source address;
    /// [`DialError::TimedOut`]; [`DialError::Connect`] if it was refused; the others where the
    /// settings or the host forbid it.
    pub fn connect(
        &self,
        destination: SocketAddr,
        timeout: Option<Duration>,
    ) -> Result<Connection, DialError> {
        let socket = socket::open(&destination, Mode::Blocking);
        self.connect_with(socket.map_err(DialError::socket(MAKE))?, destination, timeout)
    }

    /// The same with a socket that the caller has made and prepared: a TCP socket, neither bound nor
    /// connected, of the destination's family (source addresses are the [`Settings`]' affair). An
    /// `IP_LOCAL_PORT_RANGE` of its own is replaced. It blocks afterwards.
    ///
    /// # Errors
    /// As [`Dialer::connect`].
    pub fn connect_with(
        &self,
        socket: OwnedFd,
        destination: SocketAddr,
        timeout: Option<Duration>,
    ) -> Result<Connection, DialError> {
        let turn = self.turn(destination, Patience::Waits)?;
        let waits = timeout.is_some() || turn.timed;
        if waits {
            set_mode(&socket, Mode::NonBlocking)?;
        }
        let dialing = self.start(socket, destination, &turn)?;
        match dialing.progress() {
            Progress::Connected if !waits => Ok(dialing.stand()),
            _ => dialing.wait(timeout),
        }
    }

    /// Begins to connect and does not wait: when this returns, the port is taken and the SYN out.
    ///
    /// # Errors
    /// As [`Dialer::connect`], but for what the other end says, which [`Dialing`] tells later.
    pub fn begin(&self, destination: SocketAddr) -> Result<Dialing, DialError> {
        let socket = socket::open(&destination, Mode::NonBlocking);
        self.begin_now(socket.map_err(DialError::socket(MAKE))?, destination)
    }

    /// The same with a socket that the caller has made and prepared, as for
    /// [`Dialer::connect_with`]. It does not block afterwards.
    ///
    /// # Errors
    /// As [`Dialer::begin`].
    pub fn begin_with(
        &self,
        socket: OwnedFd,
        destination: SocketAddr,
    ) -> Result<Dialing, DialError> {
        set_mode(&socket, Mode::NonBlocking)?;
        self.begin_now(socket, destination)
    }

    /// How full the ports towards `destination` are, by a survey of the host: 20 to 50 ms for 30,000
    /// sockets.
    ///
    /// # Errors
    /// [`DialError::Ports`] if the kernel does not tell, [`DialError::NoSource`].
    pub fn fill(&self, destination: SocketAddr) -> Result<Fill, DialError> {
        let route = self.route(destination);
        let sources = self.sources(route.destination())?;
        let settings = self.inner.ports.current()?;
        search::fill(&route, sources, &settings)
    }

    fn begin_now(&self, socket: OwnedFd, destination: SocketAddr) -> Result<Dialing, DialError> {
        let mut turn = self.turn(destination, Patience::DoesNotWait)?;
        turn.timed = self.inner.tracking == Tracking::WhenScarce;
        self.start(socket, destination, &turn)
    }

    /// Takes a turn at the destination, and sees to it that what is tracked is known.
    fn turn(&self, destination: SocketAddr, patience: Patience) -> Result<Turn, DialError> {
        let Inner { step, tracking, ports, .. } = &*self.inner;
        let route = self.route(destination);
        let sources = self.sources(route.destination())?.len();
        let settings = ports.current()?;
        if *tracking == Tracking::Always && step.has_port_ranges() {
            route.track(sources, &settings);
        }
        let plan = route.plan(sources, &settings);
        match patience {
            Patience::Waits if plan.fresh && *tracking == Tracking::Always => {
                self.survey(&route)?
            }
            _ if plan.survey => self.survey_aside(&route),
            _ => {}
        }
        let timed = plan.timed && *tracking == Tracking::WhenScarce;
        Ok(Turn { route, settings, plan, timed })
    }

    fn start(
        &self,
        socket: OwnedFd,
        destination: SocketAddr,
        turn: &Turn,
    ) -> Result<Dialing, DialError> {
        let Inner { step, ports, routes, .. } = &*self.inner;
        let Turn { route, settings, plan, timed } = turn;
        let sources = self.sources(route.destination())?;
        let begun = timed.then(Instant::now);
        let search = Search {
            socket: socket.as_fd(),
            destination: &destination,
            route,
            sources,
            settings,
            step: *step,
            secret: routes.secret(),
        };
        let found = search.run(*plan).inspect_err(|_| ports.doubt())?;
        if let Some(begun) = begun {
            route.took(begun.elapsed());
        }
        self.weigh(route, sources.len(), settings);
        Ok(Dialing::new(socket, found.lease, destination, found.progress))
    }

    /// Begins to track ports that turn out to be scarce.
    fn weigh(&self, route: &Arc<Route>, sources: usize, settings: &Arc<PortSettings>) {
        let Inner { step, tracking, .. } = &*self.inner;
        let may = *tracking == Tracking::WhenScarce && step.has_port_ranges();
        if may && route.is_hot(sources, settings) {
            route.track(sources, settings);
        }
    }

    /// Learns which ports are free, now.
    fn survey(&self, route: &Arc<Route>) -> Result<(), DialError> {
        let sources = self.sources(route.destination())?;
        let stay = match self.inner.tracking {
            Tracking::Always => Stay::Always,
            Tracking::WhenScarce | Tracking::Never => Stay::WhileScarce,
        };
        let survey = Survey::make(route.destination())?;
        route.learn(&survey, sources, self.inner.routes.secret(), stay);
        Ok(())
    }

    /// Learns the same on a thread of its own. Where that cannot be had, or the kernel does not tell,
    /// the dials go on as they are.
    fn survey_aside(&self, route: &Arc<Route>) {
        if !self.inner.surveys.begin() {
            return;
        }
        let (dialer, surveyed) = (self.clone(), route.clone());
        let thread = std::thread::Builder::new().name("port survey".into());
        let spawned = thread.spawn(move || {
            let begun = Instant::now();
            let _ = dialer.survey(&surveyed);
            dialer.inner.surveys.end(begun.elapsed());
        });
        if spawned.is_err() {
            self.inner.surveys.end(Duration::ZERO);
        }
    }

    /// What is known of `destination`, as the kernel understands it.
    ///
    /// By the address of none it means this host: over IPv6 by loopback, over IPv4 too, but from a source address
    /// of the socket's own that very address. Each source has another destination then, which no one address says.
    fn route(&self, destination: SocketAddr) -> Arc<Route> {
        let Inner { v4, routes, .. } = &*self.inner;
        let mut destination = canonical(destination);
        match destination.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() && *v4 == [None] => {
                destination.set_ip(Ipv4Addr::LOCALHOST.into());
            }
            IpAddr::V6(ip) if ip.is_unspecified() => {
                destination.set_ip(Ipv6Addr::LOCALHOST.into());
            }
            _ => {}
        }
        routes.of(destination)
    }

    /// The source addresses towards `destination`, which is canonical.
    fn sources(&self, destination: &SocketAddr) -> Result<&[Option<IpAddr>], DialError> {
        let sources = if destination.is_ipv4() { &self.inner.v4 } else { &self.inner.v6 };
        match sources.is_empty() {
            true => Err(DialError::NoSource { destination: *destination }),
            false => Ok(sources),
        }
    }
}

/// One dial's turn at a destination.
#[derive(Debug)]
struct Turn {
    route: Arc<Route>,
    settings: Arc<PortSettings>,
    plan: Plan,
    /// Whether the time that it takes is to be noted; the socket must not block then.
    timed: bool,
}

/// Whether a dial may wait for a survey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    Waits,
    DoesNotWait,
}

/// The same destination however it is spelled: plain IPv4 for mapped, without the flow label.
fn canonical(destination: SocketAddr) -> SocketAddr {
    match (destination, destination.ip().to_canonical()) {
        (SocketAddr::V6(v6), IpAddr::V6(_)) => {
            SocketAddr::V6(std::net::SocketAddrV6::new(*v6.ip(), v6.port(), 0, v6.scope_id()))
        }
        (_, ip) => SocketAddr::new(ip, destination.port()),
    }
}

fn set_mode(socket: &OwnedFd, mode: Mode) -> Result<(), DialError> {
    socket::set_mode(socket, mode).map_err(DialError::socket("have a socket not block"))
}

const MAKE: &str = "make a socket";
