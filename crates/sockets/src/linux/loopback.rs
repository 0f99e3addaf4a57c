//! Brings the loopback device of a new network namespace up: `RTM_NEWLINK` of `rtnetlink(7)`.

use std::io;

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with,
};

use super::netlink::{self, messages};
use crate::Error;

/// Brings the loopback device up, in the calling thread's network namespace: in a new one it is down.
///
/// # Errors
/// [`Error::Watch`] if the kernel refuses, as it does without `CAP_NET_ADMIN`.
pub fn raise_loopback() -> Result<(), Error> {
    raise().map_err(|source| Error::Watch { what: "bring the loopback device up", source })
}

fn raise() -> io::Result<()> {
    let flags = SocketFlags::CLOEXEC; // and protocol 0, NETLINK_ROUTE
    let fd = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
    let mut body = [0; BODY_LEN];
    body[INDEX..][..4].copy_from_slice(&LOOPBACK.to_ne_bytes());
    body[FLAGS..][..4].copy_from_slice(&UP.to_ne_bytes());
    body[CHANGE..][..4].copy_from_slice(&UP.to_ne_bytes());
    send(&fd, &netlink::change_request(NEW_LINK, 1, &body), SendFlags::empty())?;
    let mut buffer = [0; 1024];
    let (_, len) = rustix::io::retry_on_intr(|| recv(&fd, &mut buffer[..], RecvFlags::TRUNC))?;
    let datagram = buffer.get(..len).ok_or(io::ErrorKind::FileTooLarge)?;
    let acknowledged = messages(datagram).find(|message| message.kind == netlink::ERROR);
    match acknowledged.map(|message| message.errno()) {
        Some(0) => Ok(()),
        Some(errno) => Err(io::Error::from_raw_os_error(errno)),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// `RTM_NEWLINK`.
const NEW_LINK: u16 = 16;
/// `struct ifinfomsg`: family, type, index, flags, mask of flags.
const BODY_LEN: usize = 16;
const INDEX: usize = 4;
const FLAGS: usize = 8;
const CHANGE: usize = 12;
/// The first device of every namespace.
const LOOPBACK: u32 = 1;
/// `IFF_UP`.
const UP: u32 = 1;
