//! Who holds a socket: the search against what the tests did, and against `ss(8)` and `lsof(8)`.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use registry::{Port, PortRange};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use sockets::{Linux, Method, Note, Owners, Ownership, Pid, Ports, Query, Search, Socket, Source};

use crate::children::{Child, argument, ready};
use crate::namespace::{in_fresh_netns, run};

/// The sockets of our network namespace with this local port.
pub(crate) fn sockets_on(port: u16) -> Vec<Socket> {
    let range = PortRange::new(Port(port), Port(port)).unwrap();
    let query = Query { ports: Ports::Local(range), ..Query::default() };
    sockets::host().sockets(&query).unwrap().sockets
}

fn owners(sockets: &[Socket]) -> Ownership {
    sockets::host().owners(sockets, Search::Full)
}

/// The pids and descriptors of the holders of `socket`.
pub(crate) fn holders(ownership: &Ownership, socket: &Socket) -> Vec<(u32, u32)> {
    match ownership.of(socket) {
        Owners::Known(holders) => holders.iter().map(|h| (h.process.pid.0, h.fd)).collect(),
        other => panic!("{other:?}"),
    }
}

/// Holds that nobody was found for `socket`, which is then `expected`, or hidden where the test
/// itself may not look into every process.
fn assert_unowned(ownership: &Ownership, socket: &Socket, expected: &Owners<'_>) {
    let blind = ownership.notes().iter().any(|note| {
        matches!(note, Note::ProcessesUnreadable { .. } | Note::ProcessesInvisible { .. })
    });
    let hidden = Owners::Hidden { uid: socket.uid };
    assert_eq!(ownership.of(socket), if blind { hidden } else { expected.clone() });
}

fn fd(fd: &impl AsRawFd) -> u32 {
    fd.as_raw_fd().cast_unsigned()
}

/// Runs `test` on a thread of its own as the user nobody.
pub(crate) fn as_nobody(test: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let as_nobody = || {
            let nobody = rustix::process::Uid::from_raw(65534);
            rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
            test();
        };
        if let Err(panic) = scope.spawn(as_nobody).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

#[test]
fn our_own_sockets_are_ours() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let second = listener.try_clone().unwrap();
        let sockets = sockets_on(8080);
        let ownership = owners(&sockets);
        let us = std::process::id();
        let mut expected = vec![(us, fd(&listener)), (us, fd(&second))];
        expected.sort_unstable();
        assert_eq!(holders(&ownership, &sockets[0]), expected);
        assert_eq!(ownership.processes().len(), 1);
        assert_eq!(ownership.processes()[0].pid, Pid(us));
        assert_eq!(ownership.method(), Method::Walk);
        assert!(!ownership.notes().iter().any(|note| matches!(note, Note::SearchNarrowed { .. })));
    });
}

#[test]
fn every_process_that_inherited_a_socket_holds_it() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let children = [Child::of(&listener), Child::of(&listener)];
        let sockets = sockets_on(8080);
        let ownership = owners(&sockets);
        let mut expected: Vec<_> = children.iter().map(|child| (child.pid(), 0)).collect();
        expected.push((std::process::id(), fd(&listener)));
        expected.sort_unstable();
        assert_eq!(holders(&ownership, &sockets[0]), expected);
        let child = ownership.processes().iter().find(|p| p.pid.0 == children[0].pid()).unwrap();
        assert_eq!(child.comm, b"sleep");
        assert_eq!(child.cmdline, Some(vec![b"sleep".to_vec(), b"300".to_vec()]));
        assert!(child.exe.as_ref().unwrap().is_absolute());
        assert_eq!(child.user.name.as_deref(), Some("root"));
        assert_eq!(child.ancestry[0].pid, Pid(std::process::id()));
        let age = child.started.elapsed().unwrap_or_default();
        assert!(age < Duration::from_secs(30), "started {age:?} ago");
        drop(listener);
        assert_eq!(holders(&owners(&sockets), &sockets[0]).len(), 2);
    });
}

#[test]
fn a_connection_not_yet_accepted_is_the_kernels() {
    in_fresh_netns(|| {
        let _listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let _client = TcpStream::connect("127.0.0.1:8080").unwrap();
        let sockets = sockets_on(8080);
        let waiting = sockets.iter().find(|socket| socket.remote.port != Port(0)).unwrap();
        let ownership = owners(&sockets);
        assert_eq!(ownership.of(waiting), Owners::Kernel);
        assert_eq!(ownership.processes().len(), 1);
    });
}

