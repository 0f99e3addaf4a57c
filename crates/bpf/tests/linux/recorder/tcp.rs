//! TCP: every way to open and to close.

use std::io::Read;
use std::net::{Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};

use rustix::net::sockopt::{set_ipv6_v6only, set_socket_linger};
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, ipproto, listen, socket_with,
};
use sockets::{Ending, Evidence, Family, Role};

use super::scene::{Scene, end, loopback, opener, own_pid};

/// A connection over loopback: its client, the server's side and the two ports.
fn pair() -> (TcpStream, TcpStream, u16, u16) {
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let server = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(loopback(server)).unwrap();
    let (accepted, from) = listener.accept().unwrap();
    (client, accepted, from.port(), server)
}

/// Reads until the far end has closed.
fn exhaust(mut stream: &TcpStream) {
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn the_client_closes_first() {
    let Some(mut scene) = Scene::open() else { return };
    let (client, server, from, to) = pair();
    drop(client);
    // The server's kernel acknowledges, and its program has not closed yet.
    let (opened, closed) = scene.life(from, Some(to));
    assert_eq!((opened.role, opener(&opened)), (Role::Outgoing, Some(own_pid())));
    assert_eq!((opened.evidence, opened.family), (Evidence::Exact, Family::V4));
    assert_eq!(end(closed), (Ending::FinWait, Some(own_pid())));
    exhaust(&server);
    drop(server);
    let (opened, closed) = scene.life(to, Some(from));
    assert_eq!((opened.role, opener(&opened)), (Role::Incoming, Some(own_pid())));
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
    assert_eq!(scene.taker(opened.cookie), None, "its own process");
}

#[test]
fn the_server_closes_first() {
    let Some(mut scene) = Scene::open() else { return };
    let (client, server, from, to) = pair();
    drop(server);
    let (_, closed) = scene.life(to, Some(from));
    assert_eq!(end(closed), (Ending::FinWait, Some(own_pid())));
    exhaust(&client);
    drop(client);
    let (opened, closed) = scene.life(from, Some(to));
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
    let (since, until) = scene.span(opened.cookie);
    assert!(since < until && until - since < 20_000_000_000, "{since} to {until}");
}

#[test]
fn once_the_far_end_has_closed_too_it_is_in_time_wait() {
    let Some(mut scene) = Scene::open() else { return };
    let (client, server, from, to) = pair();
    client.shutdown(Shutdown::Write).unwrap();
    exhaust(&server);
    drop(server);
    let (_, closed) = scene.life(from, Some(to));
    assert_eq!(end(closed), (Ending::TimeWait, None), "its descriptor is open still");
}

#[test]
fn a_reset_is_ours_on_one_side_and_theirs_on_the_other() {
    let Some(mut scene) = Scene::open() else { return };
    let (client, server, from, to) = pair();
    set_socket_linger(&client, Some(std::time::Duration::ZERO)).unwrap();
    drop(client);
    let (_, closed) = scene.life(from, Some(to));
    assert_eq!(end(closed), (Ending::Aborted, Some(own_pid())));
    let (_, closed) = scene.life(to, Some(from));
    assert_eq!(end(closed), (Ending::Reset, None), "its descriptor is open still");
    drop(server);
    scene.drain();
    scene.life(to, Some(from));
}

#[test]
fn a_listener_is_bound_first_and_told_of_once_more() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (opened, closed) = scene.life(port, None);
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
    let roles: Vec<Role> = scene.tellings(port, None).iter().map(|told| told.role).collect();
    assert_eq!(roles, [Role::Bound, Role::Listening]);
    assert_eq!(opened.local.to_string(), format!("127.0.0.1:{port}"));
}

#[test]
fn bound_and_silent() {
    let Some(mut scene) = Scene::open() else { return };
    let silent =
        socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    bind(&silent, &loopback(0)).unwrap();
    let port = SocketAddr::try_from(rustix::net::getsockname(&silent).unwrap()).unwrap().port();
    drop(silent);
    let (opened, closed) = scene.life(port, None);
    assert_eq!((opened.role, opener(&opened)), (Role::Bound, Some(own_pid())));
    assert_eq!(end(closed), (Ending::Closed, Some(own_pid())));
}

#[test]
fn a_refused_connect_had_a_port() {
    let Some(mut scene) = Scene::open() else { return };
    // Bound and not listening: nobody else can listen there meanwhile.
    let refusing =
        socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    bind(&refusing, &loopback(0)).unwrap();
    let to = SocketAddr::try_from(rustix::net::getsockname(&refusing).unwrap()).unwrap().port();
    let client =
        socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    assert_eq!(connect(&client, &loopback(to)), Err(rustix::io::Errno::CONNREFUSED));
    let (opened, closed) = scene.wait("the refused connect", |scene| {
        let opened = scene.all_opened().find(|o| o.remote.is_some_and(|end| end.port.0 == to))?;
        Some((opened.clone(), scene.closed(opened.cookie)?))
    });
    assert_ne!(opened.local.port.0, 0);
    assert_eq!((opened.role, opener(&opened)), (Role::Outgoing, Some(own_pid())));
    assert_eq!(end(closed), (Ending::Refused, None), "its descriptor is open still");
}

