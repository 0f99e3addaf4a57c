//! What else ends connections before ports run out: tables, queues and descriptors with a limit.

use std::net::IpAddr;
use std::time::Duration;

use registry::Proto;

use crate::{Endpoint, Netns, Pid, PortSettings, TimeWaitReuse};

/// How much of something is used, and how much there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// In use now.
    pub used: u64,
    /// The limit.
    pub of: u64,
}

impl Gauge {
    /// The share in use, 0 and up; 1 where nothing is permitted.
    #[must_use]
    pub fn share(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a share is not exact")]
        let (used, of) = (self.used as f64, self.of as f64);
        if self.of == 0 { 1.0 } else { used / of }
    }
}

/// The settings and limits of one network namespace. `None` is not known, never zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// The namespace.
    pub netns: Netns,
    /// Its ports.
    pub ports: PortSettings,
    /// Which ports in `TIME-WAIT` it lends, as far as it says.
    pub reuse: Option<TimeWaitReuse>,
    /// Sockets in `TIME-WAIT`, of `tcp_max_tw_buckets`: beyond, connections skip it.
    pub time_wait: Option<Gauge>,
    /// The table of tracked connections; `None` where nothing tracks any, or it may not be known.
    pub conntrack: Option<Conntrack>,
    /// `net.core.somaxconn`: the longest queue that a listener gets.
    pub somaxconn: Option<u64>,
    /// What has gone wrong since boot.
    pub counters: Counters,
}

/// Counts since the namespace was made, of `/proc/net/netstat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// `ListenOverflows`: connections that found a listener's queue full.
    pub listen_overflows: Option<u64>,
    /// `ListenDrops`: those, and the ones dropped for other reasons on their way into it.
    pub listen_drops: Option<u64>,
    /// `TCPTimeWaitOverflow`: connections that skipped `TIME-WAIT`.
    pub time_wait_overflows: Option<u64>,
}

/// The kernel's table of tracked connections.
#[derive(Clone, Debug, PartialEq)]
pub struct Conntrack {
    /// Entries, of `nf_conntrack_max`: beyond, packets of new connections are dropped.
    pub table: Gauge,
    /// Entries in `TIME_WAIT`; `None` where the table may not be read.
    pub time_wait: Option<u64>,
    /// How long one stays so: `nf_conntrack_tcp_timeout_time_wait`.
    pub time_wait_lasts: Option<Duration>,
    /// Connections that leave with another source address, the fullest first; `None` as above.
    pub nat: Option<Vec<NatPool>>,
}

/// The ports of an address that connections of others leave from (SNAT, masquerading), towards one
/// destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatPool {
    /// The protocol.
    pub proto: Proto,
    /// The address they leave from.
    pub source: IpAddr,
    /// Where they go.
    pub remote: Endpoint,
    /// Ports in use, of those from 1024 up, which Linux draws from (`nf_nat_core.c`).
    pub ports: Gauge,
}

/// File descriptors, which every socket needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Descriptors {
    /// Open files of the system, of `fs.file-max`.
    pub system: Option<Gauge>,
    /// The processes with the largest share of their own limit in use, the fullest first.
    pub processes: Vec<DescriptorUse>,
}

/// How many descriptors a process has, of its soft limit (`RLIMIT_NOFILE`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescriptorUse {
    /// The process.
    pub pid: Pid,
    /// Its name, untrusted.
    pub comm: Vec<u8>,
    /// Its descriptors.
    pub descriptors: Gauge,
}
