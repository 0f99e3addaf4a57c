//! Reads what limits connections, from `/proc` (`proc_sys_net(5)`, `proc_sys_fs(5)`, `ip-sysctl.rst`,
//! `nf_conntrack-sysctl.rst`). Everything but the port settings may be missing.
//!
//! `/proc/sys/net` shows the namespace of the thread that opens a file, and so does `thread-self/net`.

mod conntrack;
mod descriptors;
mod tables;

use std::fs;
use std::str::FromStr;
use std::time::Duration;

use super::{netns, sysctl};
use crate::limits::{Conntrack, Counters, Gauge, Limits};
use crate::{Error, Netns, NetnsScope, Reuse, TimeWaitReuse};

pub use descriptors::descriptors;

pub(super) use conntrack::Tracked;
pub(super) use descriptors::open_files;
pub(super) use tables::{named_count, pairs};

/// The settings and limits of the network namespaces of `scope`, our own first. One that cannot be
/// entered is left out, unless it is the one asked for.
///
/// # Errors
/// [`Error::Proc`] if the settings of our own namespace cannot be read; [`Error::Netns`] if the one
/// asked for cannot be entered.
pub fn limits(scope: NetnsScope) -> Result<Vec<Limits>, Error> {
    let own = netns::own()?;
    match scope {
        NetnsScope::Own => Ok(vec![here(own)?]),
        NetnsScope::One(id) if id == own.id => Ok(vec![here(own)?]),
        NetnsScope::One(id) => {
            let failed = |source| Error::Netns { netns: id, source };
            let mut doors = netns::others(own.id).doors;
            doors.retain(|door| door.netns.id == id);
            let mut read = Err(failed(std::io::ErrorKind::NotFound.into()));
            netns::visit(doors, |netns, entered| {
                read = entered.map_err(failed).and_then(|()| here(netns));
            })
            .map_err(failed)?;
            Ok(vec![read?])
        }
        NetnsScope::All => {
            let doors = netns::others(own.id).doors;
            let mut all = vec![here(own)?];
            let visited = netns::visit(doors, |netns, entered| {
                all.extend(entered.ok().and_then(|()| here(netns).ok()));
            });
            visited.map(|()| all).map_err(|source| Error::Watch { what: "start a thread", source })
        }
    }
}

/// Those of the namespace the calling thread is in, which is `netns`.
fn here(netns: Netns) -> Result<Limits, Error> {
    let sockstat = fs::read("/proc/thread-self/net/sockstat").unwrap_or_default();
    let netstat = fs::read("/proc/thread-self/net/netstat").unwrap_or_default();
    let count = |name| named_count(&netstat, b"TcpExt:", name);
    let waiting = pairs(&sockstat, b"TCP:", b"tw");
    Ok(Limits {
        netns,
        ports: sysctl::port_settings()?,
        reuse: reuse(),
        time_wait: gauge(waiting, number("net/ipv4/tcp_max_tw_buckets")),
        conntrack: conntrack(),
        somaxconn: number("net/core/somaxconn"),
        counters: Counters {
            listen_overflows: count(b"ListenOverflows"),
            listen_drops: count(b"ListenDrops"),
            time_wait_overflows: count(b"TCPTimeWaitOverflow"),
        },
    })
}

fn reuse() -> Option<TimeWaitReuse> {
    let value: u8 = number("net/ipv4/tcp_tw_reuse")?;
    let stamps: u8 = number("net/ipv4/tcp_timestamps")?;
    let reuse = match (value, stamps) {
        (_, 0) | (0, _) => Reuse::Never,
        (2, _) => Reuse::Loopback,
        _ => Reuse::Everywhere,
    };
    let delay = number("net/ipv4/tcp_tw_reuse_delay").map(Duration::from_millis);
    Some(TimeWaitReuse { reuse, delay: delay.unwrap_or(Duration::from_secs(1)) })
}

fn conntrack() -> Option<Conntrack> {
    let used = number("net/netfilter/nf_conntrack_count");
    let table = gauge(used, number("net/netfilter/nf_conntrack_max"))?;
    // The kernel has no file of the table where no rule asked for one to be made.
    let tracked = (table.used <= MOST_READ)
        .then(|| fs::read("/proc/thread-self/net/nf_conntrack").ok())
        .flatten()
        .map(|text| Tracked::of(&text));
    let lasts = number("net/netfilter/nf_conntrack_tcp_timeout_time_wait");
    Some(Conntrack {
        table,
        time_wait: tracked.as_ref().map(|tracked| tracked.time_wait),
        time_wait_lasts: lasts.map(Duration::from_secs),
        nat: tracked.map(Tracked::pools),
    })
}

fn gauge(used: Option<u64>, of: Option<u64>) -> Option<Gauge> {
    Some(Gauge { used: used?, of: of? })
}

/// The number in a file below `/proc/sys`.
fn number<T: FromStr>(name: &str) -> Option<T> {
    fs::read_to_string(format!("/proc/sys/{name}")).ok()?.trim().parse().ok()
}

/// How many entries are read one by one: some 100 ms.
const MOST_READ: u64 = 100_000;
