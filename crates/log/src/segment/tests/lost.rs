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
fn lost_in(segments: &Segments, hours: [i64; 4]) -> [bool; 4] {
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
