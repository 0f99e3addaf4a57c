//! What to ask the log, and what it answers.

use registry::{PortRange, Proto};
use sockets::NetnsId;

use crate::{Gap, Moment, Tenure, Viewer};

/// Which tenures to find: those that touch the time between `from` and `until` and meet every
/// condition that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Since when.
    pub from: Moment,
    /// Until when, itself included: equal to `from` for one moment.
    pub until: Moment,
    /// Local ports; any where empty.
    pub ports: Vec<PortRange>,
    /// The transport protocol.
    pub proto: Option<Proto>,
    /// Far ends, any of which; any where empty.
    pub remotes: Vec<Remote>,
    /// The network namespace.
    pub netns: Option<NetnsId>,
    /// Processes, any of which: the opener, taker or closer.
    pub pids: Vec<u32>,
    /// Parts of the names of processes or their programs, any of which, whatever the case of
    /// ASCII letters.
    pub names: Vec<Vec<u8>>,
    /// Users, any of which: of the socket, or of the opener, taker or closer.
    pub uids: Vec<u32>,
    /// systemd units, any of which.
    pub units: Vec<String>,
    /// Containers, any of which, by the start of their ids.
    pub containers: Vec<String>,
    /// Whether a port in its inferred `TIME-WAIT` counts as held: see [`Tenure::lingered_at`].
    pub tails: bool,
    /// At most so many tenures, the newest; [`Answer::more`] says that there were others.
    pub most: usize,
    /// Who asks: a condition on a process is met by one that they may see alone, so that neither a
    /// tenure nor [`Answer::more`] tells of others. Never sent: whoever answers knows who asks.
    pub viewer: Viewer,
}

/// A condition on the far end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The network, as an address and the length of its prefix.
    pub net: Option<(std::net::IpAddr, u8)>,
    /// The ports.
    pub ports: Option<PortRange>,
}

/// What the log knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The tenures, newest first: by the order in which they began, whatever the clock said.
    pub tenures: Vec<Tenure>,
    /// Whether there were more than [`Question::most`].
    pub more: bool,
    /// The gaps that touch the time asked for, oldest first; what lies before the first record and
    /// after the last one included, as [`crate::GapReason::NotRunning`].
    pub gaps: Vec<Gap>,
    /// Since when there are records at all; `None` where there are none.
    pub since: Option<Moment>,
}

impl Question {
    /// Asks for everything between two moments.
    #[must_use]
    pub fn between(from: Moment, until: Moment) -> Question {
        Question {
            from,
            until,
            ports: Vec::new(),
            proto: None,
            remotes: Vec::new(),
            netns: None,
            pids: Vec::new(),
            names: Vec::new(),
            uids: Vec::new(),
            units: Vec::new(),
            containers: Vec::new(),
            tails: true,
            most: usize::MAX,
            viewer: Viewer::Everything,
        }
    }

    /// The same of whatever process and user.
    #[must_use]
    pub fn of_anybody(&self) -> Question {
        Question {
            pids: Vec::new(),
            names: Vec::new(),
            uids: Vec::new(),
            units: Vec::new(),
            containers: Vec::new(),
            ..self.clone()
        }
    }
}
