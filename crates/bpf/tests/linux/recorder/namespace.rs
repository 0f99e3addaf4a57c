//! Another network namespace: its sockets are told of too, and there a SYN can be lost.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::Command;
use std::thread;

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, getsockname, listen, socket_with,
};
use rustix::thread::UnshareFlags;
use sockets::{Ending, NetnsId, Role};

use super::role;
use super::scene::{Scene, loopback, opener, own_pid};

/// Runs `test` on a thread in a network namespace of its own, with `lo` up.
pub(super) fn inside(test: impl FnOnce(NetnsId) + Send) {
    let body = || {
        #[expect(deprecated, reason = "only unsharing the descriptor table is unsafe")]
        let unshared = rustix::thread::unshare(UnshareFlags::NEWNET);
        unshared.unwrap();
        let up = Command::new("ip").args(["link", "set", "lo", "up"]).status().unwrap();
        assert!(up.success());
        let own = rustix::fs::stat("/proc/thread-self/ns/net").unwrap().st_ino;
        test(NetnsId(own));
    };
    thread::scope(|scope| {
        if let Err(panic) = scope.spawn(body).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

#[test]
fn sockets_of_another_namespace() {
    let Some(mut scene) = Scene::open() else { return };
    let mut found = None;
    inside(|own| {
        let listener = TcpListener::bind(loopback(0)).unwrap();
        found = Some((own, listener.local_addr().unwrap().port()));
    });
    let (netns, port) = found.unwrap();
    let opened = scene.wait("the listener", |scene| {
        let all = scene.tellings(port, None);
        all.into_iter().find(|opened| opened.netns == netns)
    });
    assert_eq!(opener(&opened), Some(own_pid()));
    scene.wait("its end", |scene| scene.closed(opened.cookie));
}

#[test]
fn a_connect_without_an_answer_shows_after_a_second() {
    let Some(mut scene) = Scene::open() else { return };
    inside(|own| {
        std::fs::write("/proc/sys/net/ipv4/tcp_syn_retries", "1").unwrap();
        let (full, _waiting) = full_listener();
        let made =
            socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::NONBLOCK, None);
        let client = made.unwrap();
        assert_eq!(connect(&client, &full), Err(Errno::INPROGRESS));
        let from = SocketAddr::try_from(getsockname(&client).unwrap()).unwrap().port();
        let opened = scene.wait("the connect", |scene| {
            let all = scene.tellings(from, Some(full.port()));
            all.into_iter().find(|opened| opened.netns == own)
        });
        assert_eq!((opened.role, opener(&opened)), (Role::Outgoing, Some(own_pid())));
        assert_eq!(scene.closed(opened.cookie), None, "it still tries");
        let closed = scene.wait("the timeout", |scene| scene.closed(opened.cookie));
        assert_eq!(closed.ending, Ending::TimedOut);
        let (from, until) = scene.span(opened.cookie);
        assert!(until - from > 1_000_000_000, "it began to try when it was called");
    });
}

/// A listener whose backlog is full, so that it answers no SYN, and what fills it.
pub(super) fn full_listener() -> (SocketAddr, Vec<OwnedFd>) {
    let listener =
        socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    bind(&listener, &loopback(0)).unwrap();
    listen(&listener, 0).unwrap();
    let to = SocketAddr::try_from(getsockname(&listener).unwrap()).unwrap();
    let client =
        socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    connect(&client, &to).unwrap();
    (to, vec![listener, client])
}

#[test]
fn a_time_namespace_with_another_clock_is_refused() {
    if Scene::open().is_none() {
        return;
    }
    let mut unshare = Command::new("unshare");
    unshare.args(["--time", "--boottime", "100000", "--fork", "--"]);
    unshare.arg(std::env::current_exe().unwrap());
    let receiver = UdpSocket::bind(loopback(0)).unwrap();
    let mut child = role::play_by(unshare, role::Role::RecordElsewhen, receiver);
    assert!(child.wait().unwrap().success());
}
