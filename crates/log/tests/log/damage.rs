//! Journals as a power failure leaves them: cut off anywhere, or with a bit flipped.

use std::fs;
use std::path::Path;
use std::time::Duration;

use log::{Archive, Gap, GapReason, Moment, Question, Store, Tenure};
use sockets::Ending;

use super::events::{Clocks, close, open, opened, program, taken, told};
use super::store::{all, ask, settle_down, start};

/// A store of one journal, and what is in it.
fn written(dir: &Path, clocks: &Clocks) -> (Vec<u8>, Vec<Tenure>) {
    let (mut store, _) = start(dir, clocks);
    store.survey(&[]);
    store.settle();
    for cookie in 0..12_u64 {
        let pid = 7 + u32::try_from(cookie % 3).unwrap();
        let at = clocks.at();
        let port = 50_000 + u16::try_from(cookie).unwrap();
        let events = [
            told(at, &program(pid, "curl", 1000)),
            open(at, opened(cookie, port, pid)),
            taken(at + 1, cookie, 8),
            close(at + 2, cookie, pid),
        ];
        store.apply(&events[..if cookie % 4 == 0 { 3 } else { 4 }], None);
        clocks.pass(Duration::from_millis(300));
        store.tick();
    }
    let tenures = known(&store, clocks);
    store.close().unwrap();
    (fs::read(journal(dir)).unwrap(), tenures)
}

/// What is known of each, but for how long those that are open have been, or were when recording ended.
fn known(store: &Store, clocks: &Clocks) -> Vec<Tenure> {
    let mut tenures = ask(store, &all(clocks)).tenures;
    let has_no_end = |tenure: &&mut Tenure| matches!(tenure.ending, None | Some(Ending::Unseen));
    for tenure in tenures.iter_mut().filter(has_no_end) {
        (tenure.until, tenure.ending, tenure.duration) = (None, None, Duration::ZERO);
    }
    tenures
}

fn journal(dir: &Path) -> std::path::PathBuf {
    dir.join("store/00000001.journal")
}

/// Opens a store with this journal; what it knows is part of `before`, or as much of a tenure.
fn reopens(dir: &Path, clocks: &Clocks, bytes: &[u8], before: &[Tenure], what: &str) -> usize {
    fs::write(journal(dir), bytes).unwrap();
    let (store, recovery) = start(dir, clocks);
    let tenures = known(&store, clocks);
    for tenure in &tenures {
        let same = |whole: &&Tenure| whole.local == tenure.local && whole.from == tenure.from;
        let whole =
            before.iter().find(same).unwrap_or_else(|| panic!("{what} makes up {tenure:?}"));
        assert!(tenure.until.is_none() || whole == tenure, "{what} changes {tenure:?}");
    }
    let cut = ask(&store, &all(clocks)).gaps.iter().any(|gap| gap.reason == GapReason::JournalCut);
    assert_eq!(cut, recovery.torn > 0, "{what}");
    drop(store);
    for entry in fs::read_dir(dir.join("store")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    tenures.len()
}

#[test]
fn a_journal_cut_anywhere_is_taken_up_before_the_cut() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (bytes, before) = written(dir.path(), &clocks);
    let mut most = 0;
    for len in 0..=bytes.len() {
        let what = format!("{len} of {} bytes", bytes.len());
        let found = reopens(dir.path(), &clocks, &bytes[..len], &before, &what);
        assert!(found >= most, "{what} say less than fewer do");
        most = found;
    }
    assert_eq!(most, before.len());
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (bytes, before) = written(dir.path(), &clocks);
    // What makes a file a journal is another matter: one that is none is refused.
    for at in 32..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        let found = reopens(dir.path(), &clocks, &flipped, &before, &format!("byte {at} flipped"));
        assert!(found <= before.len());
    }
}

