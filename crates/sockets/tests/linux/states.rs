//! States and attributes that need some arranging.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;

use registry::{Port, Proto};
use rustix::fs::fstat;
use rustix::net::{
    AddressFamily, SendFlags, SocketFlags, SocketType, bind, connect, ipproto, listen, sendto,
    socket_with, sockopt,
};
use sockets::{Query, Socket, State, States, TimerKind};

use crate::load::list;
use crate::namespace::{in_fresh_netns, run};

fn tcp(states: States) -> Query {
    Query { protos: vec![Proto::Tcp], states, ..Query::default() }
}

fn silent(family: AddressFamily, flags: SocketFlags) -> OwnedFd {
    socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC | flags, None).unwrap()
}

#[test]
fn a_bound_but_silent_socket_is_told_from_a_listener() {
    in_fresh_netns(|| {
        let fd = silent(AddressFamily::INET, SocketFlags::empty());
        bind(&fd, &SocketAddr::from((Ipv4Addr::LOCALHOST, 60440))).unwrap();
        let found = list(&Query::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].state, found[0].local.port), (State::Bound, Port(60440)));
        assert_eq!(found[0].inode, fstat(&fd).unwrap().st_ino);
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
            let fd = silent(AddressFamily::INET6, SocketFlags::empty());
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

#[test]
fn queues_and_backlog() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        listen(&listener, 9).unwrap();
        let waiting = TcpStream::connect("127.0.0.1:8080").unwrap();
        sendto_all(&waiting, b"unread");
        let found = list(&Query::default());
        let listener = found.iter().find(|s| s.state == State::Listen).unwrap();
        assert_eq!((listener.recv_q, listener.send_q), (1, 9));
        let server = found.iter().find(|s| s.local.port == Port(8080) && s.recv_q == 6).unwrap();
        assert_eq!((server.state, server.inode), (State::Established, 0));
    });
}

fn sendto_all(mut stream: &TcpStream, bytes: &[u8]) {
    std::io::Write::write_all(&mut stream, bytes).unwrap();
}

#[test]
fn a_link_local_address_and_a_bound_device_name_the_device() {
    in_fresh_netns(|| {
        run(&["ip", "addr", "add", "fe80::1/64", "dev", "lo", "nodad"]);
        let scoped = SocketAddrV6::new("fe80::1".parse().unwrap(), 546, 0, 1);
        let _socket = UdpSocket::bind(scoped).unwrap();
        let found = list(&Query::default());
        assert_eq!(found.len(), 1);
        let device = found[0].device.clone().unwrap();
        assert_eq!((device.index, &*device.name), (1, "lo"));
    });
}

#[test]
fn a_connection_that_nobody_answers_is_in_syn_sent() {
    in_fresh_netns(|| {
        silent_network();
        let fd = silent(AddressFamily::INET, SocketFlags::NONBLOCK);
        let target = SocketAddr::from(([192, 0, 2, 9], 443));
        assert_eq!(connect(&fd, &target), Err(rustix::io::Errno::INPROGRESS));
        let found = list(&Query::default());
        assert_eq!((found.len(), found[0].state), (1, State::SynSent));
        assert_eq!(found[0].timer.unwrap().kind, TimerKind::Retransmit);
    });
}

#[test]
fn a_handshake_that_is_not_over_is_in_syn_recv() {
    in_fresh_netns(|| {
        silent_network();
        let _listener = TcpListener::bind("192.0.2.1:8080").unwrap();
        let raw = socket_with(
            AddressFamily::INET,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            Some(ipproto::RAW),
        );
        let syn = syn([192, 0, 2, 9], [192, 0, 2, 1], 40000, 8080);
        let target = SocketAddr::from(([192, 0, 2, 1], 0));
        sendto(raw.unwrap(), &syn, SendFlags::empty(), &target).unwrap();
        let half = list(&tcp(States::NONE.with(State::SynRecv)));
        assert_eq!(half.len(), 1);
        assert_eq!((half[0].state, half[0].inode), (State::SynRecv, 0));
        assert_eq!(half[0].local.to_string(), "192.0.2.1:8080");
        assert_eq!(half[0].remote.to_string(), "192.0.2.9:40000");
        assert_eq!(list(&tcp(States::ALL)).len(), 2);
    });
}

/// A network of which only we, 192.0.2.1, exist: whatever is sent to the others comes back
/// to us, who do not forward it.
fn silent_network() {
    run(&["ip", "addr", "add", "192.0.2.1/32", "dev", "lo"]);
    run(&["ip", "route", "add", "192.0.2.0/24", "dev", "lo"]);
}

/// An IPv4 packet that opens a TCP connection (RFC 791 §3.1, RFC 9293 §3.1). The kernel fills in
/// the length and the checksum of the IP header.
fn syn(from: [u8; 4], to: [u8; 4], from_port: u16, to_port: u16) -> Vec<u8> {
    let mut segment = Vec::new();
    segment.extend(from_port.to_be_bytes());
    segment.extend(to_port.to_be_bytes());
    segment.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0x20, 0x00, 0, 0, 0, 0]);
    let pseudo = [&from[..], &to, &[0, 6, 0, 20], &segment].concat();
    let words =
        pseudo.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap();
    segment[16..18].copy_from_slice(&checksum.to_be_bytes());
    let header = [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0];
    [&header[..], &from, &to, &segment].concat()
}
