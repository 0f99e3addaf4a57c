//! What an administrator may ask for beyond speed, and the routes that the pilot is told.

use std::io::Read;

use bpf::pilot::{self, Policy, Routes};

use super::scene::{Scene, finish, piloted};
use crate::namespace::run;

#[test]
fn a_quota_is_kept_towards_each_destination() {
    piloted(|scene| {
        let policy = Policy { quota: std::num::NonZero::new(30), ..Policy::default() };
        pilot::set_policy(&policy).unwrap();
        assert_eq!(pilot::status().unwrap().unwrap().policy, policy);
        scene.inside(
            "server = serve()
held = fill()
assert len(held) == 30, len(held)
for _ in range(100):
    held.pop().close()
    held.append(dial())
other = serve(('127.0.0.1', 7001))
assert len(fill(('127.0.0.1', 7001))) == 30
s = socket(); s.bind(('127.0.0.1', 5555)); s.connect(SERVER)",
        );
        assert!(scene.counts().over_quota >= 2);
        pilot::set_policy(&Policy::default()).unwrap();
        scene.inside("server = serve()\nassert len(fill()) == 1000");
    });
}

#[test]
fn a_quota_of_cgroups_within_each_other_counts_each_socket_once() {
    piloted(|scene| {
        let inner = scene.cgroup.join("inner");
        std::fs::create_dir(&inner).unwrap();
        pilot::on(&inner).unwrap();
        let policy = Policy { quota: std::num::NonZero::new(3), ..Policy::default() };
        pilot::set_policy(&policy).unwrap();
        drop(super::scene::stay_in(
            &inner,
            "server = serve()
for _ in range(10):
    dial().close()
assert len(fill()) == 3",
        ));
        pilot::off(Some(&inner)).unwrap();
        std::fs::remove_dir(inner).unwrap();
    });
}

/// One refused socket may connect again and again, and each time counts.
#[test]
fn a_connect_in_cgroups_within_each_other_is_seen_once() {
    piloted(|scene| {
        let inner = scene.cgroup.join("inner");
        std::fs::create_dir(&inner).unwrap();
        pilot::on(&inner).unwrap();
        let connect = |cgroup: &std::path::Path| {
            let before = scene.counts();
            let script = "s = socket()
for _ in range(10): assert s.connect_ex(SERVER) == errno.ECONNREFUSED
s.close()
server = serve()
held = fill(limit=990)";
            drop(super::scene::stay_in(cgroup, script));
            let counts = scene.counts();
            assert_eq!(counts.connects - before.connects, 1000, "{counts:?}");
            assert_eq!(counts.bound, 0, "{counts:?}");
        };
        connect(&inner);
        connect(&scene.cgroup);
        pilot::off(Some(&inner)).unwrap();
        connect(&inner);
        std::fs::remove_dir(inner).unwrap();
    });
}

/// Whoever chose the port: who asks for one in another way does not get more.
#[test]
fn a_quota_counts_every_port_of_the_range() {
    piloted(|scene| {
        let policy = Policy { quota: std::num::NonZero::new(30), ..Policy::default() };
        pilot::set_policy(&policy).unwrap();
        scene.inside(
            "server = serve()
held = fill(limit=26)
def got(prepare):
    s = socket()
    prepare(s)
    code = s.connect_ex(SERVER)
    assert code in (0, errno.EADDRNOTAVAIL), code
    if not code: held.append(s)
    return not code
ways = [
    lambda s: s.setsockopt(SOL_IP, IP_LOCAL_PORT_RANGE, struct.pack('I', 40000 | 40999 << 16)),
    lambda s: s.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1),
    lambda s: s.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, b'lo'),
    lambda s: s.bind(('127.0.0.1', 0)),
]
assert [got(way) for way in ways] == [True] * 4
assert [got(way) for way in ways] == [False] * 4
held.pop().close()
assert [got(way) for way in ways] == [True, False, False, False]
assert got(lambda s: s.bind(('127.0.0.1', 5555)))",
        );
    });
}

