//! What the kernel filters against what [`Query::matches`] says, for queries at random.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use registry::{Port, PortRange, Proto};
use sockets::{Family, NetnsScope, Ports, Query, State};

use crate::load::{Load, list};
use crate::namespace::in_fresh_netns;

/// Ranges that end at, or just beside, the ports there are.
fn ranges(known: Vec<u16>) -> impl Strategy<Value = PortRange> {
    let edge = (select(known), -1_i32..=1).prop_map(|(port, by)| {
        Port(u16::try_from((i32::from(port) + by).clamp(0, 65535)).unwrap())
    });
    (edge.clone(), edge).prop_map(|(a, b)| PortRange::new(a.min(b), a.max(b)).unwrap())
}

fn queries(known: Vec<u16>) -> impl Strategy<Value = Query> {
    let ports = (0..4, ranges(known)).prop_map(|(kind, range)| match kind {
        0 => Ports::Any,
        1 => Ports::Either(range),
        2 => Ports::Local(range),
        _ => Ports::Remote(range),
    });
    let protos = subsequence(Proto::ALL.to_vec(), 1..=4);
    let states = subsequence(State::ALL.to_vec(), 1..=State::ALL.len());
    let family = select(vec![None, Some(Family::V4), Some(Family::V6)]);
    (protos, states, family, ports).prop_map(|(protos, states, family, ports)| Query {
        protos,
        family,
        states: states.into_iter().collect(),
        ports,
        netns: NetnsScope::Own,
    })
}

#[test]
fn the_kernel_leaves_out_exactly_what_was_not_asked_for() {
    in_fresh_netns(|| {
        let _load = Load::open();
        let all = list(&Query::default());
        let known = all.iter().flat_map(|s| [s.local.port.number(), s.remote.port.number()]);
        let known = known.chain([0, u16::MAX]).collect();
        let check = |query: Query| {
            let expected: Vec<_> =
                all.iter().filter(|s| query.matches(s)).map(|s| s.cookie).collect();
            let found: Vec<_> = list(&query).iter().map(|socket| socket.cookie).collect();
            prop_assert_eq!(found, expected);
            Ok(())
        };
        // TIME-WAIT lasts a minute, and each query walks the sockets of every namespace.
        let mut runner = TestRunner::new(Config::with_cases(64));
        runner.run(&queries(known), check).unwrap();
    });
}
