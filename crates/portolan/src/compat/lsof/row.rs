//! What `lsof` says of a process and of each socket it holds, before it is laid out.

use sockets::Family;

use super::address::Transport;

/// A process with the sockets that were asked for, ordered by descriptor.
#[derive(Clone, Debug)]
pub(super) struct Process {
    /// Its id.
    pub(super) pid: u32,
    /// Its process group.
    pub(super) group: i64,
    /// Its parent.
    pub(super) parent: i64,
    /// Its name, untrusted.
    pub(super) name: Vec<u8>,
    /// The user it runs as.
    pub(super) uid: u32,
    /// That user's name.
    pub(super) user: Option<String>,
    /// What it holds.
    pub(super) rows: Vec<Row>,
}

/// One descriptor of a process.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its number.
    pub(super) fd: u32,
    /// The flags it is open with; `None` where they were not asked for or cannot be read.
    pub(super) flags: Option<u64>,
    /// The family the socket was made with.
    pub(super) family: Family,
    /// Its inode.
    pub(super) inode: u64,
    /// Its transport.
    pub(super) transport: Transport,
    /// Its ends: `127.0.0.1:5000->127.0.0.1:80`.
    pub(super) name: Vec<u8>,
    /// Its state, for TCP.
    pub(super) state: Option<&'static str>,
    /// Bytes to read, or connections to accept.
    pub(super) recv_q: u32,
    /// Bytes not acknowledged.
    pub(super) send_q: u32,
}

impl Row {
    /// The descriptor in four places; the last three digits after `*` where that is not enough.
    pub(super) fn fd_text(&self) -> String {
        match self.fd {
            0..=9999 => self.fd.to_string(),
            more => format!("*{:03}", more % 1000),
        }
    }

    /// What the column TYPE says.
    pub(super) fn type_name(&self) -> &'static str {
        match self.family {
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_has_four_places() {
        let fd = |fd| {
            let (family, transport) = (Family::V4, Transport::Tcp);
            let name = Vec::new();
            let (flags, state, inode, recv_q, send_q) = (None, None, 0, 0, 0);
            Row { fd, flags, family, inode, transport, name, state, recv_q, send_q }.fd_text()
        };
        assert_eq!([fd(3), fd(9999), fd(10_003), fd(12_345)], ["3", "9999", "*003", "*345"]);
    }
}
