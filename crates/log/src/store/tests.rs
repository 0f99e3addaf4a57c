//! Stores from inside, for what cannot be brought about from outside.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use registry::{Port, Proto};
use sockets::{
    BootTime, Closed, Ending, Endpoint, Event, EventKind, Evidence, Family, NetnsId, Opened, Role,
    Watching,
};

use crate::{Disk, Moment, Now, Question, Settings, Store, TimeSource};

/// Clocks that a test moves: the time since boot, in nanoseconds.
#[derive(Clone, Debug)]
pub(super) struct Fake(Arc<Mutex<u64>>);

impl Fake {
    pub(super) fn new() -> Fake {
        Fake(Arc::new(Mutex::new(1_000_000_000_000)))
    }

    pub(super) fn pass(&self, span: Duration) {
        *self.0.lock().unwrap() += u64::try_from(span.as_nanos()).unwrap();
    }
}

impl TimeSource for Fake {
    fn boot(&self) -> [u8; 16] {
        [1; 16]
    }

    fn now(&self) -> Now {
        let at = *self.0.lock().unwrap();
        let utc = Moment(1_795_442_400_000_000_000 + i64::try_from(at).unwrap());
        Now { since_boot: BootTime(at), utc, doubt_ns: 0 }
    }
}

/// A store that records.
pub(super) fn store(dir: &Path, time: &Fake) -> Store {
    let settings = Settings { batch: 1000, ..Settings::new(dir.to_owned()) };
    let (mut store, _) =
        Store::open_by(settings, Watching::Kernel, Box::new(time.clone())).unwrap();
    store.survey(&[]);
    store.settle();
    store
}

/// A socket that listens on port 8000.
pub(super) fn opened(time: &Fake, cookie: u64) -> Event {
    let opened = Opened {
        cookie,
        netns: NetnsId(1),
        proto: Proto::Tcp,
        family: Family::V4,
        v6only: false,
        local: Endpoint { addr: IpAddr::V4(Ipv4Addr::LOCALHOST), port: Port(8000) },
        remote: None,
        role: Role::Listening,
        uid: 0,
        opener: None,
        evidence: Evidence::Exact,
    };
    Event { at: time.now().since_boot, kind: EventKind::Opened(opened) }
}

/// Lets the store do all that is due.
pub(super) fn work(store: &mut Store, time: &Fake) {
    for _ in 0..100 {
        time.pass(Duration::from_millis(100));
        store.tick();
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn recording_goes_on_only_in_a_journal_that_missed_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let time = Fake::new();
    let mut store = store(dir.path(), &time);
    work(&mut store, &time);
    let number = store.journal.number;
    let file = store.journal.swap(Arc::new(File::open("/dev/null").unwrap()));
    store.trouble.stop(time.now());
    work(&mut store, &time);
    assert!(store.trouble.is_stopped(), "the end of this journal cannot be written");
    store.journal.swap(file);
    work(&mut store, &time);
    assert!(!store.trouble.is_stopped() && store.journal.number == number + 1);
}

#[test]
fn a_journal_that_the_disk_did_not_keep_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let time = Fake::new();
    let mut store = store(dir.path(), &time);
    work(&mut store, &time);
    let number = store.journal.number;
    // No disk: it cannot be synced.
    assert!(store.syncer.sync(Arc::new(File::open("/dev/null").unwrap())));
    let mut delayed = false;
    for _ in 0..100 {
        work(&mut store, &time);
        delayed |= matches!(store.status().disk, Disk::Delayed { .. });
        if store.journal.number > number && store.status().disk == Disk::Writable {
            return;
        }
    }
    panic!("journal {}, {:?}, was delayed: {delayed}", store.journal.number, store.status().disk);
}

/// A batch may be a quarter of a million tenures, which in a journal take ten times a small store's room.
#[test]
fn a_small_store_seals_early_and_keeps_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let time = Fake::new();
    let settings = Settings { max_size: 1 << 20, ..Settings::new(dir.path().to_owned()) };
    let open = || {
        let clocks = Box::new(time.clone());
        Store::open_by(settings.clone(), Watching::Kernel, clocks).unwrap().0
    };
    let mut store = open();
    store.survey(&[]);
    store.settle();
    for round in 0..30 {
        for cookie in round * 1000..(round + 1) * 1000 {
            let end = Closed { cookie, closer: None, ending: Ending::Closed };
            let end =
                Event { at: BootTime(opened(&time, 1).at.0 + 1), kind: EventKind::Closed(end) };
            store.apply(&[opened(&time, cookie), end], None);
        }
        work(&mut store, &time);
        let status = store.status();
        let taken = status.journal_bytes + status.segment_bytes;
        assert!(taken < 2 << 20, "{taken} bytes after round {round}");
    }
    let status = store.status();
    assert!(status.segments >= 3 && status.disk == Disk::Writable, "{status:?}");
    let lately = Question::between(Moment(time.now().utc.0 - 20_000_000_000), time.now().utc);
    assert!(!store.ask(&lately).finish().unwrap().tenures.is_empty());
    store.close().unwrap();
    assert!(open().status().sealed.is_some(), "the next one knows of the last seal");
}

#[test]
fn a_survey_that_nobody_ends_ends_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let time = Fake::new();
    let mut store = store(dir.path(), &time);
    store.apply(&[opened(&time, 1)], None);
    store.survey(&[]);
    time.pass(Duration::from_secs(59));
    store.tick();
    assert!(store.holdings.surveying());
    time.pass(Duration::from_secs(2));
    store.tick();
    assert!(!store.holdings.surveying() && store.status().open == 0);
}
