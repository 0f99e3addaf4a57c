//! Segments in the hands of others: clocks that were stepped, files that were damaged.

use std::os::unix::fs::MetadataExt as _;

use super::*;

const HOUR: i64 = 3600 * SECOND;

/// A tenure of five hours, sealed in the hour in which it ended, after another segment.
fn long_ago(dir: &Path) -> Segments {
    let long = small();
    let row = Row { duration_ns: (5 * HOUR).unsigned_abs(), ..long.rows[0].clone() };
    let ended = Moment(DAY + 5 * HOUR);
    let long = Batch { number: 2, from: ended, until: ended, rows: vec![row], ..long };
    let early = seal(dir, &small(), &SegmentAbout::default()).unwrap();
    let about = SegmentAbout { hour: ended, ..SegmentAbout::default() };
    Segments::default().with(early).with(seal(dir, &long, &about).unwrap())
}

fn damage(path: &Path) {
    let mut content = fs::read(path).unwrap();
    let at = content.len() / 2;
    content[at] ^= 1;
    let end = content.len() - 20;
    content[end] ^= 1;
    fs::write(path, content).unwrap();
}

fn lost_at(segments: &Segments, at: i64) -> bool {
    let gaps = segments.query(&Question::between(Moment(at), Moment(at))).gaps;
    gaps.iter().any(|gap| gap.reason == GapReason::SegmentLost && gap.from <= Moment(at))
}

#[test]
fn a_damaged_segment_is_a_gap_for_all_the_time_that_its_tenures_lasted() {
    let dir = tempfile::tempdir().unwrap();
    let segments = long_ago(dir.path());
    let last = segments.iter().last().unwrap();
    damage(&last.path(Part::Tenures));
    assert!(lost_at(&segments, DAY + HOUR), "found damaged when it was asked");
    let scan = || Segments::scan(dir.path()).unwrap().0;
    assert!(lost_at(&scan(), DAY + HOUR));
    assert!(!lost_at(&scan(), DAY - HOUR), "its programs say when it was");
    assert!(!lost_at(&scan(), DAY + 7 * HOUR), "its programs say when it was");
    fs::remove_file(last.path(Part::Programs)).unwrap();
    assert!(lost_at(&scan(), DAY + HOUR), "nothing says when it was");
}

#[test]
fn a_gap_across_a_step_back_of_the_clock_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut batch = small();
    batch.gaps[0] =
        Gap { from: Moment(DAY + HOUR), until: Some(Moment(DAY - HOUR)), ..batch.gaps[0].clone() };
    let segments = seal_all(dir.path(), std::slice::from_ref(&batch));
    let at = |at| segments.query(&Question::between(Moment(at), Moment(at))).gaps;
    assert_eq!(at(DAY), batch.gaps);
    assert_eq!(at(DAY + 2 * HOUR), vec![]);
}

#[test]
fn what_is_still_in_a_journal_is_sealed_over_what_was_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let segments = seal_all(dir.path(), &[small()]);
    damage(&segments.iter().next().unwrap().path(Part::Tenures));
    let (scanned, damaged) = Segments::scan(dir.path()).unwrap();
    assert_eq!((scanned.iter().count(), damaged.len()), (0, 1));
    scanned.discard_damaged(1);
    let again = seal_all(dir.path(), &[small()]);
    assert_eq!(again.query(&all()).tenures.len(), 1);
}

#[test]
fn what_is_damaged_counts_and_goes_when_its_turn_comes() {
    let dir = tempfile::tempdir().unwrap();
    let segments = seal_all(dir.path(), &[small(), Batch { number: 2, ..small() }]);
    let whole = segments.size();
    damage(&segments.iter().next().unwrap().path(Part::Tenures));
    let (mut scanned, _) = Segments::scan(dir.path()).unwrap();
    assert_eq!(scanned.size(), whole);
    assert_eq!(scanned.retain(Duration::MAX, whole, Moment(0)), Removed::default());
    let removed = scanned.retain(Duration::MAX, whole - 1, Moment(0));
    assert_eq!((removed.segments, removed.bytes + scanned.size()), (1, whole));
    assert!(!lost_at(&scanned, DAY));
    let left: Vec<u64> =
        Segments::scan(dir.path()).unwrap().0.iter().map(Segment::number).collect();
    assert_eq!(left, [2]);
    let count = fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(count, 3, "two files and the catalog");
}

#[test]
fn others_cannot_read_what_journals_would_not_let_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut segments = seal_all(dir.path(), &[small()]);
    segments.retain(Duration::MAX, u64::MAX, Moment(0));
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().mode() & 0o137, 0, "{:?}", entry.file_name());
    }
}

#[test]
fn without_its_programs_a_segment_still_has_its_users() {
    let dir = tempfile::tempdir().unwrap();
    let segments = seal_all(dir.path(), &[small()]);
    let path = segments.iter().next().unwrap().path(Part::Programs);
    let lost = |question: Question| {
        let answer = segments.query(&question);
        assert!(answer.gaps.iter().any(|gap| gap.reason == GapReason::SegmentLost));
        answer.tenures.len()
    };
    for missing in [false, true] {
        if missing {
            fs::remove_file(&path).unwrap()
        } else {
            damage(&path)
        }
        assert_eq!(lost(Question { uids: vec![1000], ..all() }), 1);
        assert_eq!(lost(Question { uids: vec![1001], ..all() }), 0);
        assert_eq!(lost(Question { pids: vec![61], ..all() }), 0);
    }
}

#[test]
fn pages_of_another_length_are_not_believed() {
    let mut batch = small();
    batch.rows = vec![batch.rows[0].clone(); 5_000];
    let encoded = |rows: usize| {
        let properties = schema::tenure_properties().into_builder();
        let properties = properties.set_data_page_row_count_limit(rows).set_write_batch_size(rows);
        let key = parquet::file::metadata::KeyValue::new(KEY.to_owned(), "{}".to_owned());
        let content = seal::encode(&batch, key, properties.build()).unwrap();
        let path = Path::new("pages");
        let file = checked::Checked::in_memory(content.into(), path).unwrap();
        read::TenureFile::read(file, path)
    };
    encoded(schema::PAGE_ROWS).unwrap();
    for rows in [1_000, 4_095, 4_097] {
        assert!(matches!(encoded(rows), Err(crate::Error::Damaged { .. })), "{rows}");
    }
}
