//! The sockets of each list, and the row that each becomes.
//!
//! Source of truth: the rows of `ss` 6.1. VSOCK, XDP, TIPC, SCTP and DCCP are not among them: the
//! kernels they were compared on list none.

use registry::Proto;
use sockets::linux_other::{
    NetlinkSocket, PacketSocket, RawSocket, SocketKind, UnixSocket, mptcp_sockets, netlink_sockets,
    packet_sockets, raw_sockets, unix_sockets,
};
use sockets::{Error, Query, Socket, Source, State};

use super::address::{ends, host_text};
use super::names::Names;
use super::options::{List, Options};
use super::row::{Address, Row};

/// A socket that has a row.
#[derive(Debug)]
pub(super) enum Listed {
    Netlink(NetlinkSocket),
    Packet(PacketSocket),
    Unix(UnixSocket),
    Raw(RawSocket),
    Inet(Socket),
    Mptcp(Socket),
}

/// The sockets of `list` that were asked for, in the order of `ss`.
///
/// # Errors
/// Where the kernel does not list them.
pub(super) fn list(
    list: List,
    options: &Options,
    source: &impl Source,
) -> Result<Vec<Listed>, Error> {
    let states = options.states();
    Ok(match list {
        List::Netlink => wrap(netlink_sockets()?, Listed::Netlink),
        List::Packet => wrap(packet_sockets()?, Listed::Packet),
        List::Unix => wrap(unix_sockets(states)?, Listed::Unix),
        List::Raw => wrap(raw_sockets(&options.families(), states)?, Listed::Raw),
        List::Udp => wrap(inet(Proto::Udp, options, source)?, Listed::Inet),
        List::Tcp => wrap(inet(Proto::Tcp, options, source)?, Listed::Inet),
        List::Mptcp => {
            let mut sockets = Vec::new();
            for family in options.dumped_families() {
                sockets.extend(mptcp_sockets(family, states)?);
            }
            wrap(sockets, Listed::Mptcp)
        }
    })
}

fn wrap<T>(sockets: Vec<T>, listed: impl Fn(T) -> Listed) -> Vec<Listed> {
    sockets.into_iter().map(listed).collect()
}

/// The sockets of one protocol, IPv4 before IPv6, each in the kernel's order.
fn inet(proto: Proto, options: &Options, source: &impl Source) -> Result<Vec<Socket>, Error> {
    let query = Query {
        protos: vec![proto],
        family: options.last_family(),
        states: options.states(),
        ..Query::default()
    };
    Ok(source.sockets(&query)?.sockets)
}

impl Listed {
    /// The inode by which its holders are found; 0 where `ss` does not tell them.
    pub(super) fn inode(&self) -> u64 {
        match self {
            Listed::Netlink(_) => 0,
            Listed::Packet(socket) => socket.inode,
            Listed::Unix(socket) => socket.inode,
            Listed::Raw(socket) => socket.inode,
            Listed::Inet(socket) | Listed::Mptcp(socket) => socket.inode,
        }
    }

    /// Its row, without the processes.
    pub(super) fn row(&self, names: &Names) -> Row {
        match self {
            Listed::Netlink(socket) => netlink_row(socket, names),
            Listed::Packet(socket) => packet_row(socket, names),
            Listed::Unix(socket) => unix_row(socket),
            Listed::Raw(socket) => raw_row(socket, names),
            Listed::Inet(socket) => inet_row(socket.proto.name(), socket, names),
            Listed::Mptcp(socket) => inet_row("mptcp", socket, names),
        }
    }
}

/// The row of a socket of TCP or UDP, or of what is told like one.
pub(super) fn inet_row(netid: &'static str, socket: &Socket, names: &Names) -> Row {
    let (local, peer) = ends(socket, names);
    Row {
        netid,
        state: state_name(socket.state),
        recv_q: socket.recv_q,
        send_q: socket.send_q,
        local,
        peer,
        process: Vec::new(),
    }
}

