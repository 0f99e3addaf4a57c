//! UDP: bound by name, by sending, by connecting, and never noticed before the end.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;
use std::time::Duration;

use registry::{Port, Proto};
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, connect, getsockname, sendto, socket_with,
};
use sockets::{Ending, Endpoint, Event, EventKind, Role};

use super::scene::{Scene, end, loopback, now, opener, own_pid};

fn port_of(socket: &impl std::os::fd::AsFd) -> u16 {
    SocketAddr::try_from(getsockname(socket).unwrap()).unwrap().port()
}

fn unbound(family: AddressFamily) -> std::os::fd::OwnedFd {
    socket_with(family, SocketType::DGRAM, SocketFlags::CLOEXEC, None).unwrap()
}

#[test]
fn bound_by_name() {
    let Some(mut scene) = Scene::open() else { return };
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    let opened = scene.wait("the socket", |scene| scene.opened(port, None));
    assert_eq!((opened.role, opened.proto), (Role::Bound, Proto::Udp));
    assert_eq!(opened.local.to_string(), format!("0.0.0.0:{port}"));
    assert_eq!(opener(&opened), Some(own_pid()));
    drop(socket);
    let (_, closed) = scene.life(port, None);
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
}

#[test]
fn bound_by_sending_shows_while_it_lives() {
    let Some(mut scene) = Scene::open() else { return };
    let receiver = UdpSocket::bind(loopback(0)).unwrap();
    let socket = unbound(AddressFamily::INET);
    let flags = rustix::net::SendFlags::empty();
    sendto(&socket, b"x", flags, &receiver.local_addr().unwrap()).unwrap();
    let port = port_of(&socket);
    let opened = scene.wait("the sender", |scene| scene.opened(port, None));
    assert_eq!((opened.role, opener(&opened)), (Role::Bound, Some(own_pid())));
    drop(socket);
    let (_, closed) = scene.life(port, None);
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
}

#[test]
fn connected_and_silent_is_told_whole() {
    let Some(mut scene) = Scene::open() else { return };
    let receiver = UdpSocket::bind(loopback(0)).unwrap();
    let to = receiver.local_addr().unwrap().port();
    let socket = unbound(AddressFamily::INET);
    connect(&socket, &loopback(to)).unwrap();
    let port = port_of(&socket);
    drop(socket);
    let (opened, closed) = scene.life(port, Some(to));
    assert_eq!((opened.role, opener(&opened)), (Role::Outgoing, Some(own_pid())));
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
}

#[test]
fn connected_and_silent_shows_while_it_lives() {
    let Some(mut scene) = Scene::open() else { return };
    for loopback in [SocketAddr::from(([127, 0, 0, 1], 0)), "[::1]:0".parse().unwrap()] {
        let receiver = UdpSocket::bind(loopback).unwrap();
        let to = receiver.local_addr().unwrap();
        let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = UdpSocket::from(unbound(family));
        socket.connect(to).unwrap();
        let connected = now();
        let port = port_of(&socket);
        thread::sleep(Duration::from_millis(20));
        let opened = scene.wait("the socket", |scene| scene.opened(port, Some(to.port())));
        assert_eq!((opened.role, opener(&opened)), (Role::Outgoing, Some(own_pid())));
        assert_eq!(opened.local, Endpoint { addr: to.ip(), port: Port(port) });
        let (_, from) = scene.opened_at(port, to.port());
        assert!(from <= connected, "{from} ns, and it was connected at {connected}");
        socket.send(b"x").unwrap();
        drop(socket);
        let (opened, closed) = scene.life(port, Some(to.port()));
        assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
        assert_eq!(told(&scene, opened.cookie), [(port, Some(to.port()))], "told of once");
    }
}

#[test]
fn connected_and_used_before_anybody_asks_is_told_of_once_since_it_connected() {
    let Some(mut scene) = Scene::open() else { return };
    let receiver = UdpSocket::bind(loopback(0)).unwrap();
    let to = receiver.local_addr().unwrap();
    for is_used in [false, true] {
        let socket = UdpSocket::from(unbound(AddressFamily::INET));
        socket.connect(to).unwrap();
        let connected = now();
        let port = port_of(&socket);
        thread::sleep(Duration::from_millis(20));
        if is_used {
            socket.send(b"x").unwrap();
        }
        drop(socket);
        let (opened, _) = scene.life(port, Some(to.port()));
        let (_, from) = scene.opened_at(port, to.port());
        assert!(from <= connected, "{from} ns, and it was connected at {connected}");
        assert_eq!(told(&scene, opened.cookie), [(port, Some(to.port()))]);
    }
}

