//! Ports in TIME-WAIT: taken again where and when the kernel would take them, and not otherwise.

use std::sync::atomic::{AtomicU64, Ordering};

use bpf::pilot::Routes;

use super::scene::{beside, piloted, set};
use crate::namespace::run;

/// `hold(n)` holds connections, `part()` closes them, the client first; `got(n)` says how many of so many
/// connects succeed, all held.
const WAYS: &str = "
FAMILY = AF_INET6 if '::' in SERVER[0] else AF_INET
server = serve(SERVER, FAMILY)
def both(): s = dial(SERVER, FAMILY); return s, server.accept()[0]
def hold(n): return [both() for _ in range(n)]
def part(pairs):
    for s, c in pairs: s.close(); c.close()
def got(n):
    keep = []
    for _ in range(n):
        s = socket(FAMILY)
        code = s.connect_ex(SERVER)
        assert code in (0, errno.EADDRNOTAVAIL), code
        if not code: keep.append((s, server.accept()[0]))
    return len(keep)
";

/// A script plain and then piloted, each in a network namespace of its own that `prepare` has prepared. Both must
/// print `expected`; how many connects were piloted is told.
fn alike(host: &str, prepare: impl Fn() + Sync, script: &str, expected: &str) -> u64 {
    let script = format!("SERVER = ('{host}', 7000)\n{WAYS}{script}");
    let count = AtomicU64::new(0);
    piloted(|_| {
        prepare();
        assert_eq!(beside(&script), expected, "plain");
    });
    piloted(|scene| {
        prepare();
        assert_eq!(scene.inside(&script), expected, "{:?}", scene.counts());
        count.store(scene.counts().piloted, Ordering::Relaxed);
    });
    count.into_inner()
}

/// 192.0.2.2 is not a loopback address, so that a connect to there is as between hosts.
fn as_between_hosts(tcp_tw_reuse: &str) {
    run(&["ip", "address", "add", "192.0.2.2/32", "dev", "lo"]);
    Routes::new().tell().unwrap();
    set("tcp_tw_reuse", tcp_tw_reuse);
}

#[test]
fn connects_that_come_and_go_beside_many_that_stay_do_not_fail() {
    let script = "held = hold(300)
failed, end = 0, time.time() + 5
while time.time() < end:
    try: part(hold(1))
    except OSError: failed += 1
    time.sleep(0.01)
print(failed)";
    let range = || set("ip_local_port_range", "40000 40499");
    let piloted = alike("127.0.0.1", range, script, "0\n");
    assert!(piloted > 300, "{piloted}");
}

const ALL_AGAIN: &str = "part(hold(1000))
print(got(10))
time.sleep(1.2)
print(got(1001))";

#[test]
fn a_second_later_every_port_is_had_again_within_the_host() {
    let reuse = || set("tcp_tw_reuse", "2");
    let piloted = alike("127.0.0.1", reuse, ALL_AGAIN, "0\n1000\n");
    assert!(piloted > 900, "{piloted}");
}

#[test]
fn a_second_later_every_port_is_had_again_by_ipv6() {
    let piloted = alike("::1", || set("tcp_tw_reuse", "2"), ALL_AGAIN, "0\n1000\n");
    assert!(piloted > 900, "{piloted}");
}

#[test]
fn between_hosts_every_port_is_had_again_if_the_host_says_so() {
    let piloted = alike("192.0.2.2", || as_between_hosts("1"), ALL_AGAIN, "0\n1000\n");
    assert!(piloted > 900, "{piloted}");
}

#[test]
fn between_hosts_no_port_is_had_again_by_default() {
    alike("192.0.2.2", || as_between_hosts("2"), ALL_AGAIN, "0\n0\n");
}

/// Without timestamps every connect from such a port fails: none must be bound while another can be had.
#[test]
fn what_had_no_timestamps_is_left_alone() {
    let script = "part(hold(900))
time.sleep(1.2)
print(got(200))";
    alike("127.0.0.1", || set("tcp_timestamps", "0"), script, "100\n");
}

/// One that the client closed, and the server did not, is no TIME-WAIT to the kernel.
#[test]
fn what_is_half_closed_is_left_alone() {
    let script = "pairs = hold(1000)
for s, c in pairs: s.close()
time.sleep(1.2)
print(got(10))";
    alike("127.0.0.1", || {}, script, "0\n");
}

/// Ports of ours in TIME-WAIT towards one destination are not the kernel's towards another.
#[test]
fn waiting_towards_one_destination_is_free_towards_another() {
    let script = "part(hold(1000))
server = serve(('127.0.0.1', 7001))
SERVER = server.getsockname()
print(got(1001))";
    alike("127.0.0.1", || set("tcp_tw_reuse", "0"), script, "1000\n");
}
