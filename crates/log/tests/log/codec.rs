//! What goes over a daemon's socket comes back as it was, and torn messages are refused.

use std::sync::Arc;
use std::time::Duration;

use log::{
    Answer, Change, Disk, Encoded, Gap, GapReason, Moment, Party, Question, Remote, Status, Tenure,
    Verb, Viewer,
};
use registry::{Port, PortRange, Proto};
use sockets::{Ending, Evidence, Family, NetnsId, Program, Role, Watching};

use super::events::{end, program};

fn tenure() -> Tenure {
    let curl = program(7, "curl", 1000);
    Tenure {
        netns: NetnsId(4_026_531_840),
        proto: Proto::Udp,
        family: Family::V6,
        v6only: true,
        local: end(50_000),
        remote: None,
        role: Role::Bound,
        uid: 1000,
        opener: Party::Known(curl.clone()),
        taker: Party::Hidden { uid: 3 },
        closer: Party::Known(curl),
        from: Moment(-5),
        until: Some(Moment(9)),
        duration: Duration::from_nanos(14),
        ending: Some(Ending::Unseen),
        evidence: Evidence::Sampled,
    }
}

fn gap() -> Gap {
    Gap { from: Moment(i64::MIN), until: None, reason: GapReason::DiskFull, events: 7 }
}

/// Comes back, and no part of it does.
fn comes_back<T: Encoded + PartialEq + std::fmt::Debug>(value: &T) {
    let bytes = value.encode();
    assert_eq!(T::decode(&bytes).unwrap(), *value);
    for len in 0..bytes.len() {
        assert!(T::decode(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(T::decode(&longer).is_err());
    let newer = [&[bytes[0] + 1], &bytes[1..]].concat();
    let error = T::decode(&newer).unwrap_err();
    assert!(error.to_string().contains("another version"), "{error}");
}

#[test]
fn every_message_comes_back() {
    let mut question = Question::between(Moment(1), Moment(i64::MAX));
    comes_back(&question);
    question.ports = vec![PortRange::from(Port(80)), PortRange::ALL];
    question.proto = Some(Proto::Tcp);
    let net = Some(("2001:db8::".parse().unwrap(), 32));
    question.remotes =
        vec![Remote { net, ports: None }, Remote { net: None, ports: Some(PortRange::ALL) }];
    (question.netns, question.pids, question.uids) = (Some(NetnsId(3)), vec![1, 2], vec![0]);
    (question.names, question.units) = (vec![vec![0xff]], vec!["ssh.service".into()]);
    (question.containers, question.tails, question.most) = (vec!["4f5c".into()], false, 50);
    comes_back(&question);
    let open = Tenure { until: None, ending: None, remote: Some(end(443)), ..tenure() };
    comes_back(&Answer {
        tenures: vec![tenure(), open.clone()],
        more: true,
        gaps: vec![gap()],
        since: Some(Moment(3)),
    });
    comes_back(&Change { at: Moment(4), verb: Verb::Taken, tenure: tenure() });
    comes_back(&vec![(1_u64, tenure()), (u64::MAX, open)]);
    comes_back(&Status {
        watching: Watching::Sampling,
        started: Moment(1),
        since: Moment(0),
        open: 1,
        ended: 2,
        lost: 3,
        gaps: vec![gap()],
        programs: 4,
        journal_bytes: 5,
        segment_bytes: 6,
        segments: 7,
        sealed: Some(Moment(8)),
        disk: Disk::Stopped { since: Moment(9), why: "no space".into() },
    });
}

#[test]
fn a_program_that_many_tenures_name_comes_once() {
    let one = vec![(1_u64, tenure())].encode().len();
    let many: Vec<_> = (0..100).map(|cookie| (cookie, tenure())).collect();
    let same: Vec<_> = (0..100).map(|cookie| (cookie, many[0].1.clone())).collect();
    assert!(same.encode().len() < one + 100 * 40);
}

#[test]
fn others_see_that_there_is_somebody_and_whose() {
    let seen = tenure().as_seen_by(Viewer::User(1));
    assert_eq!(seen.opener, Party::Hidden { uid: 1000 });
    assert_eq!(seen.taker, Party::Hidden { uid: 3 });
    assert_eq!(tenure().as_seen_by(Viewer::User(1000)), tenure());
    assert_eq!(tenure().as_seen_by(Viewer::Everything), tenure());
}

#[test]
fn who_closed_it_held_it_where_nobody_else_was_seen() {
    let closer = Party::Known(program(9, "wget", 1000));
    let seen = Tenure { closer: closer.clone(), taker: Party::Unknown, ..tenure() };
    assert_eq!(*seen.holder(), seen.opener);
    let late = Tenure { opener: Party::Unknown, ..seen.clone() };
    assert_eq!(*late.holder(), closer);
    let accepted = Tenure { role: Role::Incoming, ..seen };
    assert_eq!(*accepted.holder(), accepted.opener, "who inherited it only closed it");
    let Party::Known(before) = &accepted.opener else { panic!("it is known") };
    let mut after = Program::clone(before);
    after.key.exec += 1;
    let closer = Party::Known(Arc::new(after));
    let accepted = Tenure { closer: closer.clone(), ..accepted };
    assert_eq!(*accepted.holder(), closer, "the program that the same process became");
}
