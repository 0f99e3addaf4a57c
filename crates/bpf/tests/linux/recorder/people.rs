//! Who: other processes that accept, get passed, close last, live briefly, and become another
//! program.

use std::io::{BufRead, BufReader, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use rustix::net::{
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, accept, connect, connect_unspec, sendmsg,
};
use sockets::{Ending, EventKind, Pid};

use super::role::{Role, play};
use super::scene::{Scene, end, loopback, opener, own_pid};

fn pid_of(child: &std::process::Child) -> Pid {
    Pid(child.id())
}

fn words(cmdline: Option<&Vec<Vec<u8>>>) -> String {
    let words = cmdline.expect("arguments").iter();
    words.map(|word| String::from_utf8_lossy(word)).collect::<Vec<_>>().join(" ")
}

/// A listener, and the two ports of a connection to it that was reset by its client and nobody has accepted.
fn reset_before_accepted() -> (TcpListener, u16, u16) {
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(loopback(to)).unwrap();
    let from = client.local_addr().unwrap().port();
    set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
    drop(client);
    (listener, from, to)
}

#[test]
fn another_process_accepts() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let mut worker = play(Role::Accept, listener.try_clone().unwrap());
    let mut client = TcpStream::connect(loopback(to)).unwrap();
    let from = client.local_addr().unwrap().port();
    client.write_all(b"x").unwrap();
    assert!(worker.wait().unwrap().success());
    drop(client);
    let (opened, closed) = scene.life(to, Some(from));
    assert_eq!(opener(&opened), Some(own_pid()), "who made the listener");
    let taker = scene.taker(opened.cookie).expect("a taker");
    assert_eq!(taker.pid, pid_of(&worker));
    assert!(closed.ending.leaves_tail() && end(closed).1 == Some(pid_of(&worker)), "{closed:?}");
    let program = scene.program(taker);
    assert!(words(program.process.cmdline.as_ref()).ends_with("a word to know it by"));
}

#[test]
fn who_accepts_shows_while_a_connection_lives() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let mut client = TcpStream::connect(loopback(to)).unwrap();
    let (_in_backlog, from) = ((), client.local_addr().unwrap().port());
    thread::sleep(Duration::from_millis(150));
    let mut worker = play(Role::Accept, listener.try_clone().unwrap());
    client.write_all(b"x").unwrap();
    let taker = scene.wait("the taker", |scene| scene.taker(scene.opened(to, Some(from))?.cookie));
    assert_eq!(taker.pid, pid_of(&worker));
    assert!(worker.wait().unwrap().success());
}

#[test]
fn who_accepted_is_known_though_it_was_reset_before() {
    let Some(mut scene) = Scene::open() else { return };
    let (listener, from, to) = reset_before_accepted();
    let mut worker = play(Role::AcceptOnly, listener.try_clone().unwrap());
    assert!(worker.wait().unwrap().success());
    let (opened, closed) = scene.life(to, Some(from));
    assert_eq!(end(closed), (Ending::Reset, None));
    scene.drain();
    assert_eq!(scene.taker(opened.cookie).map(|key| key.pid), Some(pid_of(&worker)));
}

#[test]
fn what_nobody_used_has_ended_before_its_socket_connects_elsewhere() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let elsewhere = TcpListener::bind(loopback(0)).unwrap();
    let there = elsewhere.local_addr().unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // To ask who called would be a use.
    let accepted = TcpStream::from(accept(&listener).unwrap());
    connect_unspec(&accepted).unwrap();
    connect(&accepted, &there).unwrap();
    let from = accepted.local_addr().unwrap().port();
    let opened = scene.wait("it", |scene| scene.opened(from, Some(there.port())));
    let told = scene.events.iter().map(|event| &event.kind);
    let kinds: Vec<bool> = told
        .filter_map(|kind| match kind {
            EventKind::Opened(other) => (other.cookie == opened.cookie).then_some(true),
            EventKind::Closed(other) => (other.cookie == opened.cookie).then_some(false),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, [true, false, true]);
}

