//! The iterator's owners against what the tests did, and against a walk through `/proc`.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, IoSlice};
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use registry::{Port, PortRange};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::thread::UnshareFlags;
use sockets::{
    Census, Method, Note, Owners, Ownership, Ports, Process, Query, Search, Socket, Source,
};

use crate::namespace::{apart, as_nobody, on_a_thread};

/// The host with the iterator; `None`, loudly, where it is not to be had.
pub(crate) fn host() -> Option<bpf::Host> {
    let host = bpf::Host::default();
    if host.delay().is_none() {
        eprintln!("SKIPPED: needs CAP_BPF and the first pid namespace");
        return None;
    }
    Some(host)
}

/// The sockets of our network namespace, or those with one local port.
pub(crate) fn sockets(port: Option<u16>) -> Vec<Socket> {
    let ports = port.and_then(|port| PortRange::new(Port(port), Port(port)));
    let ports = ports.map_or(Ports::Any, Ports::Local);
    let query = Query { ports, ..Query::default() };
    sockets::host().sockets(&query).unwrap().sockets
}

/// The pids and descriptors of the holders of `socket`.
pub(crate) fn holders(ownership: &Ownership, socket: &Socket) -> BTreeSet<(u32, u32)> {
    let holders = ownership.holders(socket.inode);
    let all = holders.len();
    let holders: BTreeSet<_> = holders.iter().map(|h| (h.process.pid.0, h.fd)).collect();
    assert_eq!(holders.len(), all, "one is told of twice");
    holders
}

/// A child with `fd` as its standard input.
pub(crate) fn child(fd: impl AsFd) -> Killed {
    let fd: OwnedFd = fd.as_fd().try_clone_to_owned().unwrap();
    Killed(Command::new("sleep").arg("300").stdin(fd).stdout(Stdio::null()).spawn().unwrap())
}

/// A process that goes with the test.
pub(crate) struct Killed(Child);

impl Killed {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn fd(fd: &impl AsRawFd) -> u32 {
    fd.as_raw_fd().cast_unsigned()
}

/// Holds that nobody has `socket`, which is then `expected`, or hidden where some process of this
/// machine is kept from everybody.
fn assert_unowned(ownership: &Ownership, socket: &Socket, expected: &Owners<'_>) {
    let is_unreadable = |note: &Note| matches!(note, Note::ProcessesUnreadable { .. });
    let hidden = Owners::Hidden { uid: socket.uid };
    let blind = ownership.notes().iter().any(is_unreadable);
    assert_eq!(ownership.of(socket), if blind { hidden } else { expected.clone() });
}

/// Sends `fd` over `stream`, where it stays in flight.
fn pass(stream: &UnixStream, fd: impl AsFd) {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let fds = [fd.as_fd()];
    assert!(control.push(SendAncillaryMessage::ScmRights(&fds)));
    sendmsg(stream, &[IoSlice::new(b"x")], &mut control, SendFlags::empty()).unwrap();
}

#[test]
fn the_kernel_tells_what_a_walk_finds() {
    apart(|| {
        let Some(host) = host() else { return };
        let listener = TcpListener::bind("[::]:8080").unwrap();
        let second = listener.try_clone().unwrap();
        let clients: Vec<_> =
            (0..100).map(|_| TcpStream::connect("127.0.0.1:8080").unwrap()).collect();
        let accepted: Vec<_> = (0..40).map(|_| listener.accept().unwrap()).collect();
        let udp = UdpSocket::bind("127.0.0.1:5353").unwrap();
        let children = [child(&listener), child(&clients[0]), child(&accepted[0].0), child(&udp)];
        let sockets = sockets(None);
        let told = host.owners(&sockets, Search::Full);
        let walked = sockets::host().owners(&sockets, Search::Full);
        assert_eq!((told.method(), walked.method()), (Method::Iterator, Method::Walk));
        for socket in &sockets {
            assert_eq!(told.of(socket), walked.of(socket), "{socket:?}");
        }
        assert_eq!(told.processes(), walked.processes());
        assert!(told.notes().iter().all(|note| walked.notes().contains(note)));
        let all: usize = sockets.iter().map(|socket| holders(&told, socket).len()).sum();
        let ours = 2 + clients.len() + accepted.len() + 1;
        assert_eq!(all, ours + children.len(), "{second:?}");
    });
}

#[test]
fn who_lets_go_holds_no_more_and_who_takes_does() {
    apart(|| {
        let Some(host) = host() else { return };
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let heir = child(&listener);
        let sockets = sockets(Some(8080));
        let find = || host.owners(&sockets, Search::Full);
        let us = (std::process::id(), fd(&listener));
        assert_eq!(holders(&find(), &sockets[0]), [us, (heir.pid(), 0)].into());
        drop(listener);
        assert_eq!(holders(&find(), &sockets[0]), [(heir.pid(), 0)].into());
        drop(heir);
        assert_unowned(&find(), &sockets[0], &Owners::Gone);
    });
}

#[test]
fn a_socket_in_flight_is_the_kernels() {
    apart(|| {
        let Some(host) = host() else { return };
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let (ours, _theirs) = UnixStream::pair().unwrap();
        pass(&ours, &listener);
        drop(listener);
        let sockets = sockets(Some(8080));
        for search in [Search::Full, Search::Likely { budget: Duration::ZERO }] {
            let ownership = host.owners(&sockets, search);
            assert_eq!(ownership.method(), Method::Iterator);
            assert_unowned(&ownership, &sockets[0], &Owners::Kernel);
        }
    });
}

/// `/proc/PID/fd` is that of the first thread alone: a walk finds nobody here.
#[test]
fn a_thread_with_descriptors_of_its_own_is_found() {
    apart(|| {
        on_a_thread(|| {
            #[expect(unsafe_code, reason = "it parts this thread's descriptors from the others'")]
            // SAFETY: from here on this thread uses no descriptor that another one opens or closes.
            unsafe { rustix::thread::unshare_unsafe(UnshareFlags::FILES) }.unwrap();
            let Some(host) = host() else { return };
            let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
            let sockets = sockets(Some(8080));
            let walked = sockets::host().owners(&sockets, Search::Full);
            assert_eq!(holders(&walked, &sockets[0]), [].into());
            for search in [Search::Full, Search::Likely { budget: Duration::from_millis(20) }] {
                let told = host.owners(&sockets, search);
                assert_eq!(told.method(), Method::Iterator);
                let us = (std::process::id(), fd(&listener));
                assert_eq!(holders(&told, &sockets[0]), [us].into());
            }
        });
    });
}

/// Every thread of such a process is visited, as none of them has the first one's descriptors.
#[test]
fn a_process_whose_first_thread_is_gone_is_told_of_once() {
    const SCRIPT: &str = "\
import ctypes, socket, threading, time
s = socket.create_server(('127.0.0.1', 8080))
for _ in range(3):
    threading.Thread(target=time.sleep, args=(300,)).start()
print(s.fileno(), flush=True)
ctypes.CDLL(None).pthread_exit(None)
";
    apart(|| {
        let Some(host) = host() else { return };
        let python = Command::new("python3")
            .args(["-c", SCRIPT])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut python) = python else {
            eprintln!("SKIPPED: needs python3 to end a first thread");
            return;
        };
        let output = BufReader::new(python.stdout.take().unwrap());
        let python = Killed(python);
        let fd = output.lines().next().unwrap().unwrap().parse().unwrap();
        let sockets = sockets(Some(8080));
        let find = || {
            let ownership = host.owners(&sockets, Search::Full);
            assert_eq!(holders(&ownership, &sockets[0]), [(python.pid(), fd)].into());
            let process: Process = ownership.processes()[0].clone();
            let state = std::fs::read_to_string(format!("/proc/{}/stat", python.pid())).unwrap();
            state.contains(") Z ").then_some(process)
        };
        let process = (0..100).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            find()
        });
        let process = process.expect("the first thread exits");
        assert_eq!(process.cmdline.unwrap()[1], b"-c");
        assert!(process.exe.is_some());
    });
}