#[test]
fn other_sources_go_on_where_one_is_full() {
    piloted(|scene| {
        let sources = vec!["127.0.0.9".parse().unwrap(), "::1".parse().unwrap()];
        pilot::set_policy(&Policy { sources, ..Policy::default() }).unwrap();
        scene.inside(
            "server = serve()
held = fill(limit=1400)
assert len(held) == 1400, len(held)
assert len({s.getsockname() for s in held}) == 1400
nine = [s for s in held if s.getsockname()[0] == '127.0.0.9']
assert len(nine) == 400, len(nine)",
        );
        assert!(scene.counts().spread > 0);
    });
}

#[test]
fn other_sources_go_on_to_their_last_port() {
    piloted(|scene| {
        let sources = vec!["127.0.0.9".parse().unwrap(), "127.0.0.10".parse().unwrap()];
        pilot::set_policy(&Policy { sources, ..Policy::default() }).unwrap();
        scene.inside("server = serve()\nheld = fill()\nassert len(held) == 3000, len(held)");
    });
}

/// 192.0.2.2 is ours: the kernel connects from it, over `lo`.
fn fill_routed(scene: &Scene) {
    scene.inside(
        "server = serve(('192.0.2.2', 7000))
to = ('192.0.2.2', 7000)
held = fill(to)
assert len(held) == 1000, len(held)",
    );
}

#[test]
fn routes_are_believed_until_they_change() {
    piloted(|scene| {
        run(&["ip", "link", "add", "veth7", "type", "veth", "peer", "name", "veth8"]);
        run(&["ip", "link", "set", "veth7", "up"]);
        run(&["ip", "link", "set", "veth8", "up"]);
        run(&["ip", "addr", "add", "192.0.2.2/24", "dev", "veth7"]);
        fill_routed(scene);
        let counts = scene.counts();
        assert_eq!((counts.piloted, counts.no_source), (0, 1001), "{counts:?}");
        let mut routes = Routes::new();
        routes.tell().unwrap();
        fill_routed(scene);
        let counts = scene.counts();
        let piloted = counts.piloted;
        assert!(piloted > 450 && counts.no_source == 1001, "{counts:?}");
        // Any change, and what was told is not believed any more.
        run(&["ip", "route", "add", "198.51.100.0/24", "dev", "veth7"]);
        fill_routed(scene);
        let counts = scene.counts();
        assert_eq!((counts.piloted, counts.no_source), (piloted, 2002), "{counts:?}");
        routes.tell().unwrap();
        fill_routed(scene);
        assert!(scene.counts().piloted > piloted + 450);
        routes.tell().unwrap(); // nothing has changed
        run(&["ip", "rule", "add", "fwmark", "1", "table", "100"]);
        routes.tell().unwrap();
        fill_routed(scene);
        assert_eq!(scene.counts().no_source, 3003, "with rules nobody knows");
    });
}

/// A container has a network namespace of its own, with addresses and routes that are not ours.
#[test]
fn routes_of_other_namespaces_can_be_told() {
    piloted(|scene| {
        let mut child = scene.begin(
            "import ctypes, subprocess
assert ctypes.CDLL(None).unshare(0x40000000) == 0
for command in 'link set lo up', 'address add 192.0.2.9/32 dev lo':
    subprocess.run(['ip', *command.split()], check=True)
open('/proc/sys/net/ipv4/ip_local_port_range', 'w').write('40000 40999')
open('/proc/sys/net/core/somaxconn', 'w').write('65535')
print('there', flush=True)
sys.stdin.read()
server = serve(('192.0.2.9', 7000))
assert len(fill(('192.0.2.9', 7000))) == 1000",
        );
        child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
        let mut routes = Routes::new();
        routes.tell_elsewhere().unwrap();
        routes.tell_elsewhere().unwrap(); // nothing has changed
        drop(child.stdin.take());
        finish(child);
        let counts = scene.counts();
        assert!(counts.piloted > 450 && counts.no_source == 0, "{counts:?}");
        routes.tell_elsewhere().unwrap(); // it is gone
    });
}
