//! What the turnstile counts, against what the tests did.

use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
use sockets::{NetnsId, Source, Turnover, Turnstile};

use crate::namespace::apart;
use crate::owners::host;

/// What was counted in our network namespace from `source` to `remote`.
fn towards(turnstile: &dyn Turnstile, source: &str, remote: SocketAddr) -> Option<Turnover> {
    let source: IpAddr = source.parse().unwrap();
    let here = |it: &Turnover| {
        let to = (it.remote.addr, it.remote.port.number());
        it.netns == netns() && it.source == source && to == (remote.ip(), remote.port())
    };
    let found: Vec<Turnover> = turnstile.turnovers().unwrap().into_iter().filter(here).collect();
    assert!(found.len() <= 1, "{found:?}");
    found.first().copied()
}

/// The network namespace of this thread.
fn netns() -> NetnsId {
    NetnsId(std::fs::metadata("/proc/thread-self/ns/net").unwrap().ino())
}

fn counts(turnover: Option<Turnover>) -> Option<(u32, u32, u32)> {
    turnover.map(|it| (it.begun, it.ended, it.lingers))
}

#[test]
fn connections_are_counted_as_they_come_and_go() {
    apart(|| {
        let Some(host) = host() else { return };
        let listener = TcpListener::bind("[::]:8080").unwrap();
        let (v4, v6): (SocketAddr, SocketAddr) =
            ("127.0.0.1:8080".parse().unwrap(), "[::1]:8080".parse().unwrap());
        let before = TcpStream::connect(v4).unwrap();
        let before = (before, listener.accept().unwrap());
        let turnstile = host.turnstile().unwrap();
        assert_eq!(towards(&*turnstile, "127.0.0.1", v4), None);
        let mut held = Vec::new();
        for to in [v4; 10].into_iter().chain([v6; 3]) {
            let client = TcpStream::connect(to).unwrap();
            held.push((client, listener.accept().unwrap().0));
        }
        assert_eq!(counts(towards(&*turnstile, "127.0.0.1", v4)), Some((10, 0, 0)));
        assert_eq!(counts(towards(&*turnstile, "::1", v6)), Some((3, 0, 0)));
        // Four are closed by us, and wait; of two more the other end does, and one was there before.
        // A process that another test starts has what is dropped, too, until it runs its program.
        let close = |one: &TcpStream, other: &TcpStream| {
            one.shutdown(Shutdown::Both).unwrap();
            other.shutdown(Shutdown::Both).unwrap();
        };
        held[..4].iter().for_each(|(client, server)| close(client, server));
        held[4..6].iter().for_each(|(client, server)| close(server, client));
        let (client, (server, _)) = &before;
        close(client, server);
        let done = || counts(towards(&*turnstile, "127.0.0.1", v4)) == Some((10, 7, 5));
        for _ in 0..100 {
            if done() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(counts(towards(&*turnstile, "127.0.0.1", v4)), Some((10, 7, 5)));
    });
}

/// A mapped destination is the IPv4 one; what comes in is not counted, nor what goes out from a port
/// beside the range.
#[test]
fn what_takes_no_port_of_the_range_is_not_counted() {
    apart(|| {
        let Some(host) = host() else { return };
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let to: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        let turnstile = host.turnstile().unwrap();
        let socket = |family| -> OwnedFd {
            socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap()
        };
        let beside = socket(AddressFamily::INET);
        rustix::net::bind(&beside, &"127.0.0.1:1234".parse::<SocketAddr>().unwrap()).unwrap();
        connect(&beside, &to).unwrap();
        assert_eq!(towards(&*turnstile, "127.0.0.1", to), None);
        let mapped = socket(AddressFamily::INET6);
        connect(&mapped, &"[::ffff:127.0.0.1]:8080".parse::<SocketAddr>().unwrap()).unwrap();
        assert_eq!(counts(towards(&*turnstile, "127.0.0.1", to)), Some((1, 0, 0)));
        let accepted = [listener.accept().unwrap(), listener.accept().unwrap()];
        drop(accepted);
        let here: Vec<Turnover> =
            turnstile.turnovers().unwrap().into_iter().filter(|it| it.netns == netns()).collect();
        assert_eq!(here.len(), 1, "the way back is none: {here:?}");
    });
}

#[test]
fn a_connect_that_finds_no_port_begins_nothing() {
    apart(|| {
        let Some(host) = host() else { return };
        std::fs::write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40009").unwrap();
        let _listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let to: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        let turnstile = host.turnstile().unwrap();
        let tried: Vec<_> = (0..15).map(|_| TcpStream::connect(to)).collect();
        assert_eq!(tried.iter().filter(|it| it.is_ok()).count(), 10);
        assert_eq!(counts(towards(&*turnstile, "127.0.0.1", to)), Some((10, 0, 0)));
        // A port that is refused was one.
        let nobody: SocketAddr = "127.0.0.1:8081".parse().unwrap();
        assert!(TcpStream::connect(nobody).is_err());
        assert_eq!(counts(towards(&*turnstile, "127.0.0.1", nobody)), Some((1, 1, 0)));
    });
}
