//! Clocks that are stepped, and machines that boot again.

use std::time::Duration;

use log::{Answer, Archive, GapReason, Moment, Question};
use sockets::Ending;

use super::events::{Clocks, SECOND, START, close, open, opened, program, told};
use super::store::{all, ask, settle_down, start};

#[test]
fn a_clock_stepped_back_reorders_nothing_and_stretches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[told(clocks.at(), &program(7, "curl", 1000))]);
    store.settle();
    let end_of_question = Moment(clocks.utc().0 + 3_600_000_000_000);
    store.apply(&[open(clocks.at(), opened(1, 50_001, 7))], None);
    clocks.pass(Duration::from_secs(10));
    store
        .apply(&[open(clocks.at(), opened(2, 50_002, 7)), close(clocks.at() + SECOND, 2, 7)], None);
    store.tick();
    clocks.pass(Duration::from_secs(10));
    clocks.step(-1_800_000_000_000);
    store.tick();
    store
        .apply(&[open(clocks.at(), opened(3, 50_003, 7)), close(clocks.at() + SECOND, 3, 7)], None);
    clocks.pass(Duration::from_secs(10));
    store.apply(&[close(clocks.at(), 1, 7)], None);
    for _ in 0..2 {
        let mut question = all(&clocks);
        question.until = end_of_question;
        let tenures = ask(&store, &question).tenures;
        let ports: Vec<u16> = tenures.iter().map(|tenure| tenure.local.port.0).collect();
        assert_eq!(ports, [50_003, 50_002, 50_001], "newest first, whatever the clock said");
        let secs: Vec<u64> = tenures.iter().map(|tenure| tenure.duration.as_secs()).collect();
        assert_eq!(secs, [1, 1, 30]);
        assert_eq!(tenures[0].from, Moment(START - 1_780_000_000_000));
        assert_eq!(tenures[2].from, Moment(START));
        assert_eq!(tenures[2].until, Some(Moment(START - 1_770_000_000_000)));
        // Across the hour the batch is sealed, and says the same.
        clocks.pass(Duration::from_hours(1));
        settle_down(&mut store, &clocks);
    }
    // The step led into another hour, too.
    assert_eq!(store.status().segments, 2);
    store.close().unwrap();
}

#[test]
fn what_was_open_ends_unseen_with_the_boot_or_with_the_survey() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[told(clocks.at(), &program(7, "curl", 1000))]);
    store.settle();
    store.apply(
        &[open(clocks.at(), opened(1, 50_001, 7)), open(clocks.at(), opened(2, 50_002, 7))],
        None,
    );
    clocks.pass(Duration::from_secs(3));
    store.tick();
    let alive = clocks.utc();
    drop(store); // as if killed
    clocks.pass(Duration::from_secs(30));
    let (mut store, recovery) = start(dir.path(), &clocks);
    assert_eq!((recovery.open, recovery.lapsed, recovery.clean), (2, 0, false));
    store.survey(&[open(clocks.at(), opened(2, 50_002, 7))]);
    clocks.pass(Duration::from_secs(1));
    store.settle();
    let tenures = ask(&store, &all(&clocks)).tenures;
    let gone = tenures.iter().find(|tenure| tenure.local.port.0 == 50_001).unwrap();
    assert_eq!((gone.ending, gone.until), (Some(Ending::Unseen), Some(alive)));
    let still = tenures.iter().find(|tenure| tenure.local.port.0 == 50_002).unwrap();
    assert_eq!((still.ending, still.from), (None, Moment(START)));
    assert_eq!(still.evidence, sockets::Evidence::Exact);
    store.close().unwrap();
    let alive = clocks.utc();

    clocks.reboot(Duration::from_secs(60));
    let (mut store, recovery) = start(dir.path(), &clocks);
    assert_eq!((recovery.open, recovery.lapsed, recovery.clean), (1, 1, true));
    store.survey(&[]);
    store.settle();
    store.apply(&[open(clocks.at(), opened(1, 50_003, 7))], None);
    let answer = ask(&store, &all(&clocks));
    let gone = answer.tenures.iter().find(|tenure| tenure.local.port.0 == 50_002).unwrap();
    assert_eq!((gone.ending, gone.until), (Some(Ending::Unseen), Some(alive)));
    assert_eq!(gone.duration, Duration::from_secs(3 + 30 + 1));
    assert_eq!(answer.tenures[0].local.port.0, 50_003, "the new boot's is the newest");
    let idle = answer.gaps.iter().filter(|gap| gap.reason == GapReason::NotRunning);
    assert_eq!(idle.count(), 3, "before the first, and twice between: {:?}", answer.gaps);
    store.close().unwrap();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[open(clocks.at(), opened(1, 50_003, 7))]);
    store.settle();
    assert_eq!(ask(&store, &all(&clocks)).tenures, answer.tenures);
}

