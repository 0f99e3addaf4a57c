//! Which ports the pilot chooses, and that none is missing or given twice.

use super::scene::{beside, finish, piloted, set};

#[test]
fn every_port_of_the_range_is_given_once_and_no_other() {
    piloted(|scene| {
        let printed = scene.inside(
            "server = serve()
held = fill()
assert sorted(map(port, held)) == list(range(40000, 41000)), len(held)",
        );
        assert_eq!(printed, "");
        let counts = scene.counts();
        assert!((480..600).contains(&counts.piloted), "{counts:?}");
        assert_eq!((counts.fallbacks, counts.conflicts), (1, 0), "{counts:?}");
        assert_eq!(counts.released, counts.piloted, "{counts:?}");
        let [one] = &scene.destinations()[..] else { panic!("{:?}", scene.destinations()) };
        assert_eq!((one.piloted, one.held, one.fallbacks), (counts.piloted, 0, 1));
        assert_eq!(one.destination, "127.0.0.1:7000".parse().unwrap());
        assert_eq!(one.source, "127.0.0.1".parse::<std::net::IpAddr>().unwrap());
    });
}

/// A port that was bound is lost to the kernel's choice, so it must be one that it takes last.
#[test]
fn the_ports_that_the_kernel_takes_first_stay_its_own() {
    piloted(|scene| {
        let _filler = scene.stay("server = serve()\nheld = fill(limit=999)");
        beside(
            "other = serve(('127.0.0.1', 7001))
held = fill(('127.0.0.1', 7001))
even = [p for p in map(port, held) if p % 2 == 0]
assert sorted(even) == list(range(40000, 41000, 2)), len(even)",
        );
    });
}

#[test]
fn a_port_is_given_again_once_it_is_free_and_rests_while_others_are() {
    piloted(|scene| {
        scene.inside(
            "server = serve()
held = fill(limit=980)
last = []
for _ in range(200):
    s = dial()
    assert port(s) % 2 == 0 or port(s) not in last[-12:], (port(s), last)
    last.append(port(s))
    reset(s)
held += fill()
assert sorted(map(port, held)) == list(range(40000, 41000)), len(held)
for _ in range(100):
    s = held.pop(700)
    reset(s)
    held.append(dial())",
        );
        assert_eq!(scene.counts().conflicts, 0);
    });
}

#[test]
fn reserved_ports_are_never_chosen_and_the_range_is_followed() {
    piloted(|scene| {
        set("ip_local_reserved_ports", "40100-40899");
        scene.inside(
            "server = serve()
held = fill()
free = [*range(40000, 40100), *range(40900, 41000)]
assert sorted(map(port, held)) == free, len(held)
def sysctl(name, value): open('/proc/sys/net/ipv4/' + name, 'w').write(value)
sysctl('ip_local_reserved_ports', '')
sysctl('ip_local_port_range', '41000 41099')
held = fill()
assert sorted(map(port, held)) == list(range(41000, 41100)), len(held)
# From an odd port on, the kernel takes the odd ones first.
sysctl('ip_local_port_range', '42001 42100')
held = fill()
assert sorted(map(port, held)) == list(range(42001, 42101)), len(held)",
        );
        assert_eq!(scene.counts().conflicts, 0);
    });
}

#[test]
fn each_destination_has_the_whole_range() {
    piloted(|scene| {
        scene.inside(
            "for n in range(8):
    to = (f'127.0.0.{n + 1}', 7000 + n)
    server = serve(to)
    held = fill(to)
    assert len(held) == 1000, (n, len(held))
    globals()[f'keep{n}'] = server, held",
        );
        let counts = scene.counts();
        assert!(counts.piloted > 8 * 450, "{counts:?}");
        assert_eq!(scene.destinations().len(), 8);
    });
}

#[test]
fn many_at_once_get_every_port_and_none_twice() {
    piloted(|scene| {
        let _server = scene.stay("server = serve()");
        // They keep 960 of 1,000 for themselves and dial with the rest, 5 at a time each.
        let dialer = "held = fill(limit=120)
for _ in range(400):
    few = [dial() for _ in range(4)]
    ports = {port(s) for s in few}
    assert len(ports) == 4
    for s in few: reset(s)
print(*map(port, held))";
        let dialers: Vec<_> = (0..8).map(|_| scene.begin(dialer)).collect();
        let printed: Vec<String> = dialers.into_iter().map(finish).collect();
        let mut ports: Vec<&str> =
            printed.iter().flat_map(|line| line.split_whitespace()).collect();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 960);
        let counts = scene.counts();
        assert_eq!(counts.claims - counts.conflicts, counts.piloted, "{counts:?}");
        assert_eq!(counts.piloted, counts.released, "{counts:?}");
    });
}