/// Sends `fd` over `stream`.
fn pass(stream: &UnixStream, fd: impl AsFd) {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let fds = [fd.as_fd()];
    assert!(control.push(SendAncillaryMessage::ScmRights(&fds)));
    sendmsg(stream, &[IoSlice::new(b"x")], &mut control, SendFlags::empty()).unwrap();
}

/// Takes the descriptor that was sent to its standard input, and keeps it.
#[test]
#[ignore = "a role in a_passed_socket_is_the_receivers"]
fn receiver() {
    if argument().is_none() {
        return;
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let mut data = [IoSliceMut::new(&mut byte)];
    recvmsg(std::io::stdin(), &mut data, &mut control, RecvFlags::empty()).unwrap();
    let messages = control.drain();
    let received: Vec<OwnedFd> = messages
        .flat_map(|message| match message {
            RecvAncillaryMessage::ScmRights(fds) => fds.collect(),
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(received.len(), 1);
    ready();
}

#[test]
fn a_passed_socket_is_the_receivers() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        pass(&ours, &listener);
        drop(listener);
        let sockets = sockets_on(8080);
        assert_unowned(&owners(&sockets), &sockets[0], &Owners::Kernel);
        let receiver = Child::playing("owners::receiver", "", theirs.into());
        for search in [Search::Full, Search::Likely { budget: Duration::ZERO }] {
            let ownership = sockets::host().owners(&sockets, search);
            let pids = holders(&ownership, &sockets[0]);
            assert_eq!(pids.iter().map(|(pid, _)| *pid).collect::<Vec<_>>(), [receiver.pid()]);
        }
    });
}

#[test]
fn a_socket_whose_holder_exited_is_gone() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let child = Child::of(&listener);
        drop(listener);
        let sockets = sockets_on(8080);
        assert_eq!(holders(&owners(&sockets), &sockets[0]), [(child.pid(), 0)]);
        drop(child);
        assert_unowned(&owners(&sockets), &sockets[0], &Owners::Gone);
    });
}

#[test]
fn odd_names_come_through_unchanged() {
    in_fresh_netns(|| {
        let directory = std::env::temp_dir().join(format!("odd-names-{}", std::process::id()));
        std::fs::create_dir(&directory).unwrap();
        let names: [&[u8]; 5] = [
            b"\x1b]0;pwned\x07",
            b"two\nlines\n",
            b"\xff\xfe bytes",
            b"               ",
            b"a) R 1 (",
        ];
        let socket = UdpSocket::bind("127.0.0.1:8080").unwrap();
        let children: Vec<_> = names
            .iter()
            .map(|name| {
                let program = directory.join(OsStr::from_bytes(name));
                std::os::unix::fs::symlink("/bin/sleep", &program).unwrap();
                Child::called(&program, &socket)
            })
            .collect();
        std::fs::remove_dir_all(&directory).unwrap();
        let sockets = sockets_on(8080);
        let ownership = owners(&sockets);
        assert_eq!(holders(&ownership, &sockets[0]).len(), 1 + names.len());
        for (name, child) in names.iter().zip(&children) {
            let process = ownership.processes().iter().find(|p| p.pid.0 == child.pid()).unwrap();
            assert_eq!(process.comm, *name, "{}", name.escape_ascii());
            assert_eq!(process.ancestry[0].pid, Pid(std::process::id()));
            assert!(process.cmdline.as_ref().unwrap()[0].ends_with(name));
        }
    });
}

#[test]
fn nobody_sees_that_roots_sockets_have_an_owner() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let child = Child::of(&listener);
        drop(listener);
        let sockets = sockets_on(8080);
        as_nobody(|| {
            let ownership = owners(&sockets);
            assert_eq!(ownership.of(&sockets[0]), Owners::Hidden { uid: 0 });
            assert_eq!(ownership.user_of(&sockets[0]).unwrap().name.as_deref(), Some("root"));
            assert_eq!(ownership.processes(), []);
            let unreadable = |note: &&Note| matches!(note, Note::ProcessesUnreadable { .. });
            assert!(ownership.notes().iter().find(unreadable).is_some());
        });
        assert_eq!(holders(&owners(&sockets), &sockets[0]), [(child.pid(), 0)]);
    });
}