#[test]
fn a_refused_connect_from_a_chosen_port_ends_and_the_port_is_kept() {
    for ours in ["127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]", "[::]"] {
        let Some(mut scene) = Scene::open() else { return };
        let ours: SocketAddr = format!("{ours}:0").parse().unwrap();
        let family = if ours.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let refusing =
            socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)
                .unwrap();
        bind(&refusing, &loopback(0)).unwrap();
        let to = SocketAddr::try_from(rustix::net::getsockname(&refusing).unwrap()).unwrap().port();
        let there: SocketAddr = match family {
            AddressFamily::INET => loopback(to),
            _ => format!("[::ffff:127.0.0.1]:{to}").parse().unwrap(),
        };
        // A port of our own choice, though the kernel proposed it.
        let from = TcpListener::bind(loopback(0)).unwrap().local_addr().unwrap().port();
        let client = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
        bind(&client, &SocketAddr::new(ours.ip(), from)).unwrap();
        let attempts = 2;
        for _ in 0..attempts {
            assert_eq!(connect(&client, &there), Err(rustix::io::Errno::CONNREFUSED));
        }
        drop(client);
        scene.wait("the end of all", |scene| {
            let cookie = scene.opened(from, Some(to))?.cookie;
            (scene.ends(cookie).len() > attempts).then_some(())
        });
        let cookie = scene.opened(from, Some(to)).unwrap().cookie;
        let told: Vec<(Role, String)> = scene
            .all_opened()
            .filter(|opened| opened.cookie == cookie)
            .map(|opened| (opened.role, opened.local.addr.to_string()))
            .collect();
        let bound = (Role::Bound, ours.ip().to_canonical().to_string());
        let tried = (Role::Outgoing, "127.0.0.1".to_owned());
        let expected = [&bound, &tried, &bound, &tried, &bound].map(Clone::clone);
        assert_eq!(told, expected, "{ours}");
        let ends: Vec<_> = scene.ends(cookie).into_iter().map(end).collect();
        let refused = (Ending::Refused, None);
        assert_eq!(ends, [refused, refused, (Ending::Closed, Some(own_pid()))], "{ours}");
    }
}

#[test]
fn ipv6_and_mapped_ipv4() {
    let Some(mut scene) = Scene::open() else { return };
    for v6only in [false, true] {
        let listener =
            socket_with(AddressFamily::INET6, SocketType::STREAM, SocketFlags::CLOEXEC, None)
                .unwrap();
        set_ipv6_v6only(&listener, v6only).unwrap();
        bind(&listener, &SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))).unwrap();
        listen(&listener, 8).unwrap();
        let to = SocketAddr::try_from(rustix::net::getsockname(&listener).unwrap()).unwrap().port();
        let opened = scene.wait("the listener", |scene| scene.opened(to, None));
        assert_eq!((opened.family, opened.v6only), (Family::V6, v6only));
        assert_eq!(opened.local.to_string(), format!("[::]:{to}"));
        let peer = if v6only { "[::1]" } else { "127.0.0.1" };
        let client = TcpStream::connect(format!("{peer}:{to}")).unwrap();
        let from = client.local_addr().unwrap().port();
        let server = scene.wait("the server's side", |scene| scene.opened(to, Some(from)));
        assert_eq!(server.family, Family::V6);
        assert_eq!(server.local.to_string(), format!("{peer}:{to}"), "plain, not mapped");
        assert_eq!(server.remote.unwrap().to_string(), format!("{peer}:{from}"));
    }
}

#[test]
fn nobody_ever_accepts() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(loopback(to)).unwrap();
    let from = client.local_addr().unwrap().port();
    drop(listener);
    let (opened, closed) = scene.life(to, Some(from));
    assert_eq!((opened.role, opener(&opened)), (Role::Incoming, Some(own_pid())));
    assert_eq!(closed.ending, Ending::Aborted, "the kernel resets it with its listener");
    let (_, closed) = scene.life(from, Some(to));
    assert_eq!(end(closed), (Ending::Reset, None));
}

#[test]
fn other_protocols_are_not_told_of() {
    let Some(mut scene) = Scene::open() else { return };
    let icmp = socket_with(
        AddressFamily::INET,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        Some(ipproto::ICMP),
    );
    drop(icmp);
    scene.drain();
    let protocols = scene.all_opened().map(|opened| opened.proto);
    assert!(protocols.into_iter().all(|proto| matches!(proto.name(), "tcp" | "udp")));
}
