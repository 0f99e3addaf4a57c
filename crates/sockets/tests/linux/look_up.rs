//! Sockets looked up one by one, against the dump of all of them.

use sockets::{Endpoint, Linux, Query, Socket, State, Tuple};

use crate::load::{Load, list};
use crate::namespace::in_fresh_netns;

fn tuple(socket: &Socket) -> Tuple {
    let Socket { proto, local, remote, cookie, .. } = *socket;
    Tuple { proto, local, remote, cookie: Some(cookie) }
}

/// What makes a socket this one and says how it is.
fn gist(socket: &Socket) -> impl PartialEq + std::fmt::Debug {
    (socket.cookie, socket.state, socket.local, socket.remote, socket.inode, socket.uid)
}

#[test]
fn every_socket_of_a_dump_is_found_by_its_ends() {
    in_fresh_netns(|| {
        let _load = Load::open();
        let all = list(&Query::default());
        let states: Vec<State> = all.iter().map(|socket| socket.state).collect();
        for state in [State::Listen, State::Established, State::TimeWait, State::Close] {
            assert!(states.contains(&state), "{states:?}");
        }
        let tuples: Vec<Tuple> = all.iter().map(tuple).collect();
        let found = Linux.look_up(&tuples).unwrap();
        for (socket, found) in all.iter().zip(&found) {
            assert_eq!(found.as_ref().map(gist), Some(gist(socket)));
        }
        // As a log has them: mapped addresses as plain ones, and nothing else known.
        let plain = |end: Endpoint| Endpoint { addr: end.canonical(), port: end.port };
        let mapped = |t: &Tuple| t.local.addr != t.local.canonical();
        let plain: Vec<Tuple> = tuples
            .iter()
            .filter(|tuple| mapped(tuple))
            .map(|t| Tuple { local: plain(t.local), remote: plain(t.remote), ..*t })
            .collect();
        assert!(!plain.is_empty(), "{tuples:?}");
        assert!(Linux.look_up(&plain).unwrap().iter().all(Option::is_some));
        let nameless: Vec<Tuple> = tuples.iter().map(|t| Tuple { cookie: None, ..*t }).collect();
        assert!(Linux.look_up(&nameless).unwrap().iter().all(Option::is_some));
    });
}

#[test]
fn another_socket_is_not_taken_for_the_one_meant() {
    in_fresh_netns(|| {
        let load = Load::open();
        let all = list(&Query::default());
        let wrong = |socket| Tuple { cookie: Some(1), ..tuple(socket) };
        let tuples: Vec<Tuple> = all.iter().map(wrong).collect();
        assert!(Linux.look_up(&tuples).unwrap().iter().all(Option::is_none));
        let tuples: Vec<Tuple> = all.iter().map(tuple).collect();
        drop(load);
        let left = Linux.look_up(&tuples).unwrap();
        let open = left.iter().flatten().filter(|socket| socket.inode != 0);
        assert_eq!(open.count(), 0);
        assert!(left.iter().any(Option::is_none));
    });
}
