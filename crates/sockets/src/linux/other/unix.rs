//! Unix sockets, from `linux/unix_diag.h`.

use super::SocketKind;
use crate::linux::netlink::{attributes, u32_at};
use crate::{Error, State, States};

/// A unix socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnixSocket {
    /// What it carries.
    pub kind: SocketKind,
    /// Its state, in TCP's terms.
    pub state: State,
    /// Its address, untrusted: a path, or after a NUL byte any bytes. `None` where it has none.
    pub name: Option<Vec<u8>>,
    /// Its inode in sockfs; 0 where no descriptor belongs to it yet.
    pub inode: u64,
    /// The inode of the socket at the other end; 0 where there is none.
    pub peer: u64,
    /// Bytes received and not yet read; for a listener, connections waiting to be accepted.
    pub recv_q: u32,
    /// Bytes sent and not yet read; for a listener, its backlog.
    pub send_q: u32,
}

/// Lists the unix sockets in these states, in the kernel's order.
///
/// # Errors
/// [`Error::Netlink`] if the kernel refuses the dump.
pub fn unix_sockets(states: States) -> Result<Vec<UnixSocket>, Error> {
    let mut request = [0; REQUEST_LEN];
    request[0] = AF_UNIX;
    request[4..8].copy_from_slice(&states.kernel_mask().to_ne_bytes());
    request[12..16].copy_from_slice(&(SHOW_NAME | SHOW_PEER | SHOW_QUEUES).to_ne_bytes());
    super::rows("list unix sockets", &request, None, |row, _| socket(row))
}

/// Reads one row, `struct unix_diag_msg` and its attributes; `None` for a damaged one.
pub(super) fn socket(row: &[u8]) -> Option<UnixSocket> {
    let (fixed, rest) = row.split_first_chunk::<ROW_LEN>()?;
    let mut socket = UnixSocket {
        kind: SocketKind::from_kernel(fixed[1])?,
        state: State::from_kernel(fixed[2])?,
        name: None,
        inode: u64::from(u32_at::<4>(fixed)),
        peer: 0,
        recv_q: 0,
        send_q: 0,
    };
    for (number, payload) in attributes(rest) {
        match number {
            ATTRIBUTE_NAME if !payload.is_empty() => socket.name = Some(payload.to_vec()),
            ATTRIBUTE_PEER => socket.peer = u64::from(u32_at::<0>(payload)),
            ATTRIBUTE_QUEUES => {
                socket.recv_q = u32_at::<0>(payload);
                socket.send_q = u32_at::<4>(payload);
            }
            _ => {}
        }
    }
    Some(socket)
}

const AF_UNIX: u8 = 1;

/// `struct unix_diag_req`: family, protocol, padding, states, inode, what to show, cookie.
const REQUEST_LEN: usize = 24;
/// `UDIAG_SHOW_NAME`, `UDIAG_SHOW_PEER` and `UDIAG_SHOW_RQLEN`.
const SHOW_NAME: u32 = 1;
const SHOW_PEER: u32 = 4;
const SHOW_QUEUES: u32 = 0x10;

/// `struct unix_diag_msg`: family, kind, state, padding, inode, cookie.
const ROW_LEN: usize = 16;
/// `UNIX_DIAG_NAME`, `UNIX_DIAG_PEER` and `UNIX_DIAG_RQLEN`.
const ATTRIBUTE_NAME: u16 = 0;
const ATTRIBUTE_PEER: u16 = 2;
const ATTRIBUTE_QUEUES: u16 = 4;

#[cfg(test)]
mod tests {
    use super::super::tests::attribute;
    use super::*;

    fn row(kind: u8, state: u8) -> Vec<u8> {
        let mut row = vec![AF_UNIX, kind, state, 0];
        row.extend(31337_u32.to_ne_bytes());
        row.extend([0; 8]);
        row
    }

    #[test]
    fn every_field_of_a_row() {
        let mut bytes = row(1, 10);
        bytes.extend(attribute(ATTRIBUTE_NAME, b"\0abstract"));
        bytes.extend(attribute(ATTRIBUTE_PEER, &7_u32.to_ne_bytes()));
        bytes.extend(attribute(ATTRIBUTE_QUEUES, &[2, 0, 0, 0, 5, 0, 0, 0]));
        let expected = UnixSocket {
            kind: SocketKind::Stream,
            state: State::Listen,
            name: Some(b"\0abstract".to_vec()),
            inode: 31337,
            peer: 7,
            recv_q: 2,
            send_q: 5,
        };
        assert_eq!(socket(&bytes), Some(expected));
    }

    #[test]
    fn a_socket_without_name_or_peer() {
        let socket = socket(&[row(5, 7), attribute(ATTRIBUTE_NAME, b"")].concat()).unwrap();
        assert_eq!((socket.kind, socket.state), (SocketKind::SeqPacket, State::Close));
        assert_eq!((socket.name, socket.peer), (None, 0));
    }

    #[test]
    fn damaged_rows_are_left_out() {
        let whole = row(1, 1);
        assert!(socket(&whole).is_some());
        assert!((0..whole.len()).all(|end| socket(&whole[..end]).is_none()));
        assert_eq!(socket(&row(77, 1)), None);
        assert_eq!(socket(&row(1, 99)), None);
    }
}
