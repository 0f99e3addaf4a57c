//! A recorder that is killed at any moment, again and again: what is sealed stays, what ended more
//! than a second before is there, and nothing is there twice.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use log::{HostTime, Moment, Now, Question, Settings, Store, TimeSource};
use registry::PortRange;
use sockets::{BootTime, Event, NetnsId, Opened, Watching};

use super::events::{close, open, opened, program, told};

/// Kills in all.
const KILLS: u64 = 200;

/// Time passes so much faster for the recorder, that a few milliseconds are some of its seconds.
const HASTE: u64 = 400;

const SECOND: i64 = 1_000_000_000;

#[derive(Debug)]
struct Hasty(HostTime);

impl TimeSource for Hasty {
    fn boot(&self) -> [u8; 16] {
        self.0.boot()
    }

    fn now(&self) -> Now {
        let at = self.0.now().since_boot.0 * HASTE;
        Now { since_boot: BootTime(at), utc: Moment(i64::try_from(at).unwrap()), doubt_ns: 0 }
    }
}

fn clock() -> Box<dyn TimeSource> {
    Box::new(Hasty(HostTime::new().unwrap()))
}

fn at() -> u64 {
    clock().now().since_boot.0
}

fn settings(dir: &Path) -> Settings {
    Settings { batch: 400, ..Settings::new(dir.join("store")) }
}

/// What killed recorders had done, as they noted down outside the store.
#[derive(Default)]
struct Notes {
    /// Tenures that were ended, with when and in which run.
    ended: Vec<(u64, i64, usize)>,
    /// The last tick of each run.
    ticks: Vec<i64>,
}

/// A note of a recorder that starts, and of one that has ticked.
const RUN: u64 = u64::MAX;
const TICK: u64 = 0;

fn notes(dir: &Path) -> Notes {
    let bytes = fs::read(dir.join("notes")).unwrap_or_default();
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
    let mut notes = Notes::default();
    for row in bytes.chunks_exact(16) {
        let (what, at) = (number(&row[..8]), i64::try_from(number(&row[8..])).unwrap());
        match what {
            RUN => notes.ticks.push(at),
            TICK => *notes.ticks.last_mut().unwrap() = at,
            cookie => notes.ended.push((cookie, at, notes.ticks.len() - 1)),
        }
    }
    notes
}

impl Notes {
    /// Whether what ended then in this run may be lost: less than a quarter of a second before its
    /// last tick, or after that.
    fn may_be_lost(&self, at: i64, run: usize) -> bool {
        self.ticks[run] - SECOND / 4 < at
    }
}

#[test]
fn a_recorder_killed_at_any_moment_loses_what_it_may_and_no_more() {
    // In memory nobody waits for the disk, so that sealing comes to its end within a run.
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.unwrap();
    let mut sealed = BTreeSet::new();
    let mut lost = 0;
    let mut taken_up = 0;
    for round in 0..KILLS {
        let since = Moment(i64::try_from(at()).unwrap() - 5 * SECOND);
        run_and_kill(dir.path(), Duration::from_micros(2000 + round * 7919 % 25_000));
        let (mut store, recovery) =
            Store::open_by(settings(dir.path()), Watching::Kernel, clock()).unwrap();
        assert_eq!(recovery.damaged, [""; 0], "round {round}");
        taken_up += recovery.open;
        let from = if round % 40 == 39 { Moment(0) } else { since };
        if round % 2 == 1 {
            seal(&mut store);
        }
        lost += check(&store, &notes(dir.path()), from);
        let now_sealed: BTreeSet<_> = segments(dir.path());
        assert!(now_sealed.is_superset(&sealed), "round {round}: a segment has gone");
        sealed = now_sealed;
        store.close().unwrap();
    }
    let all = notes(dir.path()).ended.len();
    println!(
        "{KILLS} kills, {all} tenures ended, {lost} of the last second lost, {taken_up} \
              taken up again, {} segments",
        sealed.len() / 2
    );
    assert!(sealed.len() > 20 && all > 2000 && taken_up > 50, "it did not do what it should");
}

/// Lets the store seal what waits for that.
fn seal(store: &mut Store) {
    let open = store.held(&[PortRange::ALL]).into_iter().map(|(cookie, _)| still_open(cookie));
    store.survey(&open.collect::<Vec<_>>());
    for _ in 0..100 {
        store.tick();
        thread::sleep(Duration::from_millis(2));
    }
}

