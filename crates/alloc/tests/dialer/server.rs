//! The other end of the tests' connections, and what the kernel says of ours.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::time::Duration;

use alloc::dialer::{Connection, DialError, Dialer, Settings, Tracking};
use registry::{Port, Proto};
use sockets::{Ports, Query, Source, State};

/// A listener outside of the tests' ranges that holds many connections nobody accepts.
pub(crate) fn listen(at: &str) -> TcpListener {
    fs::write("/proc/sys/net/core/somaxconn", "65535").unwrap();
    let listener = TcpListener::bind(at).unwrap();
    rustix::net::listen(&listener, 65535).unwrap();
    listener
}

/// A dialer that tracks ports from the first dial on.
pub(crate) fn tracking() -> Dialer {
    Dialer::new(Settings::default().with_tracking(Tracking::Always)).unwrap()
}

/// Dials until no port is left, and says how that was put.
pub(crate) fn fill_up(dialer: &Dialer, to: SocketAddr) -> (Vec<Connection>, DialError) {
    let mut held = Vec::new();
    loop {
        match dialer.connect(to, None) {
            Ok(connection) => held.push(connection),
            Err(error) => return (held, error),
        }
        assert!(held.len() <= 1000, "the range is smaller");
    }
}

/// Our ports of connections, sorted.
pub(crate) fn ports(held: &[Connection]) -> Vec<u16> {
    let mut ports: Vec<_> = held.iter().map(|held| held.local_addr().unwrap().port()).collect();
    ports.sort_unstable();
    ports
}

/// Closes a connection with a reset, which leaves nothing in `TIME-WAIT`.
pub(crate) fn reset(connection: Connection) {
    rustix::net::sockopt::set_socket_linger(connection.as_fd(), Some(Duration::ZERO)).unwrap();
    drop(connection);
}

/// The local ports of everybody's sockets towards `to`, as the kernel has them, sorted.
pub(crate) fn taken(to: SocketAddr) -> Vec<u16> {
    let ports = Ports::Remote(Port(to.port()).into());
    let query = Query { protos: vec![Proto::Tcp], ports, ..Query::default() };
    let sockets = sockets::host().sockets(&query).unwrap().sockets;
    let towards =
        sockets.iter().filter(|socket| socket.remote.canonical() == to.ip().to_canonical());
    let open = towards.filter(|socket| socket.state != State::Close);
    let mut ports: Vec<_> = open.map(|socket| socket.local.port.number()).collect();
    ports.sort_unstable();
    ports
}
