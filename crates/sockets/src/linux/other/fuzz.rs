//! The parsers of `sock_diag` rows of these families, reachable for fuzzing. What is checked is
//! that they do not panic, and invent no name.

use super::{netlink_sockets, packet, unix};

/// A row of a unix socket.
pub fn unix_row(row: &[u8]) {
    if let Some(name) = unix::socket(row).and_then(|socket| socket.name) {
        assert!(name.len() <= row.len());
    }
}

/// A row of a netlink socket.
pub fn netlink_row(row: &[u8]) {
    let _parsed = netlink_sockets::socket(row);
}

/// A row of a packet socket.
pub fn packet_row(row: &[u8]) {
    let name = |index| crate::Device { index, name: "".into() };
    let _parsed = packet::socket(row, name);
}
