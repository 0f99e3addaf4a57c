//! Connects that found no port, counted by where they would have gone. They held nothing, so the log
//! has none of them: a recorder counts while it runs.

use std::collections::HashMap;
use std::net::IpAddr;

use log::Moment;
use registry::Port;
use serde::{Deserialize, Serialize};
use sockets::{Endpoint, NetnsId, NoPort};

/// The counts of a recorder, bounded.
#[derive(Debug, Default)]
pub(super) struct NoPorts(HashMap<NoPort, Times>);

#[derive(Clone, Copy, Debug)]
struct Times {
    count: u64,
    last: Moment,
}

/// How many connects found no port towards one destination, and when the last one did. Sent as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unserved {
    netns: u64,
    pub(crate) source: IpAddr,
    remote: IpAddr,
    port: u16,
    pub(crate) count: u64,
    last_ns: i64,
}

impl NoPorts {
    /// Counts one at `now`. Where there are too many destinations, the one that was well for longest
    /// is forgotten.
    pub(super) fn count(&mut self, no_port: NoPort, now: Moment) {
        if self.0.len() >= MOST && !self.0.contains_key(&no_port) {
            let oldest = self.0.iter().min_by_key(|(_, times)| times.last.0);
            if let Some(oldest) = oldest.map(|(no_port, _)| *no_port) {
                self.0.remove(&oldest);
            }
        }
        let times = self.0.entry(no_port).or_insert(Times { count: 0, last: now });
        times.count += 1;
        times.last = now;
    }

    /// All of them, those with the most first.
    pub(super) fn told(&self) -> Vec<Unserved> {
        let unserved = |(no_port, times): (&NoPort, &Times)| Unserved {
            netns: no_port.netns.0,
            source: no_port.source,
            remote: no_port.remote.addr,
            port: no_port.remote.port.number(),
            count: times.count,
            last_ns: times.last.0,
        };
        let mut told: Vec<Unserved> = self.0.iter().map(unserved).collect();
        told.sort_by_key(|it| (std::cmp::Reverse(it.count), it.remote, it.port, it.source));
        told
    }
}

impl Unserved {
    /// The network namespace that it happened in.
    pub(crate) fn netns(&self) -> NetnsId {
        NetnsId(self.netns)
    }

    /// Where they would have gone.
    pub(crate) fn remote(&self) -> Endpoint {
        Endpoint { addr: self.remote, port: Port(self.port) }
    }

    /// When the last one found none.
    pub(crate) fn last(&self) -> Moment {
        Moment(self.last_ns)
    }
}

/// So many destinations are told apart.
const MOST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn towards(port: u16) -> NoPort {
        let remote = Endpoint { addr: [192, 0, 2, 9].into(), port: Port(port) };
        NoPort { netns: NetnsId(1), source: [192, 0, 2, 1].into(), remote }
    }

    #[test]
    fn the_most_come_first_and_the_oldest_goes() {
        let mut counts = NoPorts::default();
        (0..300).for_each(|at| counts.count(towards(at), Moment(at.into())));
        counts.count(towards(299), Moment(300));
        let told = counts.told();
        assert_eq!(told.len(), MOST);
        assert_eq!((told[0].remote().port, told[0].count), (Port(299), 2));
        assert_eq!(told[0].last(), Moment(300));
        assert!(told.iter().all(|it| it.port >= 44), "the oldest are forgotten");
    }

    #[test]
    fn what_is_sent_is_what_arrives() {
        let mut counts = NoPorts::default();
        counts.count(towards(443), Moment(7));
        let json = serde_json::to_string(&counts.told()).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Unserved>>(&json).unwrap(), counts.told());
    }
}