#[test]
fn what_is_held_back_is_told_to_who_comes_no_more() {
    let Some(mut scene) = Scene::open() else { return };
    let (_listener, from, to) = reset_before_accepted();
    scene.finish();
    let opened = scene.opened(to, Some(from)).expect("what came in");
    let closed = scene.closed(opened.cookie).expect("its end");
    assert_eq!(closed.ending, Ending::Reset);
}

#[test]
fn a_child_closes_last() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut cat = Command::new("cat")
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(std::os::fd::OwnedFd::from(listener))
        .spawn();
    let cat = cat.as_mut().unwrap();
    let opened = scene.wait("the listener", |scene| scene.opened(port, None));
    thread::sleep(Duration::from_millis(50));
    scene.drain();
    assert_eq!(scene.closed(opened.cookie), None, "the child holds it");
    cat.kill().unwrap();
    cat.wait().unwrap();
    let (opened, closed) = scene.life(port, None);
    assert_eq!(opener(&opened), Some(own_pid()));
    assert_eq!(end(closed), (Ending::Closed, Some(pid_of(cat))));
    let program = scene.program(closed.closer.unwrap());
    assert_eq!(
        (&program.process.comm[..], words(program.process.cmdline.as_ref())),
        (&b"cat"[..], "cat -".into())
    );
    assert_eq!(program.process.ancestry[0].pid, own_pid());
}

#[test]
fn who_inherits_a_connection_that_its_acceptor_used_did_not_accept_it() {
    let Some(mut scene) = Scene::open() else { return };
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let mut client = TcpStream::connect(loopback(to)).unwrap();
    let from = client.local_addr().unwrap().port();
    let (mut server, _) = listener.accept().unwrap();
    client.write_all(b"x").unwrap();
    server.read_exact(&mut [0]).unwrap();
    let mut cat = Command::new("cat")
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(std::os::fd::OwnedFd::from(server))
        .spawn()
        .unwrap();
    cat.kill().unwrap();
    cat.wait().unwrap();
    drop(client);
    let (opened, closed) = scene.life(to, Some(from));
    assert_eq!(
        (opener(&opened), closed.closer.map(|key| key.pid)),
        (Some(own_pid()), Some(pid_of(&cat)))
    );
    assert_eq!(scene.taker(opened.cookie), None, "we accepted it");
}

#[test]
fn a_socket_is_passed_on() {
    let Some(mut scene) = Scene::open() else { return };
    let receiver = UdpSocket::bind(loopback(0)).unwrap();
    let socket = UdpSocket::bind(loopback(0)).unwrap();
    socket.connect(receiver.local_addr().unwrap()).unwrap();
    let (port, to) = (socket.local_addr().unwrap().port(), receiver.local_addr().unwrap().port());
    socket.send(b"x").unwrap();
    // What is used soon after it was opened is told of at its end.
    thread::sleep(Duration::from_millis(150));
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut other = play(Role::Receive, theirs);
    let fds = [socket.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&fds)));
    sendmsg(&ours, &[IoSlice::new(b"x")], &mut ancillary, SendFlags::empty()).unwrap();
    drop(socket);
    assert!(other.wait().unwrap().success());
    let (opened, closed) = scene.life(port, Some(to));
    assert_eq!(opener(&opened), Some(own_pid()));
    assert_eq!(scene.taker(opened.cookie).map(|key| key.pid), Some(pid_of(&other)));
    assert_eq!(end(closed), (Ending::Closed, Some(pid_of(&other))));
}

#[test]
fn a_process_that_is_gone_is_named() {
    let Some(mut scene) = Scene::open() else { return };
    let own = scene_of_our_own();
    let mut brief = play(Role::Brief, UnixStream::pair().unwrap().0);
    assert!(brief.wait().unwrap().success());
    // Only now do we look: it is long gone.
    let (opened, closed) = scene.wait("its socket", |scene| {
        let is_its = |o: &&sockets::Opened| opener(o) == Some(pid_of(&brief));
        let opened = scene.all_opened().filter(is_its).last()?.clone();
        Some((opened.clone(), scene.closed(opened.cookie)?))
    });
    assert_eq!(opened.remote.map(|end| end.port.0), Some(9));
    assert_eq!(closed.closer, opened.opener);
    let program = scene.program(opened.opener.unwrap());
    let process = &program.process;
    assert_eq!(process.exe, std::env::current_exe().ok());
    assert!(words(process.cmdline.as_ref()).ends_with("a word to know it by"));
    assert_eq!(process.user.uid, rustix::process::geteuid().as_raw());
    assert_eq!(process.ancestry.first().map(|parent| parent.pid), Some(own_pid()));
    assert_eq!(process.place, own.place);
    assert_eq!(process.start_ticks, program.key.start_ticks);
}

