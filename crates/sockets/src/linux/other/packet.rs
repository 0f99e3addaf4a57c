//! Packet sockets, which see a device's frames, from `linux/packet_diag.h`.

use super::{SocketKind, memory};
use crate::linux::netlink::{attributes, u16_at, u32_at};
use crate::{Device, Error};

/// A packet socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketSocket {
    /// [`SocketKind::Raw`] with, [`SocketKind::Datagram`] without the link's header.
    pub kind: SocketKind,
    /// The link-layer protocol it receives, `ETH_P_*`: 3 is every one, 0 none.
    pub protocol: u16,
    /// The device it is bound to; `None` for every one.
    pub device: Option<Device>,
    /// Its inode in sockfs.
    pub inode: u64,
    /// Memory taken by what it has received and not yet read.
    pub recv_q: u32,
    /// Memory taken by what it has sent and is not yet gone.
    pub send_q: u32,
}

/// Lists the packet sockets, in the kernel's order.
///
/// # Errors
/// [`Error::Netlink`] if the kernel refuses the dump.
pub fn packet_sockets() -> Result<Vec<PacketSocket>, Error> {
    let mut request = [0; REQUEST_LEN];
    request[0] = AF_PACKET;
    request[8..12].copy_from_slice(&(SHOW_INFO | SHOW_MEMORY).to_ne_bytes());
    super::rows("list packet sockets", &request, None, |row, device| socket(row, device))
}

/// Reads one row, `struct packet_diag_msg` and its attributes; `None` for a damaged one.
pub(super) fn socket(row: &[u8], mut device: impl FnMut(u32) -> Device) -> Option<PacketSocket> {
    let (fixed, rest) = row.split_first_chunk::<ROW_LEN>()?;
    let mut socket = PacketSocket {
        kind: SocketKind::from_kernel(fixed[1])?,
        protocol: u16_at::<2>(fixed),
        device: None,
        inode: u64::from(u32_at::<4>(fixed)),
        recv_q: 0,
        send_q: 0,
    };
    for (number, payload) in attributes(rest) {
        match number {
            ATTRIBUTE_INFO => {
                let index = u32_at::<0>(payload);
                socket.device = (index != 0).then(|| device(index));
            }
            ATTRIBUTE_MEMORY => (socket.recv_q, socket.send_q) = memory(payload),
            _ => {}
        }
    }
    Some(socket)
}

const AF_PACKET: u8 = 17;

/// `struct packet_diag_req`: family, protocol, padding, inode, what to show, cookie.
const REQUEST_LEN: usize = 20;
/// `PACKET_SHOW_INFO` and `PACKET_SHOW_MEMINFO`.
const SHOW_INFO: u32 = 1;
const SHOW_MEMORY: u32 = 0x10;

/// `struct packet_diag_msg`: family, kind, protocol, inode, cookie.
const ROW_LEN: usize = 16;
/// `PACKET_DIAG_INFO`, whose first field is the device, and `PACKET_DIAG_MEMINFO`.
const ATTRIBUTE_INFO: u16 = 0;
const ATTRIBUTE_MEMORY: u16 = 6;

#[cfg(test)]
mod tests {
    use super::super::tests::{attribute, memory_payload};
    use super::*;

    fn row() -> Vec<u8> {
        let mut row = vec![AF_PACKET, 3];
        row.extend(0x0800_u16.to_ne_bytes());
        row.extend(31337_u32.to_ne_bytes());
        row.extend([0; 8]);
        row
    }

    fn parse(row: &[u8]) -> Option<PacketSocket> {
        socket(row, |index| Device { index, name: "eth0".into() })
    }

    #[test]
    fn every_field_of_a_row() {
        let mut bytes = row();
        bytes.extend(attribute(ATTRIBUTE_INFO, &[2_u32.to_ne_bytes(), [0; 4]].concat()));
        bytes.extend(attribute(ATTRIBUTE_MEMORY, &memory_payload()));
        let expected = PacketSocket {
            kind: SocketKind::Raw,
            protocol: 0x0800,
            device: Some(Device { index: 2, name: "eth0".into() }),
            inode: 31337,
            recv_q: 7,
            send_q: 9,
        };
        assert_eq!(parse(&bytes), Some(expected));
    }

    #[test]
    fn device_zero_is_none() {
        let bytes = [row(), attribute(ATTRIBUTE_INFO, &[0; 8])].concat();
        assert_eq!(parse(&bytes).unwrap().device, None);
    }

    #[test]
    fn damaged_rows_are_left_out() {
        let whole = row();
        assert!((0..whole.len()).all(|end| parse(&whole[..end]).is_none()));
    }
}
