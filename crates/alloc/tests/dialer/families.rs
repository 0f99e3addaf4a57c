//! IPv4, IPv6, mapped addresses, and several source addresses.

use std::io;
use std::net::{IpAddr, SocketAddr};

use alloc::dialer::{Connection, DialError, Dialer, Settings, Step, Tracking};

use crate::namespace::{run, with_ports};
use crate::server::{fill_up, listen, ports, reset, tracking};

fn from_sources(sources: &[&str], tracking: Tracking) -> Dialer {
    let sources = sources.iter().map(|source| source.parse::<IpAddr>().unwrap());
    Dialer::new(Settings::default().with_sources(sources).with_tracking(tracking)).unwrap()
}

fn source(connection: &Connection) -> IpAddr {
    connection.local_addr().unwrap().ip()
}

#[test]
fn ipv6_has_every_port() {
    with_ports((40000, 40063), || {
        let listener = listen("[::1]:20000");
        let (held, error) = fill_up(&tracking(), listener.local_addr().unwrap());
        assert_eq!(ports(&held), (40000..=40063).collect::<Vec<_>>());
        assert!(matches!(error, DialError::Exhausted { fill, .. } if fill.taken == 64), "{error}");
    });
}

#[test]
fn mapped_and_plain_destinations_share_their_ports() {
    with_ports((40000, 40007), || {
        let listener = listen("127.0.0.1:20000");
        let plain = listener.local_addr().unwrap();
        let mapped: SocketAddr = "[::ffff:127.0.0.1]:20000".parse().unwrap();
        let dialer = tracking();
        let mut held = Vec::new();
        for to in [mapped, plain, mapped, plain] {
            held.push(dialer.connect(to, None).unwrap());
            assert_eq!(held.last().unwrap().peer_addr().unwrap(), to);
        }
        let (rest, error) = fill_up(&dialer, mapped);
        held.extend(rest);
        assert_eq!(ports(&held), (40000..=40007).collect::<Vec<_>>());
        let DialError::Exhausted { destination, fill } = error else { panic!("{error:?}") };
        assert_eq!((destination, fill.taken, fill.ours), (plain, 8, 8));
        assert!(matches!(dialer.connect(plain, None), Err(DialError::Exhausted { .. })));
    });
}

/// The kernel connects it to this host.
#[test]
fn the_address_of_none_is_exhausted_as_that_which_it_means() {
    for (server, to) in [
        ("127.0.0.1:20000", "0.0.0.0:20000"),
        ("[::1]:20000", "[::]:20000"),
        ("127.0.0.1:20000", "[::ffff:0.0.0.0]:20000"),
    ] {
        with_ports((40000, 40015), || {
            let listener = listen(server);
            let (means, to) = (listener.local_addr().unwrap(), to.parse().unwrap());
            let dialer = tracking();
            let (held, error) = fill_up(&dialer, to);
            assert_eq!(held.len(), 16, "{to}");
            let DialError::Exhausted { destination, fill } = error else { panic!("{error:?}") };
            assert_eq!((destination, fill.taken, fill.ours), (means, 16, 16), "{to}");
            assert_eq!(dialer.fill(to).unwrap().taken, 16, "{to}");
        });
    }
}

#[test]
fn the_address_of_none_means_the_source_where_there_is_one() {
    for to in ["0.0.0.0:20000", "[::ffff:0.0.0.0]:20000"] {
        with_ports((40000, 40015), || {
            let _listener = listen("0.0.0.0:20000");
            let dialer = from_sources(&["127.0.0.2", "127.0.0.3"], Tracking::Always);
            let (held, error) = fill_up(&dialer, to.parse().unwrap());
            assert_eq!(held.len(), 32, "{to}");
            assert!(held.iter().all(|held| held.peer_addr().unwrap().ip() == source(held)));
            let DialError::Exhausted { fill, .. } = error else { panic!("{error:?}") };
            assert_eq!((fill.taken, fill.of, fill.ours), (32, 32, 32), "{to}");
            assert_eq!(dialer.fill(to.parse().unwrap()).unwrap().taken, 32, "{to}");
        });
    }
}

