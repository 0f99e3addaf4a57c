//! `portolan who` on real stores, written by the log itself: one of a machine of last summer, and one
//! that is still being written.

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use log::{Moment, Now, Settings, Store, TimeSource};
use registry::{Port, Proto};
use rustix::time::{ClockId, clock_gettime};
use sockets::{
    BootTime, Closed, Ending, Endpoint, Event, EventKind, Evidence, Family, NetnsId, Opened, Pid,
    Place, Process, Program, ProgramKey, Role, User, Watching,
};
use tempfile::TempDir;

use crate::netns::{Run, portolan, portolan_as_nobody};

/// 2025-06-01T12:00:00Z, when the machine had been up for 1,000 s.
const NOON: i64 = 1_748_779_200 * NS;
const NS: i64 = 1_000_000_000;
/// A user without a name.
const NAMELESS: u32 = 61_234;
const BOOTED: i64 = NOON - 1000 * NS;

/// The clocks of a machine of last summer, so many seconds past noon.
#[derive(Debug)]
struct Summer(i64);

impl TimeSource for Summer {
    fn boot(&self) -> [u8; 16] {
        [7; 16]
    }

    fn now(&self) -> Now {
        let utc = NOON + self.0 * NS;
        let since_boot = BootTime(u64::try_from(utc - BOOTED).unwrap());
        Now { since_boot, utc: Moment(utc), doubt_ns: 0 }
    }
}

fn program(pid: u32, comm: &[u8], uid: u32) -> Arc<Program> {
    let process = Process {
        pid: Pid(pid),
        start_ticks: 100,
        started: UNIX_EPOCH + Duration::from_secs(1_748_779_100),
        comm: comm.to_vec(),
        exe: Some("/usr/bin/curl".into()),
        cmdline: Some(vec![b"curl".to_vec(), b"https://example.org/".to_vec()]),
        user: User { uid, name: None },
        ancestry: Vec::new(),
        place: Place {
            cgroup: "/user.slice".into(),
            unit: Some("a.scope".into()),
            container: None,
        },
    };
    Arc::new(Program { key: key(pid), since: BootTime(1), process })
}

fn key(pid: u32) -> ProgramKey {
    ProgramKey { pid: Pid(pid), start_ticks: 100, exec: 1 }
}

fn opened(cookie: u64, port: u16, pid: u32) -> EventKind {
    let end = |port| Endpoint { addr: IpAddr::V4(Ipv4Addr::LOCALHOST), port: Port(port) };
    EventKind::Opened(Opened {
        cookie,
        netns: NetnsId(std::fs::metadata("/proc/self/ns/net").unwrap().ino()),
        proto: Proto::Tcp,
        family: Family::V4,
        v6only: false,
        local: end(port),
        remote: Some(end(443)),
        role: Role::Outgoing,
        uid: NAMELESS,
        opener: Some(key(pid)),
        evidence: Evidence::Exact,
    })
}

fn closed(cookie: u64, pid: u32) -> EventKind {
    EventKind::Closed(Closed { cookie, closer: Some(key(pid)), ending: Ending::Closed })
}

/// A store of last summer, recorded for an hour: curl had port 60440 from 12:03:10.5 to 12:03:12.5,
/// an odd one port 60441 for a moment; events were lost at half past twelve.
pub(crate) fn last_summer() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let after = |seconds: f64, kind| {
        let at = Duration::from_secs_f64(1000.0 + seconds);
        Event { at: BootTime(u64::try_from(at.as_nanos()).unwrap()), kind }
    };
    let settings = || Settings::new(dir.path().to_owned());
    let (mut store, _) = Store::open_by(settings(), Watching::Kernel, Box::new(Summer(0))).unwrap();
    store.survey(&[]);
    store.settle();
    let lost = EventKind::Lost { since: BootTime(2800 * 1_000_000_000), events: 1204 };
    store.apply(
        &[
            after(1.0, EventKind::Program(program(4711, b"curl", NAMELESS))),
            after(1.0, EventKind::Program(program(4712, b"\x1b]0;pwned\x07", 0))),
            after(190.5, opened(1, 60440, 4711)),
            after(192.5, closed(1, 4711)),
            after(200.0, opened(2, 60441, 4712)),
            after(200.1, closed(2, 4712)),
            after(1802.0, lost),
        ],
        None,
    );
    store.close().unwrap();
    // Another recorder, an hour later, says until when that one is known to have run.
    let (mut store, _) =
        Store::open_by(settings(), Watching::Kernel, Box::new(Summer(3600))).unwrap();
    store.survey(&[]);
    store.settle();
    store.close().unwrap();
    dir
}

/// Runs `portolan who` on the store in `dir`, in Berlin.
fn who(dir: &Path, words: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    command.arg("who").args(words.split(' ').map(|word| word.replace('_', " ")));
    let output = command.arg("--dir").arg(dir).env("TZ", "Europe/Berlin").output().unwrap();
    Run::of(output)
}

