//! Connects that meet one from the far end: simultaneous opens, which go out all the same.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, getsockname, socket_with,
};
use sockets::{Ending, Role};

use super::namespace::{full_listener, inside};
use super::scene::{Scene, end, loopback, opener, own_pid};
use super::wire::{SYN, Segment};

fn stream() -> OwnedFd {
    socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::NONBLOCK, None).unwrap()
}

fn port_of(socket: &OwnedFd) -> u16 {
    SocketAddr::try_from(getsockname(socket).unwrap()).unwrap().port()
}

#[test]
fn a_socket_that_connects_to_itself_goes_out_and_ends() {
    let Some(mut scene) = Scene::open() else { return };
    inside(|_| {
        let socket = stream();
        bind(&socket, &loopback(4567)).unwrap();
        _ = connect(&socket, &loopback(4567));
        let opened = scene.wait("the connection", |scene| scene.opened(4567, Some(4567)));
        assert_eq!((opened.role, opener(&opened)), (Role::Outgoing, Some(own_pid())));
        drop(socket);
        let (_, closed) = scene.life(4567, Some(4567));
        assert_eq!(end(closed), (Ending::TimeWait, Some(own_pid())));
        assert_eq!(scene.taker(opened.cookie), None);
    });
}

#[test]
fn a_simultaneous_open_that_is_reset_was_a_connect_in_vain() {
    let Some(mut scene) = Scene::open() else { return };
    // Whether the port is chosen, and whether the connect was told of before.
    for (port, retries) in [(0, false), (0, true), (4568, false), (4569, true)] {
        inside(|_| {
            let (full, _waiting) = full_listener();
            let client = stream();
            if port != 0 {
                bind(&client, &loopback(port)).unwrap();
            }
            assert_eq!(connect(&client, &full), Err(Errno::INPROGRESS));
            let from = port_of(&client);
            if retries {
                thread::sleep(Duration::from_millis(1200));
            }
            // What answers its SYN-ACK is a listener, which resets it.
            send_syn(full.port(), from);
            scene.wait("the reset", |scene| {
                let opened = scene.opened(from, Some(full.port()))?;
                scene.ends(opened.cookie).pop()
            });
            drop(client);
            let cookie = scene.opened(from, Some(full.port())).unwrap().cookie;
            let expected = if port == 0 {
                vec![(Ending::Reset, None)]
            } else {
                vec![(Ending::Reset, None), (Ending::Closed, Some(own_pid()))]
            };
            let ended = |scene: &Scene| (scene.ends(cookie).len() == expected.len()).then_some(());
            scene.wait("the end", ended);
            let ends: Vec<_> = scene.ends(cookie).into_iter().map(end).collect();
            assert_eq!(ends, expected, "{port} {retries}");
            for told in scene.all_opened().filter(|opened| opened.cookie == cookie) {
                assert_ne!(told.role, Role::Incoming, "{port} {retries}");
                assert_eq!(opener(told), Some(own_pid()), "{port} {retries}");
            }
        });
    }
}

/// Sends the first segment of a connection from one port of the loopback interface to another.
fn send_syn(from: u16, to: u16) {
    let [from, to] = [from, to].map(|port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    let (options, data) = (&[], &[]);
    Segment { from, to, sequence: 5000, flags: SYN, options, data }.send();
}
