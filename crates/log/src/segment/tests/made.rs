//! What the tests seal and ask: made up, of every kind.

use super::*;

pub(super) const SECOND: i64 = 1_000_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;

pub(super) fn program(pid: u32) -> Arc<Program> {
    let ancestor = |pid, comm: &[u8]| Ancestor { pid: Pid(pid), comm: comm.to_vec() };
    Arc::new(Program {
        key: ProgramKey { pid: Pid(pid), start_ticks: u64::from(pid) * 7, exec: pid % 3 },
        since: BootTime(u64::from(pid) * 1_000),
        process: Process {
            pid: Pid(pid),
            start_ticks: u64::from(pid) * 7,
            started: SystemTime::UNIX_EPOCH + Duration::from_nanos(u64::from(pid) * 1_234_567_891),
            comm: [&b"na\xffme\\"[..], pid.to_string().as_bytes()].concat(),
            exe: (!pid.is_multiple_of(4)).then(|| format!("/usr/bin/tool{}", pid % 5).into()),
            cmdline: match pid % 3 {
                0 => None,
                1 => Some(Vec::new()),
                _ => Some(vec![b"tool".to_vec(), b"--\xfe\x01".to_vec(), Vec::new()]),
            },
            user: User { uid: pid % 6, name: pid.is_multiple_of(2).then(|| "alice".into()) },
            ancestry: (0..pid % 3).map(|n| ancestor(n + 1, b"sh\xff")).collect(),
            place: Place {
                cgroup: format!("/system.slice/s{}.service", pid % 3).into(),
                unit: (pid % 3 != 1).then(|| format!("s{}.service", pid % 3).into()),
                container: pid.is_multiple_of(5).then(|| "docker:4f5c0011".into()),
            },
        },
    })
}

pub(super) fn ending() -> impl Strategy<Value = Ending> {
    use Ending::{
        Aborted, Closed, Failed, FinWait, FinWaitBriefly, Refused, Reset, TimeWait, TimedOut,
        Unseen,
    };
    select(
        &[
            Closed,
            TimeWait,
            TimeWait,
            Aborted,
            Reset,
            Refused,
            TimedOut,
            Failed,
            Unseen,
            FinWait,
            FinWaitBriefly,
        ][..],
    )
}

pub(super) fn endpoint() -> impl Strategy<Value = Endpoint> {
    let addrs = ["0.0.0.0", "10.0.0.5", "10.1.2.3", "::", "::1", "2001:db8::7", "fe80::1%"];
    let addrs: Vec<IpAddr> = addrs.iter().filter_map(|addr| addr.parse().ok()).collect();
    (select(addrs), 0u16..6).prop_map(|(addr, port)| Endpoint { addr, port: Port(port) })
}

pub(super) fn duration() -> impl Strategy<Value = u64> {
    prop_oneof![0..2_000u64, 0..100_000_000_000u64, 0..10_000_000_000_000_000u64]
}

pub(super) fn row(programs: u32) -> impl Strategy<Value = Row> {
    let party = || prop::option::of(0..programs);
    let step = prop_oneof![9 => Just(0), 1 => -DAY..DAY];
    let what = (
        select(&Proto::ALL[..]),
        select(&[Family::V4, Family::V6][..]),
        any::<bool>(),
        select(&[Role::Bound, Role::Listening, Role::Outgoing, Role::Incoming][..]),
        select(&[Evidence::Exact, Evidence::OpenAtStart, Evidence::Sampled][..]),
    );
    let uid = prop_oneof![7 => 0u32..8, 1 => Just(Opened::NO_UID)];
    let ends = (0u64..3, endpoint(), prop::option::of(endpoint()), uid);
    let times = (0..4 * DAY, 0u32..3, duration(), step, ending());
    (what, ends, (party(), party(), party()), times).prop_map(|(what, ends, parties, times)| Row {
        netns: NetnsId(u64::MAX - ends.0),
        proto: what.0,
        family: what.1,
        v6only: what.2,
        local: ends.1,
        remote: ends.2,
        role: what.3,
        uid: ends.3,
        opener: parties.0,
        taker: parties.1,
        closer: parties.2,
        from: Moment(times.0),
        clock: times.1,
        duration_ns: times.2,
        stepped_ns: times.3,
        ending: times.4,
        evidence: what.4,
    })
}

pub(super) fn batch(number: u64) -> impl Strategy<Value = Batch> {
    let rows = prop_oneof![
        4 => prop::collection::vec(row(9), 0..60),
        4 => prop::collection::vec(row(9), 1..3),
        1 => prop::collection::vec(row(9), 5_000..5_010),
    ];
    rows.prop_map(move |rows| Batch {
        number,
        from: Moment(0),
        until: Moment(5 * DAY),
        programs: (0..9).map(|at| program(at * 11 + u32::try_from(number).unwrap())).collect(),
        rows,
        gaps: Vec::new(),
        clocks: (0..3)
            .map(|at| Clock { number: number + at, boot: [7; 16], offset: 5 * at.cast_signed() })
            .collect(),
    })
}

