//! A buffer that is too small: what is lost is counted, no more and no less.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use bpf::Options;
use sockets::{EventKind, Evidence, ProgramKey, Role};

use super::scene::{Scene, loopback, now, own_pid};

#[test]
fn losses_are_counted() {
    let Some(mut scene) = Scene::with(Options { ring: 4096 }) else { return };
    // What it has told by now stays out of the count.
    scene.drain();
    scene.events.clear();
    for _ in 0..SOCKETS {
        drop(UdpSocket::bind(loopback(0)).unwrap());
    }
    scene.drain();
    let is_ours = |key: Option<ProgramKey>| key.is_some_and(|key| key.pid == own_pid());
    let (mut told, mut of_others, mut lost) = (0, 0, 0);
    for event in &scene.events {
        match &event.kind {
            EventKind::Opened(opened) if is_ours(opened.opener) => told += 1,
            EventKind::Closed(closed) if is_ours(closed.closer) => told += 1,
            EventKind::Lost { since, events } => {
                assert!(since < &event.at);
                lost += events;
            }
            _ => of_others += 1,
        }
    }
    // One record when each opens, one when it closes. Our other tests, and other people, make more.
    assert!(told < 2 * SOCKETS, "nothing was lost");
    assert!(told + lost >= 2 * SOCKETS, "{told} told, {lost} lost");
    println!("{told} told, {lost} lost, {of_others} of others");
    scene.events.clear();
    let after = UdpSocket::bind(loopback(0)).unwrap().local_addr().unwrap().port();
    scene.wait("what comes after", |scene| scene.opened(after, None));
}

#[test]
fn what_a_survey_tells_after_a_loss_is_as_it_was_seen() {
    let Some(mut scene) = Scene::with(Options { ring: 4096 }) else { return };
    scene.drain();
    let listener = TcpListener::bind(loopback(0)).unwrap();
    // These fill the buffer, so that the next ones find no room.
    let _fill: Vec<UdpSocket> = (0..200).map(|_| UdpSocket::bind(loopback(0)).unwrap()).collect();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let connected = now();
    let (local, remote) = (client.local_addr().unwrap(), listener.local_addr().unwrap());
    std::thread::sleep(Duration::from_millis(20));
    scene.drain();
    scene.events.clear();
    scene.survey();
    let (found, from) = scene.opened_at(local.port(), remote.port());
    assert_eq!((found.role, found.evidence), (Role::Outgoing, Evidence::Exact));
    assert!(from <= connected, "{from} ns, and it was connected at {connected}");
    let (found, from) = scene.opened_at(remote.port(), local.port());
    assert_eq!((found.role, found.evidence), (Role::Incoming, Evidence::OpenAtStart));
    assert!(from > connected, "nobody has accepted it, so that `sock_diag` alone tells of it");
}

const SOCKETS: u64 = 1000;
