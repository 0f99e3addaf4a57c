//! Connects that find no port are told of as such; those that fail otherwise are not.

use std::fs;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;

use registry::Port;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, listen, socket_with, sockopt,
};
use sockets::{Endpoint, EventKind, NetnsId, NoPort};

use super::namespace::inside;
use super::scene::{Scene, loopback};

/// A range of its own, so that all its ports are quickly taken.
fn narrow(ports: &str) {
    fs::write("/proc/sys/net/ipv4/ip_local_port_range", ports).unwrap();
}

fn stream(family: AddressFamily) -> OwnedFd {
    socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap()
}

/// A listener below the range, and connections to it from every port of the range.
fn full(at: SocketAddr) -> (OwnedFd, Vec<TcpStream>) {
    let family = if at.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let listener = stream(family);
    bind(&listener, &at).unwrap();
    listen(&listener, 64).unwrap();
    let held = std::iter::from_fn(|| TcpStream::connect(at).ok()).collect();
    (listener, held)
}

/// How many connects to `to` were told of as having found no port, once `count` were.
fn told(scene: &mut Scene, netns: NetnsId, source: IpAddr, to: SocketAddr, count: usize) {
    let remote = Endpoint { addr: to.ip(), port: Port(to.port()) };
    let expected = NoPort { netns, source, remote };
    let is_it = |kind: &EventKind| matches!(kind, EventKind::NoPort(it) if *it == expected);
    let found = |scene: &Scene| scene.events.iter().filter(|event| is_it(&event.kind)).count();
    scene.wait("connects without a port", |scene| (found(scene) >= count).then_some(()));
    // What happens after them is told behind them.
    let after = UdpSocket::bind(loopback(0)).unwrap().local_addr().unwrap().port();
    scene.wait("what comes after", |scene| scene.opened(after, None));
    assert_eq!(found(scene), count);
}

#[test]
fn connects_that_find_no_port() {
    let Some(mut scene) = Scene::open() else { return };
    inside(|netns| {
        narrow("40000 40009");
        let at = loopback(7000);
        let (_listener, held) = full(at);
        assert_eq!(held.len(), 10);
        // The one that ended the filling was the first.
        told(&mut scene, netns, at.ip(), at, 1);
        // One that was refused elsewhere keeps a copy of the port that it had.
        let again = stream(AddressFamily::INET);
        assert_eq!(connect(&again, &loopback(7001)), Err(Errno::CONNREFUSED));
        assert_eq!(connect(&again, &at), Err(Errno::ADDRNOTAVAIL));
        assert_eq!(connect(&again, &at), Err(Errno::ADDRNOTAVAIL));
        told(&mut scene, netns, at.ip(), at, 3);
    });
}

#[test]
fn connects_over_ipv6_that_find_no_port() {
    let Some(mut scene) = Scene::open() else { return };
    inside(|netns| {
        narrow("40000 40003");
        let at = SocketAddr::from((Ipv6Addr::LOCALHOST, 7000));
        let (_listener, held) = full(at);
        assert_eq!(held.len(), 4);
        told(&mut scene, netns, at.ip(), at, 1);
    });
}

#[test]
fn connects_that_fail_otherwise_had_a_port() {
    let Some(mut scene) = Scene::open() else { return };
    inside(|netns| {
        let refused = stream(AddressFamily::INET);
        for _ in 0..3 {
            assert_eq!(connect(&refused, &loopback(7001)), Err(Errno::CONNREFUSED));
        }
        told(&mut scene, netns, loopback(0).ip(), loopback(7001), 0);
        // One that bound a port which is taken towards there chose it itself.
        let (_listener, held) = full_of_one();
        let own = stream(AddressFamily::INET);
        sockopt::set_socket_reuseaddr(&own, true).unwrap();
        bind(&own, &held.local_addr().unwrap()).unwrap();
        assert_eq!(connect(&own, &loopback(7000)), Err(Errno::ADDRNOTAVAIL));
        drop(own);
        told(&mut scene, netns, loopback(0).ip(), loopback(7000), 0);
    });
}

/// A listener and one connection to it, from a port that was bound so that others may bind it too.
fn full_of_one() -> (TcpListener, TcpStream) {
    let listener = TcpListener::bind(loopback(7000)).unwrap();
    let held = stream(AddressFamily::INET);
    sockopt::set_socket_reuseaddr(&held, true).unwrap();
    bind(&held, &loopback(41_000)).unwrap();
    connect(&held, &loopback(7000)).unwrap();
    (listener, held.into())
}