pub(super) fn question() -> impl Strategy<Value = Question> {
    fn some<T: std::fmt::Debug + Clone>(
        one: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = Vec<T>> {
        prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(one, 1..3)]
    }
    let range = (0u16..6, 0u16..3)
        .prop_map(|(first, more)| PortRange::new(Port(first), Port(first + more)).unwrap());
    let net = select(vec![
        Remote { net: Some(("10.0.0.0".parse().unwrap(), 9)), ports: None },
        Remote { net: None, ports: Some(Port(3).into()) },
        Remote { net: Some(("::".parse().unwrap(), 0)), ports: Some(Port(2).into()) },
    ]);
    let time = prop_oneof![
        (0..5 * DAY).prop_map(|at| (at, at)),
        (0..5 * DAY, 0..DAY).prop_map(|(from, more)| (from, from + more)),
        Just((i64::MIN, i64::MAX)),
    ];
    let sockets = (some(range), prop::option::of(select(&Proto::ALL[..])), some(net));
    let netns = prop::option::of((0u64..3).prop_map(|n| NetnsId(u64::MAX - n)));
    let parties = (
        some(0u32..100),
        some(select(vec![b"NAME".to_vec(), b"tool3".to_vec(), b"1".to_vec()])),
        some(0u32..8),
        some(select(vec!["s0.service".to_owned(), "s1.service".to_owned()])),
        some(select(vec!["4f".to_owned(), "docker:4f5c".to_owned(), "x".to_owned()])),
    );
    let most = prop_oneof![Just(usize::MAX), 0usize..8];
    let viewer = prop_oneof![3 => Just(Viewer::Everything), 1 => (0u32..8).prop_map(Viewer::User)];
    (time, sockets, netns, parties, any::<bool>(), most, viewer).prop_map(
        |((from, until), sockets, netns, parties, tails, most, viewer)| Question {
            ports: sockets.0,
            proto: sockets.1,
            remotes: sockets.2,
            netns,
            pids: parties.0,
            names: parties.1,
            uids: parties.2,
            units: parties.3,
            containers: parties.4,
            tails,
            most,
            viewer,
            ..Question::between(Moment(from), Moment(until))
        },
    )
}

/// What a row of a batch means.
pub(super) fn small() -> Batch {
    let local = Endpoint { addr: "10.0.0.5".parse().unwrap(), port: Port(60440) };
    let row = Row {
        netns: NetnsId(4_026_531_840),
        proto: Proto::Tcp,
        family: Family::V4,
        v6only: false,
        local,
        remote: Some(Endpoint { addr: "203.0.113.7".parse().unwrap(), port: Port(443) }),
        role: Role::Outgoing,
        uid: 1000,
        opener: Some(0),
        taker: None,
        closer: Some(0),
        from: Moment(DAY),
        clock: 0,
        duration_ns: 2_000_000,
        stepped_ns: 0,
        ending: Ending::TimeWait,
        evidence: Evidence::Exact,
    };
    Batch {
        number: 1,
        from: Moment(DAY - 60 * SECOND),
        until: Moment(DAY + 60 * SECOND),
        programs: vec![program(61)],
        rows: vec![row],
        gaps: vec![Gap {
            from: Moment(DAY - 30 * SECOND),
            until: Some(Moment(DAY - 20 * SECOND)),
            reason: GapReason::EventsLost,
            events: 17,
        }],
        clocks: vec![Clock { number: 3, boot: [7; 16], offset: 5 }],
    }
}

/// Some thousand tenures in which every value of every kind occurs.
pub(in super::super) fn every_kind() -> Batch {
    let addrs = ["0.0.0.0", "10.0.0.5", "::", "2001:db8::7"].map(|addr| addr.parse().unwrap());
    let pick = |at: u32, of: usize| at as usize * 7 / 3 % of;
    let end =
        |at| Endpoint { addr: addrs[pick(at, 4)], port: Port(u16::try_from(at % 50_000).unwrap()) };
    let party = |at: u32| (!at.is_multiple_of(3)).then_some(at % 9);
    let row = |at: u32| Row {
        netns: NetnsId(u64::MAX - u64::from(at % 2)),
        proto: Proto::WORDS[pick(at, 4)].0,
        family: Family::WORDS[pick(at, 2)].0,
        v6only: at.is_multiple_of(5),
        local: end(at),
        remote: (!at.is_multiple_of(4)).then(|| end(at * 11)),
        role: Role::WORDS[pick(at, 4)].0,
        uid: if at.is_multiple_of(7) { Opened::NO_UID } else { at % 3 },
        opener: party(at),
        taker: party(at + 1),
        closer: party(at + 2),
        from: Moment(DAY + i64::from(at) * 1_234_567_891),
        clock: at % 2,
        duration_ns: 3u64.pow(at % 36),
        stepped_ns: if at.is_multiple_of(10) { -i64::from(at) * SECOND } else { 0 },
        ending: Ending::WORDS[pick(at, 8)].0,
        evidence: Evidence::WORDS[pick(at, 3)].0,
    };
    let reasons = (0..).zip(GapWord::ALL);
    let gap = |(at, word): (i64, GapWord)| Gap {
        from: Moment(at),
        until: Some(Moment(at + 5)),
        reason: word.into(),
        events: at.unsigned_abs(),
    };
    Batch {
        number: 1,
        from: Moment(DAY),
        until: Moment(DAY * 2),
        programs: (0..9).map(|at| program(at * 11)).collect(),
        rows: (0..9_000).map(row).collect(),
        gaps: reasons.map(gap).collect(),
        clocks: [3, 4].map(|number| Clock { number, boot: [7; 16], offset: 5 }).to_vec(),
    }
}

pub(in super::super) fn all() -> Question {
    Question::between(Moment(i64::MIN), Moment(i64::MAX))
}
