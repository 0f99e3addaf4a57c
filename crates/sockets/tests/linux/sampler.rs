//! The sampler against what the tests did, and against the kernel's own list.

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use registry::{Port, Proto};
use rustix::net::sockopt;
use sockets::{
    Ending, Endpoint, Event, EventKind, NetnsScope, Opened, Pid, Role, Sampler, Source, Watcher,
    Watching,
};

use crate::children::{Child, argument, ready};
use crate::named::Named;
use crate::namespace::{in_fresh_netns, run};
use crate::owners::as_nobody;
use crate::sampled::{Sampled, listed};

fn port(addr: std::io::Result<SocketAddr>) -> u16 {
    addr.unwrap().port()
}

fn cookie(socket: impl AsFd) -> u64 {
    sockopt::socket_cookie(socket).unwrap()
}

/// More than two looks on an idle machine.
const LOOKS: Duration = Duration::from_millis(700);

/// Connects to its argument, and stays.
#[test]
#[ignore = "a role of connections_have_their_owners_and_roles"]
fn connects() {
    let Some(addr) = argument() else { return };
    let _stream = TcpStream::connect(addr).unwrap();
    ready();
}

/// Accepts from the listener on its standard input, and stays.
#[test]
#[ignore = "a role of connections_have_their_owners_and_roles"]
fn accepts() {
    if argument().is_none() {
        return;
    }
    let listener = TcpListener::from(std::io::stdin().as_fd().try_clone_to_owned().unwrap());
    let _stream = listener.accept().unwrap();
    ready();
}

#[test]
fn connections_have_their_owners_and_roles() {
    in_fresh_netns(|| {
        let mut sampled = Sampled::begin(Sampler::BUFFER_BYTES);
        assert_eq!(sampled.sampler.watching(), Watching::Sampling);
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let us = Pid(std::process::id());
        sampled.until("listener", |s| s.on(Proto::Tcp, 8080)?.opener);
        let null: OwnedFd = std::fs::File::open("/dev/null").unwrap().into();
        let client = Child::playing("sampler::connects", "127.0.0.1:8080", null);
        let worker = Child::playing("sampler::accepts", "", listener.try_clone().unwrap().into());
        let (mine, other) = sampled.until("owners", |s| {
            let all = s.sockets();
            let role = |role| all.values().copied().find(move |o| o.role == role);
            let outgoing = role(Role::Outgoing).filter(|o| o.opener.is_some())?;
            let incoming = role(Role::Incoming).filter(|o| o.opener.is_some())?;
            Some((outgoing.clone(), incoming.clone()))
        });
        assert_eq!(mine.opener.unwrap().pid, Pid(client.pid()));
        assert_eq!(mine.remote.unwrap().port, Port(8080));
        assert_eq!((other.opener.unwrap().pid, other.local), (us, mine.remote.unwrap()));
        assert_eq!((other.remote, mine.uid), (Some(mine.local), 0));
        let taker = sampled.until("taker", |s| taker(&s.events, other.cookie));
        assert_eq!(taker, Pid(worker.pid()));
        let key = mine.opener.unwrap();
        drop(client);
        sampled
            .until("exit", |s| s.events.iter().find(|e| e.kind == EventKind::Exited(key)).cloned());
        assert_eq!(sampled.until("end", |s| s.end(mine.cookie)).1.closer, None);
        let listening = sampled.on(Proto::Tcp, 8080).map(|o| o.role);
        assert!(matches!(listening, Some(Role::Listening | Role::Incoming)));
        sampled.check();
    });
}

fn taker(events: &[Event], socket: u64) -> Option<Pid> {
    events.iter().find_map(|event| match event.kind {
        EventKind::Taken { cookie, by } if cookie == socket => Some(by.pid),
        _ => None,
    })
}

