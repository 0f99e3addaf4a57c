//! MPTCP: the kernel makes the sockets that hold its ports.

use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, Protocol, RawProtocol, SocketFlags, SocketType, bind, getsockname, listen,
    socket_with,
};
use sockets::{Ending, Role};

use super::scene::{Scene, loopback, opener, own_pid};

/// `IPPROTO_MPTCP` of the kernel's `linux/in.h`.
const MPTCP: Protocol = Protocol::from_raw(RawProtocol::new(262).unwrap());

/// A socket of MPTCP; `None` where this kernel has none or does without.
fn multipath() -> Option<OwnedFd> {
    match socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, Some(MPTCP)) {
        Ok(socket) => Some(socket),
        Err(Errno::PROTONOSUPPORT | Errno::NOPROTOOPT | Errno::PERM) => {
            println!("SKIPPED: no MPTCP here");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn port_of(socket: &OwnedFd) -> u16 {
    SocketAddr::try_from(getsockname(socket).unwrap()).unwrap().port()
}

#[test]
fn whoever_asks_for_it_opens_a_listener_and_what_comes_in() {
    let Some(mut scene) = Scene::open() else { return };
    for is_bound in [true, false] {
        let Some(listener) = multipath() else { return };
        if is_bound {
            bind(&listener, &loopback(0)).unwrap();
        }
        listen(&listener, 8).unwrap();
        let port = port_of(&listener);
        let is_listening = |scene: &Scene| {
            scene.opened(port, None).filter(|opened| opened.role == Role::Listening)
        };
        let opened = scene.wait("the listener", is_listening);
        assert_eq!(opener(&opened), Some(own_pid()));
        let program = scene.program(opened.opener.unwrap());
        assert_eq!(program.process.exe, std::env::current_exe().ok());
        let client = TcpStream::connect(loopback(port)).unwrap();
        let from = client.local_addr().unwrap().port();
        let incoming = scene.wait("what comes in", |scene| scene.opened(port, Some(from)));
        assert_eq!(opener(&incoming), Some(own_pid()));
        drop((client, listener));
        let (_, closed) = scene.life(port, None);
        assert_eq!(closed.ending, Ending::Closed);
    }
}
