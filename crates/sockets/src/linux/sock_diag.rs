//! Asks the kernel for sockets over `sock_diag(7)`: one dump for TCP, one per family for the rest.

use std::io;
use std::sync::Arc;

use registry::Proto;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::netdevice::index_to_name;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink as protocol, recv, send,
    socket_with,
};

use super::bytecode;
use super::inet_diag::{self, Table};
use super::netlink::{self, Message, messages};
use crate::{Device, Family, NetnsId, Query, Socket, Tuple};

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

    /// Appends the sockets of `table` that `query` asks for to `sockets`, IPv4 first; in the
    /// kernel's order otherwise.
    ///
    /// A dump that the kernel reports as torn, or that overflowed our queue, is taken again, a few
    /// times; the last one stays.
    ///
    /// # Errors
    /// If the kernel refuses; some sockets may have been appended.
    pub(super) fn dump(
        &mut self,
        table: Table,
        query: &Query,
        sockets: &mut Vec<Socket>,
    ) -> io::Result<Dump> {
        let before = sockets.len();
        for _ in 1..ATTEMPTS {
            match self.attempt(table, query, sockets) {
                Ok(Dump::Interrupted) => {}
                // The rest of this dump would answer the next request.
                Err(error) if overflowed(&error) => self.fd = connect()?,
                done => return done,
            }
            sockets.truncate(before);
        }
        self.attempt(table, query, sockets)
    }

    /// The one socket that `tuple` describes; `None` where there is none, or where the one there is
    /// has another cookie.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub(super) fn one(&mut self, tuple: &Tuple) -> io::Result<Option<Socket>> {
        self.seq = self.seq.wrapping_add(1);
        let body = inet_diag::exact_request(tuple);
        let request = netlink::request(inet_diag::SOCK_DIAG_BY_FAMILY, self.seq, &body);
        send(&self.fd, &request, SendFlags::empty())?;
        loop {
            let len = self.receive()?;
            let (fd, devices) = (&self.fd, &mut self.devices);
            let ours = |message: &Message<'_>| message.seq == self.seq;
            let Some(answer) = messages(&self.buffer[..len]).find(ours) else { continue };
            if answer.kind != netlink::ERROR {
                let device = |index| device(fd, devices, index);
                return Ok(inet_diag::socket(answer.payload, tuple.proto, self.netns, device));
            }
            return match Errno::from_raw_os_error(answer.errno()) {
                Errno::NOENT | Errno::STALE => Ok(None),
                error => Err(error.into()),
            };
        }
    }

    /// Calls `visit` for each row of the answer to a request of kind `SOCK_DIAG_BY_FAMILY`, with a
    /// function that names devices.
    ///
    /// # Errors
    /// If the kernel refuses; `NotFound` where it has no such table.
    pub(super) fn each_row(
        &mut self,
        body: &[u8],
        attribute: Option<(u16, &[u8])>,
        mut visit: impl FnMut(&[u8], &mut dyn FnMut(u32) -> Device),
    ) -> io::Result<()> {
        self.send(inet_diag::SOCK_DIAG_BY_FAMILY, body, attribute)?;
        loop {
            let len = self.receive()?;
            let (fd, devices) = (&self.fd, &mut self.devices);
            let ours = messages(&self.buffer[..len]).filter(|message| message.seq == self.seq);
            for message in ours {
                match message.kind {
                    netlink::DONE if message.errno() == 0 => return Ok(()),
                    netlink::DONE | netlink::ERROR => {
                        return Err(io::Error::from_raw_os_error(message.errno()));
                    }
                    _ => visit(message.payload, &mut |index| device(fd, devices, index)),
                }
            }
        }
    }

    fn attempt(
        &mut self,
        table: Table,
        query: &Query,
        sockets: &mut Vec<Socket>,
    ) -> io::Result<Dump> {
        self.ask(table, query)?;
        let mut later = Vec::new();
        let mut dump = Dump::Whole;
        loop {
            let len = self.receive()?;
            let (fd, devices) = (&self.fd, &mut self.devices);
            let ours = messages(&self.buffer[..len]).filter(|message| message.seq == self.seq);
            for message in ours {
                if message.flags & netlink::FLAG_INTERRUPTED != 0 {
                    dump = Dump::Interrupted;
                }
                if message.kind == netlink::DONE && message.errno() == 0 {
                    join(sockets, later);
                    return Ok(dump);
                }
                if matches!(message.kind, netlink::DONE | netlink::ERROR) {
                    return Err(io::Error::from_raw_os_error(message.errno()));
                }
                let device = |index| device(fd, devices, index);
                let row = inet_diag::socket(message.payload, table.proto(), self.netns, device);
                let Some(socket) = row.filter(|socket| is_wanted(query, socket)) else { continue };
                let first = table != Table::Tcp || socket.family == Family::V4;
                if first { sockets.push(socket) } else { later.push(socket) }
            }
        }
    }

    fn ask(&mut self, table: Table, query: &Query) -> io::Result<()> {
        let body = table.request(query.states.kernel_mask());
        let program = bytecode::compile(query.ports);
        let attribute = program.as_deref().map(|code| (inet_diag::ATTRIBUTE_BYTECODE, code));
        self.send(table.kind(), &body, attribute)
    }

    fn send(&mut self, kind: u16, body: &[u8], attribute: Option<(u16, &[u8])>) -> io::Result<()> {
        self.seq = self.seq.wrapping_add(1);
        let request = netlink::dump_request(kind, self.seq, body, attribute);
        send(&self.fd, &request, SendFlags::empty())?;
        Ok(())
    }

    fn receive(&mut self) -> io::Result<usize> {
        let (_, len) =
            rustix::io::retry_on_intr(|| recv(&self.fd, &mut self.buffer[..], RecvFlags::TRUNC))?;
        match len {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ if len > self.buffer.len() => Err(io::ErrorKind::FileTooLarge.into()),
            _ => Ok(len),
        }
    }
}

