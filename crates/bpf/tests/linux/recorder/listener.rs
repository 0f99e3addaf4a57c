//! Listeners that nobody bound: the kernel gives them a port after it says that they listen.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, connect_unspec, getsockname, listen,
    shutdown, socket_with,
};
use sockets::{Ending, Role};

use super::scene::{Scene, end, loopback, opener, own_pid};

fn stream(family: AddressFamily) -> OwnedFd {
    socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap()
}

fn port_of(socket: &OwnedFd) -> u16 {
    SocketAddr::try_from(getsockname(socket).unwrap()).unwrap().port()
}

fn has_no_portless(scene: &Scene) {
    assert!(scene.all_opened().all(|opened| opened.local.port.0 != 0));
}

#[test]
fn a_listener_that_was_never_bound_is_told_of_with_its_port() {
    let Some(mut scene) = Scene::open() else { return };
    for family in [AddressFamily::INET, AddressFamily::INET6] {
        let listener = stream(family);
        listen(&listener, 8).unwrap();
        let port = port_of(&listener);
        let opened = scene.wait("the listener", |scene| scene.opened(port, None));
        assert_eq!((opened.role, opener(&opened)), (Role::Listening, Some(own_pid())));
        let client = TcpStream::connect(loopback(port)).unwrap();
        let from = client.local_addr().unwrap().port();
        let incoming = scene.wait("the server's side", |scene| scene.opened(port, Some(from)));
        assert_eq!((incoming.role, opener(&incoming)), (Role::Incoming, Some(own_pid())));
        drop((client, listener));
        let (_, closed) = scene.life(port, None);
        assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
    }
    has_no_portless(&scene);
}

#[test]
fn a_listener_that_is_gone_before_anybody_asks_had_its_port() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = stream(AddressFamily::INET);
    listen(&listener, 8).unwrap();
    let port = port_of(&listener);
    drop(listener);
    let (opened, closed) = scene.life(port, None);
    assert_eq!((opened.role, opener(&opened)), (Role::Listening, Some(own_pid())));
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
    has_no_portless(&scene);
}

#[test]
fn a_refused_socket_that_listens_then_has_another_port() {
    let Some(mut scene) = Scene::open() else { return };
    let refusing = stream(AddressFamily::INET);
    bind(&refusing, &loopback(0)).unwrap();
    let there = loopback(port_of(&refusing));
    let listener = stream(AddressFamily::INET);
    assert_eq!(connect(&listener, &there), Err(Errno::CONNREFUSED));
    listen(&listener, 8).unwrap();
    let port = port_of(&listener);
    let opened = scene.wait("the listener", |scene| scene.opened(port, None));
    assert_eq!((opened.role, opener(&opened)), (Role::Listening, Some(own_pid())));
    drop(listener);
    scene.wait("both ends", |scene| (scene.ends(opened.cookie).len() == 2).then_some(()));
    has_no_portless(&scene);
}

#[test]
fn a_listener_that_was_connected_before_is_closed_whatever_happened_then() {
    let Some(mut scene) = Scene::open() else { return };
    let there = TcpListener::bind(loopback(0)).unwrap();
    let listener = stream(AddressFamily::INET);
    connect(&listener, &there.local_addr().unwrap()).unwrap();
    connect_unspec(&listener).unwrap();
    listen(&listener, 8).unwrap();
    let port = port_of(&listener);
    let opened = scene.wait("the listener", |scene| scene.opened(port, None));
    drop(listener);
    scene.wait("both ends", |scene| (scene.ends(opened.cookie).len() == 2).then_some(()));
    let endings = scene.ends(opened.cookie).into_iter().map(|closed| closed.ending);
    assert_eq!(endings.collect::<Vec<_>>(), [Ending::Aborted, Ending::Closed]);
}

#[test]
fn one_that_listens_twice_is_told_of_twice() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = stream(AddressFamily::INET);
    for times in 1..=2 {
        listen(&listener, 8).unwrap();
        let port = port_of(&listener);
        let opened = scene.wait("the listener", |scene| scene.opened(port, None));
        shutdown(&listener, rustix::net::Shutdown::Read).unwrap();
        let ended = |scene: &Scene| (scene.ends(opened.cookie).len() == times).then_some(());
        scene.wait("the end", ended);
    }
    has_no_portless(&scene);
}

#[test]
fn a_listener_from_before_that_was_never_bound_ends_once() {
    let listener = stream(AddressFamily::INET);
    listen(&listener, 8).unwrap();
    let port = port_of(&listener);
    let Some(mut scene) = Scene::open() else { return };
    scene.survey();
    assert_eq!(scene.opened(port, None).unwrap().role, Role::Listening);
    drop(listener);
    let (_, closed) = scene.life(port, None);
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
}
