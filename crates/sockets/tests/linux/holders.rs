//! Ways of holding a port, made with real sockets, and what each does to a bind.
//!
//! Used by the tests, which compare, and by the example `bind_matrix`, which prints what it measures.

use std::net::SocketAddr;

use registry::{Port, Proto};
use rustix::fd::OwnedFd;
use rustix::io::{Errno, Result};
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, accept, bind, connect, getsockname, listen,
    socket_with, sockopt,
};

/// A way of holding a port and the answers it leads to.
pub(crate) struct Holder {
    /// What it is, for people.
    pub(crate) name: &'static str,
    /// The protocol.
    pub(crate) proto: Proto,
    /// Makes it, on a port of the kernel's choice.
    pub(crate) hold: fn() -> Result<Held>,
    /// The kernel's answers on `0.0.0.0`, `127.0.0.1`, `::` and `::1`, each plainly and with
    /// `SO_REUSEADDR`: `.` works, otherwise the letter of the reason
    /// (see the module `matrix`).
    pub(crate) kernel: &'static str,
    /// The same as foretold from the table; a lower-case letter is "unknown, perhaps because".
    pub(crate) foretold: &'static str,
}

/// A port that is held for as long as this lives.
pub(crate) struct Held {
    pub(crate) port: Port,
    /// Everything that must stay open.
    pub(crate) sockets: Vec<OwnedFd>,
    /// Which of `sockets` is in the way; `None` where it is a `TIME-WAIT` without one, or nothing.
    pub(crate) culprit: Option<usize>,
}

/// How to make a socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    pub(crate) proto: Proto,
    pub(crate) addr: &'static str,
    pub(crate) reuseaddr: bool,
    pub(crate) v6only: bool,
}

impl Spec {
    pub(crate) const fn tcp(addr: &'static str) -> Spec {
        Spec { proto: Proto::Tcp, addr, reuseaddr: false, v6only: false }
    }

    pub(crate) const fn udp(addr: &'static str) -> Spec {
        Spec { proto: Proto::Udp, ..Spec::tcp(addr) }
    }

    pub(crate) const fn reuse(self) -> Spec {
        Spec { reuseaddr: true, ..self }
    }

    pub(crate) const fn v6only(self) -> Spec {
        Spec { v6only: true, ..self }
    }

    pub(crate) fn at(self, port: Port) -> SocketAddr {
        SocketAddr::new(self.addr.parse().expect("a literal address"), port.number())
    }

