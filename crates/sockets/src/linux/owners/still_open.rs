//! Asks the kernel again for sockets that nobody was seen to hold: those that are still there have
//! no holder, the others closed while we looked.

use std::collections::{BTreeMap, BTreeSet};

use registry::{Port, PortRange, Proto};

use crate::{Error, Linux, NetnsId, NetnsScope, Ports, Query, Socket, Source, States};

/// The inodes of those of `sockets` that are still there, ordered.
///
/// # Errors
/// As [`Source::sockets`].
pub(super) fn inodes(sockets: &[&Socket]) -> Result<Vec<u64>, Error> {
    let mut groups: BTreeMap<(NetnsId, Proto), Vec<&Socket>> = BTreeMap::new();
    for socket in sockets {
        groups.entry((socket.netns, socket.proto)).or_default().push(socket);
    }
    let mut open = BTreeSet::new();
    for ((netns, proto), group) in groups {
        let gone_or_not: BTreeSet<u64> = group.iter().map(|socket| socket.inode).collect();
        for ports in questions(&group) {
            let query = Query {
                protos: vec![proto],
                family: None,
                states: States::ALL,
                ports,
                netns: NetnsScope::One(netns),
            };
            let listed = Linux.sockets(&query)?.sockets.into_iter().map(|socket| socket.inode);
            open.extend(listed.filter(|inode| gone_or_not.contains(inode)));
        }
    }
    Ok(open.into_iter().collect())
}

/// What to ask for about these sockets: their ports if they are few, else all.
fn questions(sockets: &[&Socket]) -> Vec<Ports> {
    let ports: BTreeSet<Port> = sockets.iter().map(|socket| socket.local.port).collect();
    if ports.len() > FEW {
        return vec![Ports::Any];
    }
    ports
        .into_iter()
        .map(|port| PortRange::new(port, port).map_or(Ports::Any, Ports::Local))
        .collect()
}

/// The kernel goes through its whole table for a port as it does for all, only writing less.
const FEW: usize = 3;

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_closed_socket_is_told_from_an_open_one() {
        let mut listeners: Vec<_> =
            (0..2 * FEW).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let port = |listener: &TcpListener| Port(listener.local_addr().unwrap().port());
        let ports: Vec<Port> = listeners.iter().map(port).collect();
        let mut sockets = Linux.sockets(&Query::default()).unwrap().sockets;
        sockets.retain(|socket| ports.contains(&socket.local.port) && socket.inode != 0);
        assert_eq!(sockets.len(), listeners.len());
        listeners.truncate(FEW);
        let kept = sockets.iter().filter(|socket| ports[..FEW].contains(&socket.local.port));
        let mut expected: Vec<u64> = kept.map(|socket| socket.inode).collect();
        expected.sort_unstable();
        let all: Vec<&Socket> = sockets.iter().collect();
        assert_eq!(inodes(&all).unwrap(), expected);
        for socket in &sockets {
            let open = expected.contains(&socket.inode);
            assert_eq!(inodes(&[socket]).unwrap().len(), usize::from(open));
        }
    }
}