#[test]
fn zeros_at_the_end_are_cut_and_recording_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut bytes, before) = written(dir.path(), &clocks);
    bytes.resize(bytes.len() + 5000, 0);
    fs::write(journal(dir.path()), &bytes).unwrap();
    let (mut store, recovery) = start(dir.path(), &clocks);
    assert_eq!(recovery.torn, 5000);
    let still = [0, 4, 8].map(|cookie| {
        open(clocks.at(), opened(cookie, 50_000 + u16::try_from(cookie).unwrap(), 7))
    });
    store.survey(&still);
    store.settle();
    store.apply(&[open(clocks.at(), opened(99, 50_099, 7)), close(clocks.at() + 1, 99, 7)], None);
    clocks.pass(Duration::from_secs(1));
    store.close().unwrap();
    let archive = Archive::open_by(dir.path().join("store"), clocks.source()).unwrap();
    let answer = archive.ask(&all(&clocks)).unwrap();
    assert_eq!(answer.tenures.len(), before.len() + 1);
    assert!(answer.gaps.iter().any(|gap| gap.reason == GapReason::JournalCut));
}

/// A store that died while a batch waited to be sealed, and where its journals are.
fn two_journals(dir: &Path, clocks: &Clocks) -> Vec<std::path::PathBuf> {
    let (mut store, _) = start(dir, clocks);
    store.survey(&[told(clocks.at(), &program(7, "curl", 1000))]);
    store.settle();
    for cookie in 0..1000_u16 {
        let (at, port) = (clocks.at(), 40_000 + cookie);
        let cookie = u64::from(cookie);
        store.apply(&[open(at, opened(cookie, port, 7)), close(at + 5, cookie, 7)], None);
    }
    clocks.pass(Duration::from_secs(1));
    let kept = dir.join("kept");
    store.tick();
    // Before it is sealed and gone.
    fs::create_dir(&kept).unwrap();
    let names = ["00000001.journal", "00000002.journal"];
    for name in names {
        fs::copy(dir.join("store").join(name), kept.join(name)).unwrap();
    }
    drop(store);
    fs::remove_dir_all(dir.join("store")).unwrap();
    fs::rename(kept, dir.join("store")).unwrap();
    names.map(|name| dir.join("store").join(name)).to_vec()
}

#[test]
fn an_older_journal_without_its_end_leaves_a_gap() {
    for torn in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let clocks = Clocks::new();
        let before = clocks.utc();
        let journals = two_journals(dir.path(), &clocks);
        let records = fs::read(&journals[0]).unwrap();
        let end = first_record(&records) + if torn { 3 } else { 0 };
        fs::write(&journals[0], &records[..usize::try_from(end).unwrap()]).unwrap();
        let archive = Archive::open_by(dir.path().join("store"), clocks.source()).unwrap();
        let (mut store, _) = start(dir.path(), &clocks);
        let question = Question::between(before, Moment(clocks.utc().0 - 1_000_000));
        let cut = |gaps: Vec<Gap>| gaps.iter().any(|gap| gap.reason == GapReason::JournalCut);
        assert!(cut(archive.ask(&question).unwrap().gaps), "torn: {torn}");
        assert!(cut(ask(&store, &question).gaps), "torn: {torn}");
        store.survey(&[]);
        store.settle();
        settle_down(&mut store, &clocks);
        assert!(cut(ask(&store, &question).gaps), "sealed, torn: {torn}");
    }
}

/// Where the first record of a journal ends.
fn first_record(journal: &[u8]) -> u64 {
    40 + u64::from(u32::from_le_bytes(journal[32..36].try_into().unwrap()))
}

#[test]
fn a_journal_that_is_none_is_set_aside_and_recording_goes_on() {
    for at in 0..2 {
        let dir = tempfile::tempdir().unwrap();
        let clocks = Clocks::new();
        let before = clocks.utc();
        let journals = two_journals(dir.path(), &clocks);
        let mut bytes = fs::read(&journals[at]).unwrap();
        bytes[3] ^= 4;
        fs::write(&journals[at], &bytes).unwrap();
        let archive = Archive::open_by(dir.path().join("store"), clocks.source()).unwrap();
        archive.ask(&all(&clocks)).unwrap();
        let (store, recovery) = start(dir.path(), &clocks);
        assert_eq!(recovery.damaged.len(), 1, "{recovery:?}");
        assert_eq!(fs::read(journals[at].with_extension("journal.damaged")).unwrap(), bytes);
        let question = Question::between(before, clocks.utc());
        assert!(!ask(&store, &question).gaps.is_empty());
        drop(store);
        assert_eq!(start(dir.path(), &clocks).1.damaged.len(), 0);
    }
}
