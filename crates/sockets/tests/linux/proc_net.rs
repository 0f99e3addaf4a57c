//! The tables of `/proc/net` against `sock_diag`.

use registry::Proto;
use sockets::{Family, ProcNetTable, Query, State, proc_net};

use crate::load::{Load, list};
use crate::namespace::in_fresh_netns;

#[test]
fn both_ways_tell_the_same() {
    in_fresh_netns(|| {
        let _load = Load::open();
        for (proto, table) in [(Proto::Tcp, ProcNetTable::Tcp), (Proto::Udp, ProcNetTable::Udp)] {
            for family in [Family::V4, Family::V6] {
                let rows = proc_net(table, family).unwrap();
                let query = Query { protos: vec![proto], family: Some(family), ..Query::default() };
                let sockets = list(&query);
                assert!(!rows.is_empty() && rows.len() == sockets.len(), "{proto} {family:?}");
                for socket in sockets {
                    let found = rows
                        .iter()
                        .find(|row| (row.local, row.remote) == (socket.local, socket.remote));
                    let row = found.unwrap();
                    assert_eq!((row.state, row.uid), (socket.state, socket.uid));
                    assert_eq!((row.inode, row.rx_queue), (socket.inode, socket.recv_q));
                    // The table does not tell a listener's backlog.
                    let expected = if row.state == State::Listen { 0 } else { socket.send_q };
                    assert_eq!(row.tx_queue, expected);
                }
            }
        }
    });
}

#[test]
fn a_raw_socket_has_its_protocol_for_a_port() {
    in_fresh_netns(|| {
        let (domain, kind) = (rustix::net::AddressFamily::INET6, rustix::net::SocketType::RAW);
        let _raw = rustix::net::socket(domain, kind, Some(rustix::net::ipproto::ICMPV6)).unwrap();
        let rows = proc_net(ProcNetTable::Raw, Family::V6).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].local.port.number(), 58);
        assert_eq!(proc_net(ProcNetTable::UdpLite, Family::V4).unwrap(), []);
    });
}
