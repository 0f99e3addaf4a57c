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
mod lost;
pub(super) mod made;

use made::*;

use super::summary::GapWord;
use super::words::Word as _;
use super::*;
use crate::{Batch, Clock, Gap, GapReason, Party, Question, Remote, Row, Tenure, Viewer};

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