/// Puts `second` behind `first`, and copies the smaller: half a million sockets fill 70 MB.
fn join(first: &mut Vec<Socket>, mut second: Vec<Socket>) {
    if first.len() >= second.len() {
        first.append(&mut second);
        return;
    }
    second.splice(..0, first.drain(..));
    *first = second;
}

/// Ports were compared by the kernel, except SCTP's, which takes no byte code; the states of a
/// closed socket and of an association are told apart here.
fn is_wanted(query: &Query, socket: &Socket) -> bool {
    let by_kernel = socket.proto != Proto::Sctp;
    query.states.contains(socket.state) && (by_kernel || query.ports.match_socket(socket))
}

fn overflowed(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error())
}

fn connect() -> io::Result<OwnedFd> {
    let kind = (AddressFamily::NETLINK, SocketType::DGRAM, SocketFlags::CLOEXEC);
    Ok(socket_with(kind.0, kind.1, kind.2, Some(protocol::SOCK_DIAG))?)
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

#[cfg(test)]
mod tests {
    use rustix::net::socketpair;

    use super::*;
    use crate::State;

    /// A `SockDiag` whose kernel answers its first request with the first list of datagrams.
    fn with_answers(answers: &[&[Vec<u8>]]) -> (SockDiag, OwnedFd) {
        let (family, kind) = (AddressFamily::UNIX, SocketType::DGRAM);
        let (ours, kernel) = socketpair(family, kind, SocketFlags::CLOEXEC, None).unwrap();
        for datagram in answers.concat() {
            send(&kernel, &datagram, SendFlags::empty()).unwrap();
        }
        let mut diag = SockDiag::open(NetnsId(1)).unwrap();
        diag.fd = ours;
        (diag, kernel)
    }

    fn message(kind: u16, flags: u16, seq: u32, payload: &[u8]) -> Vec<u8> {
        let len = u32::try_from(16 + payload.len()).unwrap();
        let kinds = [kind.to_ne_bytes(), flags.to_ne_bytes()].concat();
        [&len.to_ne_bytes()[..], &kinds, &seq.to_ne_bytes(), &[0; 4], payload].concat()
    }

    /// A listener's row of this family.
    fn row(seq: u32, family: u8, flags: u16) -> Vec<u8> {
        let mut payload = [0; 72];
        (payload[0], payload[1]) = (family, 10);
        message(Table::Tcp.kind(), flags, seq, &payload)
    }

    fn done(seq: u32) -> Vec<u8> {
        message(netlink::DONE, 0, seq, &[0; 4])
    }

    fn dump(answers: &[&[Vec<u8>]]) -> (io::Result<Dump>, Vec<Family>) {
        let (mut diag, _kernel) = with_answers(answers);
        let mut sockets = Vec::new();
        let dump = diag.dump(Table::Tcp, &Query::default(), &mut sockets);
        assert!(sockets.iter().all(|socket| socket.state == State::Listen));
        (dump, sockets.iter().map(|socket| socket.family).collect())
    }

    #[test]
    fn ipv4_comes_first_and_strays_are_passed_over() {
        let first = [row(9, 2, 0), row(1, 10, 0), row(1, 2, 0), row(1, 10, 0)].concat();
        let (dump, families) = dump(&[&[first, done(1)]]);
        assert_eq!(dump.unwrap(), Dump::Whole);
        assert_eq!(families, [Family::V4, Family::V6, Family::V6]);
    }

    #[test]
    fn a_torn_dump_is_taken_again() {
        let torn = [row(1, 2, netlink::FLAG_INTERRUPTED), row(1, 2, 0)];
        let (dump, families) = dump(&[&torn, &[done(1)], &[row(2, 10, 0), done(2)]]);
        assert_eq!(dump.unwrap(), Dump::Whole);
        assert_eq!(families, [Family::V6]);
    }

    #[test]
    fn a_dump_that_stays_torn_is_taken_as_it_is() {
        let torn = |seq| [row(seq, 2, netlink::FLAG_INTERRUPTED), done(seq)];
        let (dump, families) = dump(&[&torn(1), &torn(2), &torn(3)]);
        assert_eq!(dump.unwrap(), Dump::Interrupted);
        assert_eq!(families, [Family::V4]);
    }

    #[test]
    fn refusals_come_as_an_error_or_at_the_end() {
        for kind in [netlink::ERROR, netlink::DONE] {
            let refusal = message(kind, 0, 1, &(-1_i32).to_ne_bytes());
            let (dump, _) = dump(&[&[row(1, 2, 0), refusal]]);
            assert_eq!(dump.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        }
    }

    #[test]
    fn a_datagram_that_was_cut_off_is_an_error() {
        let (dump, _) = dump(&[&[vec![0; BUFFER_LEN + 1], done(1)]]);
        assert_eq!(dump.unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_device_that_is_gone_keeps_its_number() {
        let diag = SockDiag::open(NetnsId(1)).unwrap();
        let mut known = Vec::new();
        assert_eq!(&*device(&diag.fd, &mut known, 1).name, "lo");
        assert_eq!(&*device(&diag.fd, &mut known, 0x7fff_fff0).name, "if2147483632");
        assert_eq!(known.len(), 2);
        known[0].name = "known".into();
        assert_eq!(&*device(&diag.fd, &mut known, 1).name, "known");
    }
}
