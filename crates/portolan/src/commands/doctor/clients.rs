//! Checks of how programs come by their ports: those that bind before they connect, and those that
//! bind and do nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;

use registry::{Port, Proto};
use sockets::{Cliff, Destination, Socket, State};
use web::Remark;

use super::catalogue::{BIND_ZERO, BINDS_SOURCE, BOUND_SILENT};
use super::remark::{Value, remark};
use super::{Finding, Scene};
use crate::commands::room::Namespace;
use crate::label;

/// Programs that bind before they connect. `bind()` takes ports of the parity that `connect()` tries
/// last; while there is room in the other half, connections from there give themselves away.
pub(super) fn bind_before_connect(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let far = |row: &&crate::commands::room::Row| {
            row.destination.proto == Proto::Tcp && row.destination.cliff() == Cliff::Far
        };
        let rows = namespace.rows.iter().filter(far);
        rows.flat_map(|row| of_destination(scene, namespace, &row.destination)).collect()
    })
}

fn of_destination(scene: &Scene, namespace: &Namespace, to: &Destination) -> Vec<Finding> {
    let low = namespace.limits.ports.ephemeral.first();
    let mut by: BTreeMap<Remark, (usize, usize)> = BTreeMap::new();
    for socket in to.sockets.iter().map(|at| &scene.survey.sockets[*at as usize]) {
        let who = match socket.state {
            State::TimeWait => remark!("party-time-wait", "what is in TIME-WAIT"),
            _ => scene.who(socket),
        };
        let (late, all) = by.entry(who).or_default();
        *late += usize::from(is_late(socket.local.port, low));
        *all += 1;
    }
    let suspicious = |(late, all): (usize, usize)| late >= LEAST && late * 10 >= all * 9;
    let page = match usual_source(scene, namespace, to) {
        Some(usual) if usual != to.source => &BINDS_SOURCE,
        _ => &BIND_ZERO,
    };
    let found = by.into_iter().filter(|(_, counts)| suspicious(*counts));
    found
        .map(|(who, (late, all))| {
            let remote = Value::text(to.remote);
            let subject = remark!("subject-to", "{what} to {remote}", what = who, remote = remote);
            let finding = Finding::new(page, subject).evidence(are_late(late, all, to, low));
            match usual_source(scene, namespace, to) {
                Some(usual) if usual != to.source => finding.evidence(remark!(
                    "evidence-usual-source",
                    "by the routes their source address would be {usual}",
                    usual = Value::text(usual),
                )),
                _ => finding,
            }
        })
        .collect()
}

/// That so many of all connections have ports that connect() takes last, in a range from `low` on.
fn are_late(late: usize, all: usize, to: &Destination, low: Port) -> Remark {
    let parity = if low.number() & 1 == 0 { "odd" } else { "even" };
    remark!(
        "evidence-binds-late",
        "{late} of its {count} connections from {source} to {remote} have {parity} ports, which connect() takes \
         last and bind() first",
        late = Value::count(late),
        count = Value::count(all),
        source = Value::text(to.source),
        remote = Value::text(to.remote),
        parity = Value::text(parity),
    )
}

/// Whether connect() tries `port` last.
fn is_late(port: Port, low: Port) -> bool {
    (port.number() ^ low.number()) & 1 == 1
}

/// The source address that the routes give, in our own namespace.
fn usual_source(scene: &Scene, namespace: &Namespace, to: &Destination) -> Option<IpAddr> {
    let here = scene.places.is_own(&namespace.limits.netns);
    let covers = |route: &&sockets::SourceRoute| covers(route.prefix, route.length, to.remote.addr);
    let routes = scene.routes.iter().filter(|_| here).filter(covers);
    routes.max_by_key(|route| route.length)?.source
}

fn covers(prefix: IpAddr, length: u8, addr: IpAddr) -> bool {
    let bits = |addr: IpAddr| match addr {
        IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
        IpAddr::V6(v6) => v6.to_bits(),
    };
    let differ = bits(prefix) ^ bits(addr);
    prefix.is_ipv4() == addr.is_ipv4()
        && (length == 0 || differ.leading_zeros() >= u32::from(length))
}

/// Sockets that were bound and silent at both looks, by program.
pub(super) fn bound_silent(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let silent = |socket: &&Socket| {
            socket.state == State::Bound && scene.before.silent.contains(&socket.cookie)
        };
        let mut by: BTreeMap<Remark, Vec<&Socket>> = BTreeMap::new();
        for socket in scene.sockets_of(namespace).filter(silent) {
            by.entry(scene.who(socket)).or_default().push(socket);
        }
        let finding = |(who, sockets): (Remark, Vec<&Socket>)| {
            let ends: Vec<String> =
                sockets.iter().map(|socket| label::local(socket).to_string()).collect();
            Finding::new(&BOUND_SILENT, who).evidence(remark!(
                "evidence-bound-silent",
                "{count}: {ends}",
                count = Value::of(ends.len(), "socket"),
                ends = Value::some(&ends, 3),
            ))
        };
        by.into_iter().map(finding).collect()
    })
}

/// Fewer may be chance: a program that tries ports at random has this once in 256 times.
const LEAST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_cover_what_begins_like_them() {
        let addr = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(covers(addr("127.0.0.0"), 8, addr("127.9.9.9")));
        assert!(covers(addr("0.0.0.0"), 0, addr("192.0.2.1")));
        assert!(!covers(addr("0.0.0.0"), 0, addr("::1")));
        assert!(!covers(addr("10.0.0.0"), 31, addr("10.0.0.2")));
        assert!(covers(addr("fd00::"), 8, addr("fd12::1")));
    }
}