/// A connection that one call opens and closes: no look sees it.
#[test]
fn a_connection_that_no_look_saw_is_told_without_an_owner() {
    in_fresh_netns(|| {
        let mut sampled = Sampled::begin(Sampler::BUFFER_BYTES);
        let before = since_boot();
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let client = TcpStream::connect("127.0.0.1:8080").unwrap();
        let server = listener.accept().unwrap().0;
        let own = port(client.local_addr());
        drop(client);
        drop(server);
        let after = since_boot();
        let told = sampled.until("client", |s| s.on(Proto::Tcp, own).cloned());
        assert_eq!((told.opener, told.uid, told.role), (None, Opened::NO_UID, Role::Outgoing));
        assert_eq!(told.remote.unwrap().to_string(), "127.0.0.1:8080");
        let (ended, closed) = sampled.end(told.cookie).unwrap();
        assert_eq!(closed.ending, Ending::TimeWait);
        let late = after + 50_000_000;
        assert!((before..late).contains(&ended.0), "{before} {ended:?} {after}");
        let all = sampled.sockets();
        let other = all.values().find(|o| o.remote == Some(told.local)).unwrap();
        assert_eq!((other.role, other.uid), (Role::Incoming, Opened::NO_UID));
        assert_eq!(other.opener.unwrap().pid, Pid(std::process::id()), "the listener's holder");
        assert_eq!(sampled.end(other.cookie).unwrap().1.ending, Ending::Closed);
        sampled.check();
    });
}

fn since_boot() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}

/// How the client's and the server's end of a connection end, that lives for `life`.
fn endings(life: Duration, end: impl FnOnce(TcpStream, TcpStream)) -> (Ending, Ending) {
    let listener = TcpListener::bind("[::]:0").unwrap();
    let mut sampled = Sampled::begin(Sampler::BUFFER_BYTES);
    let addr = SocketAddr::from(([127, 0, 0, 1], port(listener.local_addr())));
    let client = TcpStream::connect(addr).unwrap();
    let server = listener.accept().unwrap().0;
    let cookies = [cookie(&client), cookie(&server)];
    sampled.rest(life);
    end(client, server);
    let ends = cookies.map(|cookie| sampled.until("end", |s| s.end(cookie)).1.ending);
    let all = sampled.sockets();
    assert!(all.values().all(|o| o.remote.is_none_or(|r| r.addr.is_ipv4())), "mapped: {all:?}");
    sampled.check();
    (ends[0], ends[1])
}

#[test]
fn the_order_of_closing_shows_as_far_as_it_can() {
    in_fresh_netns(|| {
        for life in [LOOKS, Duration::ZERO] {
            let client_first = endings(life, |client, mut server| {
                drop(client);
                assert_eq!(server.read(&mut [0]).unwrap(), 0);
            });
            assert_eq!(client_first, (Ending::TimeWait, Ending::Closed), "{life:?}");
            let server_first = endings(life, |mut client, server| {
                drop(server);
                assert_eq!(client.read(&mut [0]).unwrap(), 0);
            });
            assert_eq!(server_first, (Ending::Closed, Ending::TimeWait), "{life:?}");
            let reset = endings(life, |client, server| {
                sockopt::set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
                drop(client);
                drop(server);
            });
            let seen = if life.is_zero() { Ending::Unseen } else { Ending::Aborted };
            assert_eq!(reset, (seen, Ending::Closed), "{life:?}");
        }
    });
}

/// The kernel tells of the end of a socket when its descriptor closes, however long it has had no
/// port by then.
#[test]
fn a_reset_connection_that_stays_open_ends_once() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sampled = Sampled::begin(Sampler::BUFFER_BYTES);
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let server = listener.accept().unwrap().0;
        let cookie = cookie(&client);
        sampled.rest(LOOKS);
        sockopt::set_socket_linger(&server, Some(Duration::ZERO)).unwrap();
        drop(server);
        assert_eq!(sampled.until("end", |s| s.end(cookie)).1.ending, Ending::Unseen);
        drop(client);
        sampled.rest(LOOKS);
        sampled.check();
        assert_eq!(sampled.open(), listed());
    });
}

