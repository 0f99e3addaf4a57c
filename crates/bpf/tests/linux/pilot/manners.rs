//! What the pilot must not touch, and what it must leave as it found it.

use bpf::pilot::Destination;

use super::scene::{beside, piloted, set, stay_beside};
use crate::namespace::run;

/// Half of the ports taken, so that the pilot looks at every connect.
const HALF: &str = "server = serve()\nheld = fill(limit=600)\n";

#[test]
fn sockets_that_have_their_own_way_keep_it() {
    piloted(|scene| {
        scene.inside(
            &[
                HALF,
                "
def prepared(*options, bind=None):
    s = socket()
    for option in options: s.setsockopt(*option)
    if bind: s.bind(bind)
    s.connect(SERVER)
    return s
s = prepared(bind=('127.0.0.1', 5555))
assert s.getsockname() == ('127.0.0.1', 5555)
s = prepared((SOL_IP, IP_LOCAL_PORT_RANGE, struct.pack('I', 40990 | 40999 << 16)))
assert 40990 <= port(s) <= 40999 or port(s) not in [port(h) for h in held]
s = prepared((SOL_SOCKET, SO_REUSEPORT, 1))
assert s.getsockopt(SOL_SOCKET, SO_REUSEPORT) == 1
s = prepared((SOL_SOCKET, SO_BINDTODEVICE, b'lo'))
",
            ]
            .concat(),
        );
        let counts = scene.counts();
        let left = (counts.bound, counts.own_range, counts.reuse_port, counts.device);
        assert_eq!(left, (1, 1, 1, 1), "{counts:?}");
    });
}