/// A process with so many descriptors that two threads share them.
#[test]
fn no_descriptor_of_a_big_process_is_lost_or_counted_twice() {
    in_fresh_netns(|| {
        let resource = rustix::process::Resource::Nofile;
        let mut limit = rustix::process::getrlimit(resource);
        limit.current = limit.maximum;
        rustix::process::setrlimit(resource, limit).unwrap();
        if limit.maximum.is_some_and(|maximum| maximum < 12_000) {
            eprintln!("SKIPPED: needs a limit of 12,000 descriptors");
            return;
        }
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let mut held: Vec<_> = (0..9_000).map(|_| listener.try_clone().unwrap()).collect();
        // Holes, in every stretch.
        let mut number = 0;
        held.retain(|_| {
            number += 1;
            number % 1_000 != 0 && (number < 4_000 || number % 3 != 0)
        });
        let sockets = sockets_on(8080);
        let found = holders(&owners(&sockets), &sockets[0]);
        let mut expected: Vec<u32> = held.iter().chain([&listener]).map(fd).collect();
        expected.sort_unstable();
        assert_eq!(found.iter().map(|(_, fd)| *fd).collect::<Vec<_>>(), expected);
    });
}

/// `pid fd` of each holder that a tool names, by patterns like `pid=12,fd=3`.
fn named_by_ss() -> BTreeSet<(u32, u32)> {
    let number = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text[..end].parse().unwrap()
    };
    let text = run(&["ss", "-H", "-tuanp"]);
    let parts = text.split(",pid=").skip(1).map(|part| part.split_once(",fd=").unwrap());
    parts.map(|(pid, rest)| (number(pid), number(rest))).collect()
}

/// The same from `lsof -F`: a line `pPID`, then one `fFD` for each descriptor.
fn named_by_lsof() -> BTreeSet<(u32, u32)> {
    let mut pid = 0;
    let mut named = BTreeSet::new();
    for line in run(&["lsof", "-nP", "-i", "-F", "pf"]).lines() {
        match line.split_at(1) {
            ("p", number) => pid = number.parse().unwrap(),
            ("f", number) => _ = named.insert((pid, number.parse().unwrap())),
            other => panic!("{other:?}"),
        }
    }
    named
}

#[test]
fn the_holders_are_those_that_ss_and_lsof_name() {
    in_fresh_netns(|| {
        let listener = TcpListener::bind("[::]:8080").unwrap();
        let client = TcpStream::connect("127.0.0.1:8080").unwrap();
        let (server, _) = listener.accept().unwrap();
        let udp = UdpSocket::bind("127.0.0.1:5353").unwrap();
        let children = [Child::of(&listener), Child::of(&client), Child::of(&server)];
        let more = Child::of(&udp);
        let sockets = sockets::host().sockets(&Query::default()).unwrap().sockets;
        for search in [Search::Full, Search::Likely { budget: Duration::from_secs(60) }] {
            let ownership = sockets::host().owners(&sockets, search);
            assert_eq!(ownership.method(), Method::Walk);
            let found: BTreeSet<_> =
                sockets.iter().flat_map(|socket| holders(&ownership, socket)).collect();
            assert_eq!(found.len(), 8, "{children:?} {more:?}");
            assert_eq!(found, named_by_ss());
            assert_eq!(found, named_by_lsof());
        }
    });
}

#[test]
fn named_processes_are_searched_alone() {
    in_fresh_netns(|| {
        let _listener = TcpListener::bind("127.0.0.1:18200").unwrap();
        let sockets = sockets_on(18200);
        let me = std::process::id();
        let found = Linux.owners_named(&sockets, &[Pid(me)]).unwrap();
        assert_eq!(found.method(), Method::Recorder);
        assert!(holders(&found, &sockets[0]).iter().all(|(pid, _)| *pid == me));
        assert!(matches!(found.notes(), [Note::SearchNarrowed { .. }]), "{:?}", found.notes());
        assert!(Linux.owners_named(&sockets, &[Pid(u32::MAX >> 1)]).is_none());
        assert!(Linux.owners_named(&sockets, &[]).is_none());
        assert!(!Linux.walks_within(Duration::from_micros(100)));
        assert!(Linux.walks_within(Duration::MAX));
    });
}
