//! The table of tracked connections, `/proc/net/nf_conntrack` (`nf_conntrack_standalone.c`): a line an
//! entry, with the ends as the first packet had them and as the answer has them.

use std::collections::HashMap;
use std::net::IpAddr;

use registry::{Port, Proto};

use crate::Endpoint;
use crate::limits::{Gauge, NatPool};

/// What the entries come to.
#[derive(Debug, Default)]
pub(crate) struct Tracked {
    pub(crate) time_wait: u64,
    /// How many leave from which address, not their own, for where.
    nat: HashMap<(Proto, IpAddr, Endpoint), u64>,
}

impl Tracked {
    /// Counts the lines of `text`; one that is not understood is passed over.
    pub(crate) fn of(text: &[u8]) -> Tracked {
        let mut tracked = Tracked::default();
        text.split(|byte| *byte == b'\n').filter_map(Entry::parse).for_each(|e| tracked.count(&e));
        tracked
    }

    fn count(&mut self, entry: &Entry) {
        self.time_wait += u64::from(entry.waits);
        // The answer goes to the address that the connection left from.
        if entry.answer_to != entry.from {
            *self.nat.entry((entry.proto, entry.answer_to, entry.remote)).or_default() += 1;
        }
    }

    /// The addresses that connections of others leave from, the fullest first, at most a hundred.
    pub(crate) fn pools(self) -> Vec<NatPool> {
        let pool = |((proto, source, remote), used)| NatPool {
            proto,
            source,
            remote,
            ports: Gauge { used, of: NAT_PORTS },
        };
        let mut pools: Vec<_> = self.nat.into_iter().map(pool).collect();
        pools.sort_by_key(|pool| {
            (std::cmp::Reverse(pool.ports.used), pool.proto, pool.source, pool.remote)
        });
        pools.truncate(MOST_POOLS);
        pools
    }
}

/// An entry of TCP or UDP.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    proto: Proto,
    waits: bool,
    from: IpAddr,
    /// Where the answer is sent to.
    answer_to: IpAddr,
    /// Where the answer comes from: the destination, after whatever was translated.
    remote: Endpoint,
}

impl Entry {
    /// `ipv4     2 tcp      6 117 TIME_WAIT src=… dst=… sport=… dport=… src=… dst=… sport=… dport=… …`
    fn parse(line: &[u8]) -> Option<Entry> {
        let line = str::from_utf8(line).ok()?;
        let mut words = line.split_ascii_whitespace().skip(2);
        let proto = match words.next()? {
            "tcp" => Proto::Tcp,
            "udp" => Proto::Udp,
            _ => return None,
        };
        let rest: Vec<&str> = words.collect();
        let all = |name: &'static str| rest.iter().filter_map(move |word| word.strip_prefix(name));
        let (mut sources, mut destinations) = (all("src="), all("dst="));
        let from = sources.next()?.parse().ok()?;
        let addr = sources.next()?.parse().ok()?;
        let answer_to = destinations.nth(1)?.parse().ok()?;
        let port = all("sport=").nth(1)?.parse().ok()?;
        let waits = rest.contains(&"TIME_WAIT");
        Some(Entry { proto, waits, from, answer_to, remote: Endpoint { addr, port: Port(port) } })
    }
}

/// `nf_nat_core.c` draws from 1024 to 65535 for ports from 1024 up.
const NAT_PORTS: u64 = 64_512;
const MOST_POOLS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
ipv4     2 tcp      6 117 TIME_WAIT src=10.0.0.1 dst=192.0.2.9 sport=40000 dport=80 src=192.0.2.9 dst=10.0.0.1 sport=80 dport=40000 [ASSURED] mark=0 use=1
ipv4     2 tcp      6 431999 ESTABLISHED src=172.17.0.2 dst=192.0.2.9 sport=40000 dport=80 src=192.0.2.9 dst=198.51.100.1 sport=80 dport=1024 [ASSURED] mark=0 zone=0 use=2
ipv4     2 tcp      6 431999 ESTABLISHED src=172.17.0.3 dst=192.0.2.9 sport=40000 dport=80 src=192.0.2.9 dst=198.51.100.1 sport=80 dport=1025 [ASSURED] mark=0 zone=0 use=2
ipv6     10 udp      17 29 src=fd00::1 dst=fd00::2 sport=5000 dport=53 [UNREPLIED] src=fd00::2 dst=fd00::1 sport=53 dport=5000 mark=0 use=1
ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1
ipv4     2 tcp      6 1
";

    #[test]
    fn entries_in_time_wait_and_translated_ones_are_counted() {
        let tracked = Tracked::of(TABLE.as_bytes());
        assert_eq!(tracked.time_wait, 1);
        let pools = tracked.pools();
        assert_eq!(pools.len(), 1);
        assert_eq!(pools[0].source, IpAddr::from([198, 51, 100, 1]));
        assert_eq!(pools[0].remote.to_string(), "192.0.2.9:80");
        assert_eq!(pools[0].ports, Gauge { used: 2, of: 64_512 });
    }
}
