//! What a dialer is told when it is made.

use std::net::IpAddr;

use super::Step;

/// How a [`Dialer`](super::Dialer) dials; the default suits most.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// The addresses to connect from, each with all ports of the range; the dials towards one
    /// destination take turns. Those of the other family are left out. None: the kernel chooses one.
    pub sources: Vec<IpAddr>,
    /// When to keep track of free ports.
    pub tracking: Tracking,
    /// How to ask the kernel where no ports are tracked; `None` for the best it can do.
    pub step: Option<Step>,
}

/// When a dialer keeps track of which ports are free towards a destination.
///
/// It costs a survey of all TCP sockets of the host now and then (20 to 50 ms for 30,000), and 20 bytes
/// a port for each such destination and source address: 565 KB for the usual range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tracking {
    /// Where ports are scarce: this dialer has three quarters of them, or connects have become slow.
    /// The survey is made on a thread of its own, and dials go on meanwhile.
    #[default]
    WhenScarce,
    /// From the first dial on, which waits for the survey: each connect takes the port that was free
    /// for longest.
    Always,
    /// Never: the kernel chooses.
    Never,
}

impl Settings {
    /// Connects from these addresses.
    #[must_use]
    pub fn with_sources(mut self, sources: impl IntoIterator<Item = IpAddr>) -> Settings {
        self.sources = sources.into_iter().collect();
        self
    }

    /// Keeps track of free ports as `tracking` says.
    #[must_use]
    pub fn with_tracking(mut self, tracking: Tracking) -> Settings {
        self.tracking = tracking;
        self
    }

    /// Asks as an older kernel has to be asked.
    #[must_use]
    pub fn with_step(mut self, step: Step) -> Settings {
        self.step = Some(step);
        self
    }
}
