//! The tables of `/proc/net` against `sock_diag`.

use registry::Proto;
use sockets::{Family, Query, State, proc_net};

use crate::load::{Load, list};
use crate::namespace::in_fresh_netns;

#[test]
fn both_ways_tell_the_same() {
    in_fresh_netns(|| {
        let _load = Load::open();
        for proto in [Proto::Tcp, Proto::Udp] {
            for family in [Family::V4, Family::V6] {
                let rows = proc_net(proto, family).unwrap();
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
fn other_protocols_have_no_table() {
    assert_eq!(proc_net(Proto::Sctp, Family::V4).unwrap(), []);
}
