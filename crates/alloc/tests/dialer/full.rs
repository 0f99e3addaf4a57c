//! No connect fails while a port is free, and where none is, the error says so exactly.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use alloc::dialer::{DialError, Dialer, Settings, Tracking};

use crate::namespace::{set, with_ports};
use crate::server::{fill_up, listen, ports, reset, taken, tracking};

fn dialers() -> [Dialer; 3] {
    [Tracking::Always, Tracking::WhenScarce, Tracking::Never]
        .map(|tracking| Dialer::new(Settings::default().with_tracking(tracking)).unwrap())
}

#[test]
fn every_port_is_used_before_the_dial_fails() {
    for which in 0..3 {
        with_ports((40000, 40255), || {
            let listener = listen("127.0.0.1:20000");
            let to = listener.local_addr().unwrap();
            let (held, error) = fill_up(&dialers()[which], to);
            assert_eq!(ports(&held), (40000..=40255).collect::<Vec<_>>());
            let DialError::Exhausted { destination, fill } = &error else { panic!("{error:?}") };
            assert_eq!(*destination, to);
            assert_eq!((fill.taken, fill.of, fill.ours, fill.bound), (256, 256, 256, 0));
            assert_eq!((fill.sources, fill.time_wait), (1, 0));
            assert_eq!(
                error.to_string(),
                "no port is left towards 127.0.0.1:20000: 256 of 256 ports of 40000-40255 from 1 \
                 address have connections (256 of this dialer, 0 in TIME-WAIT); add source \
                 addresses, widen net.ipv4.ip_local_port_range, or hold fewer connections at once"
            );
            assert_eq!(io::Error::from(error).kind(), io::ErrorKind::AddrNotAvailable);
        });
    }
}

#[test]
fn a_port_that_comes_free_is_found_at_once() {
    for which in 0..3 {
        with_ports((40000, 40063), || {
            let to = listen("127.0.0.1:20000");
            let to = to.local_addr().unwrap();
            let dialer = &dialers()[which];
            let (mut held, _) = fill_up(dialer, to);
            for _ in 0..100 {
                let freed = held.remove(0);
                let port = freed.local_addr().unwrap().port();
                reset(freed);
                held.push(dialer.connect(to, None).unwrap());
                assert_eq!(held.last().unwrap().local_addr().unwrap().port(), port);
                assert!(matches!(dialer.connect(to, None), Err(DialError::Exhausted { .. })));
            }
        });
    }
}

#[test]
fn ports_of_others_are_used_up_around() {
    with_ports((40000, 40063), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let dialer = tracking();
        reset(dialer.connect(to, None).unwrap());
        // After the survey, so that they are not known of.
        let (others, _) = fill_up(&Dialer::new(Settings::default()).unwrap(), to);
        assert!(matches!(dialer.connect(to, None), Err(DialError::Exhausted { .. })));
        let mut others = others.into_iter();
        others.by_ref().take(20).for_each(reset);
        let (held, _) = fill_up(&dialer, to);
        assert_eq!(held.len(), 20);
        assert_eq!(taken(to), (40000..=40063).collect::<Vec<_>>());
    });
}

#[test]
fn another_destination_has_ports_of_its_own() {
    with_ports((40000, 40015), || {
        let listeners =
            [listen("127.0.0.1:20000"), listen("127.0.0.1:20001"), listen("127.0.0.2:20000")];
        let dialer = tracking();
        let held: Vec<_> = listeners
            .iter()
            .map(|listener| fill_up(&dialer, listener.local_addr().unwrap()).0)
            .collect();
        assert_eq!(held.iter().map(Vec::len).collect::<Vec<_>>(), [16, 16, 16]);
    });
}

#[test]
fn threads_that_churn_at_the_last_ports_never_fail() {
    with_ports((40000, 40063), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let dialer = tracking();
        let (mut held, _) = fill_up(&dialer, to);
        held.drain(..8).for_each(reset);
        let churn = || {
            for _ in 0..300 {
                reset(dialer.connect(to, None).unwrap());
            }
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(churn)).collect();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
        assert_eq!(taken(to).len(), 56);
    });
}

#[test]
fn reserved_ports_are_never_used() {
    for which in 0..3 {
        with_ports((40000, 40063), || {
            set("ip_local_reserved_ports", "40000-40003,40010,40063");
            let listener = listen("127.0.0.1:20000");
            let (held, error) = fill_up(&dialers()[which], listener.local_addr().unwrap());
            let allowed = |port: &u16| !matches!(port, 40000..=40003 | 40010 | 40063);
            assert_eq!(ports(&held), (40000..=40063).filter(allowed).collect::<Vec<_>>());
            let DialError::Exhausted { fill, .. } = error else { panic!("{error:?}") };
            assert_eq!((fill.taken, fill.of), (58, 58));
        });
    }
}

#[test]
fn a_port_that_somebody_listens_on_is_told_apart() {
    with_ports((40000, 40015), || {
        let _in_the_way = TcpListener::bind("127.0.0.9:40007").unwrap();
        let listener = listen("127.0.0.1:20000");
        let (held, error) = fill_up(&tracking(), listener.local_addr().unwrap());
        assert_eq!(ports(&held), (40000..=40015).filter(|port| *port != 40007).collect::<Vec<_>>());
        let DialError::Exhausted { fill, .. } = error else { panic!("{error:?}") };
        assert_eq!((fill.taken, fill.bound, fill.of), (15, 1, 16));
        assert!(fill.to_string().ends_with("and 1 are bound by others"), "{fill}");
    });
}

#[test]
fn no_address_of_the_family_is_not_exhaustion() {
    with_ports((40000, 40015), || {
        crate::namespace::run(&["ip", "addr", "flush", "dev", "lo"]);
        let to: SocketAddr = "[2001:db8::1]:80".parse().unwrap();
        for dialer in dialers() {
            let error = dialer.connect(to, Some(Duration::from_secs(1))).unwrap_err();
            assert!(matches!(error, DialError::Connect { .. }), "{error:?}");
        }
    });
}
