//! What a leased port can and cannot be bound by.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;

use alloc::lease::{Hold, Lease, Wish};
use registry::{Port, Proto};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with, sockopt};

use crate::{EPHEMERAL, apart, range};

/// A socket at `to`, with or without `SO_REUSEADDR`; a stream listens.
pub(crate) fn server(
    to: &str,
    port: Port,
    kind: SocketType,
    reuse: bool,
) -> rustix::io::Result<OwnedFd> {
    let to = SocketAddr::new(to.parse().unwrap(), port.number());
    let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_reuseaddr(&socket, reuse)?;
    bind(&socket, &to)?;
    if kind == SocketType::STREAM {
        listen(&socket, 8)?;
    }
    Ok(socket)
}

const EVERYWHERE: [&str; 4] = ["0.0.0.0", "127.0.0.1", "::", "::1"];

#[test]
fn a_held_port_is_bound_with_reuseaddr_and_not_without() {
    apart(|| {
        let lease = Wish::default().with_protos([Proto::Tcp, Proto::Udp]).take().unwrap();
        for kind in [SocketType::STREAM, SocketType::DGRAM] {
            for to in EVERYWHERE {
                let plain = server(to, lease.port(), kind, false);
                assert_eq!(plain.unwrap_err(), rustix::io::Errno::ADDRINUSE, "{to} {kind:?}");
                assert!(server(to, lease.port(), kind, true).is_ok(), "{to} {kind:?}");
            }
        }
        let port = lease.port();
        drop(lease);
        assert!(server("::", port, SocketType::STREAM, false).is_ok());
    });
}

#[test]
fn an_exclusive_hold_lets_nobody_in_and_listens_itself() {
    apart(|| {
        let mut lease = Wish::default().with_hold(Hold::Exclusive).take().unwrap();
        for to in EVERYWHERE {
            assert!(server(to, lease.port(), SocketType::STREAM, true).is_err(), "{to}");
        }
        let listener = lease.listen(lease.port()).unwrap();
        for to in ["127.0.0.1", "::1"] {
            TcpStream::connect((to, lease.port().number())).unwrap();
            listener.accept().unwrap();
        }
        assert!(lease.listen(lease.port()).is_err());
    });
}

#[test]
fn what_was_let_go_is_bound_plainly_and_leased_to_nobody() {
    apart(|| {
        let only = || Wish::default().with_range(range("20000"));
        let mut lease = only().take().unwrap();
        lease.let_go();
        assert!(server("0.0.0.0", lease.port(), SocketType::STREAM, false).is_ok());
        assert!(only().take().is_err());
        drop(lease);
        assert!(only().take().is_ok());
        let unheld = only().with_hold(Hold::None).take().unwrap();
        assert!(server("0.0.0.0", unheld.port(), SocketType::STREAM, false).is_ok());
        assert!(only().take().is_err());
    });
}

/// Every port that the kernel hands out is leased: it has none for anybody.
#[test]
fn the_kernel_gives_no_held_port_to_bind_or_connect() {
    apart(|| {
        let listener = TcpListener::bind("127.0.0.1:30000").unwrap();
        let (first, last) = EPHEMERAL;
        let wish = Wish::default()
            .with_protos([Proto::Tcp, Proto::Udp])
            .with_range(range(&format!("{first}-{last}")))
            .with_count(usize::from(last - first));
        let lease = wish.take().unwrap();
        let free = (first..=last).find(|port| !lease.ports().contains(&Port(*port))).unwrap();
        for _ in 0..200 {
            let given = TcpListener::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
            assert_eq!(given, free);
            let given = UdpSocket::bind("[::]:0").unwrap().local_addr().unwrap().port();
            assert_eq!(given, free);
        }
        let connection = TcpStream::connect("127.0.0.1:30000").unwrap();
        assert_eq!(connection.local_addr().unwrap().port(), free);
        assert!(TcpStream::connect("127.0.0.1:30000").is_err());
        drop(listener);
    });
}

/// What UDP does with two sockets on a port: the one that came last has the datagrams.
#[test]
fn datagrams_reach_the_server_and_not_the_hold() {
    apart(|| {
        let mut lease = Wish::default().with_protos([Proto::Udp]).take().unwrap();
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        for to in ["0.0.0.0", "::", "127.0.0.1"] {
            client.send_to(b"early", (Ipv4Addr::LOCALHOST, lease.port().number())).unwrap();
            let server: UdpSocket =
                server(to, lease.port(), SocketType::DGRAM, true).unwrap().into();
            server.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
            client.send_to(to.as_bytes(), (Ipv4Addr::LOCALHOST, lease.port().number())).unwrap();
            let mut said = [0; 64];
            let length = server.recv(&mut said).unwrap();
            assert_eq!(&said[..length], to.as_bytes());
        }
        assert!(lease.udp_socket(lease.port()).is_ok());
    });
}

#[test]
fn a_port_is_had_at_the_addresses_that_were_asked_for() {
    apart(|| {
        let other = server("127.0.0.1", Port(20_000), SocketType::STREAM, true).unwrap();
        let at = |address: &str| {
            let wish = Wish::default().with_range(range("20000"));
            wish.with_addresses([address.parse().unwrap()]).take()
        };
        assert!(at("0.0.0.0").is_err() && at("127.0.0.1").is_err());
        assert!(at("::1").is_ok() && at("127.0.0.2").is_ok() && at("::").is_ok());
        assert!(Wish::default().with_range(range("20000")).take().is_err());
        assert!(at("203.0.113.9").unwrap_err().to_string().contains("no address of this host"));
        drop(other);
        assert!(at("0.0.0.0").is_ok());
    });
}

#[test]
fn ports_come_from_where_nobody_is_expected() {
    apart(|| {
        let leases: Vec<Lease> = (0..500).map(|_| Lease::take().unwrap()).collect();
        for lease in &leases {
            let port = lease.port();
            assert!(port.number() >= 1024 && !(EPHEMERAL.0..=EPHEMERAL.1).contains(&port.number()));
            assert!(registry::assignments(port, None).is_empty(), "{port}");
            assert!(lease.remarks().is_empty());
        }
    });
}