#[test]
fn who_held_it_then_is_found() {
    let dir = last_summer();
    let run = who(dir.path(), "60440 --at 2025-06-01T12:03:11Z");
    assert_eq!(run.status, 0, "{run:?}");
    let sentence = "curl (4711) of 61234 held 60440/tcp at 2025-06-01 14:03:11, talking to \
                    127.0.0.1:443\n";
    assert!(run.stdout.starts_with(sentence), "{}", run.stdout);
    assert!(run.stdout.contains("curl https://example.org/"), "{}", run.stdout);
    assert!(run.stdout.contains("times in Europe/Berlin (+02:00) · read from"), "{}", run.stdout);
    let json = who(dir.path(), "60440 --at 2025-06-01_14:03:11 --json").json();
    assert_eq!(json["answer"], "held");
    assert_eq!(json["from"], "2025-06-01T12:03:11.000000000Z");
    let tenure = &json["tenures"][0];
    assert_eq!(tenure["from"], "2025-06-01T12:03:10.500000000Z");
    assert_eq!(tenure["until"], "2025-06-01T12:03:12.500000000Z");
    assert_eq!(tenure["duration_ns"], 2_000_000_000);
    assert_eq!(tenure["holder"]["process"]["comm"], "curl");
    assert_eq!(json["source"], "store");
}

#[test]
fn nobody_is_told_from_not_known() {
    let dir = last_summer();
    let status = |words: &str| who(dir.path(), words).status;
    assert_eq!(status("60440 --at 2025-06-01T12:03:09Z"), 1);
    assert_eq!(status("60440 --at 2025-06-01T12:03:10Z"), 0);
    assert_eq!(status("60440 --at 2025-06-01T12:03:13Z"), 1);
    assert_eq!(status("60440/udp --at 2025-06-01T12:03:11Z"), 1);
    assert_eq!(status("60440 --at 2025-06-01T12:30:01Z"), 3);
    assert_eq!(status("60440 --at 2025-06-01T11:00:00Z"), 3);
    assert_eq!(status("60440 --at 2025-06-02T11:00:00Z"), 3);
    let run = who(dir.path(), "60440 --at 2025-06-01T12:30:01Z");
    assert!(run.stdout.contains("It is not known who held 60440"), "{}", run.stdout);
    assert!(run.stdout.contains("1,204 events lost"), "{}", run.stdout);
}

#[test]
fn a_filter_that_finds_nobody_does_not_hide_that_others_held_it() {
    let dir = last_summer();
    let others = |words: &str| {
        let run = who(dir.path(), &format!("60440 --at 2025-06-01T12:03:11Z {words}"));
        (run.status, run.stdout.contains("note: 1 tenure of others in that time: "))
    };
    assert_eq!(others("--pid 4712"), (1, true));
    assert_eq!(others("--process wget"), (1, true));
    assert_eq!(others("--user nobody"), (1, true));
    assert_eq!(others("--pid 4711"), (0, false));
    assert_eq!(others("--remote :444"), (1, false));
    let elsewhen = who(dir.path(), "60440 --at 2025-06-01T12:03:09Z --pid 4712");
    assert!(elsewhen.status == 1 && !elsewhen.stdout.contains("of others"), "{elsewhen:?}");
}

#[test]
fn filters_without_a_port_find_what_somebody_held() {
    let dir = last_summer();
    let held = |words: &str| {
        let tenures = who(dir.path(), &format!("{words} --json")).json()["tenures"].take();
        let ports =
            tenures.as_array().unwrap().iter().map(|t| t["local"]["port"].as_u64().unwrap());
        ports.collect::<Vec<_>>()
    };
    assert_eq!(held("--process curl"), [60441, 60440]);
    assert_eq!(held("--process CURL --pid 4711"), [60440]);
    assert_eq!(held("--unit a.scope --user 0 --pid 4712"), [60441]);
    assert_eq!(held("--remote 127.0.0.0/8:443 --limit 1"), [60441]);
    assert_eq!(held("60000-61000 --to 2025-06-01T12:03:11Z"), [60440]);
    assert_eq!(held("--remote :444 --from 2025-06-01"), [0; 0]);
}

#[test]
fn a_name_that_a_terminal_would_obey_is_spelled_out() {
    let dir = last_summer();
    let text = who(dir.path(), "60441").stdout;
    assert!(text.contains(r"\x1b]0;pwned\x07 (4712)") && !text.contains('\x1b'), "{text}");
}

#[test]
fn where_nothing_was_recorded_it_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let run = who(dir.path(), "60440");
    assert_eq!((run.status, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains("nothing was recorded in") && run.stderr.lines().count() == 1);
    assert!(run.stderr.contains("start `portolan record`"), "{}", run.stderr);
    let run = who(dir.path(), "60440 --json");
    assert_eq!(run.status, 3, "{run:?}");
    let json = run.json();
    assert_eq!((&json["answer"], &json["since"]), (&"unknown".into(), &serde_json::Value::Null));
    let card = portolan(&["60440", "--dir", dir.path().to_str().unwrap()]).stdout;
    assert!(card.contains("BEFORE not recorded: `portolan record` would"), "{card}");
    let run = who(&dir.path().join("nowhere"), "60440");
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("there is no directory"), "{}", run.stderr);
}

