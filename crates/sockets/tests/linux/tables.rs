//! The socket table against `ss(8)`, socket by socket.

use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};

use registry::{Port, Proto};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with, sockopt};
use sockets::{Query, Socket, Source, State, States};

use crate::namespace::{in_fresh_netns, run};

fn list(query: &Query) -> Vec<Socket> {
    let snapshot = sockets::host().sockets(query).unwrap();
    assert_eq!(snapshot.notes, []);
    snapshot.sockets
}

fn tcp(states: States) -> Query {
    Query { protos: vec![Proto::Tcp], states, ..Query::default() }
}

/// `PROTO STATE RECV-Q SEND-Q LOCAL-PORT REMOTE-PORT` as `ss` tells it. It names addresses in its
/// own way; they are compared elsewhere.
fn ss(args: &str) -> Vec<String> {
    let text = run(&["ss", "-H", "-n", args]);
    let line = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let port = |text: &str| text.rsplit(':').next().unwrap().replace('*', "0");
        format!(
            "{} {} {} {} {} {}",
            words[0],
            words[1],
            words[2],
            words[3],
            port(words[4]),
            port(words[5])
        )
    };
    text.lines().map(line).collect()
}

fn ours(sockets: &[Socket]) -> Vec<String> {
    let line = |s: &Socket| {
        let (local, remote) = (s.local.port, s.remote.port);
        format!("{} {} {} {} {local} {remote}", s.proto, s.state, s.recv_q, s.send_q)
    };
    sockets.iter().map(line).collect()
}

/// A listener, its connection and both ends, one that is in `TIME-WAIT`, and UDP, on IPv4 and IPv6.
struct Load {
    listeners: Vec<TcpListener>,
    streams: Vec<TcpStream>,
    datagrams: Vec<UdpSocket>,
}

fn load() -> Load {
    let mut load = Load { listeners: Vec::new(), streams: Vec::new(), datagrams: Vec::new() };
    for addr in ["127.0.0.1:8080", "[::1]:8081", "[::]:8082"] {
        let listener = TcpListener::bind(addr).unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in
            ["127.0.0.1", "::1"].into_iter().filter(|host| addr.contains(host) || port == 8082)
        {
            let stream = TcpStream::connect((host, port)).unwrap();
            let (server, _) = listener.accept().unwrap();
            load.streams.extend([stream, server]);
            drop(TcpStream::connect((host, port)).unwrap());
            drop(listener.accept().unwrap());
        }
        load.listeners.push(listener);
    }
    for addr in ["127.0.0.1:53", "[::1]:53", "[::]:5353"] {
        load.datagrams.push(UdpSocket::bind(addr).unwrap());
    }
    load.datagrams[0].connect("127.0.0.1:5353").unwrap();
    load
}

#[test]
fn every_socket_that_ss_shows_in_its_order() {
    in_fresh_netns(|| {
        let load = load();
        assert_eq!((load.listeners.len(), load.streams.len()), (3, 8));
        let query = Query { protos: vec![Proto::Udp], ..Query::default() };
        let mut sockets = list(&query);
        let active = State::ALL.into_iter().filter(|state| *state != State::Bound).collect();
        sockets.extend(list(&tcp(active)));
        assert!(sockets.iter().any(|socket| socket.state == State::TimeWait));
        assert_eq!(ours(&sockets), ss("-tuan"));
    });
}

#[test]
fn a_bound_but_silent_socket_is_told_from_a_listener() {
    in_fresh_netns(|| {
        let family = AddressFamily::INET;
        let kind = SocketType::STREAM;
        let fd = socket_with(family, kind, SocketFlags::CLOEXEC, None).unwrap();
        bind(&fd, &SocketAddr::from(([127, 0, 0, 1], 60440))).unwrap();
        let found = list(&Query::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].state, found[0].local.port), (State::Bound, Port(60440)));
        assert_eq!(found[0].inode, rustix::fs::fstat(&fd).unwrap().st_ino);
        listen(&fd, 5).unwrap();
        let found = list(&Query::default());
        assert_eq!((found[0].state, found[0].send_q), (State::Listen, 5));
        assert_eq!(list(&tcp(States::NONE.with(State::Bound))), []);
    });
}

#[test]
fn v6only_is_told_for_listeners_and_silent_sockets() {
    in_fresh_netns(|| {
        let mut kept = Vec::new();
        for (port, only) in [(7001, true), (7002, false)] {
            let (family, kind) = (AddressFamily::INET6, SocketType::STREAM);
            let fd = socket_with(family, kind, SocketFlags::CLOEXEC, None).unwrap();
            sockopt::set_ipv6_v6only(&fd, only).unwrap();
            bind(&fd, &SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))).unwrap();
            kept.push(fd);
        }
        let told = |sockets: Vec<Socket>| {
            let mut told: Vec<_> = sockets.iter().map(|s| (s.local.port, s.v6only)).collect();
            told.sort();
            told
        };
        let expected = [(Port(7001), Some(true)), (Port(7002), Some(false))];
        assert_eq!(told(list(&tcp(States::ALL))), expected);
        for fd in &kept {
            listen(fd, 1).unwrap();
        }
        assert_eq!(told(list(&tcp(States::ALL))), expected);
    });
}