/// We as `/proc` has us.
fn scene_of_our_own() -> sockets::Process {
    sockets::Processes::open().unwrap().process(own_pid()).unwrap()
}

#[test]
fn a_process_becomes_another_program() {
    let Some(mut scene) = Scene::open() else { return };
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut changing = play(Role::BecomeCat, theirs);
    let opened = scene.wait("its socket", |scene| {
        let is_its = |o: &&sockets::Opened| opener(o) == Some(pid_of(&changing));
        scene.all_opened().find(is_its).cloned()
    });
    drop(ours);
    changing.wait().unwrap();
    let closed = scene.wait("its end", |scene| scene.closed(opened.cookie));
    let (before, after) = (opened.opener.unwrap(), closed.closer.unwrap());
    assert_eq!((before.pid, before.start_ticks), (after.pid, after.start_ticks));
    assert_eq!(after.exec, before.exec + 1);
    let (before, after) = (scene.program(before), scene.program(after));
    assert_eq!(words(after.process.cmdline.as_ref()), "cat");
    assert_eq!(before.process.exe, std::env::current_exe().ok());
    assert!(before.since <= after.since, "{:?} {:?}", before.since, after.since);
    assert_eq!(scene.taker(opened.cookie), None, "it is the same process");
    scene.wait("its exit", |scene| {
        let exits = |event: &&sockets::Event| event.kind == sockets::EventKind::Exited(after.key);
        scene.events.iter().find(exits).map(|_| ())
    });
}

/// Servers begin as root and go on as somebody else, also under another name, without execve(2).
#[test]
fn a_process_that_took_another_user_and_name_is_told_of_anew() {
    let Some(mut scene) = Scene::open() else { return };
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: to become another user needs root");
        return;
    }
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    for script in ["*L = *STDIN;", OWN_LISTENER] {
        let mut perl = Command::new("perl")
            .args(["-MSocket", "-e", &format!("{script} {AS_NOBODY}")])
            .stdin(std::os::fd::OwnedFd::from(listener.try_clone().unwrap()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("perl-base is on every Debian");
        let mut port = String::new();
        BufReader::new(perl.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let port = port.trim().parse().unwrap();
        assert_eq!(port == to, script.starts_with('*'));
        let mut client = TcpStream::connect(loopback(port)).unwrap();
        let from = client.local_addr().unwrap().port();
        client.write_all(b"x").unwrap();
        assert!(perl.wait().unwrap().success());
        let (opened, _) = scene.life(port, Some(from));
        let key = scene.taker(opened.cookie).or(opened.opener).unwrap();
        assert_eq!(key.pid, pid_of(&perl));
        let told = scene.events.iter().filter_map(|event| match &event.kind {
            sockets::EventKind::Program(program) if program.key == key => Some(&program.process),
            _ => None,
        });
        let told: Vec<_> = told.map(|process| (&process.comm[..], process.user.uid)).collect();
        assert_eq!(told.first(), Some(&(&b"perl"[..], 0)), "{told:?}");
        assert_eq!(told.last(), Some(&(&b"worker"[..], 65534)), "{told:?}");
    }
}

const OWN_LISTENER: &str = "socket(L, AF_INET, SOCK_STREAM, 0)
    && bind(L, sockaddr_in(0, INADDR_LOOPBACK)) && listen(L, 3) or die;";
const AS_NOBODY: &str = r#"$) = 65534; $> = 65534; $0 = "worker";
    syswrite STDOUT, (unpack_sockaddr_in(getsockname L))[0] . "\n";
    accept(C, L) && sysread(C, $byte, 1) or die;"#;