#[test]
fn records_that_are_not_ours_to_read_are_not_said_to_be_none() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: a store of somebody else's needs root to make");
        return;
    }
    let dir = last_summer();
    let run = portolan_as_nobody(&["who", "60440", "--dir", dir.path().to_str().unwrap()]);
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.stderr.contains("not for you to read"), "{}", run.stderr);
}

#[test]
fn a_question_that_cannot_be_meant_is_told_in_a_line() {
    for args in [
        &["who"][..],
        &["who", "60440", "--at", "tomorrow 10:00"],
        &["who", "60440", "--at", "25:00"],
        &["who", "60440", "--from", "14:00", "--to", "2020-01-01"],
        &["who", "60440", "--at", "10m", "ago"],
        &["who", "portolan"],
    ] {
        let run = portolan(args);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{args:?}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{args:?}: {}", run.stderr);
    }
    let run = portolan(&["who", "60440", "--at", "10m", "ago"]);
    assert!(run.stderr.contains("--at '10m ago'"), "{}", run.stderr);
}

#[test]
fn a_store_that_is_being_written_is_complete_up_to_now() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) =
        Store::open(Settings::new(dir.path().to_owned()), Watching::Kernel).unwrap();
    store.survey(&[]);
    store.settle();
    let now = clock_gettime(ClockId::Boottime);
    let now = Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap());
    let at = BootTime(u64::try_from(now.as_nanos()).unwrap());
    let program = EventKind::Program(program(4711, b"curl", NAMELESS));
    let events = [program, opened(1, 60440, 4711)].map(|kind| Event { at, kind });
    store.apply(&events, None);
    // What was told is written a quarter of a second later at most.
    for _ in 0..4 {
        std::thread::sleep(Duration::from_millis(100));
        store.tick();
    }
    let run = who(dir.path(), "60440 --at now");
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("curl (4711) of 61234 held 60440/tcp"), "{}", run.stdout);
    let card = portolan(&["60440", "--dir", dir.path().to_str().unwrap()]).stdout;
    let before = &card[card.find("BEFORE").unwrap()..];
    assert!(before.starts_with("BEFORE 1 tenure since recording began at "), "{card}");
    assert!(before.contains("curl (4711)") && before.contains("→ 127.0.0.1:443"), "{card}");
    let card = portolan(&["60441", "--json", "--dir", dir.path().to_str().unwrap()]).json();
    assert_eq!(card["before"]["status"], "known");
    assert_eq!(card["before"]["tenures"].as_array().unwrap().len(), 0);
    assert_eq!(who(dir.path(), "60441 --at now").status, 1);
    assert_eq!(who(dir.path(), "60441").status, 1);
    assert_eq!(who(dir.path(), "60441 --from -1d").status, 3);
    drop(store);
}

#[test]
fn our_own_tries_are_left_out_unless_asked_for() {
    let dir = with_tries();
    let run = who(dir.path(), "60450");
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("curl") && run.stdout.contains("60 short binds"), "{}", run.stdout);
    let json = who(dir.path(), "60450 --json").json();
    assert_eq!(json["tenures"].as_array().unwrap().len(), 1, "{json:#}");
    assert_eq!(json["remarks"].as_array().unwrap().len(), 1, "{json:#}");
    let json = who(dir.path(), "60450 --process portolan --limit all --json").json();
    assert_eq!(json["tenures"].as_array().unwrap().len(), 60, "{json:#}");
}

/// A store of a port that curl held once, and that portolan tried sixty times since.
fn with_tries() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings::new(dir.path().to_owned());
    let (mut store, _) = Store::open_by(settings, Watching::Kernel, Box::new(Summer(0))).unwrap();
    store.survey(&[]);
    store.settle();
    let ours = Arc::new(Program {
        process: Process {
            exe: Some(env!("CARGO_BIN_EXE_portolan").into()),
            comm: b"portolan".to_vec(),
            ..program(4800, b"portolan", 0).process.clone()
        },
        ..Program::clone(&program(4800, b"portolan", 0))
    });
    let at = |us: u64, kind| Event { at: BootTime(1_000_000_000_000 + us * 1000), kind };
    let mut events = vec![
        at(0, EventKind::Program(program(4711, b"curl", 0))),
        at(1, EventKind::Program(ours)),
        at(2, opened(1, 60450, 4711)),
        at(900, closed(1, 4711)),
    ];
    for tried in 0..60 {
        let bound = match opened(2 + tried, 60450, 4800) {
            EventKind::Opened(told) => {
                EventKind::Opened(Opened { role: Role::Bound, remote: None, ..told })
            }
            other => other,
        };
        events.push(at(1000 + tried * 100, bound));
        events.push(at(1030 + tried * 100, closed(2 + tried, 4800)));
    }
    store.apply(&events, None);
    store.close().unwrap();
    dir
}