#[test]
fn a_socket_is_told_of_again_when_it_changes() {
    in_fresh_netns(|| {
        let mut sampled = Sampled::begin(Sampler::BUFFER_BYTES);
        let bound = crate::holders::Spec::tcp("::").v6only().bind(Port(8080)).unwrap();
        let told = sampled.until("bound", |s| s.on(Proto::Tcp, 8080).cloned());
        assert_eq!((told.role, told.v6only, told.remote), (Role::Bound, true, None));
        rustix::net::listen(&bound, 1).unwrap();
        sampled.until("listening", |s| {
            s.on(Proto::Tcp, 8080).filter(|o| o.role == Role::Listening).map(|_| ())
        });
        let datagrams = UdpSocket::bind("127.0.0.1:5353").unwrap();
        let told = sampled.until("udp", |s| s.on(Proto::Udp, 5353).cloned());
        assert_eq!((told.role, told.remote), (Role::Bound, None));
        assert_eq!(told.opener.unwrap().pid, Pid(std::process::id()));
        datagrams.connect("127.0.0.1:53").unwrap();
        let peer = Endpoint { addr: [127, 0, 0, 1].into(), port: Port(53) };
        sampled.until("udp peer", |s| {
            s.on(Proto::Udp, 5353).filter(|o| o.remote == Some(peer)).map(|_| ())
        });
        let socket = cookie(&datagrams);
        drop(datagrams);
        assert_eq!(sampled.until("udp end", |s| s.end(socket)).1.ending, Ending::Closed);
        sampled.check();
    });
}

/// Sockets of all kinds, opened and closed at any moment: in the end what was told is what is.
#[test]
fn what_was_told_to_be_open_is_what_is() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let mut sampled = Sampled::begin(Sampler::BUFFER_BYTES);
        let (mut kept, mut state) = (Vec::<OwnedFd>::new(), 7_u32);
        for _ in 0..3_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match state >> 16 & 3 {
                0 => kept.push(UdpSocket::bind("127.0.0.1:0").unwrap().into()),
                1 => {
                    kept.push(TcpStream::connect("127.0.0.1:8080").unwrap().into());
                    kept.push(listener.accept().unwrap().0.into());
                }
                _ if !kept.is_empty() => _ = kept.swap_remove(state as usize % kept.len()),
                _ => {}
            }
            if state >> 20 & 15 == 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        sampled.rest(3 * LOOKS);
        sampled.check();
        assert_eq!(sampled.open(), listed());
        assert!(!sampled.events.iter().any(|e| matches!(e.kind, EventKind::Lost { .. })));
        assert!(sampled.sockets().len() > 1_000);
    });
}

#[test]
fn what_the_kernel_could_not_tell_is_told_to_be_lost() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let mut sampled = Sampled::begin(1);
        let long = TcpStream::connect("127.0.0.1:8080").unwrap();
        sampled.rest(LOOKS);
        drop(listener.accept().unwrap());
        for _ in 0..500 {
            drop(TcpStream::connect("127.0.0.1:8080").unwrap());
            drop(listener.accept().unwrap());
        }
        drop(long);
        let (at, since) = sampled.until("loss", |s| {
            s.events.iter().find_map(|event| match event.kind {
                EventKind::Lost { since, events: 1.. } => Some((event.at, since)),
                _ => None,
            })
        });
        assert!(since < at);
        sampled.sampler.survey(&mut sampled.events).unwrap();
        sampled.rest(3 * LOOKS);
        sampled.check();
        assert_eq!(sampled.open(), listed());
    });
}

