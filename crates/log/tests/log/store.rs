//! A store from open to close and open again.

use std::path::Path;
use std::time::Duration;

use log::{
    Answer, Archive, Disk, Error, GapReason, Moment, Party, Question, Recovery, Remote, Settings,
    Store, Tenure, Viewer,
};
use registry::{Port, PortRange};
use sockets::{Ending, Evidence, NetnsId, Watching};

use super::events::{Clocks, START, close, open, opened, program, taken, told};

pub(crate) fn start(dir: &Path, clocks: &Clocks) -> (Store, Recovery) {
    let settings = Settings { batch: 1000, ..Settings::new(dir.join("store")) };
    Store::open_by(settings, Watching::Kernel, clocks.source()).unwrap()
}

pub(crate) fn all(clocks: &Clocks) -> Question {
    Question::between(Moment(START - 3_600_000_000_000), clocks.utc())
}

pub(crate) fn ask(store: &Store, question: &Question) -> Answer {
    store.ask(question).finish().unwrap()
}

pub(crate) fn name(party: &Party) -> String {
    match party {
        Party::Known(program) => String::from_utf8(program.process.comm.clone()).unwrap(),
        other => format!("{other:?}"),
    }
}

/// Lets the store do all that is due.
pub(crate) fn settle_down(store: &mut Store, clocks: &Clocks) {
    for _ in 0..200 {
        clocks.pass(Duration::from_millis(100));
        store.tick();
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn what_was_told_is_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, recovery) = start(dir.path(), &clocks);
    assert_eq!(recovery, Recovery::default());
    store.survey(&[]);
    store.settle();
    let at = clocks.at();
    let (curl, server) = (program(7, "curl", 1000), program(8, "server", 0));
    let mut changes = Vec::new();
    let news = [
        told(at, &curl),
        told(at, &server),
        open(at + 10, opened(1, 50_000, 7)),
        taken(at + 20, 1, 8),
        close(at + 5000, 1, 8),
        open(at + 6000, opened(2, 50_001, 7)),
    ];
    store.apply(&news, Some(&mut changes));
    assert_eq!(changes.len(), 4);
    clocks.pass(Duration::from_secs(1));
    check(&ask(&store, &all(&clocks)).tenures);
    store.tick();
    let archive = Archive::open_by(dir.path().join("store"), clocks.source()).unwrap();
    check(&archive.ask(&all(&clocks)).unwrap().tenures);
    store.close().unwrap();
    let left = archive.ask(&all(&clocks)).unwrap().tenures;
    assert_eq!((left[0].until, left[0].ending), (Some(clocks.utc()), Some(Ending::Unseen)));
    check(&[Tenure { until: None, ..left[0].clone() }, left[1].clone()]);

    clocks.pass(Duration::from_secs(5));
    let (mut store, recovery) = start(dir.path(), &clocks);
    assert!(recovery.clean && recovery.open == 1 && recovery.ended == 1, "{recovery:?}");
    store.survey(&[open(clocks.at(), opened(2, 50_001, 7))]);
    store.settle();
    let answer = ask(&store, &all(&clocks));
    check(&answer.tenures);
    assert_eq!(answer.gaps.len(), 2, "before the first record, and between: {:?}", answer.gaps);
    assert_eq!(answer.gaps[1].reason, GapReason::NotRunning);
    assert_eq!(answer.gaps[1].until, Some(clocks.utc()));
}

fn check(tenures: &[Tenure]) {
    assert_eq!(tenures.len(), 2);
    assert_eq!(tenures[0].local.port, Port(50_001));
    assert_eq!(tenures[0].until, None);
    let ended = &tenures[1];
    assert_eq!(
        [&ended.opener, &ended.taker, &ended.closer].map(name),
        ["curl", "server", "server"]
    );
    assert_eq!(ended.from, Moment(START + 10));
    assert_eq!(ended.until, Some(Moment(START + 5000)));
    assert_eq!(ended.duration, Duration::from_nanos(4990));
    assert_eq!((ended.ending, ended.evidence), (Some(Ending::Closed), Evidence::Exact));
}

