//! Asks the kernel for sockets over `sock_diag(7)`: one dump per protocol and family.

use std::io;
use std::sync::Arc;

use registry::Proto;
use rustix::fd::OwnedFd;
use rustix::net::netdevice::index_to_name;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};

use super::{bytecode, inet_diag, netlink as messages};
use crate::{Device, Family, NetnsId, Query, Socket};

/// A connection to the kernel's `sock_diag`, in the network namespace it was opened in.
#[derive(Debug)]
pub(super) struct SockDiag {
    fd: OwnedFd,
    netns: NetnsId,
    buffer: Box<[u8]>,
    seq: u32,
    devices: Vec<Device>,
}

/// Whether a dump saw one state of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dump {
    Whole,
    Interrupted,
}

impl SockDiag {
    /// Opens it in the namespace of the calling thread, which is `netns`.
    pub(super) fn open(netns: NetnsId) -> io::Result<SockDiag> {
        let fd = connect()?;
        let buffer = vec![0; BUFFER_LEN].into_boxed_slice();
        Ok(SockDiag { fd, netns, buffer, seq: 0, devices: Vec::new() })
    }

    /// Appends the sockets of one protocol and family that `query` asks for to `sockets`.
    ///
    /// A dump that the kernel reports as torn, or that overflowed our queue, is taken again, a few
    /// times; the last one stays.
    pub(super) fn dump(
        &mut self,
        proto: Proto,
        family: Family,
        query: &Query,
        sockets: &mut Vec<Socket>,
    ) -> io::Result<Dump> {
        let before = sockets.len();
        for _ in 0..ATTEMPTS {
            sockets.truncate(before);
            match self.attempt(proto, family, query, sockets) {
                Ok(Dump::Whole) => return Ok(Dump::Whole),
                Ok(Dump::Interrupted) => {}
                // The rest of this dump would answer the next request.
                Err(error) if error.raw_os_error() == Some(NO_BUFFERS) => self.fd = connect()?,
                Err(error) => return Err(error),
            }
        }
        Ok(Dump::Interrupted)
    }

    fn attempt(
        &mut self,
        proto: Proto,
        family: Family,
        query: &Query,
        sockets: &mut Vec<Socket>,
    ) -> io::Result<Dump> {
        self.ask(proto, family, query)?;
        let (netns, seq) = (self.netns, self.seq);
        let mut dump = Dump::Whole;
        loop {
            let len = self.receive()?;
            for message in messages::messages(&self.buffer[..len]).filter(|m| m.seq == seq) {
                if message.flags & messages::FLAG_INTERRUPTED != 0 {
                    dump = Dump::Interrupted;
                }
                match message.kind {
                    messages::DONE if message.errno() == 0 => return Ok(dump),
                    messages::DONE | messages::ERROR => {
                        return Err(io::Error::from_raw_os_error(message.errno()));
                    }
                    inet_diag::BY_FAMILY => {
                        let device = |index| device(&self.fd, &mut self.devices, index);
                        let socket = inet_diag::socket(message.payload, proto, netns, device);
                        sockets.extend(socket.filter(|socket| query.states.contains(socket.state)));
                    }
                    _ => {}
                }
            }
        }
    }

    fn ask(&mut self, proto: Proto, family: Family, query: &Query) -> io::Result<()> {
        self.seq = self.seq.wrapping_add(1);
        let body = inet_diag::request(proto, family, query.states.kernel_mask());
        let program = bytecode::compile(query.ports);
        let attribute = program.as_deref().map(|code| (inet_diag::ATTRIBUTE_BYTECODE, code));
        let request = messages::dump_request(inet_diag::BY_FAMILY, self.seq, &body, attribute);
        send(&self.fd, &request, SendFlags::empty())?;
        Ok(())
    }

    fn receive(&mut self) -> io::Result<usize> {
        let (_, len) =
            rustix::io::retry_on_intr(|| recv(&self.fd, &mut self.buffer[..], RecvFlags::TRUNC))?;
        if len > self.buffer.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(len)
    }
}

fn connect() -> io::Result<OwnedFd> {
    let kind = (AddressFamily::NETLINK, SocketType::DGRAM, SocketFlags::CLOEXEC);
    Ok(socket_with(kind.0, kind.1, kind.2, Some(netlink::SOCK_DIAG))?)
}

/// The device with `index` in the namespace of `fd`, from `known` if it was asked for before.
fn device(fd: &OwnedFd, known: &mut Vec<Device>, index: u32) -> Device {
    if let Some(device) = known.iter().find(|device| device.index == index) {
        return device.clone();
    }
    let name = index_to_name(fd, index).unwrap_or_else(|_| format!("if{index}"));
    let device = Device { index, name: Arc::from(name) };
    known.push(device.clone());
    device
}

/// How often a torn dump is taken before it is accepted.
const ATTEMPTS: usize = 3;

/// The kernel fills datagrams of at most 32 KiB for a dump, whatever room there is.
const BUFFER_LEN: usize = 64 * 1024;

/// `ENOBUFS`: a datagram found no room in our receive queue.
const NO_BUFFERS: i32 = rustix::io::Errno::NOBUFS.raw_os_error();
