//! Who holds a socket: the search against what the tests did, and against `ss(8)` and `lsof(8)`.

use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use registry::{Port, PortRange};
use sockets::{Method, Note, Owners, Ownership, Pid, Ports, Query, Search, Socket, Source};

use crate::namespace::in_fresh_netns;

/// The sockets of our network namespace with this local port.
fn sockets_on(port: u16) -> Vec<Socket> {
    let range = PortRange::new(Port(port), Port(port)).unwrap();
    let query = Query { ports: Ports::Local(range), ..Query::default() };
    sockets::host().sockets(&query).unwrap().sockets
}

/// The pids and descriptors of the holders of `socket`.
fn holders(ownership: &Ownership, socket: &Socket) -> Vec<(u32, u32)> {
    match ownership.of(socket) {
        Owners::Known(holders) => holders.iter().map(|h| (h.process.pid.0, h.fd)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn our_own_sockets_are_ours() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let second = listener.try_clone().unwrap();
        let sockets = sockets_on(8080);
        let ownership = sockets::host().owners(&sockets, Search::Full);
        let fd = |fd: &dyn AsRawFd| fd.as_raw_fd().cast_unsigned();
        let mut expected = vec![fd(&listener), fd(&second)];
        expected.sort_unstable();
        let us = std::process::id();
        let expected: Vec<_> = expected.into_iter().map(|fd| (us, fd)).collect();
        assert_eq!(holders(&ownership, &sockets[0]), expected);
        assert_eq!(ownership.processes().len(), 1);
        assert_eq!(ownership.processes()[0].pid, Pid(us));
        assert_eq!(ownership.method(), Method::Walk);
        assert!(!ownership.notes().iter().any(|note| matches!(note, Note::SearchNarrowed { .. })));
    });
}

#[test]
fn a_connection_not_yet_accepted_is_the_kernels() {
    in_fresh_netns(|| {
        let _listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let _client = TcpStream::connect("127.0.0.1:8080").unwrap();
        let sockets = sockets_on(8080);
        let waiting = sockets.iter().find(|socket| socket.remote.port != Port(0)).unwrap();
        let ownership = sockets::host().owners(&sockets, Search::Full);
        assert_eq!(ownership.of(waiting), Owners::Kernel);
        assert_eq!(ownership.processes().len(), 1);
    });
}
