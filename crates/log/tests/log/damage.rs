//! Journals as a power failure leaves them: cut off anywhere, or with a bit flipped.

use std::fs;
use std::path::Path;
use std::time::Duration;

use log::{Archive, GapReason, Store, Tenure};

use super::events::{Clocks, close, open, opened, program, taken, told};
use super::store::{all, ask, start};

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

/// What is known of each, but for how long those that are open have been.
fn known(store: &Store, clocks: &Clocks) -> Vec<Tenure> {
    let mut tenures = ask(store, &all(clocks)).tenures;
    for tenure in tenures.iter_mut().filter(|tenure| tenure.until.is_none()) {
        tenure.duration = Duration::ZERO;
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