#[test]
fn a_full_batch_is_sealed_and_nothing_is_doubled_or_missing() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[]);
    store.settle();
    store.apply(&[told(clocks.at(), &program(7, "curl", 1000))], None);
    for cookie in 0..2500_u64 {
        let port = 40_000 + u16::try_from(cookie).unwrap();
        let at = clocks.at();
        store.apply(&[open(at, opened(cookie, port, 7)), close(at + 900, cookie, 7)], None);
        clocks.pass(Duration::from_millis(1));
        if cookie % 100 == 0 {
            store.tick();
            let so_far = ask(&store, &all(&clocks)).tenures;
            assert_eq!(so_far.len() as u64, cookie + 1);
        }
    }
    // A thread of its own seals, and has less time the more else there is to do.
    for _ in 0..50 {
        settle_down(&mut store, &clocks);
        if store.status().segments > 0 {
            break;
        }
    }
    let status = store.status();
    assert_eq!((status.ended, status.disk), (2500, Disk::Writable));
    assert!(status.segments >= 1);
    let mut one = all(&clocks);
    one.ports = vec![PortRange::from(Port(40_003))];
    assert_eq!(ask(&store, &one).tenures.len(), 1);
    assert_eq!(store.held(&[PortRange::ALL]).len(), 0);
    let at = clocks.at();
    let last = [2500, 2501].map(|cookie| open(at + cookie, opened(cookie, 50_000, 7)));
    store.apply(&last, None);
    store.apply(&[close(at + 9000, 2500, 7)], None);
    clocks.pass(Duration::from_millis(1));
    let https = [PortRange::from(Port(443))];
    assert_eq!(store.held(&https).len(), 1);
    let held_in = |netns, most| store.held_in(NetnsId(netns), &https, most).map(|held| held.len());
    assert_eq!(held_in(4_026_531_840, 1), Some(1));
    assert_eq!(held_in(4_026_531_840, 0), None, "more than wanted");
    assert_eq!(held_in(7, 0), Some(0), "another namespace");
    store.close().unwrap();
    let (store, recovery) = start(dir.path(), &clocks);
    assert!(recovery.ended > 0 && recovery.open == 1, "{recovery:?}");
    let tenures = ask(&store, &all(&clocks)).tenures;
    assert_eq!(tenures.len(), 2502);
    assert!(tenures.is_sorted_by(|newer, older| newer.from > older.from));
}

#[test]
fn two_recorders_are_one_too_many() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (_store, _) = start(dir.path(), &clocks);
    let settings = Settings::new(dir.path().join("store"));
    let error = Store::open(settings, Watching::Kernel).unwrap_err();
    assert!(matches!(error, Error::Locked { pid, .. } if pid == Some(std::process::id())));
}

#[test]
fn a_program_whose_exit_was_lost_goes_when_its_pid_is_used_again() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[]);
    store.settle();
    for start_ticks in 700..800 {
        let mut curl = program(7, "curl", 1000).as_ref().clone();
        curl.key.start_ticks = start_ticks;
        store.apply(&[told(clocks.at(), &curl.into())], None);
    }
    clocks.pass(Duration::from_secs(60));
    store.tick();
    assert_eq!(store.status().programs, 1);
}

#[test]
fn open_tenures_are_found_by_their_far_ends() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[]);
    store.settle();
    let at = clocks.at();
    store.apply(
        &[
            told(at, &program(7, "curl", 1000)),
            open(at + 1, opened(1, 50_000, 7)),
            open(at + 2, opened(2, 50_001, 7)),
        ],
        None,
    );
    clocks.pass(Duration::from_secs(1));
    let far = |net: Option<&str>, port: Option<u16>| Remote {
        net: net.map(|net| (net.parse().unwrap(), 8)),
        ports: port.map(|port| Port(port).into()),
    };
    let found = |remotes: &[Remote]| {
        let question = Question { remotes: remotes.to_vec(), ..all(&clocks) };
        ask(&store, &question).tenures.len()
    };
    let (here, elsewhere) = (Some("127.0.0.0"), Some("10.0.0.0"));
    assert_eq!(found(&[far(None, Some(443))]), 2);
    assert_eq!(found(&[far(None, Some(443)), far(here, Some(443))]), 2);
    assert_eq!(found(&[far(None, Some(444))]), 0);
    assert_eq!(found(&[far(here, None)]), 2);
    assert_eq!(found(&[far(elsewhere, None), far(None, Some(443))]), 2);
    assert_eq!(found(&[far(elsewhere, Some(443))]), 0);
}