/// It was said to be held now, and after the next start up to that.
#[test]
fn what_was_open_when_recording_ended_is_not_known_to_be_open_after() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[told(clocks.at(), &program(7, "curl", 1000))]);
    store.settle();
    store.apply(&[open(clocks.at(), opened(1, 50_001, 7))], None);
    clocks.pass(Duration::from_secs(3));
    store.close().unwrap();
    let (alive, known) = (clocks.utc(), Moment(clocks.utc().0 - 1));
    clocks.pass(Duration::from_secs(10));
    let now = clocks.utc();
    let archive = Archive::open_by(dir.path().join("store"), clocks.source()).unwrap();
    let check = |ask: &dyn Fn(&Question) -> Answer| {
        let held = |at| ask(&Question::between(at, at));
        let before = held(known).tenures;
        assert_eq!((before.len(), before[0].until), (1, Some(alive)));
        for later in [alive, Moment(now.0 - 1)] {
            let later = held(later);
            let gaps: Vec<_> = later.gaps.iter().map(|gap| (gap.from, gap.reason)).collect();
            assert_eq!(
                (later.tenures.len(), &gaps[..]),
                (0, &[(alive, GapReason::NotRunning)][..])
            );
        }
    };
    check(&|question| archive.ask(question).unwrap());
    let (mut store, _) = start(dir.path(), &clocks);
    check(&|question| ask(&store, question));
    store.survey(&[]);
    store.settle();
    check(&|question| ask(&store, question));
    drop(store);
    check(&|question| archive.ask(question).unwrap());
}

#[test]
fn an_hour_that_is_over_is_sealed_if_something_ended() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[]);
    store.settle();
    settle_down(&mut store, &clocks);
    clocks.pass(Duration::from_hours(1));
    settle_down(&mut store, &clocks);
    assert_eq!(store.status().segments, 0, "nothing ended");
    store.apply(&[open(clocks.at(), opened(1, 50_001, 7)), close(clocks.at() + 1, 1, 7)], None);
    settle_down(&mut store, &clocks);
    assert_eq!(store.status().segments, 1);
}

#[test]
fn a_recorder_that_never_surveyed_does_not_hide_that_nobody_recorded() {
    for boots in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let clocks = Clocks::new();
        let (mut store, _) = start(dir.path(), &clocks);
        store.survey(&[told(clocks.at(), &program(7, "curl", 1000))]);
        store.settle();
        settle_down(&mut store, &clocks);
        let last = clocks.utc();
        drop(store);
        for close in [true, false] {
            if boots {
                clocks.reboot(Duration::from_secs(7200));
            } else {
                clocks.pass(Duration::from_secs(7200));
            }
            let (mut store, recovery) = start(dir.path(), &clocks);
            assert!(recovery.last_alive.unwrap() <= last, "it was gone by {last:?}");
            settle_down(&mut store, &clocks);
            let archive = Archive::open_by(dir.path().join("store"), clocks.source()).unwrap();
            let gaps = archive.ask(&Question::between(last, clocks.utc())).unwrap().gaps;
            assert!(
                gaps.iter().any(|gap| gap.from <= last && gap.until.is_none()),
                "with a recorder that records nothing: {gaps:?}"
            );
            if close {
                store.close().unwrap();
            }
        }
        let (mut store, _) = start(dir.path(), &clocks);
        store.survey(&[]);
        let now = clocks.utc();
        let between = Moment(last.0 + 3_600_000_000_000);
        let gaps = ask(&store, &Question::between(between, between)).gaps;
        let whole = gaps.iter().find(|gap| gap.reason == GapReason::NotRunning).unwrap();
        assert!(whole.from <= last && whole.until == Some(now), "{whole:?} of {last:?} to {now:?}");
    }
}

#[test]
fn a_gap_in_which_the_clock_was_set_back_is_one_at_the_moments_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[]);
    settle_down(&mut store, &clocks);
    drop(store);
    clocks.step(-1_800_000_000_000);
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[]);
    let within = Moment(clocks.utc().0 + 600_000_000_000);
    let gaps = ask(&store, &Question::between(within, within)).gaps;
    let between = gaps.iter().find(|gap| gap.until == Some(clocks.utc()));
    assert!(between.is_some_and(|gap| gap.from > within), "{gaps:?}");
}

#[test]
fn some_minutes_in_a_wrong_year_remove_nothing() {
    const YEAR: i64 = 365 * 86_400_000_000_000;
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[]);
    store.settle();
    store.apply(&[open(clocks.at(), opened(1, 50_001, 7)), close(clocks.at() + 1, 1, 7)], None);
    clocks.pass(Duration::from_hours(2));
    settle_down(&mut store, &clocks);
    assert_eq!(store.status().segments, 1);
    clocks.step(YEAR);
    for _ in 0..10 {
        clocks.pass(Duration::from_mins(5));
        store.tick();
    }
    clocks.step(-YEAR);
    clocks.pass(Duration::from_hours(2));
    store.tick();
    assert_eq!(store.status().segments, 1);
    clocks.pass(Duration::from_hours(31 * 24));
    store.tick();
    assert_eq!(store.status().segments, 0, "it is too old now");
}
