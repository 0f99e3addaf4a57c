//! Unix, netlink, raw and MPTCP sockets, beside what made them.

use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{AddressFamily, SocketType, bind, ipproto, listen, socket};
use sockets::linux_other::{
    SocketKind, holders, mptcp_sockets, netlink_sockets, raw_sockets, unix_sockets,
};
use sockets::{Family, State, States};

use crate::namespace::in_fresh_netns;

#[test]
fn unix_sockets_have_their_path_peer_and_queues() {
    in_fresh_netns(|| {
        let path = std::env::temp_dir().join(format!("portolan-other-{}", std::process::id()));
        let listener = UnixListener::bind(&path).unwrap();
        let client = UnixStream::connect(&path).unwrap();
        std::fs::remove_file(&path).unwrap();

        let listening = unix_sockets(States::NONE.with(State::Listen)).unwrap();
        let [ours] = &listening[..] else { panic!("one listener, not {listening:?}") };
        assert_eq!(ours.inode, inode(&listener));
        assert_eq!((ours.kind, ours.recv_q), (SocketKind::Stream, 1));
        let name = ours.name.as_deref().unwrap();
        assert!(name.starts_with(path.as_os_str().as_encoded_bytes()));

        let inode = inode(&client);
        let _server = listener.accept().unwrap();
        let connected = unix_sockets(States::NONE.with(State::Established)).unwrap();
        let client = connected.iter().find(|socket| socket.inode == inode).unwrap();
        assert!(connected.iter().any(|socket| socket.peer == inode) && client.name.is_none());
    });
}

#[test]
fn any_inode_has_its_holders() {
    let (one, other) = UnixStream::pair().unwrap();
    let ownership = holders(&[inode(&one), inode(&other), 0, u64::MAX]);
    for end in [one, other] {
        let found = ownership.holders(inode(&end));
        let [holder] = &found[..] else { panic!("one holder, not {found:?}") };
        assert_eq!(holder.process.pid.0, std::process::id());
        assert_eq!(i64::from(holder.fd), i64::from(end.as_raw_fd()));
    }
    assert!(ownership.holders(0).is_empty());
}

#[test]
fn netlink_raw_and_mptcp_sockets_are_listed() {
    in_fresh_netns(|| {
        let talker =
            socket(AddressFamily::NETLINK, SocketType::RAW, Some(netlink::GENERIC)).unwrap();
        bind(&talker, &SocketAddrNetlink::new(0, 0)).unwrap();
        let inode = inode(&talker);
        let listed = netlink_sockets().unwrap();
        let found = listed.iter().find(|socket| socket.inode == inode).unwrap();
        assert_eq!((found.protocol, found.peer), (16, None));

        let pinger = socket(AddressFamily::INET6, SocketType::RAW, Some(ipproto::ICMPV6)).unwrap();
        let raw = raw_sockets(&[Family::V4, Family::V6], States::ALL).unwrap();
        let [found] = &raw[..] else { panic!("one raw socket, not {raw:?}") };
        assert_eq!((found.protocol, found.family, found.state), (58, Family::V6, State::Close));
        assert_eq!(found.inode, self::inode(&pinger));

        let Ok(many) = socket(AddressFamily::INET, SocketType::STREAM, Some(ipproto::MPTCP)) else {
            eprintln!("SKIPPED: this kernel has no MPTCP");
            return;
        };
        listen(&many, 5).unwrap();
        let listening = mptcp_sockets(Family::V4, States::NONE.with(State::Listen)).unwrap();
        let [found] = &listening[..] else { panic!("one MPTCP socket, not {listening:?}") };
        assert_eq!((found.inode, found.send_q), (self::inode(&many), 5));
        assert!(mptcp_sockets(Family::V6, States::ALL).unwrap().is_empty());
    });
}

fn inode(socket: impl AsFd) -> u64 {
    rustix::fs::fstat(socket).unwrap().st_ino
}
