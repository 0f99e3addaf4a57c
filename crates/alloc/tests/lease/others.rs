//! Several who lease at once: threads, processes, and those that are killed.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Barrier, Mutex};
use std::thread;

use alloc::lease::{Lease, LeaseError, Wish, leases};
use registry::Port;

use crate::{apart, range};

/// The variable that makes this program a holder of a range, in another process.
const HOLDER: &str = "PORTOLAN_TEST_HOLD";

/// Not a test of its own: what [`holder`] starts.
#[test]
fn hold_in_another_process() {
    let Ok(ports) = std::env::var(HOLDER) else { return };
    let _lease = Wish::default().with_range(range(&ports)).take().unwrap();
    println!("\nheld");
    thread::sleep(std::time::Duration::from_secs(600));
}

/// A process that leases the port.
fn holder(port: u16) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "others::hold_in_another_process", "--nocapture"])
        .env(HOLDER, port.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "held"));
    child
}

#[test]
fn a_holder_that_is_killed_leaves_nothing() {
    apart(|| {
        for _ in 0..5 {
            let mut child = holder(20_000);
            let only = Wish::default().with_range(range("20000"));
            let refused = only.take().unwrap_err();
            assert!(matches!(refused, LeaseError::Exhausted { leased: 1, .. }), "{refused}");
            let seen = leases().unwrap();
            assert_eq!(seen.len(), 1);
            assert_eq!(seen[0].holder.as_ref().unwrap().pid.0, child.id());
            assert_eq!(seen[0].label.as_ref().unwrap().ports, [Port(20_000)]);
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(only.take().is_ok());
            assert!(leases().unwrap().is_empty());
        }
    });
}

#[test]
fn no_port_is_leased_twice_by_threads_that_race() {
    apart(|| {
        let held: Mutex<HashSet<Port>> = Mutex::default();
        let race = || {
            for _ in 0..300 {
                let wish = Wish::default().with_range(range("20000-20039")).with_count(3);
                let lease = wish.take().unwrap();
                for port in lease.ports() {
                    assert!(held.lock().unwrap().insert(*port), "{port} is held twice");
                }
                for port in lease.ports() {
                    held.lock().unwrap().remove(port);
                }
            }
        };
        thread::scope(|scope| (0..8).for_each(|_| _ = scope.spawn(race)));
    });
}

/// Each wants more than half: one at least gets it, and nobody a part.
#[test]
fn several_ports_come_all_or_none() {
    apart(|| {
        let barrier = Barrier::new(2);
        for block in [false, true] {
            let race = || {
                let wish = Wish::default().with_range(range("20000-20009"));
                let wish = if block { wish.with_block(6) } else { wish.with_count(6) };
                barrier.wait();
                let lease = wish.take();
                barrier.wait();
                lease.map(|lease| lease.ports().len()).unwrap_or_default()
            };
            for _ in 0..100 {
                let (one, other) = thread::scope(|scope| {
                    let other = scope.spawn(race);
                    (race(), other.join().unwrap())
                });
                assert_eq!([one, other].iter().sum::<usize>(), 6, "{one} and {other}");
            }
            assert!(leases().unwrap().is_empty());
        }
    });
}

#[test]
fn a_range_that_is_all_taken_says_by_what() {
    apart(|| {
        let wish = Wish::default().with_range(range("20000-20003"));
        let _leased: Vec<Lease> = (0..2).map(|_| wish.take().unwrap()).collect();
        let mut servers = Vec::new();
        for port in 20_000..=20_003 {
            servers.extend(std::net::TcpListener::bind(("127.0.0.1", port)));
        }
        let refused = wish.take().unwrap_err().to_string();
        assert!(refused.contains("2 are leased, 2 in use"), "{refused}");
        let refused = wish.clone().with_count(5).take().unwrap_err();
        assert!(matches!(refused, LeaseError::TooFew { wanted: 5, of: 4, .. }), "{refused}");
        assert!(matches!(wish.with_count(0).take(), Err(LeaseError::Nothing)));
    });
}
