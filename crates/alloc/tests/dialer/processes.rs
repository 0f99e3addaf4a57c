//! Eight processes that know nothing of each other and dial at once.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use alloc::dialer::{DialError, Dialer, Settings, Tracking};

use crate::namespace::with_ports;
use crate::server::{fill_up, listen, reset, taken};

const TO: &str = "127.0.0.1:20000";
const TRACKING: &str = "DIALER_TEST_TRACKING";

/// Starts eight of a role, in the namespace of the calling thread.
fn start(role: &str, tracking: &str) -> Vec<Child> {
    let one = |_| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", role])
            .env(TRACKING, tracking)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    (0..8).map(one).collect()
}

/// What a child says behind `result`, and it must have said something.
fn result(child: &mut Child) -> usize {
    let output = BufReader::new(child.stdout.take().unwrap());
    let line = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("result ").map(|(_, count)| count.parse().unwrap()));
    line.expect("a child failed")
}

fn end(children: Vec<Child>) {
    for mut child in children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// In a child: the dialer it is to use; `None` where it was not started by a test.
fn role() -> Option<Dialer> {
    let tracking = match std::env::var(TRACKING).ok()?.as_str() {
        "always" => Tracking::Always,
        _ => Tracking::WhenScarce,
    };
    Some(Dialer::new(Settings::default().with_tracking(tracking)).unwrap())
}

/// In a child: tells the result, and waits to be killed, once the test has looked.
fn tell(count: usize) {
    println!("\nresult {count}");
    std::io::stdin().lines().for_each(drop);
}

#[test]
fn eight_processes_fill_the_range_to_the_last_port() {
    for tracking in ["always", "scarce"] {
        with_ports((40000, 40063), || {
            let listener = listen(TO);
            let mut children = start("processes::fills_up", tracking);
            let held: Vec<usize> = children.iter_mut().map(result).collect();
            assert_eq!(held.iter().sum::<usize>(), 64, "{tracking}: {held:?}");
            let to = listener.local_addr().unwrap();
            assert_eq!(taken(to), (40000..=40063).collect::<Vec<_>>(), "each port once");
            end(children);
        });
    }
}

#[test]
#[ignore = "a role of eight_processes_fill_the_range_to_the_last_port"]
fn fills_up() {
    let Some(dialer) = role() else { return };
    let (held, error) = fill_up(&dialer, TO.parse().unwrap());
    let DialError::Exhausted { fill, .. } = error else { panic!("{error:?}") };
    assert_eq!((fill.taken, fill.of), (64, 64), "not full when it failed");
    tell(held.len());
}

#[test]
fn eight_processes_churn_at_the_last_ports_and_never_fail() {
    for tracking in ["always", "scarce"] {
        with_ports((40000, 40063), || {
            let _listener = listen(TO);
            let mut children = start("processes::churns", tracking);
            let dialed: Vec<usize> = children.iter_mut().map(result).collect();
            assert_eq!(dialed, [500; 8], "{tracking}");
            end(children);
        });
    }
}

#[test]
#[ignore = "a role of eight_processes_churn_at_the_last_ports_and_never_fail"]
fn churns() {
    let Some(dialer) = role() else { return };
    let to: SocketAddr = TO.parse().unwrap();
    // Eight times eight: when all dial, the last port is taken.
    let _held: Vec<_> = (0..7).map(|_| dialer.connect(to, None).unwrap()).collect();
    for _ in 0..500 {
        reset(dialer.connect(to, None).unwrap());
    }
    tell(500);
}
