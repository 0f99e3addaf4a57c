//! Which sockets are servers', and the service that a port is known by.

use registry::{Port, Proto, Standing, assignments};
use sockets::{PortSettings, Socket, State};

/// Whether a socket waits for anybody: a TCP listener, or a UDP socket without a peer of which that shows.
///
/// The kernel keeps the same of a UDP server and of a client that sent without connect(2). One shows by its
/// port: outside of what the kernel hands out its program chose it, and inside a service is known by it.
pub(crate) fn serves(socket: &Socket, settings: &PortSettings) -> bool {
    let port = socket.local.port;
    let chosen = || !settings.hands_out(port) || service(port, Proto::Udp).is_some();
    match socket.proto {
        Proto::Tcp => socket.state == State::Listen,
        Proto::Udp => socket.state == State::Close && socket.remote.is_none() && chosen(),
        Proto::Sctp | Proto::Dccp => false,
    }
}

/// The service that a port is known by.
pub(crate) fn service(port: Port, proto: Proto) -> Option<(&'static str, Standing)> {
    let all = assignments(port, Some(proto));
    let known = |standing| matches!(standing, Standing::Assigned | Standing::Unofficial);
    let known = all.iter().filter(|assignment| known(assignment.standing));
    known.filter_map(|assignment| Some((assignment.name?, assignment.standing))).next()
}
