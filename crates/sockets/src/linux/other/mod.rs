//! Sockets without ports of their own: unix, netlink, packet and raw ones, and the sockets that
//! MPTCP puts before TCP's.
//!
//! Source of truth: `sock_diag(7)` and the kernel's `linux/{unix,netlink,packet}_diag.h`. Always
//! the network namespace of the calling thread. A family that the kernel cannot list, because it
//! lacks the family or its `sock_diag` module, is an empty list.

pub(crate) mod fuzz;
mod mptcp;
mod netlink_sockets;
mod packet;
mod raw;
mod unix;

use std::io;

pub use mptcp::mptcp_sockets;
pub use netlink_sockets::{NetlinkPeer, NetlinkSocket, netlink_sockets};
pub use packet::{PacketSocket, packet_sockets};
pub use raw::{RawSocket, raw_sockets};
pub use unix::{UnixSocket, unix_sockets};

use super::netlink::u32_at;
use super::owners;
use super::sock_diag::SockDiag;
use crate::{Device, Error, NetnsId, Ownership};

/// What kind of socket it is, `SOCK_*` of `socket(2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SocketKind {
    /// A stream of bytes.
    Stream,
    /// Messages.
    Datagram,
    /// Messages below the transport.
    Raw,
    /// Messages in order.
    SeqPacket,
}

impl SocketKind {
    fn from_kernel(number: u8) -> Option<SocketKind> {
        match number {
            1 => Some(SocketKind::Stream),
            2 => Some(SocketKind::Datagram),
            3 => Some(SocketKind::Raw),
            5 => Some(SocketKind::SeqPacket),
            _ => None,
        }
    }
}

/// Finds the processes that hold the sockets with these inodes, of whatever family, among all
/// processes. Ask the result with [`Ownership::holders`]; it knows nothing of what it did not find.
#[must_use]
pub fn holders(inodes: &[u64]) -> Ownership {
    owners::find_inodes(inodes)
}

/// What `read` makes of each row of the answer to one request, in the kernel's order. Rows are read
/// with a function that names devices.
fn rows<T>(
    what: &'static str,
    request: &[u8],
    attribute: Option<(u16, &[u8])>,
    read: impl Fn(&[u8], &mut dyn FnMut(u32) -> Device) -> Option<T>,
) -> Result<Vec<T>, Error> {
    let mut rows = Vec::new();
    let dumped = SockDiag::open(NO_NETNS).and_then(|mut diag| {
        diag.each_row(request, attribute, |row, device| rows.extend(read(row, device)))
    });
    match dumped {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::Netlink { what, source })
        }
        _ => Ok(rows),
    }
}

/// What waits in a socket's queues, from the first numbers of a `SK_MEMINFO_*` attribute: received
/// and not yet read, and sent and not yet gone, in bytes of memory.
fn memory(payload: &[u8]) -> (u32, u32) {
    (u32_at::<0>(payload), u32_at::<8>(payload))
}

/// These rows do not say which namespace they are from.
const NO_NETNS: NetnsId = NetnsId(0);

#[cfg(test)]
mod tests {
    use super::*;

    /// An attribute as netlink has it.
    pub(super) fn attribute(number: u16, payload: &[u8]) -> Vec<u8> {
        let len = u16::try_from(4 + payload.len()).unwrap();
        let mut bytes = [len.to_ne_bytes(), number.to_ne_bytes()].concat();
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    /// `SK_MEMINFO_*` with 7 bytes received and 9 sent.
    pub(super) fn memory_payload() -> Vec<u8> {
        [7_u32, 212_992, 9, 212_992, 0].into_iter().flat_map(u32::to_ne_bytes).collect()
    }

    #[test]
    fn a_short_memory_attribute_is_empty() {
        assert_eq!(memory(&memory_payload()), (7, 9));
        assert_eq!(memory(&[1, 0, 0]), (0, 0));
    }
}
