//! Netlink sockets, from `linux/netlink_diag.h`.

use super::memory;
use crate::Error;
use crate::linux::netlink::{attributes, u32_at};

/// A netlink socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetlinkSocket {
    /// Which part of the kernel it talks to, `NETLINK_*`.
    pub protocol: u8,
    /// Its address: 0 is the kernel, and by custom a process's id is its first socket's.
    pub port_id: u32,
    /// Whom it is connected to; `None` for nobody.
    pub peer: Option<NetlinkPeer>,
    /// Its inode in sockfs.
    pub inode: u64,
    /// Memory taken by what it has received and not yet read.
    pub recv_q: u32,
    /// Memory taken by what it has sent and nobody has read.
    pub send_q: u32,
}

/// The far end of a connected netlink socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetlinkPeer {
    /// The address of the other socket.
    pub port_id: u32,
    /// The multicast group it sends to, or 0.
    pub group: u32,
}

/// Lists the netlink sockets, in the kernel's order.
///
/// # Errors
/// [`Error::Netlink`] if the kernel refuses the dump.
pub fn netlink_sockets() -> Result<Vec<NetlinkSocket>, Error> {
    let mut request = [0; REQUEST_LEN];
    request[0] = AF_NETLINK;
    request[1] = EVERY_PROTOCOL;
    request[8..12].copy_from_slice(&SHOW_MEMORY.to_ne_bytes());
    super::rows("list netlink sockets", &request, None, |row, _| socket(row))
}

/// Reads one row, `struct netlink_diag_msg` and its attributes; `None` for a damaged one.
pub(super) fn socket(row: &[u8]) -> Option<NetlinkSocket> {
    let (fixed, rest) = row.split_first_chunk::<ROW_LEN>()?;
    let peer = NetlinkPeer { port_id: u32_at::<8>(fixed), group: u32_at::<12>(fixed) };
    let memory = attributes(rest).find(|(number, _)| *number == ATTRIBUTE_MEMORY);
    let (recv_q, send_q) = memory.map_or((0, 0), |(_, payload)| self::memory(payload));
    Some(NetlinkSocket {
        protocol: fixed[2],
        port_id: u32_at::<4>(fixed),
        peer: (fixed[3] == CONNECTED).then_some(peer),
        inode: u64::from(u32_at::<16>(fixed)),
        recv_q,
        send_q,
    })
}

const AF_NETLINK: u8 = 16;
/// `NDIAG_PROTO_ALL`.
const EVERY_PROTOCOL: u8 = 255;
/// `NETLINK_CONNECTED` of the kernel's `netlink/af_netlink.c`.
const CONNECTED: u8 = 1;

/// `struct netlink_diag_req`: family, protocol, padding, inode, what to show, cookie.
const REQUEST_LEN: usize = 20;
/// `NDIAG_SHOW_MEMINFO`.
const SHOW_MEMORY: u32 = 1;

/// `struct netlink_diag_msg`: family, kind, protocol, state, port id, the peer's, its group, inode,
/// cookie.
const ROW_LEN: usize = 28;
/// `NETLINK_DIAG_MEMINFO`.
const ATTRIBUTE_MEMORY: u16 = 0;

#[cfg(test)]
mod tests {
    use super::super::tests::{attribute, memory_payload};
    use super::*;

    fn row(state: u8) -> Vec<u8> {
        let mut row = vec![AF_NETLINK, 3, 15, state];
        for field in [4321_u32, 1, 2, 31337, 0, 0] {
            row.extend(field.to_ne_bytes());
        }
        row
    }

    #[test]
    fn every_field_of_a_row() {
        let bytes = [row(CONNECTED), attribute(ATTRIBUTE_MEMORY, &memory_payload())].concat();
        let expected = NetlinkSocket {
            protocol: 15,
            port_id: 4321,
            peer: Some(NetlinkPeer { port_id: 1, group: 2 }),
            inode: 31337,
            recv_q: 7,
            send_q: 9,
        };
        assert_eq!(socket(&bytes), Some(expected));
    }

    #[test]
    fn only_a_connected_socket_has_a_peer() {
        let socket = socket(&row(7)).unwrap();
        assert_eq!((socket.peer, socket.recv_q), (None, 0));
    }

    #[test]
    fn damaged_rows_are_left_out() {
        let whole = row(7);
        assert!((0..whole.len()).all(|end| socket(&whole[..end]).is_none()));
    }
}
