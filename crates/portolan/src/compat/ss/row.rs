//! One line of `ss`, before its columns have widths.

/// How many columns a table can have.
pub(super) const COLUMNS: usize = 9;

/// What `ss` says of one socket.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// The table it is from: `tcp`, `u_str`.
    pub(super) netid: &'static str,
    /// Its state.
    pub(super) state: &'static str,
    /// The receive queue.
    pub(super) recv_q: u32,
    /// The send queue.
    pub(super) send_q: u32,
    /// Our end.
    pub(super) local: Address,
    /// The far end.
    pub(super) peer: Address,
    /// ` users:(…)`, or nothing.
    pub(super) process: Vec<u8>,
}

/// One end of a socket: two cells that touch.
#[derive(Clone, Debug, Default)]
pub(super) struct Address {
    /// The address, its device and the separator.
    pub(super) host: Vec<u8>,
    /// The port, or what a family has in its place.
    pub(super) port: Vec<u8>,
}

impl Address {
    /// The address `host` with `separator` after it, and `port` in the second cell.
    pub(super) fn new(
        host: impl Into<Vec<u8>>,
        separator: &str,
        port: impl Into<Vec<u8>>,
    ) -> Address {
        let mut host = host.into();
        host.extend_from_slice(separator.as_bytes());
        Address { host, port: port.into() }
    }
}