fn raw_row(socket: &RawSocket, names: &Names) -> Row {
    let host = |addr| host_text(socket.family, socket.v6only == Some(true), addr);
    let mut local = host(socket.local);
    if let Some(device) = &socket.device {
        local = format!("{local}%{}", device.name);
    }
    Row {
        netid: "raw",
        state: state_name(socket.state),
        recv_q: socket.recv_q,
        send_q: socket.send_q,
        local: Address::new(local, ":", names.ip_protocol(socket.protocol)),
        peer: Address::new(host(socket.remote), ":", "*"),
        process: Vec::new(),
    }
}

fn unix_row(socket: &UnixSocket) -> Row {
    let netid = match socket.kind {
        SocketKind::Stream => "u_str",
        SocketKind::Datagram => "u_dgr",
        SocketKind::SeqPacket => "u_seq",
        _ => "???",
    };
    Row {
        netid,
        state: state_name(socket.state),
        recv_q: socket.recv_q,
        send_q: socket.send_q,
        local: Address::new(unix_name(socket.name.as_deref()), " ", socket.inode.to_string()),
        peer: Address::new("*", " ", socket.peer.to_string()),
        process: Vec::new(),
    }
}

/// A path up to its end, or an abstract name with `@` for every NUL.
fn unix_name(name: Option<&[u8]>) -> Vec<u8> {
    match name {
        None => b"*".to_vec(),
        Some(name @ [0, ..]) => {
            name.iter().map(|byte| if *byte == 0 { b'@' } else { *byte }).collect()
        }
        Some(path) => path.split(|byte| *byte == 0).next().unwrap_or_default().to_vec(),
    }
}

fn packet_row(socket: &PacketSocket, names: &Names) -> Row {
    let device = socket.device.as_ref().map_or("*", |device| &*device.name);
    Row {
        netid: if socket.kind == SocketKind::Raw { "p_raw" } else { "p_dgr" },
        state: State::Close.name(),
        recv_q: socket.recv_q,
        send_q: socket.send_q,
        local: Address::new(names.link_protocol(socket.protocol), ":", device),
        peer: Address::new("", "*", ""),
        process: Vec::new(),
    }
}

/// Port ids are printed as signed numbers: those the kernel made up are negative.
fn netlink_row(socket: &NetlinkSocket, names: &Names) -> Row {
    let peer = match socket.peer {
        None => Address::new("", "*", ""),
        Some(peer) => {
            Address::new(peer.group.to_string(), ":", peer.port_id.cast_signed().to_string())
        }
    };
    let holder = names.netlink_port(socket.port_id.cast_signed());
    Row {
        netid: "nl",
        state: State::Close.name(),
        recv_q: socket.recv_q,
        send_q: socket.send_q,
        local: Address::new(names.netlink_protocol(socket.protocol), ":", holder),
        peer,
        process: Vec::new(),
    }
}

/// The word for `state`; `ss` has none of its own for a socket that is bound and does nothing.
fn state_name(state: State) -> &'static str {
    match state {
        State::Bound => State::Close.name(),
        state => state.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unix_names_are_paths_or_abstract() {
        assert_eq!(unix_name(None), b"*");
        assert_eq!(unix_name(Some(b"/run/a b.sock\0")), b"/run/a b.sock");
        assert_eq!(unix_name(Some(b"\0abs\0x")), b"@abs@x");
    }

    #[test]
    fn netlink_ports_are_signed() {
        let socket = NetlinkSocket {
            protocol: 0,
            port_id: u32::MAX - 1,
            peer: None,
            inode: 1,
            recv_q: 0,
            send_q: 0,
        };
        let row = netlink_row(&socket, &Names::numeric());
        assert_eq!((&row.local.host[..], &row.local.port[..]), (&b"0:"[..], &b"-2"[..]));
        assert_eq!((&row.peer.host[..], &row.peer.port[..]), (&b"*"[..], &b""[..]));
    }
}
