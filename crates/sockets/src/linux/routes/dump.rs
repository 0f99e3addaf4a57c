//! Asks the kernel for its routes, rules and addresses over `rtnetlink(7)`.

use std::io;

use rustix::fd::OwnedFd;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with,
};

use crate::Family;
use crate::linux::netlink::{self, messages};

/// A row of a dump, read from the bytes of a message.
pub(super) trait Row: Sized {
    fn read(payload: &[u8]) -> Option<Self>;
}

/// A connection to the kernel's routes, in the network namespace it was opened in.
#[derive(Debug)]
pub(super) struct RouteDump {
    fd: OwnedFd,
    buffer: Box<[u8]>,
    seq: u32,
}

impl RouteDump {
    pub(super) fn open() -> io::Result<RouteDump> {
        let flags = SocketFlags::CLOEXEC; // and protocol 0, NETLINK_ROUTE
        let fd = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
        Ok(RouteDump { fd, buffer: vec![0; BUFFER_LEN].into_boxed_slice(), seq: 0 })
    }

    /// All rows of a kind that can be read. One that changes meanwhile may be missing: what is made of
    /// it is out of date anyway.
    pub(super) fn rows<R: Row>(
        &mut self,
        kind: u16,
        family: Family,
    ) -> io::Result<impl Iterator<Item = R> + use<R>> {
        self.seq = self.seq.wrapping_add(1);
        let mut body = [0; BODY_LEN];
        body[0] = match family {
            Family::V4 => AF_INET,
            Family::V6 => AF_INET6,
        };
        send(&self.fd, &netlink::dump_request(kind, self.seq, &body, None), SendFlags::empty())?;
        let mut rows = Vec::new();
        while !self.receive(&mut rows)? {}
        Ok(rows.into_iter())
    }

    /// Reads a datagram; whether it was the last one.
    fn receive<R: Row>(&mut self, rows: &mut Vec<R>) -> io::Result<bool> {
        let (_, len) =
            rustix::io::retry_on_intr(|| recv(&self.fd, &mut self.buffer[..], RecvFlags::TRUNC))?;
        let datagram = self.buffer.get(..len).ok_or(io::ErrorKind::FileTooLarge)?;
        if datagram.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for message in messages(datagram).filter(|message| message.seq == self.seq) {
            match message.kind {
                netlink::DONE | netlink::ERROR if message.errno() == 0 => return Ok(true),
                netlink::DONE | netlink::ERROR => {
                    return Err(io::Error::from_raw_os_error(message.errno()));
                }
                _ => rows.extend(R::read(message.payload)),
            }
        }
        Ok(false)
    }
}

/// `RTM_GETADDR`.
pub(super) const GET_ADDRESS: u16 = 22;
/// `RTM_GETROUTE`.
pub(super) const GET_ROUTE: u16 = 26;
/// `RTM_GETRULE`.
pub(super) const GET_RULE: u16 = 34;

pub(super) const AF_INET: u8 = 2;
pub(super) const AF_INET6: u8 = 10;
/// `struct rtmsg` and `fib_rule_hdr`; `ifaddrmsg` is shorter, and the kernel minds no more.
const BODY_LEN: usize = 12;
const BUFFER_LEN: usize = 1 << 18;