#[test]
fn without_privilege_it_is_as_ever() {
    apart(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let held_by_root = child(&listener);
        drop(listener);
        let sockets = sockets(Some(8080));
        as_nobody(65534, || {
            let host = bpf::Host::default();
            assert_eq!(host.delay(), None);
            let ownership = host.owners(&sockets, Search::Full);
            assert_eq!(ownership.method(), Method::Walk);
            assert_eq!(ownership.of(&sockets[0]), Owners::Hidden { uid: 0 });
        });
        drop(held_by_root);
    });
}

/// Run in a pid namespace of its own by the test after it.
#[test]
#[ignore = "a role in no_census_where_pids_are_others"]
fn in_a_pid_namespace() {
    if std::env::var_os(IN_NAMESPACE).is_some() {
        assert_eq!(bpf::Host::default().delay(), None);
        println!("{IN_NAMESPACE}");
    }
}

#[test]
fn no_census_where_pids_are_others() {
    if host().is_none() {
        return;
    }
    let output = Command::new("unshare")
        .args(["--pid", "--fork", "--mount-proc", "--"])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "owners::in_a_pid_namespace"])
        .env(IN_NAMESPACE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains(IN_NAMESPACE), "{output:?}");
}

/// Sockets come and go, and processes too: nothing that stays is missed, told of twice or charged
/// to another.
#[test]
fn what_stays_is_found_whatever_comes_and_goes() {
    apart(|| {
        let Some(host) = host() else { return };
        let kept: Vec<_> = (0..50).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let heirs: Vec<_> = kept.iter().take(20).map(child).collect();
        let (stop, stopped) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while stopped.try_recv() == Err(mpsc::TryRecvError::Empty) {
                    let _brief: Vec<_> =
                        (0..20).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
                    Command::new("true").status().unwrap();
                }
            });
            for _ in 0..20 {
                let sockets = sockets(None);
                let ownership = host.owners(&sockets, Search::Full);
                for (at, listener) in kept.iter().enumerate() {
                    let port = Port(listener.local_addr().unwrap().port());
                    let socket = sockets.iter().find(|socket| socket.local.port == port).unwrap();
                    let mut found = holders(&ownership, socket);
                    assert!(found.remove(&(std::process::id(), fd(listener))), "{port:?}");
                    if let Some(heir) = heirs.get(at) {
                        assert!(found.remove(&(heir.pid(), 0)), "{port:?}");
                    }
                    // Children of the other thread have all of ours until they run their program.
                    let is_child = |(pid, _): &(u32, u32)| {
                        let process = ownership.processes().iter().find(|p| p.pid.0 == *pid);
                        process.unwrap().ancestry[0].pid.0 == std::process::id()
                    };
                    assert!(found.iter().all(is_child), "{found:?}");
                }
            }
            drop(stop);
        });
    });
}

const IN_NAMESPACE: &str = "BPF_TEST_IN_A_PID_NAMESPACE";
