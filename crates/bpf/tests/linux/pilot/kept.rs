//! What the kernel makes of a connect, and which ports it passes over, that no look at connections tells: a piloted
//! program gets every port that it would get without.

use bpf::pilot::Routes;

use super::scene::{Scene, Staying, piloted, set, stay_beside};
use crate::namespace::run;

/// Has connects towards elsewhere hold all ports, and those of the second half bound, as long as it runs.
fn all_held(scene: &Scene) -> Staying {
    scene.stay("server = serve()\nheld = fill()\nassert len(held) == 1000, len(held)")
}

#[test]
fn no_address_is_the_host_itself() {
    piloted(|scene| {
        let _held = all_held(scene);
        scene.inside(
            "server = serve(('0.0.0.0', 7001))
held = fill(('0.0.0.0', 7001))
assert len(held) == 1000, len(held)
there = {s.getpeername() for s in held}
assert there == {('127.0.0.1', 7001)}, there
server = serve(('::', 7002), AF_INET6)
held = fill(('::', 7002), AF_INET6)
assert len(held) == 1000, len(held)
held = fill(('::ffff:0.0.0.0', 7002), AF_INET6)
assert len(held) == 1000, len(held)",
        );
    });
}

#[test]
fn an_address_of_the_loopback_net_that_the_host_has_is_reached_from_itself() {
    piloted(|scene| {
        run(&["ip", "address", "add", "127.0.0.5/32", "dev", "lo"]);
        Routes::new().tell().unwrap();
        let _held = all_held(scene);
        scene.inside(
            "to = ('127.0.0.5', 7001)
server = serve(to)
held = fill(to)
assert len(held) == 1000, len(held)
assert {s.getsockname()[0] for s in held} == {'127.0.0.5'}",
        );
    });
}

/// From an odd port on the kernel takes first what the pilot bound.
#[test]
fn a_range_that_begins_at_the_other_parity_is_used_to_its_end() {
    piloted(|scene| {
        let _held = all_held(scene);
        set("ip_local_port_range", "40001 40999");
        scene.inside(
            "server = serve(('127.0.0.1', 7001))
held = fill(('127.0.0.1', 7001), limit=998)
assert len(held) == 998, len(held)",
        );
    });
}

#[test]
fn ports_that_others_have_bound_are_no_room() {
    piloted(|scene| {
        set("ip_local_port_range", "40000 40199");
        scene.inside(
            "server, other = serve(), serve(('127.0.0.1', 7001))
held = fill()
assert len(held) == 200, len(held)
for s in held:
    if port(s) % 2 == 0: reset(s)
bound = []
for number in range(40000, 40200, 2):
    s = socket(); s.bind(('127.0.0.1', number)); bound.append(s)
held = fill(('127.0.0.1', 7001))
assert sorted(map(port, held)) == list(range(40001, 40200, 2)), len(held)",
        );
    });
}

/// Of an odd number of ports the kernel passes over one at each connect.
#[test]
fn a_range_of_an_odd_number_of_ports_is_used_as_without() {
    piloted(|scene| {
        set("ip_local_port_range", "40000 40020");
        scene.inside(
            "server = serve()
for round in range(60):
    to = ('127.0.0.1', 7100 + round)
    other = serve(to)
    held = fill(limit=20) + fill(to, limit=20)
    assert len(held) == 40, (round, len(held))
    for s in held: reset(s)",
        );
    });
}

/// Our own dialer and library set such a range.
#[test]
fn a_socket_whose_own_range_leaves_nothing_out_is_piloted() {
    piloted(|scene| {
        let _held = all_held(scene);
        scene.inside(
            "server = serve(('127.0.0.1', 7001))
def dial_within(low, high):
    s = socket()
    s.setsockopt(IPPROTO_IP, IP_LOCAL_PORT_RANGE, struct.pack('I', low | high << 16))
    s.connect(('127.0.0.1', 7001))
    return s
held = [dial_within(1, 65535) for _ in range(700)] + [dial_within(40000, 40999) for _ in range(300)]
assert sorted(map(port, held)) == list(range(40000, 41000))",
        );
        assert_eq!(scene.counts().own_range, 0);
    });
}

/// What is left towards a destination may be what we bound alone, since the last connect to it.
#[test]
fn room_that_was_found_once_is_looked_for_again() {
    piloted(|scene| {
        set("ip_local_port_range", "32768 36863");
        let _held = scene.stay(
            "server, other = serve(), serve(('127.0.0.1', 7001))
held = fill(limit=3000) + [dial(('127.0.0.1', 7001))]",
        );
        let _others = stay_beside("held = fill(('127.0.0.1', 7001))");
        scene.inside("held = [dial(('127.0.0.1', 7001)) for _ in range(20)]");
    });
}

/// One that cannot be bound after another.
#[test]
fn many_ports_that_others_have_bound_are_passed_over() {
    piloted(|scene| {
        set("ip_local_port_range", "32768 36863");
        let _bound = stay_beside(
            "bound = [socket() for _ in range(150)]
for n, s in enumerate(bound): s.bind(('127.0.0.1', 33001 + 2 * n))",
        );
        let _held = scene.stay(
            "server, other = serve(), serve(('127.0.0.1', 7001))
held = fill(limit=3846)",
        );
        let _others = stay_beside("held = fill(('127.0.0.1', 7001))");
        scene.inside("held = [dial(('127.0.0.1', 7001)) for _ in range(150)]");
    });
}

/// Which is an address that others do not follow them by, perhaps.
#[test]
fn who_asks_for_a_kind_of_source_address_gets_it_from_the_kernel() {
    piloted(|scene| {
        scene.inside(
            "IPV6_ADDR_PREFERENCES, TEMPORARY = 72, 1
server = serve(('::1', 7000), AF_INET6)
s = socket(AF_INET6)
s.setsockopt(IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, TEMPORARY)
s.connect(('::1', 7000))",
        );
        assert_eq!(scene.counts().no_source, 1);
    });
}

/// With the kernel's own table for a witness.
#[test]
fn whatever_happens_no_connect_fails_while_a_port_is_free() {
    piloted(|scene| {
        for (seed, family) in [("1", "4"), ("2", "6"), ("3", "4"), ("4", "6")] {
            scene.inside_with(include_str!("chance.py"), &[seed, "2500", family]);
        }
        let counts = scene.counts();
        assert!(counts.piloted > 500 && counts.conflicts > 0, "{counts:?}");
    });
}

/// Each has its place from the start: in the moment of a connect the kernel has not always the memory for one more.
#[test]
fn many_destinations_are_full_at_once() {
    piloted(|scene| {
        set("ip_local_port_range", "40000 40003");
        scene.inside(
            "held = []
for n in range(1000):
    to = ('127.0.%d.%d' % (n // 250 + 1, n % 250 + 1), 7000)
    held += [serve(to), *(dial(to) for _ in range(4))]",
        );
        assert_eq!(scene.counts().no_place, 0);
    });
}