#[test]
fn without_the_kernels_word_two_looks_that_miss_a_socket_end_it() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let long = TcpStream::connect("127.0.0.1:8080").unwrap();
        let served = listener.accept().unwrap().0;
        let cookies = [cookie(&listener), cookie(&long), cookie(&served)];
        let mut sampled = Sampled::begin(0);
        let lines = sampled.sampler.shortcomings().join("\n");
        assert!(lines.contains("does not tell of ended sockets"), "{lines}");
        let client = TcpStream::connect("127.0.0.1:8080").unwrap();
        let own = port(client.local_addr());
        drop(client);
        drop(listener.accept().unwrap());
        let told = sampled.until("tail", |s| s.on(Proto::Tcp, own).cloned());
        assert_eq!(sampled.end(told.cookie).unwrap().1.ending, Ending::TimeWait);
        drop((listener, long, served));
        let ends = cookies.map(|cookie| sampled.until("end", |s| s.end(cookie)).1.ending);
        assert_eq!(ends, [Ending::Unseen, Ending::TimeWait, Ending::Unseen]);
        sampled.rest(LOOKS);
        sampled.check();
        assert_eq!(sampled.open(), listed());
    });
}

#[test]
fn nobody_hears_of_ends_but_sees_no_owners_of_others() {
    in_fresh_netns(|| {
        let held = Child::of(TcpListener::bind("127.0.0.1:8081").unwrap());
        as_nobody(|| {
            let mut sampled = Sampled::begin(Sampler::BUFFER_BYTES);
            let told = sampled.on(Proto::Tcp, 8081).cloned().unwrap();
            assert_eq!((told.opener, told.uid, told.role), (None, 0, Role::Listening));
            let lines = sampled.sampler.shortcomings().join("\n");
            assert!(lines.contains("may not be looked into"), "{lines}");
            let ours = UdpSocket::bind("127.0.0.1:5353").unwrap();
            // The process is root's, only its thread is nobody's: it takes a second look.
            let opener = sampled.until("ours", |s| s.on(Proto::Udp, 5353)?.opener);
            let told = sampled.on(Proto::Udp, 5353).cloned().unwrap();
            assert_eq!((told.uid, opener.pid), (65534, Pid(std::process::id())));
            drop(ours);
            assert_eq!(sampled.until("end", |s| s.end(told.cookie)).1.ending, Ending::Closed);
            sampled.check();
        });
        drop(held);
    });
}

/// A namespace is found when it comes, watched, and let go of when nobody is in it.
#[test]
fn namespaces_come_and_go() {
    in_fresh_netns(|| {
        let mut sampled = Sampled::within(NetnsScope::All, Sampler::BUFFER_BYTES);
        let named = Named::add("sampler");
        let link: &[&str] = &["ip", "link", "add", "watched", "type", "veth"];
        run(&[link, &["peer", "name", "eth9", "netns", &named.name]].concat());
        named.run(&["ip", "link", "set", "lo", "up"]);
        let id: u64 =
            named.run(&["stat", "-Lc", "%i", "/proc/self/ns/net"]).trim().parse().unwrap();
        sampled.rest(2 * LOOKS);
        let seconds = "import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); \
                       s.bind(('127.0.0.1', 7711)); time.sleep(1)";
        named.run(&["python3", "-c", seconds]);
        let told = sampled.until("theirs", |s| s.on(Proto::Udp, 7711).cloned());
        assert_eq!(told.netns.0, id);
        assert_eq!(sampled.until("their end", |s| s.end(told.cookie)).1.ending, Ending::Closed);
        drop(named);
        let gone = || !run(&["ip", "-o", "link"]).contains("watched");
        sampled.until("the namespace goes", |_| gone().then_some(()));
    });
}

#[test]
fn a_namespace_that_is_not_there_cannot_be_watched() {
    let nowhere = NetnsScope::One(sockets::NetnsId(1));
    assert!(Sampler::open(nowhere, Sampler::BUFFER_BYTES).is_err());
    let own = sockets::host().sockets(&sockets::Query::default()).unwrap().netns[0].id;
    assert!(Sampler::open(NetnsScope::One(own), Sampler::BUFFER_BYTES).is_ok());
}
