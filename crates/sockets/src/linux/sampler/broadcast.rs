//! The kernel's word of destroyed sockets in one network namespace: the multicast groups
//! `SKNLGRP_INET_TCP_DESTROY` and its like of `linux/sock_diag.h` (Linux 4.3), open to everybody.
//!
//! A message carries the cookie, the protocol and both ends; neither user nor inode, nor how it
//! ended. It comes once the last reference is gone, so after the port was let go.

use std::io;

use registry::Proto;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{
    AddressFamily, RecvFlags, SocketFlags, SocketType, bind, netlink as protocol, recv,
    socket_with, sockopt,
};

use crate::linux::inet_diag;
use crate::linux::netlink::messages;
use crate::{BootTime, Endpoint, Family, NetnsId};

/// A socket that the kernel destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) cookie: u64,
    pub(super) netns: NetnsId,
    pub(super) proto: Proto,
    pub(super) family: Family,
    pub(super) local: Endpoint,
    pub(super) remote: Endpoint,
    /// When the word was read.
    pub(super) at: BootTime,
    /// When the sockets had last been looked at without this one among them, if nobody saw it.
    pub(super) since: BootTime,
}

/// A subscription to the kernel's word in the namespace it was opened in.
#[derive(Debug)]
pub(super) struct Broadcast {
    fd: OwnedFd,
}

/// Whether everything that was told is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    All,
    /// The queue was full, and the kernel does not say how often it had to drop a message.
    NotAll,
}

impl Broadcast {
    /// Subscribes in the namespace of the calling thread, with room for `room` bytes in the
    /// kernel's queue, or for what is allowed.
    ///
    /// # Errors
    /// Before Linux 4.3, and where a filter of system calls forbids it; it needs no privilege.
    pub(super) fn open(room: usize) -> io::Result<Broadcast> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let (family, kind) = (AddressFamily::NETLINK, SocketType::DGRAM);
        let fd = socket_with(family, kind, flags, Some(protocol::SOCK_DIAG))?;
        // Forced past `rmem_max` by whoever may; the size alone matters, so neither may fail us.
        if sockopt::set_socket_recv_buffer_size_force(&fd, room).is_err() {
            let _as_far_as_allowed = sockopt::set_socket_recv_buffer_size(&fd, room);
        }
        bind(&fd, &SocketAddrNetlink::new(0, GROUPS))?;
        Ok(Broadcast { fd })
    }

    /// Appends what was told and not read yet to `ended`, read at `at`; `buffer` is room to read in.
    pub(super) fn read(
        &self,
        netns: NetnsId,
        (since, at): (BootTime, BootTime),
        buffer: &mut [u8],
        ended: &mut Vec<Ended>,
    ) -> io::Result<Heard> {
        let mut heard = Heard::All;
        loop {
            match recv(&self.fd, &mut *buffer, RecvFlags::empty()) {
                Ok((len, _)) => ended.extend(parse(&buffer[..len], netns, since, at)),
                Err(Errno::NOBUFS) => heard = Heard::NotAll,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(heard),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl AsFd for Broadcast {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// The sockets that one datagram tells of; pure.
pub(super) fn parse(
    datagram: &[u8],
    netns: NetnsId,
    since: BootTime,
    at: BootTime,
) -> impl Iterator<Item = Ended> {
    let rows = messages(datagram).filter(|message| message.kind == inet_diag::SOCK_DIAG_BY_FAMILY);
    rows.filter_map(move |row| {
        let socket = inet_diag::destroyed(row.payload, netns)?;
        Some(Ended {
            cookie: socket.cookie,
            netns,
            proto: socket.proto,
            family: socket.family,
            local: socket.local,
            remote: socket.remote,
            at,
            since,
        })
    })
}

/// TCP and UDP over IPv4 and IPv6, a bit for each group.
const GROUPS: u32 = 0b1111;