#[test]
fn bound_then_connected_is_told_again_with_the_far_end() {
    let Some(mut scene) = Scene::open() else { return };
    let receiver = UdpSocket::bind(loopback(0)).unwrap();
    let to = receiver.local_addr().unwrap().port();
    let socket = UdpSocket::bind(loopback(0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    socket.connect(loopback(to)).unwrap();
    socket.send(b"x").unwrap();
    let connected = scene.wait("the far end", |scene| scene.opened(port, Some(to)));
    let bound = scene.opened(port, None).unwrap();
    assert_eq!((bound.role, connected.role), (Role::Bound, Role::Outgoing));
    assert_eq!(bound.cookie, connected.cookie);
    drop(socket);
    scene.life(port, Some(to));
}

#[test]
fn never_bound_is_never_told_of() {
    let Some(mut scene) = Scene::open() else { return };
    drop(unbound(AddressFamily::INET));
    let marker = UdpSocket::bind(loopback(0)).unwrap();
    let port = marker.local_addr().unwrap().port();
    scene.wait("the marker", |scene| scene.opened(port, None));
    assert!(scene.all_opened().all(|opened| opened.local.port.0 != 0));
}

/// Everything that was told of the socket with this cookie: its port, and its far end's.
fn told(scene: &Scene, cookie: u64) -> Vec<(u16, Option<u16>)> {
    let ours = scene.all_opened().filter(|opened| opened.cookie == cookie);
    ours.map(|opened| (opened.local.port.0, opened.remote.map(|end| end.port.0))).collect()
}

#[test]
fn a_socket_that_connects_elsewhere_has_another_far_end() {
    let Some(mut scene) = Scene::open() else { return };
    for loopback in [SocketAddr::from(([127, 0, 0, 1], 0)), "[::1]:0".parse().unwrap()] {
        let receivers = [(); 3].map(|()| UdpSocket::bind(loopback).unwrap());
        let ports = receivers.each_ref().map(port_of);
        // A port of our own choice, though the kernel proposed it: it stays when the far end goes.
        let port = port_of(&UdpSocket::bind(loopback).unwrap());
        let socket = UdpSocket::bind(SocketAddr::new(loopback.ip(), port)).unwrap();
        for receiver in &receivers {
            socket.connect(receiver.local_addr().unwrap()).unwrap();
            socket.send(b"x").unwrap();
            socket.send(b"x").unwrap();
        }
        disconnect(&socket);
        socket.send_to(b"x", receivers[0].local_addr().unwrap()).unwrap();
        drop(socket);
        let (opened, _) = scene.wait("the end", |scene| {
            let told = scene.tellings(port, Some(ports[0])).pop()?;
            let opened = scene.all_opened().filter(|o| o.cookie == told.cookie).last()?;
            Some((opened.clone(), scene.closed(told.cookie)?))
        });
        assert_eq!(opened.role, Role::Bound);
        let mut expected = vec![(port, None)];
        expected.extend(ports.map(|to| (port, Some(to))));
        expected.push((port, None));
        assert_eq!(told(&scene, opened.cookie), expected);
    }
}

#[test]
fn the_far_end_of_a_socket_may_differ_by_its_address_alone() {
    let Some(mut scene) = Scene::open() else { return };
    let first = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 2], 0))).unwrap();
    let to = port_of(&first);
    let second = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 3], to))).unwrap();
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = port_of(&socket);
    socket.connect(first.local_addr().unwrap()).unwrap();
    socket.send(b"x").unwrap();
    socket.connect(second.local_addr().unwrap()).unwrap();
    drop(socket);
    scene.life(port, Some(to));
    let far = scene.tellings(port, Some(to)).into_iter().map(|opened| opened.remote.unwrap());
    let far: Vec<String> = far.map(|end| end.addr.to_string()).collect();
    assert_eq!(far, ["127.0.0.2", "127.0.0.3"]);
}

#[test]
fn a_socket_that_is_disconnected_gets_another_port() {
    let Some(mut scene) = Scene::open() else { return };
    let receiver = UdpSocket::bind(loopback(0)).unwrap();
    let to = receiver.local_addr().unwrap();
    let socket = UdpSocket::from(unbound(AddressFamily::INET));
    socket.connect(to).unwrap();
    socket.send(b"x").unwrap();
    let before = port_of(&socket);
    scene.wait("the first port", |scene| scene.opened(before, Some(to.port())));
    disconnect(&socket);
    // Somebody else's meanwhile, so that it is not the same again.
    let _other = UdpSocket::bind(loopback(before)).unwrap();
    socket.send_to(b"x", to).unwrap();
    let after = port_of(&socket);
    assert_ne!(after, before);
    let opened = scene.wait("the second port", |scene| scene.opened(after, None));
    assert_eq!((opened.role, opener(&opened)), (Role::Bound, Some(own_pid())));
    let since = |port| {
        let mut events = scene.events.iter();
        let is_it = |event: &&Event| match &event.kind {
            EventKind::Opened(told) => told.cookie == opened.cookie && told.local.port.0 == port,
            _ => false,
        };
        events.find(is_it).unwrap().at
    };
    assert!(since(after) > since(before));
    drop(socket);
    let (_, closed) = scene.life(after, None);
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
}

/// Lets go of the far end.
fn disconnect(socket: &UdpSocket) {
    rustix::net::connect_unspec(socket).unwrap();
}
