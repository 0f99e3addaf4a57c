//! What was open before the recorder came, and after it lost count.

use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use registry::{Port, PortRange};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
    bind, getsockname, sendmsg, socket_with,
};
use sockets::{
    Ending, Evidence, Opened, Ports, Query, Role, Socket, Source, State, TimerKind, host,
};

use super::role::{self, play};
use super::scene::{Scene, end, loopback, opener, own_pid};

#[test]
fn what_is_open_already_is_told_with_its_holder() {
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(loopback(to)).unwrap();
    let from = client.local_addr().unwrap().port();
    let (server, _) = listener.accept().unwrap();
    let waiting = TcpStream::connect(loopback(to)).unwrap();
    let waiting_from = waiting.local_addr().unwrap().port();
    let udp = UdpSocket::bind(loopback(0)).unwrap();
    let udp_port = udp.local_addr().unwrap().port();
    let silent =
        socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    bind(&silent, &loopback(0)).unwrap();
    let Some(mut scene) = Scene::open() else { return };
    scene.survey();
    for (local, remote, role) in [
        (to, None, Role::Listening),
        (from, Some(to), Role::Outgoing),
        (to, Some(from), Role::Incoming),
        (udp_port, None, Role::Bound),
    ] {
        let opened = scene.opened(local, remote).expect("it is open");
        let Opened { evidence, role: found, .. } = opened;
        assert_eq!((found, evidence), (role, Evidence::OpenAtStart), "{local} {remote:?}");
        assert_eq!(opener(&opened), Some(own_pid()));
        let program = scene.program(opened.opener.unwrap());
        assert_eq!(program.process.exe, std::env::current_exe().ok());
    }
    let is_silent = |o: &&Opened| o.role == Role::Bound && o.proto.name() == "tcp";
    assert!(scene.all_opened().filter(is_silent).any(|o| opener(o) == Some(own_pid())));
    let backlog = scene.opened(to, Some(waiting_from)).expect("a connection nobody accepted");
    assert_eq!((backlog.role, backlog.opener), (Role::Incoming, None));
    drop((client, server, udp));
    let (_, closed) = scene.life(from, Some(to));
    assert!(closed.ending.leaves_tail() && end(closed).1 == Some(own_pid()), "{closed:?}");
    assert_eq!(end(scene.life(to, Some(from)).1).1, Some(own_pid()));
    assert_eq!(end(scene.life(udp_port, None).1), (Ending::Closed, Some(own_pid())));
}

#[test]
fn what_no_process_held_then_ends_all_the_same() {
    let udp = UdpSocket::bind(loopback(0)).unwrap();
    let tcp =
        socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    bind(&tcp, &loopback(0)).unwrap();
    let ports = [getsockname(&udp), getsockname(&tcp)]
        .map(|name| SocketAddr::try_from(name.unwrap()).unwrap().port());
    // They are on their way from one process to another.
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let fds = [udp.as_fd(), tcp.as_fd()];
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&fds)));
    sendmsg(&ours, &[IoSlice::new(b"x")], &mut ancillary, SendFlags::empty()).unwrap();
    drop((udp, tcp));
    let Some(mut scene) = Scene::open() else { return };
    scene.survey();
    assert!(ports.map(|port| scene.opened(port, None)).iter().all(Option::is_some));
    drop((ours, theirs));
    for port in ports {
        let (opened, closed) = scene.life(port, None);
        assert_eq!((opened.role, opener(&opened)), (Role::Bound, None), "{opened:?}");
        assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
        scene.program(closed.closer.unwrap());
    }
}

#[test]
fn what_the_kernel_keeps_of_a_closed_connection_is_not_told_of() {
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(loopback(to)).unwrap();
    let from = client.local_addr().unwrap().port();
    let (_server, _) = listener.accept().unwrap();
    drop(client);
    // The far end stays open: the kernel waits for its FIN, without the socket.
    let Some(mut scene) = Scene::open() else { return };
    let began = Instant::now();
    while !is_remnant(from) {
        assert!(began.elapsed() < Duration::from_secs(10), "it is never in FIN-WAIT-2");
        thread::sleep(Duration::from_millis(10));
    }
    scene.survey();
    assert!(scene.opened(to, Some(from)).is_some(), "the far end is open");
    // Its end may have been told of, where the recorder was quicker.
    assert_eq!(scene.opened(from, Some(to)), None);
}

/// Whether the kernel keeps but a remnant of the connection from this port, in `FIN-WAIT-2`.
fn is_remnant(port: u16) -> bool {
    let ports = Ports::Either(PortRange::new(Port(port), Port(port)).unwrap());
    let query = Query { ports, ..Query::default() };
    let sockets = host().sockets(&query).unwrap().sockets;
    let timer = |socket: &Socket| socket.timer.map(|timer| timer.kind);
    sockets.iter().any(|socket| {
        socket.local.port == Port(port)
            && (socket.state, timer(socket)) == (State::FinWait2, Some(TimerKind::TimeWait))
    })
}

#[test]
fn a_listener_from_before_has_its_connections_named() {
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let Some(mut scene) = Scene::open() else { return };
    scene.survey();
    let mut worker = play(role::Role::AcceptOnly, listener.try_clone().unwrap());
    let client = TcpStream::connect(loopback(to)).unwrap();
    let from = client.local_addr().unwrap().port();
    assert!(worker.wait().unwrap().success());
    drop(client);
    let (opened, _) = scene.life(to, Some(from));
    assert_eq!((opened.evidence, opener(&opened)), (Evidence::Exact, Some(own_pid())));
    assert_eq!(scene.taker(opened.cookie).map(|key| key.pid.0), Some(worker.id()));
}

#[test]
fn what_was_seen_opening_stays_exact_in_a_later_survey() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let first = scene.wait("the listener", |scene| scene.opened(port, None));
    scene.survey();
    let again = scene.opened(port, None).unwrap();
    assert_eq!(again.evidence, Evidence::Exact);
    assert_eq!((again.cookie, again.opener), (first.cookie, first.opener));
    assert_eq!(again.role, Role::Listening);
}

#[test]
fn a_socket_of_udp_that_connects_after_the_survey_has_another_far_end() {
    let receivers = [(); 2].map(|()| UdpSocket::bind(loopback(0)).unwrap());
    let [first, second] = receivers.each_ref().map(|socket| socket.local_addr().unwrap());
    let socket = UdpSocket::bind(loopback(0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    socket.connect(first).unwrap();
    let Some(mut scene) = Scene::open() else { return };
    scene.survey();
    let found = scene.opened(port, Some(first.port())).unwrap();
    socket.send(b"x").unwrap();
    socket.connect(second).unwrap();
    scene.survey();
    let again = scene.opened(port, Some(second.port())).expect("a survey tells what is so now");
    assert_eq!((again.cookie, again.role), (found.cookie, Role::Outgoing));
    assert_eq!(again.evidence, Evidence::OpenAtStart);
    drop(socket);
    scene.life(port, Some(second.port()));
    assert_eq!(scene.tellings(port, Some(first.port())).len(), 1, "it is told of once");
}