/// Root's newer connections were found first, hidden after, and nothing of one's own was left; and
/// that there were more than asked for told of names that are not to be known.
#[test]
fn what_others_may_not_know_neither_hides_nor_shows() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let (mut store, _) = start(dir.path(), &clocks);
    store.survey(&[]);
    store.settle();
    let at = clocks.at();
    let mut news = vec![told(at, &program(7, "curl", 1000)), told(at, &program(8, "curl", 0))];
    for cookie in 1..=9 {
        let pid = if cookie == 1 { 7 } else { 8 };
        let port = 50_000 + u16::try_from(cookie).unwrap();
        news.extend([open(at + cookie, opened(cookie, port, pid)), close(at + 99, cookie, pid)]);
    }
    store.apply(&news, None);
    clocks.pass(Duration::from_secs(1));
    let found = |store: &Store, viewer, condition: fn(&mut Question)| {
        let mut question = Question { viewer, most: 3, ..all(&clocks) };
        condition(&mut question);
        let answer = ask(store, &question);
        let ports: Vec<u16> = answer.tenures.iter().map(|tenure| tenure.local.port.0).collect();
        (ports, answer.more)
    };
    let check = |store: &Store| {
        let curl = |question: &mut Question| question.names = vec![b"curl".to_vec()];
        let eight = |question: &mut Question| question.pids = vec![8];
        assert_eq!(found(store, Viewer::User(1000), curl), (vec![50_001], false));
        assert_eq!(found(store, Viewer::User(1000), eight), (vec![], false));
        let newest = vec![50_009, 50_008, 50_007];
        assert_eq!(found(store, Viewer::Everything, curl), (newest.clone(), true));
        assert_eq!(found(store, Viewer::User(1000), |_| ()), (newest, true));
    };
    check(&store);
    clocks.pass(Duration::from_secs(3600));
    settle_down(&mut store, &clocks);
    assert_eq!(store.status().segments, 1);
    check(&store);
}

/// What a look may have missed was said to be nobody's.
#[test]
fn a_recorder_that_samples_says_so_of_all_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    let settings = || Settings::new(dir.path().to_owned());
    let sampling = || Store::open_by(settings(), Watching::Sampling, clocks.source()).unwrap().0;
    let sampled = |answer: Answer| {
        let gaps = answer.gaps.into_iter().filter(|gap| gap.reason == GapReason::Sampled);
        gaps.map(|gap| (gap.from.0 - START, gap.until.map(|until| until.0 - START)))
            .collect::<Vec<_>>()
    };
    let second = |seconds: i64| seconds * 1_000_000_000;
    let mut store = sampling();
    store.survey(&[]);
    store.settle();
    for _ in 0..50 {
        clocks.pass(Duration::from_millis(100));
        store.tick();
    }
    assert_eq!(sampled(ask(&store, &all(&clocks))), [(0, None)]);
    let now = Question::between(clocks.utc(), clocks.utc());
    assert_eq!(
        sampled(ask(&store, &now)),
        [(0, None)],
        "since when, and not since it was told last"
    );
    drop(store);
    clocks.pass(Duration::from_secs(5));
    let archive = Archive::open_by(dir.path().to_owned(), clocks.source()).unwrap();
    let [(0, Some(until))] = sampled(archive.ask(&all(&clocks)).unwrap())[..] else {
        panic!("killed, it had said so up to a moment ago");
    };
    assert!(until > second(2) && until <= second(5), "{until}");
    let mut store = sampling();
    store.survey(&[]);
    store.settle();
    clocks.pass(Duration::from_secs(3600));
    settle_down(&mut store, &clocks);
    clocks.pass(Duration::from_secs(3));
    store.close().unwrap();
    let told = sampled(archive.ask(&all(&clocks)).unwrap());
    assert_eq!(told, [(0, Some(until)), (second(10), Some(second(10 + 3600 + 20 + 3)))]);
    let (mut store, _) = Store::open_by(settings(), Watching::Kernel, clocks.source()).unwrap();
    store.survey(&[]);
    store.settle();
    clocks.pass(Duration::from_secs(30));
    store.tick();
    let lately = Question::between(Moment(clocks.utc().0 - second(9)), clocks.utc());
    assert_eq!(sampled(ask(&store, &lately)), []);
}