    /// A socket with the options set, without an address.
    pub(crate) fn open(self) -> Result<OwnedFd> {
        let kind = if self.proto == Proto::Tcp { SocketType::STREAM } else { SocketType::DGRAM };
        let v4 = self.at(Port::NONE).is_ipv4();
        let family = if v4 { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
        sockopt::set_socket_reuseaddr(&socket, self.reuseaddr)?;
        if !v4 {
            sockopt::set_ipv6_v6only(&socket, self.v6only)?;
        }
        Ok(socket)
    }

    /// A socket bound to `port`.
    pub(crate) fn bind(self, port: Port) -> Result<OwnedFd> {
        let socket = self.open()?;
        bind(&socket, &self.at(port))?;
        Ok(socket)
    }

    /// A socket bound to a port of the kernel's choice.
    fn bound(self) -> Result<OwnedFd> {
        self.bind(Port::NONE)
    }

    fn listening(self) -> Result<OwnedFd> {
        let socket = self.bound()?;
        listen(&socket, 8)?;
        Ok(socket)
    }

    /// An unbound socket connected to `server`: the kernel picks its port.
    fn connected(self, server: &OwnedFd) -> Result<OwnedFd> {
        let socket = self.open()?;
        connect(&socket, &self.at(port_of(server)?))?;
        Ok(socket)
    }
}

/// The local port of `socket`.
pub(crate) fn port_of(socket: &OwnedFd) -> Result<Port> {
    Ok(Port(SocketAddr::try_from(getsockname(socket)?)?.port()))
}

/// Every way of holding a port that is told apart.
pub(crate) const HOLDERS: [Holder; 34] = [
    tcp("nobody", || Ok(held(Port(23_456), vec![], None)), FREE, FREE),
    tcp("listener on 0.0.0.0", || alone(V4.listening()), "LL LL LL ..", "LL LL LL .."),
    tcp(
        "listener on 0.0.0.0, SO_REUSEADDR",
        || alone(V4.reuse().listening()),
        "LL LL LL ..",
        "LL LL LL ..",
    ),
    tcp("listener on 127.0.0.1", || alone(LO4.listening()), "LL LL LL ..", "LL LL LL .."),
    tcp(
        "listener on 127.0.0.2",
        || alone(Spec::tcp("127.0.0.2").listening()),
        "LL .. LL ..",
        "LL .. LL ..",
    ),
    tcp("listener on ::, dual-stack", || alone(V6.listening()), "DD DD LL LL", "DD DD LL LL"),
    tcp("listener on ::, v6only", || alone(V6.v6only().listening()), ".. .. LL LL", ".. .. LL LL"),
    tcp("listener on ::1", || alone(LO6.listening()), ".. .. LL LL", ".. .. LL LL"),
    tcp("listener on ::ffff:127.0.0.1", || alone(MAPPED.listening()), "LL LL LL ..", "LL LL LL .."),
    tcp(
        "listener on ::ffff:0.0.0.0",
        || alone(Spec::tcp("::ffff:0.0.0.0").listening()),
        "LL LL LL ..",
        "LL LL LL ..",
    ),
    tcp("listener on 127.0.0.1 with a connection", || served(LO4, 1), "LL LL LL ..", "LL LL LL .."),
    tcp("bound, silent, 0.0.0.0", || alone(V4.bound()), "BB BB BB ..", "Bb Bb Bb .."),
    tcp(
        "bound, silent, 0.0.0.0, SO_REUSEADDR",
        || alone(V4.reuse().bound()),
        "B. B. B. ..",
        "Bb Bb Bb ..",
    ),
    tcp("bound, silent, ::, dual-stack", || alone(V6.bound()), "DD DD BB BB", "Dd Dd Bb Bb"),
    tcp(
        "bound, silent, ::, SO_REUSEADDR",
        || alone(V6.reuse().bound()),
        "D. D. B. B.",
        "Dd Dd Bb Bb",
    ),
    tcp("bound, connection refused", refused, "BB BB BB ..", "Bb Bb Bb .."),
    tcp("outgoing IPv4 connection", || outgoing(LO4, LO4), "CC CC CC ..", "Cc Cc Cc .."),
    tcp(
        "outgoing IPv4 connection, SO_REUSEADDR",
        || outgoing(LO4, LO4.reuse()),
        "C. C. C. ..",
        "Cc Cc Cc ..",
    ),
    tcp(
        "outgoing IPv4 connection of an IPv6 socket",
        || outgoing(LO4, MAPPED),
        "CC CC CC ..",
        "Cc Cc Cc ..",
    ),
    tcp("outgoing IPv6 connection", || outgoing(LO6, LO6), "CC .. CC CC", "cc .. Cc Cc"),
    tcp(
        "outgoing IPv6 connection, v6only",
        || outgoing(LO6, LO6.v6only()),
        ".. .. CC CC",
        "cc .. Cc Cc",
    ),
    tcp(
        "accepted connection, its listener closed",
        || served(LO4, 0),
        "CC CC CC ..",
        "Cc Cc Cc ..",
    ),
    tcp(
        "accepted connection, SO_REUSEADDR, its listener closed",
        || served(LO4.reuse(), 0),
        "C. C. C. ..",
        "Cc Cc Cc ..",
    ),
    tcp("closed connection nobody holds (FIN-WAIT)", orphan, "CC CC CC ..", "Cc Cc Cc .."),
    tcp(
        "TIME-WAIT of a client",
        || time_wait(LO4, LO4, Side::Client),
        "TT TT TT ..",
        "Tt Tt Tt ..",
    ),
    tcp(
        "TIME-WAIT of an IPv6 client",
        || time_wait(LO6, LO6, Side::Client),
        "TT .. TT TT",
        "tt .. Tt Tt",
    ),
    tcp(
        "TIME-WAIT of a server",
        || time_wait(LO4, LO4, Side::Server),
        "TT TT TT ..",
        "Tt Tt Tt ..",
    ),
    tcp(
        "TIME-WAIT of a server, SO_REUSEADDR",
        || time_wait(LO4.reuse(), LO4, Side::Server),
        "T. T. T. ..",
        "Tt Tt Tt ..",
    ),
    udp("UDP on 0.0.0.0", || alone(Spec::udp("0.0.0.0").bound()), "UU UU UU ..", "Uu Uu Uu .."),
    udp(
        "UDP on 0.0.0.0, SO_REUSEADDR",
        || alone(Spec::udp("0.0.0.0").reuse().bound()),
        "U. U. U. ..",
        "Uu Uu Uu ..",
    ),
    udp("UDP on ::, dual-stack", || alone(Spec::udp("::").bound()), "DD DD UU UU", "Dd Dd Uu Uu"),
    udp(
        "UDP on ::, v6only",
        || alone(Spec::udp("::").v6only().bound()),
        ".. .. UU UU",
        ".. .. Uu Uu",
    ),
    udp(
        "UDP connected to 127.0.0.1",
        || outgoing(Spec::udp("127.0.0.1"), Spec::udp("127.0.0.1")),
        "UU UU UU ..",
        "Uu Uu Uu ..",
    ),
    udp(
        "UDP connected to ::1",
        || outgoing(Spec::udp("::1"), Spec::udp("::1")),
        "UU .. UU UU",
        "uu .. Uu Uu",
    ),
];

const FREE: &str = ".. .. .. ..";
const V4: Spec = Spec::tcp("0.0.0.0");
const LO4: Spec = Spec::tcp("127.0.0.1");
const V6: Spec = Spec::tcp("::");
const LO6: Spec = Spec::tcp("::1");
const MAPPED: Spec = Spec::tcp("::ffff:127.0.0.1");

const fn tcp(
    name: &'static str,
    hold: fn() -> Result<Held>,
    kernel: &'static str,
    foretold: &'static str,
) -> Holder {
    Holder { name, proto: Proto::Tcp, hold, kernel, foretold }
}

const fn udp(
    name: &'static str,
    hold: fn() -> Result<Held>,
    kernel: &'static str,
    foretold: &'static str,
) -> Holder {
    Holder { name, proto: Proto::Udp, hold, kernel, foretold }
}

fn held(port: Port, sockets: Vec<OwnedFd>, culprit: Option<usize>) -> Held {
    Held { port, sockets, culprit }
}

fn alone(socket: Result<OwnedFd>) -> Result<Held> {
    let socket = socket?;
    Ok(held(port_of(&socket)?, vec![socket], Some(0)))
}

/// The listener, the server's end and the client's end of one connection, in this order.
fn pair(server: Spec, client: Spec) -> Result<[OwnedFd; 3]> {
    let listener = server.listening()?;
    let client = client.connected(&listener)?;
    let accepted = accept(&listener)?;
    Ok([listener, accepted, client])
}

/// A connection seen from its client, whose port the kernel chose.
fn outgoing(server: Spec, client: Spec) -> Result<Held> {
    if server.proto == Proto::Udp {
        let peer = server.bound()?;
        let socket = client.connected(&peer)?;
        return Ok(held(port_of(&socket)?, vec![peer, socket], Some(1)));
    }
    let sockets = Vec::from(pair(server, client)?);
    Ok(held(port_of(&sockets[2])?, sockets, Some(2)))
}

/// A connection seen from its server, of whose sockets the first `listeners` stay open.
fn served(server: Spec, listeners: usize) -> Result<Held> {
    let mut sockets = Vec::from(pair(server, LO4)?);
    let port = port_of(&sockets[0])?;
    sockets.drain(..1 - listeners);
    Ok(held(port, sockets, Some(0)))
}

/// A bound socket whose connection was refused keeps its port until it is closed.
fn refused() -> Result<Held> {
    let other = LO4.bound()?; // and does not listen; as long as it is there, `mine` is another port
    // Only a port that was asked for is kept: one of the kernel's choice is freed at once.
    let mine = port_of(&LO4.bound()?)?;
    let socket = LO4.bind(mine)?;
    assert_eq!(connect(&socket, &LO4.at(port_of(&other)?)), Err(Errno::CONNREFUSED));
    alone(Ok(socket))
}

/// A client that closed, while the server has not: nobody has the socket that waits for its FIN.
fn orphan() -> Result<Held> {
    let [listener, accepted, client] = pair(LO4, LO4)?;
    let port = port_of(&client)?;
    drop(client);
    Ok(held(port, vec![listener, accepted], None))
}

/// Which end of a connection closes first and so is left with `TIME-WAIT`.
enum Side {
    Client,
    Server,
}

fn time_wait(server: Spec, client: Spec, first: Side) -> Result<Held> {
    let [listener, accepted, client] = pair(server, client)?;
    let (port, closes, follows) = match first {
        Side::Client => (port_of(&client)?, client, accepted),
        Side::Server => (port_of(&accepted)?, accepted, client),
    };
    drop(closes);
    drop(follows);
    drop(listener);
    Ok(held(port, vec![], None))
}
