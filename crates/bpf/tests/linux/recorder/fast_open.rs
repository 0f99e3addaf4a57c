//! TCP Fast Open: connections that are accepted, used and closed before they are confirmed, if they ever are.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_linger, set_socket_timeout};
use sockets::{Closed, Ending, Opened, Role};

use super::namespace::inside;
use super::scene::{Scene, end, opener, own_pid};
use super::wire::{RST, SYN, Segment};

/// Where we listen, and a far end that never answers.
const HERE: &str = "10.99.0.1:7930";
const THERE: &str = "10.99.0.2:5555";

/// A connection that comes in with data and is not confirmed.
fn accept() -> TcpStream {
    let ip = |arguments: &str| Command::new("ip").args(arguments.split(' ')).status().unwrap();
    assert!(ip("address add 10.99.0.1/32 dev lo").success());
    assert!(ip("route add 10.99.0.2 dev lo").success());
    // By servers, without a cookie, at every listener.
    fs::write("/proc/sys/net/ipv4/tcp_fastopen", "1538").unwrap();
    let listener = TcpListener::bind(HERE).unwrap();
    set_socket_timeout(&listener, Timeout::Recv, Some(Duration::from_secs(20))).unwrap();
    send(SYN, 1000, b"GET /");
    listener.accept().unwrap().0
}

fn send(flags: u8, sequence: u32, data: &[u8]) {
    let [from, to]: [SocketAddrV4; 2] = [THERE, HERE].map(|end| end.parse().unwrap());
    // Fast Open with no cookie.
    let options = if flags & SYN == 0 { &[][..] } else { &[34, 2, 1, 1] };
    Segment { from, to, sequence, flags, options, data }.send();
}

fn told(scene: &Scene) -> Option<Opened> {
    scene.opened(7930, Some(5555))
}

/// How such a connection ends with which `use_it` does something.
fn life(use_it: impl FnOnce(&mut Scene, TcpStream) + Send) -> Option<Closed> {
    let mut scene = Scene::open()?;
    inside(|_| {
        let stream = accept();
        use_it(&mut scene, stream);
    });
    let (opened, closed) = scene.life(7930, Some(5555));
    assert_eq!((opened.role, opener(&opened)), (Role::Incoming, Some(own_pid())));
    let (from, until) = scene.span(opened.cookie);
    assert!(0 < from && from < until, "{from} to {until}");
    assert_eq!(scene.tellings(7930, Some(5555)).len(), 1, "it is told of once");
    Some(closed)
}

#[test]
fn one_that_is_read_from_shows_while_it_is_open() {
    let closed = life(|scene, mut stream| {
        assert_eq!(stream.read(&mut [0; 9]).unwrap(), 5);
        let opened = scene.wait("the connection", told);
        assert_eq!(scene.closed(opened.cookie), None);
        send(RST, 1006, b"");
        scene.life(7930, Some(5555));
    });
    assert!(closed.is_none_or(|closed| end(closed) == (Ending::Reset, None)), "{closed:?}");
}

#[test]
fn one_that_is_closed_shows() {
    let closed = life(|scene, mut stream| {
        scene.drain();
        assert_eq!(told(scene), None, "nobody has used it");
        stream.write_all(b"answer").unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        drop(stream);
        scene.wait("the connection", told);
        send(RST, 1006, b"");
        scene.life(7930, Some(5555));
    });
    let expected = (Ending::Reset, Some(own_pid()));
    assert!(closed.is_none_or(|closed| end(closed) == expected), "{closed:?}");
}

#[test]
fn one_that_nobody_used_shows_at_its_end() {
    let reset = |_: &mut Scene, stream: TcpStream| {
        set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    };
    let closed = life(reset);
    let expected = (Ending::Aborted, Some(own_pid()));
    assert!(closed.is_none_or(|closed| end(closed) == expected), "{closed:?}");
    let unread = |_: &mut Scene, stream: TcpStream| drop(stream);
    let closed = life(unread);
    assert!(closed.is_none_or(|closed| end(closed) == expected), "{closed:?}");
    let their_reset = |scene: &mut Scene, _stream: TcpStream| {
        send(RST, 1006, b"");
        scene.life(7930, Some(5555));
    };
    let closed = life(their_reset);
    assert!(closed.is_none_or(|closed| closed.ending == Ending::Reset), "{closed:?}");
}
