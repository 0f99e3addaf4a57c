//! Processes that are hard to print, each with a socket of its own.

use std::ffi::OsStr;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::world::{NOBODY, World};

/// Processes with odd names.
pub(crate) fn names(world: &mut World) {
    for name in [
        &b"a)b"[..],
        b"\x1b]0;pwned\x07",
        b"two\nlines",
        b"               ",
        b"((",
        b")(",
        b"\xff\xfe\"q\"",
        b"caf\xc3\xa9 \\ \t",
        b"a\x7f\x9b\xe2\x80\xae",
        b"longer than fifteen bytes",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        world.holder(name, listener.into(), 0);
    }
    let theirs = UdpSocket::bind("127.0.0.1:0").unwrap();
    world.holder(b"theirs", theirs.into(), NOBODY);
    let nameless = TcpListener::bind("[::1]:0").unwrap();
    world.holder(b"nameless", nameless.into(), 123_456_789);
}

/// Processes with odd first arguments, and one that shares its socket with a child.
pub(crate) fn arguments(world: &mut World) {
    for argument in [
        &b"/a/b/a-program-with-a-name-longer-than-the-column"[..],
        b"rel/path/prog",
        b"sshd: root [priv]  x",
        b"\x1b]0;pwned\x07",
        b"/ends/in/",
        b"",
        b"two\nlines",
        &[b'x'; 600],
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut command = Command::new("/bin/sleep");
        world.spawn(command.arg0(OsStr::from_bytes(argument)).arg("1000"), listener.into());
    }
    let shared = TcpListener::bind("127.0.0.1:0").unwrap();
    let script = "sleep 1000 & exec sleep 1000";
    world.spawn(Command::new("sh").args(["-c", script]), shared.into());
}
