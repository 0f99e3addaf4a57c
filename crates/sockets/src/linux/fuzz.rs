//! The parsers of the kernel's bytes, for fuzzing: whatever comes in, none may panic.
//!
//! Not part of the interface; may change at any time.

use registry::Proto;

use super::proc_net::parse;
use super::{inet_diag, limits, netlink, sysctl};
use crate::{Device, Family, NetnsId, Socket, State};

/// A datagram of netlink messages, each read as a row of every protocol.
pub fn sock_diag(datagram: &[u8]) {
    for message in netlink::messages(datagram) {
        message.errno();
        for proto in Proto::ALL {
            let device = |index| Device { index, name: "lo".into() };
            if let Some(socket) = inet_diag::socket(message.payload, proto, NetnsId(1), device) {
                check(&socket);
            }
        }
    }
}

/// Whatever the bytes, no socket comes of them that the kernel could not have.
fn check(socket: &Socket) {
    assert_eq!(socket.family == Family::V4, socket.local.addr.is_ipv4());
    assert_eq!(socket.family == Family::V4, socket.remote.addr.is_ipv4());
    assert!(socket.v6only.is_none() || socket.family == Family::V6);
    assert!(socket.device.as_ref().is_none_or(|device| device.index != 0));
    assert!(socket.proto != Proto::Tcp || socket.state != State::Close);
}

/// A row of `rtnetlink`: a route, a rule or an address.
pub fn route_row(payload: &[u8]) {
    super::routes::fuzz(payload);
}

/// A table of `/proc/net`, read as either family's.
pub fn proc_net(text: &[u8]) {
    for line in text.split(|byte| *byte == b'\n') {
        for family in [Family::V4, Family::V6] {
            if let Some(row) = parse(line, family) {
                let _ = row.socket(Proto::Tcp, family, NetnsId(1));
            }
        }
    }
}

/// The tables of `/proc/net` and `/proc/PID` that limits are read from.
pub fn limit_tables(text: &[u8]) {
    limits::named_count(text, b"TcpExt:", b"ListenDrops");
    limits::pairs(text, b"TCP:", b"tw");
    limits::open_files(text);
    let tracked = limits::Tracked::of(text);
    assert!(tracked.pools().iter().all(|pool| pool.ports.used > 0));
}

/// The port settings of `/proc/sys/net/ipv4`; a list that is read must survive being printed.
pub fn port_settings(text: &[u8]) {
    sysctl::parse_range(text);
    if let Some(list) = sysctl::parse_list(text) {
        let printed: Vec<_> = list.iter().map(ToString::to_string).collect();
        assert_eq!(sysctl::parse_list(printed.join(",").as_bytes()), Some(list));
    }
}
