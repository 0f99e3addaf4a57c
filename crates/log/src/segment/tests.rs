//! Segments as a whole: what is sealed is found again, all of it and nothing else.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use proptest::sample::select;
use registry::{Port, PortRange, Proto};
use sockets::{
    Ancestor, BootTime, Ending, Endpoint, Evidence, Family, NetnsId, Opened, Pid, Place, Process,
    Program, ProgramKey, Role, User,
};

mod faults;

use super::summary::GapWord;
use super::words::Word as _;
use super::*;
use crate::{Batch, Clock, Gap, GapReason, Party, Question, Remote, Row, Tenure, Viewer};

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

fn program(pid: u32) -> Arc<Program> {
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

fn ending() -> impl Strategy<Value = Ending> {
    use Ending::{Aborted, Closed, Failed, Refused, Reset, TimeWait, TimedOut, Unseen};
    select(&[Closed, TimeWait, TimeWait, Aborted, Reset, Refused, TimedOut, Failed, Unseen][..])
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    let addrs = ["0.0.0.0", "10.0.0.5", "10.1.2.3", "::", "::1", "2001:db8::7", "fe80::1%"];
    let addrs: Vec<IpAddr> = addrs.iter().filter_map(|addr| addr.parse().ok()).collect();
    (select(addrs), 0u16..6).prop_map(|(addr, port)| Endpoint { addr, port: Port(port) })
}

fn duration() -> impl Strategy<Value = u64> {
    prop_oneof![0..2_000u64, 0..100_000_000_000u64, 0..10_000_000_000_000_000u64]
}

fn row(programs: u32) -> impl Strategy<Value = Row> {
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

fn batch(number: u64) -> impl Strategy<Value = Batch> {
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

fn question() -> impl Strategy<Value = Question> {
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
fn tenure(batch: &Batch, row: &Row) -> Tenure {
    let party = |number: Option<u32>| {
        number.map_or(Party::Unknown, |at| Party::Known(batch.programs[at as usize].clone()))
    };
    Tenure {
        netns: row.netns,
        proto: row.proto,
        family: row.family,
        v6only: row.v6only,
        local: row.local,
        remote: row.remote,
        role: row.role,
        uid: row.uid,
        opener: party(row.opener),
        taker: party(row.taker),
        closer: party(row.closer),
        from: row.from,
        until: Some(Moment(row.from.0 + row.duration_ns.cast_signed() + row.stepped_ns)),
        duration: Duration::from_nanos(row.duration_ns),
        ending: Some(row.ending),
        evidence: row.evidence,
    }
}

/// The answer by looking at every row, with the number of each one's clock.
fn naive(batches: &[Batch], question: &Question) -> Vec<(u64, Tenure)> {
    let all = batches.iter().flat_map(|batch| batch.rows.iter().map(move |row| (batch, row)));
    let number = |batch: &Batch, row: &Row| batch.clocks[row.clock as usize].number;
    all.map(|(batch, row)| (number(batch, row), tenure(batch, row)))
        .filter(|(_, tenure)| question.asks_for(tenure))
        .collect()
}

/// A text for each, sorted: rows of the same age may come in any order.
fn sorted(tenures: &[(u64, Tenure)]) -> Vec<String> {
    let mut lines: Vec<String> = tenures.iter().map(|tenure| format!("{tenure:?}")).collect();
    lines.sort_unstable();
    lines
}

fn ages(tenures: &[(u64, Tenure)]) -> Vec<(u64, Moment)> {
    tenures.iter().map(|(clock, tenure)| (*clock, tenure.from)).collect()
}

fn seal_all(dir: &Path, batches: &[Batch]) -> Segments {
    let about = |at: usize| SegmentAbout {
        host: Host { name: "harbour".into(), machine: "00ff".into() },
        hour: Moment(i64::try_from(at).unwrap() * 3600 * SECOND),
    };
    let sealed =
        batches.iter().enumerate().map(|(at, batch)| seal(dir, batch, &about(at)).unwrap());
    sealed.fold(Segments::default(), |segments, new| segments.with(new))
}

/// The moments about which a row begins or ceases to be an answer.
fn edges_of(row: &Row) -> [i64; EDGES] {
    let (from, until) = (row.from.0, row.from.0 + row.duration_ns.cast_signed() + row.stepped_ns);
    let tail = until + 60 * SECOND;
    [from - 1, from, from + 1, until - 1, until, until + 1, tail - 1, tail, tail + 1]
}

const EDGES: usize = 9;

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_is_what_looking_at_every_row_gives(
        batches in (batch(1), batch(2), batch(5)).prop_map(|(a, b, c)| [a, b, c]),
        questions in prop::collection::vec(question(), 8),
        edges in prop::collection::vec((any::<[prop::sample::Index; 2]>(), 0..EDGES), 32),
        tails in any::<bool>(),
    ) {
        let full: Vec<&Batch> = batches.iter().filter(|batch| !batch.rows.is_empty()).collect();
        let edges = edges.iter().filter(|_| !full.is_empty());
        let edges = edges.map(|([batch, row], edge)| {
            let row = row.get(&batch.get(&full).rows);
            let at = Moment(edges_of(row)[*edge]);
            Question { ports: vec![row.local.port.into()], tails, ..Question::between(at, at) }
        });
        let questions: Vec<Question> = edges.chain(questions).collect();
        let dir = tempfile::tempdir().unwrap();
        let sealed = seal_all(dir.path(), &batches);
        let (scanned, damage) = Segments::scan(dir.path()).unwrap();
        prop_assert_eq!(damage, vec![]);
        prop_assert_eq!(scanned.size(), sealed.size());
        for question in questions {
            let expected = naive(&batches, &question);
            for segments in [&sealed, &scanned] {
                let found = segments.find(&question);
                let count = expected.len().min(question.most);
                prop_assert_eq!(found.tenures.len(), count, "{:?}", question);
                prop_assert_eq!(found.more, expected.len() > question.most);
                let mut newest = ages(&expected);
                newest.sort_unstable_by(|one, other| other.cmp(one));
                prop_assert_eq!(ages(&found.tenures), &newest[..count]);
                if count == expected.len() {
                    prop_assert_eq!(sorted(&found.tenures), sorted(&expected));
                }
            }
        }
    }
}

fn small() -> Batch {
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
pub(super) fn every_kind() -> Batch {
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

pub(super) fn all() -> Question {
    Question::between(Moment(i64::MIN), Moment(i64::MAX))
}

#[test]
fn gaps_are_answered_where_they_touch() {
    let dir = tempfile::tempdir().unwrap();
    let batch = small();
    let segments = seal_all(dir.path(), std::slice::from_ref(&batch));
    let at = |at| segments.query(&Question::between(Moment(at), Moment(at)));
    assert_eq!(at(DAY - 25 * SECOND).gaps, batch.gaps);
    assert_eq!(at(DAY).gaps, vec![]);
    assert_eq!(at(DAY).since, Some(batch.from));
}

#[test]
fn a_catalog_is_believed_only_where_it_is_sound_and_fits() {
    let dir = tempfile::tempdir().unwrap();
    let mut segments = seal_all(dir.path(), &[small(), Batch { number: 2, ..small() }]);
    segments.retain(Duration::MAX, u64::MAX, Moment(0));
    let path = dir.path().join("catalog");
    let sound = fs::read(&path).unwrap();
    assert_eq!(catalog::parse(&sound).unwrap().len(), 2);
    for at in 0..sound.len() {
        let mut flipped = sound.clone();
        flipped[at] ^= 1;
        assert!(catalog::parse(&flipped).is_none(), "byte {at}");
    }
    let gone = segments.iter().next().unwrap().path(Part::Tenures);
    let content = fs::read(&gone).unwrap();
    fs::write(&gone, &content[1..]).unwrap();
    let (scanned, damage) = Segments::scan(dir.path()).unwrap();
    assert_eq!((scanned.iter().count(), damage.len()), (1, 1));
    fs::write(&gone, &content).unwrap();
    let other = Batch { rows: Vec::new(), number: 3, ..small() };
    seal(dir.path(), &other, &SegmentAbout::default()).unwrap();
    let (scanned, damage) = Segments::scan(dir.path()).unwrap();
    assert_eq!((scanned.iter().count(), damage.len()), (3, 0));
}

#[test]
fn damage_of_any_kind_hides_nothing_else() {
    let sound = small();
    let other = Batch { number: 2, ..small() };
    for part in [Part::Tenures, Part::Programs] {
        let dir = tempfile::tempdir().unwrap();
        let segments = seal_all(dir.path(), &[sound.clone(), other.clone()]);
        let path = segments.iter().next().unwrap().path(part);
        let content = fs::read(&path).unwrap();
        let cuts = [0, 1, 4, 100, content.len() / 2, content.len() - 1];
        let cuts = cuts.iter().map(|cut| content[..*cut].to_vec());
        let flips = (0..content.len()).step_by(97).map(|at| {
            let mut flipped = content.clone();
            flipped[at] ^= 0x10;
            flipped
        });
        let foreign = [b"PAR1 nothing of the kind PAR1".to_vec(), vec![0; 100_000]];
        for damaged in cuts.chain(flips).chain(foreign) {
            fs::write(&path, &damaged).unwrap();
            for segments in [segments.clone(), Segments::scan(dir.path()).unwrap().0] {
                let answer = segments.query(&all());
                let known = answer.tenures.iter().filter(|t| t.opener != Party::Unknown).count();
                assert_eq!(known, 1, "of {} bytes", damaged.len());
                assert!(answer.gaps.iter().any(|gap| gap.reason == GapReason::SegmentLost));
            }
        }
    }
}

#[test]
fn what_a_writer_did_not_finish_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let segments = seal_all(dir.path(), &[small()]);
    let sealed = segments.iter().next().unwrap();
    let orphan = Name { number: 7, ..sealed.name }.file(Part::Programs);
    fs::copy(sealed.path(Part::Programs), dir.path().join(orphan)).unwrap();
    fs::write(sealed.path(Part::Tenures).with_extension(name::UNFINISHED), b"PAR1").unwrap();
    fs::write(dir.path().join("catalog.unfinished"), b"").unwrap();
    for name in ["notes.txt", "thesis.unfinished"] {
        fs::write(dir.path().join(name), b"mine").unwrap();
    }
    assert_eq!(Segments::scan(dir.path()).unwrap().1, vec![]);
    tidy(dir.path()).unwrap();
    let mut left: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort_unstable();
    let own = [Part::Programs, Part::Tenures].map(|part| sealed.name.file(part));
    assert_eq!(left, [own[0].as_str(), own[1].as_str(), "notes.txt", "thesis.unfinished"]);
}

#[test]
fn a_segment_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    seal_all(dir.path(), &[small()]);
    seal(dir.path(), &small(), &SegmentAbout::default()).unwrap_err();
    assert_eq!(Segments::scan(dir.path()).unwrap().0.query(&all()).tenures.len(), 1);
}

#[test]
fn the_old_goes_first_and_only_as_much_as_has_to() {
    let dir = tempfile::tempdir().unwrap();
    let batches: Vec<Batch> = (0u32..4)
        .map(|at| Batch { number: at.into(), until: Moment(DAY * i64::from(at)), ..small() })
        .collect();
    let mut segments = seal_all(dir.path(), &batches);
    let each = segments.size() / 4;
    let day = Duration::from_secs(86_400);
    assert_eq!(segments.retain(30 * day, u64::MAX, Moment(4 * DAY)), Removed::default());
    let removed = segments.retain(3 * day, u64::MAX, Moment(4 * DAY));
    assert_eq!(removed.segments, 1);
    let removed = segments.retain(30 * day, 2 * each + 100, Moment(4 * DAY));
    assert_eq!(removed.segments, 1);
    let numbers: Vec<u64> = segments.iter().map(Segment::number).collect();
    assert_eq!(numbers, [2, 3]);
    let (scanned, damage) = Segments::scan(dir.path()).unwrap();
    assert_eq!((scanned.size(), damage), (segments.size(), vec![]));
    let left = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(
        left.filter(|name| name.to_str().is_some_and(|n| n.ends_with("parquet"))).count(),
        4
    );
}

/// A host with more programs than fit into a block: every one of them is found again, whatever the
/// sizes of the pages.
#[test]
fn any_number_of_programs_is_found_again() {
    for count in [1, 60, 200, 500, 3_000] {
        let dir = tempfile::tempdir().unwrap();
        let programs: Vec<_> = (0..count).map(wordy).collect();
        let row = |at: u32| Row { opener: Some(at), ..small().rows[0].clone() };
        let rows = (0..count).map(row).collect();
        let segments =
            seal_all(dir.path(), &[Batch { programs, rows, gaps: Vec::new(), ..small() }]);
        let answer = segments.query(&Question::between(Moment(0), Moment(i64::MAX)));
        assert_eq!((answer.gaps, answer.tenures.len()), (Vec::new(), count as usize));
        for tenure in answer.tenures {
            let Party::Known(opener) = &tenure.opener else { panic!("of {count}: {tenure:?}") };
            assert_eq!(*opener, wordy(opener.key.pid.0));
        }
    }
}

/// A program whose arguments are like no other's, so that they take their space.
fn wordy(pid: u32) -> Arc<Program> {
    let mut program = (*program(pid)).clone();
    let word = |n: u32| format!("{:x}", pid.wrapping_add(n).wrapping_mul(2_654_435_761)).into();
    program.process.cmdline = Some((0..pid % 40).map(word).collect());
    Arc::new(program)
}
