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
