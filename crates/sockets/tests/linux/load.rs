//! Sockets of every kind that one program can make by itself.

use std::net::{TcpListener, TcpStream, UdpSocket};

use sockets::{Query, Socket, Source};

/// Listeners on IPv4, IPv6 and both, connections to each (mapped ones too), a `TIME-WAIT` beside
/// each, and UDP sockets.
#[derive(Default)]
pub(crate) struct Load {
    pub(crate) listeners: Vec<TcpListener>,
    pub(crate) streams: Vec<TcpStream>,
    pub(crate) datagrams: Vec<UdpSocket>,
}

impl Load {
    pub(crate) fn open() -> Load {
        let mut load = Load::default();
        load.listen("127.0.0.1:8080", &["127.0.0.1:8080"]);
        load.listen("[::1]:8081", &["[::1]:8081"]);
        load.listen("[::]:8082", &["127.0.0.1:8082", "[::1]:8082"]);
        let addrs = ["127.0.0.1:53", "[::1]:53", "[::]:5353"];
        load.datagrams.extend(addrs.map(|addr| UdpSocket::bind(addr).unwrap()));
        load.datagrams[0].connect("127.0.0.1:5353").unwrap();
        load
    }

    fn listen(&mut self, addr: &str, targets: &[&str]) {
        let listener = TcpListener::bind(addr).unwrap();
        for target in targets {
            let stream = TcpStream::connect(target).unwrap();
            self.streams.extend([stream, listener.accept().unwrap().0]);
            drop(TcpStream::connect(target).unwrap());
            drop(listener.accept().unwrap());
        }
        self.listeners.push(listener);
    }
}

/// What `query` finds; nothing may be missing.
pub(crate) fn list(query: &Query) -> Vec<Socket> {
    let snapshot = sockets::host().sockets(query).unwrap();
    assert_eq!(snapshot.notes, []);
    snapshot.sockets
}