fn segments(dir: &Path) -> BTreeSet<std::ffi::OsString> {
    let names = fs::read_dir(dir.join("store")).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_str().unwrap().ends_with(".parquet")).collect()
}

/// How many are missing, all of which may be.
fn check(store: &Store, notes: &Notes, from: Moment) -> usize {
    let mut question = Question::between(from, Moment(i64::MAX));
    question.ports = vec![PortRange::ALL];
    let answer = store.ask(&question).finish().unwrap();
    let over = answer.tenures.iter().filter(|tenure| tenure.ending.is_some());
    let over: Vec<u64> = over.map(|tenure| tenure.netns.0).collect();
    let found: BTreeSet<u64> = over.iter().copied().collect();
    assert_eq!(found.len(), over.len(), "a tenure is there twice");
    assert!(answer.tenures.iter().all(|tenure| tenure.opener != log::Party::Unknown));
    let asked = notes.ended.iter().filter(|(_, at, _)| *at > from.0);
    let missing: Vec<_> = asked.filter(|(cookie, ..)| !found.contains(cookie)).collect();
    for (cookie, at, run) in &missing {
        assert!(
            notes.may_be_lost(*at, *run),
            "{cookie} ended {} ns before",
            notes.ticks[*run] - at
        );
    }
    missing.len()
}

fn run_and_kill(dir: &Path, after: Duration) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::recorder_to_be_killed", "--ignored", "--nocapture"])
        .env("PORTOLAN_CRASH_DIR", dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let before = notes(dir).ended.len();
    for _ in 0..10_000 {
        if notes(dir).ended.len() > before || child.try_wait().unwrap().is_some() {
            break;
        }
        thread::sleep(Duration::from_micros(200));
    }
    thread::sleep(after);
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "{status}");
}

/// Not a test: the recorder that the test above runs and kills.
#[test]
#[ignore = "runs until it is killed"]
fn recorder_to_be_killed() {
    let Some(dir) = std::env::var_os("PORTOLAN_CRASH_DIR").map(std::path::PathBuf::from) else {
        return;
    };
    let (mut store, _) = Store::open_by(settings(&dir), Watching::Kernel, clock()).unwrap();
    let mut done = OpenOptions::new().create(true).append(true).open(dir.join("notes")).unwrap();
    let mut next = notes(&dir).ended.iter().map(|(cookie, ..)| *cookie).max().unwrap_or(0) + 100;
    let left = store.held(&[PortRange::ALL]);
    let mut events = vec![told(at(), &program(7, "curl", 1000))];
    events.extend(left.iter().map(|(cookie, _)| still_open(*cookie)));
    store.survey(&events);
    store.settle();
    let mut note = |rows: &[(u64, u64)]| {
        let bytes = rows.iter().flat_map(|row| [row.0.to_le_bytes(), row.1.to_le_bytes()]);
        done.write_all(&bytes.flatten().collect::<Vec<u8>>()).unwrap();
    };
    note(&[(RUN, at())]);
    let mut left: Vec<u64> = left.into_iter().map(|(cookie, _)| cookie).collect();
    loop {
        let mut ends = Vec::new();
        let mut events = Vec::new();
        for cookie in next..next + 10 {
            events.push(still_open(cookie));
            if cookie % 10 != 0 {
                ends.push(cookie);
            }
        }
        next += 10;
        ends.append(&mut left);
        let now = at();
        events.extend(ends.iter().map(|cookie| close(now + 1, *cookie, 7)));
        store.apply(&events, None);
        let rows: Vec<_> = ends.iter().map(|cookie| (*cookie, now + 1)).collect();
        note(&rows);
        // Before the tick, which reads the clock later: what it says is written by then is.
        let tick = at();
        store.tick();
        note(&[(TICK, tick)]);
        thread::sleep(Duration::from_micros(300));
    }
}

fn still_open(cookie: u64) -> Event {
    open(at(), Opened { netns: NetnsId(cookie), ..opened(cookie, port(cookie), 7) })
}

fn port(cookie: u64) -> u16 {
    u16::try_from(1024 + cookie % 60_000).unwrap()
}
