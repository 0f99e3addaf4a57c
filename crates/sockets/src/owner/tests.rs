//! Tests of what others may know of owners.

use super::*;
use crate::{Findings, Held};

fn process(pid: u32, uid: u32) -> Process {
    Process {
        pid: Pid(pid),
        start_ticks: 1,
        started: SystemTime::UNIX_EPOCH,
        comm: b"it".to_vec(),
        exe: None,
        cmdline: None,
        user: User { uid, name: None },
        ancestry: Vec::new(),
        place: Place::default(),
    }
}

fn socket(inode: u64) -> Socket {
    let nobody = crate::Endpoint { addr: [0, 0, 0, 0].into(), port: registry::Port::NONE };
    Socket {
        proto: registry::Proto::Tcp,
        family: crate::Family::V4,
        v6only: None,
        local: nobody,
        remote: nobody,
        state: crate::State::Listen,
        recv_q: 0,
        send_q: 0,
        uid: 1000,
        inode,
        cookie: 0,
        netns: crate::NetnsId(1),
        cgroup: None,
        device: None,
        timer: None,
    }
}

#[test]
fn who_sees_less_is_told_that_an_owner_is_hidden() {
    let held = |inode, pid| Held { inode, pid: Pid(pid), fd: 3 };
    let all: Ownership = Findings {
        processes: vec![process(10, 1000), process(11, 0), process(12, 1000)],
        held: vec![held(1, 10), held(2, 11), held(3, 12), held(3, 11)],
        ..Findings::default()
    }
    .into();
    let sockets = [socket(1), socket(2), socket(3)];
    let alice = all.narrowed(&sockets, |process| process.user.uid == 1000);
    let pids = |ownership: &Ownership, at: usize| match ownership.of(&sockets[at]) {
        Owners::Known(holders) => holders.iter().map(|h| h.process.pid.0).collect(),
        Owners::Hidden { .. } => vec![0],
        other => panic!("{other:?}"),
    };
    assert_eq!([pids(&alice, 0), pids(&alice, 1), pids(&alice, 2)], [vec![10], vec![0], vec![12]]);
    assert!(alice.processes().iter().all(|process| process.user.uid == 1000));
    assert_eq!(alice.notes(), [Note::ProcessesUnreadable { count: 1 }]);
    let one = all.narrowed(&sockets[1..2], |_| true);
    assert_eq!((one.processes().len(), pids(&one, 1)), (1, vec![11]));
    assert!(one.notes().is_empty());
    let bob = alice.narrowed(&sockets, |_| false);
    assert_eq!(bob.notes(), [Note::ProcessesUnreadable { count: 3 }], "in one note");
}
