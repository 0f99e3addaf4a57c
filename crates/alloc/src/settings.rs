//! What a pool hands out and to whom; how it chooses is the algorithm's affair.

use alloc::vec::Vec;

use registry::PortRange;

/// What a pool hands out.
///
/// ```
/// use alloc::Settings;
///
/// let settings = Settings::new("32768-60999".parse()?)
///     .sources(4)
///     .reserved(["40000-40009".parse()?])
///     .quota(1000)
///     .quarantine(256);
/// assert_eq!(settings.capacity(), 4 * (28_232 - 10));
/// # Ok::<(), registry::ParseRangeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub(crate) range: PortRange,
    pub(crate) reserved: Vec<PortRange>,
    pub(crate) sources: u16,
    pub(crate) quota: Option<u32>,
    pub(crate) quarantine: u16,
    pub(crate) idle: u32,
}

impl Settings {
    /// The ports of `range` from one source address, none reserved, no quota, a quarantine of 64
    /// ports.
    #[must_use]
    pub fn new(range: PortRange) -> Settings {
        Settings {
            range,
            reserved: Vec::new(),
            sources: 1,
            quota: None,
            quarantine: QUARANTINE,
            idle: IDLE,
        }
    }

    /// How many source addresses there are, at least one. Each has all ports, so towards one
    /// destination there are `sources` times as many tuples.
    #[must_use]
    pub fn sources(mut self, sources: u16) -> Settings {
        self.sources = sources.max(1);
        self
    }

    /// Ports of the range that are never given.
    #[must_use]
    pub fn reserved(mut self, ports: impl IntoIterator<Item = PortRange>) -> Settings {
        self.reserved = ports.into_iter().collect();
        self
    }

    /// How many tuples one client may hold.
    #[must_use]
    pub fn quota(mut self, tuples: u32) -> Settings {
        self.quota = Some(tuples);
        self
    }

    /// How many of the ports that a source and destination freed last are left alone: peers, NATs and
    /// firewalls may still remember those, and drop what comes from them. They are given again,
    /// the oldest first, only where nothing else is free. 0 for none. At least that many are left alone,
    /// and at times up to 32 more.
    #[must_use]
    pub fn quarantine(mut self, ports: u16) -> Settings {
        self.quarantine = ports;
        self
    }

    /// How many pairs of source and destination that hold no port are remembered, for the sake of their
    /// quarantine; at first 65,536. Of more the one that was idle longest is forgotten.
    #[must_use]
    pub fn idle(mut self, pairs: u32) -> Settings {
        self.idle = pairs;
        self
    }

    /// How many tuples there are towards one destination.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        let allowed = crate::allowed::Allowed::new(self.range, &self.reserved);
        u64::from(allowed.count()) * u64::from(self.sources)
    }
}

const QUARANTINE: u16 = 64;
const IDLE: u32 = 1 << 16;
