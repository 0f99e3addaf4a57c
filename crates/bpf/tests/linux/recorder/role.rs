//! What other processes do in these tests: this program, run again, with a socket as its standard
//! input.

use std::io::{IoSliceMut, stdin};
use std::mem::MaybeUninit;
use std::net::UdpSocket;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, accept, recvmsg};

use super::scene::loopback;

/// Something for another process to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    /// Accepts a connection from the listener that it has, reads a byte, and exits.
    Accept,
    /// Accepts a connection from the listener that it has, and exits without another word.
    AcceptOnly,
    /// Receives a socket through the one that it has, writes to it, and exits.
    Receive,
    /// Connects a socket of its own, and exits at once.
    Brief,
    /// Makes a socket that lasts, and becomes `cat`.
    BecomeCat,
    /// Tries to record by a clock that is not the machine's own.
    RecordElsewhen,
}

/// Starts a process that plays a role.
pub(crate) fn play(role: Role, socket: impl Into<OwnedFd>) -> Child {
    play_by(Command::new(std::env::current_exe().unwrap()), role, socket)
}

/// The same by a command that runs this program.
pub(crate) fn play_by(mut command: Command, role: Role, socket: impl Into<OwnedFd>) -> Child {
    command
        .args(["--exact", "recorder::role::role", "--nocapture", "a word to know it by"])
        .env(VARIABLE, format!("{role:?}"))
        .stdin(Stdio::from(socket.into()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn role() {
    let Ok(role) = std::env::var(VARIABLE) else { return };
    match role.as_str() {
        "Accept" => {
            let accepted = accept(stdin()).unwrap();
            rustix::io::read(&accepted, &mut [0_u8]).unwrap();
        }
        "AcceptOnly" => drop(accept(stdin()).unwrap()),
        "Receive" => {
            let passed = receive();
            rustix::io::write(&passed, b"x").unwrap();
        }
        "Brief" => {
            let socket = UdpSocket::bind(loopback(0)).unwrap();
            socket.connect(loopback(9)).unwrap();
        }
        "BecomeCat" => {
            let lasting = UdpSocket::bind(loopback(0)).unwrap();
            let flags = rustix::io::FdFlags::empty();
            rustix::io::fcntl_setfd(&lasting, flags).unwrap();
            panic!("{}", Command::new("cat").exec());
        }
        "RecordElsewhen" => {
            let refused = bpf::Recorder::open(bpf::Options::default()).unwrap_err();
            assert!(matches!(refused, bpf::Error::ForeignTime), "{refused}");
        }
        _ => panic!("no such role: {role}"),
    }
}

/// The descriptor that comes through the standard input.
fn receive() -> OwnedFd {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let mut bytes = [IoSliceMut::new(&mut byte)];
    recvmsg(stdin().as_fd(), &mut bytes, &mut ancillary, RecvFlags::empty()).unwrap();
    let passed = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut passed) => passed.next(),
        _ => None,
    });
    passed.expect("a descriptor")
}

const VARIABLE: &str = "RECORDER_ROLE";
