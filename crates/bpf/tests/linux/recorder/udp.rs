//! UDP: bound by name, by sending, by connecting, and never noticed before the end.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use registry::Proto;
use rustix::net::{AddressFamily, SocketType, connect, getsockname, sendto, socket};
use sockets::{Ending, Role};

use super::scene::{Scene, end, loopback, opener, own_pid};

fn port_of(socket: &impl std::os::fd::AsFd) -> u16 {
    SocketAddr::try_from(getsockname(socket).unwrap()).unwrap().port()
}

fn unbound() -> std::os::fd::OwnedFd {
    socket(AddressFamily::INET, SocketType::DGRAM, None).unwrap()
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
    let socket = unbound();
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
    let socket = unbound();
    connect(&socket, &loopback(to)).unwrap();
    let port = port_of(&socket);
    drop(socket);
    let (opened, closed) = scene.life(port, Some(to));
    assert_eq!((opened.role, opener(&opened)), (Role::Outgoing, Some(own_pid())));
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
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
    drop(unbound());
    let marker = UdpSocket::bind(loopback(0)).unwrap();
    let port = marker.local_addr().unwrap().port();
    scene.wait("the marker", |scene| scene.opened(port, None));
    assert!(scene.all_opened().all(|opened| opened.local.port.0 != 0));
}
