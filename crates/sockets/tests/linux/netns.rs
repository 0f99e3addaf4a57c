//! Network namespaces besides our own.

use std::net::{TcpListener, UdpSocket};
use std::sync::mpsc::channel;

use registry::Port;
use sockets::{Error, NetnsId, NetnsScope, Note, Ports, Query, Snapshot, Source};

use crate::named::Named;
use crate::namespace::in_fresh_netns;

fn list(netns: NetnsScope, port: u16) -> Result<Snapshot, Error> {
    let ports = Ports::Local(Port(port).into());
    sockets::host().sockets(&Query { netns, ports, ..Query::default() })
}

#[test]
fn sockets_of_every_namespace_are_found_and_named() {
    in_fresh_netns(|| {
        let named = Named::add("all");
        let own = list(NetnsScope::Own, 7700).unwrap().netns[0].clone();
        let _ours = TcpListener::bind("127.0.0.1:7700").unwrap();
        let (entered, wait) = channel();
        let (finish, finished) = channel::<()>();
        std::thread::scope(|scope| {
            let theirs = named.path();
            scope.spawn(move || {
                let file = std::fs::File::open(theirs).unwrap();
                let fd = std::os::fd::AsFd::as_fd(&file);
                rustix::thread::move_into_link_name_space(fd, None).unwrap();
                let _theirs = UdpSocket::bind("0.0.0.0:7700").unwrap();
                entered.send(()).unwrap();
                finished.recv().unwrap_err();
            });
            wait.recv().unwrap();
            let all = list(NetnsScope::All, 7700).unwrap();
            assert_eq!(all.netns[0], own);
            let other = all.netns.iter().find(|n| n.name.as_deref() == Some(&*named.name)).unwrap();
            let found: Vec<_> = all.sockets.iter().map(|s| (s.netns, s.proto.name())).collect();
            assert_eq!(found, [(own.id, "tcp"), (other.id, "udp")]);
            let one = list(NetnsScope::One(other.id), 7700).unwrap();
            assert_eq!((one.sockets.len(), one.netns), (1, vec![other.clone()]));
            assert_eq!(list(NetnsScope::One(own.id), 7700).unwrap().sockets.len(), 1);
            drop(finish);
        });
    });
}

#[test]
fn a_namespace_that_is_not_there_is_an_error() {
    let error = list(NetnsScope::One(NetnsId(1)), 7700).unwrap_err();
    assert!(matches!(error, Error::Netns { netns: NetnsId(1), .. }), "{error:?}");
}

#[test]
fn without_privilege_only_our_own_is_listed_and_it_says_so() {
    in_fresh_netns(|| {
        let named = Named::add("nobody");
        let _ours = TcpListener::bind("127.0.0.1:7701").unwrap();
        std::thread::scope(|scope| {
            let nobody = || {
                let nobody = rustix::fs::Uid::from_raw(65534);
                rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
                let all = list(NetnsScope::All, 7701).unwrap();
                assert_eq!((all.sockets.len(), all.netns.len()), (1, 1));
                let hidden = |note: &Note| matches!(note, Note::NetnsHidden { processes: 1.. });
                assert!(all.notes.iter().any(hidden), "{:?}", all.notes);
                let closed = |note: &Note| matches!(note, Note::NetnsUnreadable { .. });
                assert!(all.notes.iter().any(closed), "{:?}", all.notes);
            };
            scope.spawn(nobody).join().unwrap();
        });
        drop(named);
    });
}