#[test]
fn each_source_address_has_every_port() {
    let sources = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
    for tracking in [Tracking::Always, Tracking::WhenScarce, Tracking::Never] {
        with_ports((40000, 40015), || {
            let listener = listen("127.0.0.1:20000");
            let dialer = from_sources(&sources, tracking);
            let (held, error) = fill_up(&dialer, listener.local_addr().unwrap());
            for wanted in sources {
                let of = |held: &&Connection| source(held).to_string() == wanted;
                assert_eq!(held.iter().filter(of).count(), 16, "{wanted}");
                assert_eq!(held[..6].iter().filter(of).count(), 2, "they take turns: {wanted}");
            }
            let DialError::Exhausted { fill, .. } = error else { panic!("{error:?}") };
            assert_eq!((fill.taken, fill.of, fill.sources, fill.ours), (48, 48, 3, 48));
        });
    }
}

#[test]
fn a_port_that_comes_free_at_any_source_is_found() {
    with_ports((40000, 40015), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let dialer = from_sources(&["127.0.0.2", "127.0.0.3"], Tracking::Always);
        let (mut held, _) = fill_up(&dialer, to);
        for index in [0, 1, 9, 17, 30, 3] {
            let freed = held.remove(index);
            let ours = freed.local_addr().unwrap();
            reset(freed);
            held.push(dialer.connect(to, None).unwrap());
            assert_eq!(held.last().unwrap().local_addr().unwrap(), ours);
        }
    });
}

/// As where an address moved to another host.
#[test]
fn an_address_that_the_host_has_not_is_passed_over() {
    for tracking in [Tracking::Always, Tracking::WhenScarce, Tracking::Never] {
        with_ports((40000, 40015), || {
            let listener = listen("127.0.0.1:20000");
            let to = listener.local_addr().unwrap();
            let (held, _) = fill_up(&from_sources(&["203.0.113.9", "127.0.0.2"], tracking), to);
            assert_eq!(ports(&held), (40000..=40015).collect::<Vec<_>>());
            let alone = from_sources(&["203.0.113.9"], tracking).connect(to, None);
            let Err(DialError::Connect { source, .. }) = alone else { panic!("{alone:?}") };
            assert_eq!(source.kind(), io::ErrorKind::AddrNotAvailable);
        });
    }
}

#[test]
fn sources_serve_destinations_of_their_family() {
    with_ports((40000, 40015), || {
        run(&["ip", "-6", "addr", "add", "fd00::7/128", "dev", "lo", "nodad"]);
        let (v4, v6) = (listen("127.0.0.1:20000"), listen("[::1]:20000"));
        let dialer = from_sources(&["127.0.0.7", "fd00::7"], Tracking::Always);
        let mapped: SocketAddr = "[::ffff:127.0.0.1]:20000".parse().unwrap();
        for (to, expected) in [
            (v4.local_addr().unwrap(), "127.0.0.7"),
            (v6.local_addr().unwrap(), "fd00::7"),
            (mapped, "::ffff:127.0.0.7"),
        ] {
            assert_eq!(source(&dialer.connect(to, None).unwrap()).to_string(), expected);
        }
        let only_v4 = from_sources(&["127.0.0.7"], Tracking::Always);
        let error = only_v4.connect(v6.local_addr().unwrap(), None).unwrap_err();
        assert!(matches!(error, DialError::NoSource { .. }), "{error:?}");
    });
}

#[test]
fn a_source_that_the_host_lacks_is_an_error_of_its_own() {
    with_ports((40000, 40015), || {
        let listener = listen("127.0.0.1:20000");
        let dialer = from_sources(&["192.0.2.77"], Tracking::WhenScarce);
        let error = dialer.connect(listener.local_addr().unwrap(), None).unwrap_err();
        let DialError::Connect { source, .. } = &error else { panic!("{error:?}") };
        assert_eq!(source.kind(), io::ErrorKind::AddrNotAvailable);
    });
}

#[test]
fn older_kernels_take_turns_at_sources_too() {
    for step in [Step::OnePort, Step::Plain] {
        with_ports((40000, 40015), || {
            let listener = listen("127.0.0.1:20000");
            let sources = ["127.0.0.2", "127.0.0.3"].map(|source| source.parse().unwrap());
            let settings = Settings::default().with_sources(sources).with_step(step);
            let (held, _) =
                fill_up(&Dialer::new(settings).unwrap(), listener.local_addr().unwrap());
            assert_eq!(held.len(), 32, "{step}");
        });
    }
}
