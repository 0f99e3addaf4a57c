//! Which free port comes next, and when ports are tracked at all.

use std::thread;
use std::time::{Duration, Instant};

use alloc::dialer::{Dialer, Settings};

use crate::namespace::{set, with_ports};
use crate::server::{fill_up, listen, ports, reset, tracking};

#[test]
fn the_port_freed_longest_ago_comes_next() {
    with_ports((40000, 40063), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let dialer = tracking();
        let dial = || {
            let connection = dialer.connect(to, None).unwrap();
            let port = connection.local_addr().unwrap().port();
            reset(connection);
            port
        };
        let first: Vec<u16> = (0..64).map(|_| dial()).collect();
        let second: Vec<u16> = (0..64).map(|_| dial()).collect();
        assert_eq!(first, second, "a port is used again after 64 dials");
        assert!(!first.is_sorted(), "the order is a secret: {first:?}");
        let mut sorted = first;
        sorted.sort_unstable();
        assert_eq!(sorted, (40000..=40063).collect::<Vec<_>>());
    });
}

#[test]
fn ports_are_tracked_where_this_dialer_has_most_of_them() {
    with_ports((40000, 40063), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let dialer = Dialer::new(Settings::default()).unwrap();
        let mut held: Vec<_> = (0..32).map(|_| dialer.connect(to, None).unwrap()).collect();
        assert!(!dialer.is_tracked(to));
        held.extend((0..20).map(|_| dialer.connect(to, None).unwrap()));
        assert!(dialer.is_tracked(to));
        // The survey is made beside; from then on each port comes again as late as can be.
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let mut dialed: Vec<_> = (0..12)
                .map(|_| {
                    let connection = dialer.connect(to, None).unwrap();
                    let port = connection.local_addr().unwrap().port();
                    reset(connection);
                    port
                })
                .collect();
            dialed.sort_unstable();
            dialed.dedup();
            if dialed.len() == 12 {
                break;
            }
            assert!(Instant::now() < deadline, "only {} of 12 free ports in use", dialed.len());
            thread::sleep(Duration::from_millis(10)); // nobody accepts what we dial meanwhile
        }
    });
}

#[test]
fn a_range_that_moves_is_followed_while_connections_are_held() {
    with_ports((40000, 40015), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let dialer = tracking();
        let mut held: Vec<_> = (0..8).map(|_| dialer.connect(to, None).unwrap()).collect();
        set("ip_local_port_range", "41000 41015");
        thread::sleep(Duration::from_millis(1100));
        held.drain(..4).for_each(reset);
        let (new, _) = fill_up(&dialer, to);
        assert_eq!(ports(&new), (41000..=41015).collect::<Vec<_>>());
        assert!(ports(&held).iter().all(|port| *port <= 40015));
    });
}
