//! Segments that somebody removed.

use super::*;

const HOUR: i64 = 3600 * SECOND;

/// Three batches, an hour each, one after the other.
fn three() -> [Batch; 3] {
    [1, 2, 3_u64].map(|number| {
        let begin = DAY + number.cast_signed() * HOUR;
        let row = Row { from: Moment(begin + HOUR / 2), ..small().rows[0].clone() };
        let (from, until) = (Moment(begin), Moment(begin + HOUR));
        Batch { number, from, until, rows: vec![row], gaps: Vec::new(), ..small() }
    })
}

fn forget(dir: &Path, number: u64) {
    let ends = [Part::Tenures, Part::Programs];
    let (segments, _) = Segments::scan(dir).unwrap();
    let segment = segments.iter().find(|segment| segment.number() == number).unwrap();
    ends.iter().for_each(|part| fs::remove_file(segment.path(*part)).unwrap());
}

/// At which of these hours, and half an hour into it, something is lost.
fn lost_in<const N: usize>(segments: &Segments, hours: [i64; N]) -> [bool; N] {
    hours.map(|hour| {
        let at = Moment(DAY + hour * HOUR + HOUR / 2);
        let gaps = segments.query(&Question::between(at, at)).gaps;
        gaps.iter().any(|gap| gap.reason == GapReason::SegmentLost)
    })
}

fn scan(dir: &Path) -> Segments {
    let (segments, damaged) = Segments::scan(dir).unwrap();
    assert_eq!(damaged, vec![], "to remove one damages nothing");
    segments
}

#[test]
fn one_removed_from_between_others_is_a_gap_for_the_time_that_it_had() {
    let dir = tempfile::tempdir().unwrap();
    let mut at_work = seal_all(dir.path(), &three());
    at_work.retain(Duration::MAX, u64::MAX, Moment(DAY));
    forget(dir.path(), 2);
    assert_eq!(lost_in(&at_work, [0, 1, 2, 3]), [false, false, true, false]);
    for _ in 0..2 {
        let mut scanned = scan(dir.path());
        assert_eq!(lost_in(&scanned, [0, 1, 2, 3]), [false, false, true, false]);
        // The catalog that is written now knows it as well.
        scanned.retain(Duration::MAX, u64::MAX, Moment(DAY));
    }
    let mut scanned = scan(dir.path());
    scanned.retain(Duration::from_secs(1), u64::MAX, Moment(DAY + 3 * HOUR + 2 * SECOND));
    assert_eq!(scanned.iter().count(), 1);
    assert_eq!(lost_in(&scanned, [0, 1, 2, 3]), [false; 4], "it would be too old");
}

#[test]
fn without_a_catalog_its_number_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    seal_all(dir.path(), &three());
    forget(dir.path(), 2);
    assert_eq!(lost_in(&scan(dir.path()), [1, 2, 3, 4]), [true, true, false, false]);
}

#[test]
fn the_oldest_go_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let mut at_work = seal_all(dir.path(), &three());
    at_work.retain(Duration::MAX, u64::MAX, Moment(DAY));
    forget(dir.path(), 1);
    assert_eq!(lost_in(&at_work, [0, 1, 2, 3]), [false; 4]);
    assert_eq!(lost_in(&scan(dir.path()), [0, 1, 2, 3]), [false; 4]);
}

#[test]
fn a_number_between_two_that_leave_no_time_for_it_was_never_used() {
    let dir = tempfile::tempdir().unwrap();
    let [first, second, _] = three();
    seal_all(dir.path(), &[first, Batch { number: 7, ..second }]);
    assert_eq!(lost_in(&scan(dir.path()), [0, 1, 2, 3]), [false; 4]);
}

/// A copy is whole, and what it was copied over was nobody's.
#[test]
fn one_that_another_was_copied_over_is_lost() {
    for with_catalog in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let mut at_work = seal_all(dir.path(), &three());
        if with_catalog {
            at_work.retain(Duration::MAX, u64::MAX, Moment(DAY));
        }
        let [_, second, third] = [0, 1, 2].map(|at| at_work.iter().nth(at).unwrap().clone());
        let copy = |part| fs::copy(third.path(part), second.path(part)).unwrap();
        copy(Part::Programs);
        let answer = at_work.query(&all());
        let lost = answer.gaps.iter().filter(|gap| gap.reason == GapReason::SegmentLost);
        assert_eq!((answer.tenures.len(), lost.count()), (3, 1), "its programs are another's");
        copy(Part::Tenures);
        assert_eq!(lost_in(&at_work, [0, 1, 2, 3]), [false, false, true, false]);
        let (scanned, _) = Segments::scan(dir.path()).unwrap();
        // Without a catalog nothing tells when it was.
        let others = !with_catalog;
        assert_eq!(lost_in(&scanned, [1, 2, 3]), [others, true, others]);
        assert_eq!(scanned.query(&all()).tenures.len(), 2, "what was copied counts once");
    }
}