#[test]
fn options_and_addresses_are_as_the_program_set_them() {
    piloted(|scene| {
        scene.inside(&[HALF, "
for reuse in 0, 1:
    s = socket()
    s.setsockopt(SOL_SOCKET, SO_REUSEADDR, reuse)
    s.connect(SERVER)
    # It has to stay on a socket whose port others share; one that the kernel chose has the program's.
    assert s.getsockopt(SOL_SOCKET, SO_REUSEADDR) == (1 if port(s) % 2 else reuse)
    assert s.getsockopt(SOL_IP, IP_LOCAL_PORT_RANGE) == 0
    assert s.getpeername() == SERVER and s.getsockname()[0] == '127.0.0.1'
# A source address without a port, another than the default: its ports are all free, then half of them.
from_two = []
for _ in range(700):
    s = socket()
    s.setsockopt(SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    s.bind(('127.0.0.2', 0))
    s.connect(SERVER)
    assert s.getsockname()[0] == '127.0.0.2', s.getsockname()
    from_two.append(s)
assert len(set(map(port, from_two))) == 700
"].concat());
        let from_two = |one: &Destination| one.source.to_string() == "127.0.0.2";
        assert!(scene.destinations().iter().any(from_two), "{:?}", scene.counts());
    });
}

/// Another holds the last ports, bound and silent: the tuples are free, the ports cannot be bound.
#[test]
fn a_bind_that_fails_takes_no_address_away() {
    piloted(|scene| {
        let _holder = stay_beside(
            "silent = [socket() for _ in range(500)]
for n, s in enumerate(silent): s.bind(('127.0.0.2', 40001 + 2 * n))",
        );
        scene.inside(
            "server = serve()
held = []
for n in range(505):
    s = socket()
    s.setsockopt(SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    s.bind(('127.0.0.2', 0))
    try:
        s.connect(SERVER)
    except OSError as error:
        assert error.errno == errno.EADDRNOTAVAIL and n >= 500, (n, error)
        assert s.getsockname() == ('127.0.0.2', 0), s.getsockname()
    else:
        assert s.getsockname()[0] == '127.0.0.2', s.getsockname()
        held.append(s)
assert len(held) == 500, len(held)",
        );
        assert!(scene.counts().conflicts > 0);
    });
}

#[test]
fn udp_ipv6_mapped_and_connects_that_do_not_block() {
    piloted(|scene| {
        scene.inside(
            "server = serve(('::', 7000), AF_INET6)
held = fill(('::1', 7000), AF_INET6)
assert sorted(map(port, held)) == list(range(40000, 41000)), len(held)
mapped = fill(('::ffff:127.0.0.1', 7000), AF_INET6)
assert sorted(map(port, mapped)) == list(range(40000, 41000)), len(mapped)
assert mapped[-1].getsockname()[0] == '::ffff:127.0.0.1', mapped[-1].getsockname()
for s in mapped[500:]: reset(s)
plain = fill(('127.0.0.1', 7000))
assert len(plain) == 500, len(plain)
u = socket(AF_INET, SOCK_DGRAM)
u.connect(SERVER)
reset(plain.pop())
s = socket()
s.setblocking(False)
assert s.connect_ex(SERVER) in (0, errno.EINPROGRESS)
poll = select.poll()
poll.register(s, select.POLLOUT)
assert poll.poll(5000)
assert s.getsockopt(SOL_SOCKET, SO_ERROR) == 0 and s.getpeername() == SERVER",
        );
        let counts = scene.counts();
        assert!(counts.piloted >= 1000, "{counts:?}");
        let sources: Vec<String> =
            scene.destinations().iter().map(|one| one.source.to_string()).collect();
        assert!(sources.contains(&"::1".into()) && sources.contains(&"127.0.0.1".into()));
    });
}

#[test]
fn a_refused_connect_may_be_tried_again_and_gives_its_port_back() {
    piloted(|scene| {
        scene.inside(
            &[
                HALF,
                "
server.close()
for _ in range(50):
    s = socket()
    for _ in range(2):
        assert s.connect_ex(SERVER) == errno.ECONNREFUSED
    s.close()
server = serve()
for s in held: s.close()
",
            ]
            .concat(),
        );
        let counts = scene.counts();
        assert!(counts.piloted >= 50, "{counts:?}");
        assert_eq!(counts.piloted, counts.released, "{counts:?}");
        assert!(scene.destinations().iter().all(|one| one.held == 0));
    });
}

/// Nothing of the connect that failed may stand in the next one's way: no source address, for one.
#[test]
fn a_socket_whose_connect_was_refused_may_go_elsewhere() {
    piloted(|scene| {
        run(&["ip", "address", "add", "192.0.2.2/32", "dev", "lo"]);
        let script = [
            HALF,
            "
other = serve(('192.0.2.2', 7001))
server.close()
for _ in range(20):
    s = socket()
    assert s.connect_ex(SERVER) == errno.ECONNREFUSED
    s.connect(('192.0.2.2', 7001))
    assert s.getsockname()[0] == '192.0.2.2', s.getsockname()
    s = socket(AF_INET6)
    assert s.connect_ex(('::ffff:127.0.0.1', 7000)) == errno.ECONNREFUSED
    assert s.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY) == 0
    s.connect(('::ffff:192.0.2.2', 7001))
    assert s.getsockname()[0] == '::ffff:192.0.2.2', s.getsockname()
",
        ]
        .concat();
        beside(&script);
        scene.inside(&script);
        let counts = scene.counts();
        assert!(counts.piloted >= 40, "{counts:?}");
    });
}

/// The same programs in another network namespace have its range, and all of it.
#[test]
fn every_network_namespace_has_ports_of_its_own() {
    piloted(|scene| {
        scene.inside(
            "server = serve()
held = fill()
assert sorted(map(port, held)) == list(range(40000, 41000)), len(held)
import ctypes, subprocess
assert ctypes.CDLL(None).unshare(0x40000000) == 0
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
open('/proc/sys/net/ipv4/ip_local_port_range', 'w').write('40900 41099')
other = serve()
there = fill()
assert sorted(map(port, there)) == list(range(40900, 41100)), len(there)",
        );
        let mut places: Vec<u64> =
            scene.destinations().iter().map(|one| one.netns_cookie).collect();
        places.dedup();
        assert_eq!(places.len(), 2);
    });
}

#[test]
fn a_connect_that_times_out_gives_its_port_back() {
    piloted(|scene| {
        set("tcp_syn_retries", "1");
        scene.inside(
            "server = serve()
held = fill(limit=600)
# A listener whose queue is full answers no SYN.
full = socket(); full.bind(('127.0.0.1', 7002)); full.listen(0)
first = dial(('127.0.0.1', 7002))
few = []
for _ in range(3):
    s = socket(); s.setblocking(False)
    s.connect_ex(('127.0.0.1', 7002)); few.append(s)
time.sleep(0.2)
for s in few: s.close()
assert len(fill(limit=400)) == 400",
        );
    });
}

#[test]
fn time_wait_is_left_alone_and_reused_where_the_host_says_so() {
    piloted(|scene| {
        set("tcp_tw_reuse", "0");
        let script = "server = serve()
for _ in range(1000):
    s = dial()
    c, _ = server.accept()
    s.close(); c.close()
try:
    dial()
    print('again')
except OSError as error:
    print(errno.errorcode[error.errno])";
        let unpiloted = beside(
            &script
                .replace("7000", "7001")
                .replace("SERVER", "('127.0.0.1', 7001)")
                .replace("serve()", "serve(('127.0.0.1', 7001))")
                .replace("dial()", "dial(('127.0.0.1', 7001))"),
        );
        assert_eq!(
            (unpiloted.as_str(), scene.inside(script).as_str()),
            ("EADDRNOTAVAIL\n", "EADDRNOTAVAIL\n")
        );
        set("tcp_tw_reuse", "1");
        std::thread::sleep(std::time::Duration::from_millis(1500));
        scene.inside("server = serve(('127.0.0.1', 7000))\nfor _ in range(20): reset(dial())");
    });
}

#[test]
fn others_are_not_touched() {
    piloted(|scene| {
        let before = scene.counts();
        beside("server = serve()\nheld = fill()\nassert len(held) == 1000");
        assert_eq!(scene.counts(), before);
    });
}

/// A port that was bound is more in a server's way than one that the kernel chose, or less: which, each way
/// a server may ask, while a connection has it and while it is in TIME-WAIT.
#[test]
fn a_server_may_listen_where_it_might_without() {
    piloted(|scene| {
        set("tcp_tw_reuse", "0");
        let script = "server = serve()
held = fill(limit=600)
accepted = [server.accept()[0] for _ in held]
def listen(host, reuse, port):
    s = socket(AF_INET6 if ':' in host else AF_INET)
    s.setsockopt(SOL_SOCKET, SO_REUSEADDR, reuse)
    try:
        s.bind((host, port)); s.listen()
        return 'yes'
    except OSError as error: return errno.errorcode[error.errno]
    finally: s.close()
last = port(held[-1])
for when in 'connected', 'waiting':
    for host in '127.0.0.1', '127.0.0.2', '0.0.0.0', '::1', '::':
        for reuse in 0, 1:
            print(when, host, reuse, listen(host, reuse, last))
    held.pop().close(); accepted.pop().close()";
        let (without, with) = (beside(script), scene.inside(script));
        for (without, with) in without.lines().zip(with.lines()) {
            assert!(without == with || with.ends_with("yes"), "{without}; piloted: {with}");
        }
    });
}
