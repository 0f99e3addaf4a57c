//! A real recorder, killed at any moment while connections come and go as fast as they can: what was
//! sealed stays as it was, what ended more than a second before is there, and the next one starts.
//!
//! `bench/killed` has it killed two hundred times, with the program as it is released, by
//! `PORTOLAN_KILLS`; a few times otherwise.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use log::{Archive, GapReason, Moment, Party, Question, Remote, Tenure};
use registry::{Port, PortRange};
use rustix::net::sockopt::set_socket_linger;
use rustix::process::{Pid, Signal, setpriority_process};
use sockets::{NetnsId, Role};

use crate::at_work::{Recorder, store_dir};
use crate::netns::in_own_netns;

const SECOND: i64 = 1_000_000_000;

/// Where the load connects to.
const TO: u16 = 7070;

/// A connection of the load: its port, and when it had ended.
type Witness = (u16, i64);

/// Connections that come and go as fast as they can, until dropped.
struct Load {
    ended: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<Witness>>>,
}

impl Load {
    /// In the network namespace of this thread.
    fn start() -> Load {
        let (ended, seen) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let load = Load { ended: Arc::clone(&ended), seen: Arc::clone(&seen) };
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, TO)).unwrap();
        thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                let client = TcpStream::connect((Ipv4Addr::LOCALHOST, TO)).unwrap();
                let port = client.local_addr().unwrap().port();
                let accepted = server.accept().unwrap().0;
                // No TIME-WAIT, of which there would soon be too many.
                set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
                drop((client, accepted));
                seen.lock().unwrap().push((port, now()));
            }
        });
        load
    }

    /// The connections since the last time.
    fn take(&self) -> Vec<Witness> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_nanos()).unwrap()
}

/// What came of all the kills.
#[derive(Debug, Default)]
struct Toll {
    kills: usize,
    /// How many of them came before the recorder said that it records.
    early: usize,
    torn: usize,
    connections: usize,
    /// Connections of the last second that are not there.
    lost: usize,
    /// Connections that are not there, in a time of which the store says that events were lost.
    in_gaps: usize,
    slowest_start: Duration,
    sealed: usize,
}

impl fmt::Display for Toll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Toll { kills, early, torn, connections, lost, in_gaps, slowest_start, sealed } = self;
        write!(
            f,
            "Killed {kills} times, {early} of them while it started: it started again each time, \
             within {:.1} s, and cut the torn end of a journal {torn} times. None of {sealed} \
             sealed files had changed. Of {connections} connections none was missing that had \
             ended more than a second before a kill, but for {in_gaps} in gaps that it told of; \
             of those of the last second {lost} were.",
            slowest_start.as_secs_f64()
        )
    }
}

#[test]
fn a_recorder_killed_under_load_keeps_what_it_had() {
    in_own_netns("killed under load", || {
        let kills = std::env::var("PORTOLAN_KILLS").map_or(6, |kills| kills.parse().unwrap());
        let dir = store_dir();
        if Recorder::in_kernel("killed under load", dir.path()).is_none() {
            return;
        }
        let load = Load::start();
        let mut toll = Toll::default();
        let mut sealed = BTreeMap::new();
        let mut chance = u64::from(std::process::id()) << 32 | 1;
        while toll.kills < kills {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            round(&load, dir.path(), Duration::from_millis(chance >> 33 & 0x7ff), &mut toll);
            let files = segments(dir.path());
            for (name, was) in &sealed {
                assert_eq!(files.get(name), Some(was), "{name:?} was sealed, {toll:?}");
            }
            sealed = files;
            toll.sealed = sealed.len();
        }
        drop(load);
        let last = Recorder::start(dir.path(), &["--source", "kernel"]).unwrap();
        assert_eq!(last.end(Signal::TERM), (0, String::new()));
        println!("{toll}");
        assert!(
            toll.connections > 100 * (toll.kills - toll.early),
            "too little happened: {toll:?}"
        );
    });
}

/// Starts a recorder, kills it so long after, and looks for all that it saw.
fn round(load: &Load, dir: &Path, after: Duration, toll: &mut Toll) {
    toll.kills += 1;
    let started = Instant::now();
    if after < Duration::from_millis(100) {
        toll.early += 1;
        let mut command = std::process::Command::new(crate::netns::program());
        command.args(["record", "--source", "kernel", "--dir"]).arg(dir);
        let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
        return;
    }
    let recorder = Recorder::start(dir, &["--source", "kernel"]).expect("it starts again");
    toll.slowest_start = toll.slowest_start.max(started.elapsed());
    // What counts is the loss of a recorder that gets its turn, whatever else this machine does.
    let pid = i32::try_from(recorder.pid()).ok().and_then(Pid::from_raw);
    setpriority_process(pid, -20).unwrap();
    assert!(!recorder.greeting.contains("damaged"), "{}", recorder.greeting);
    toll.torn += usize::from(recorder.greeting.contains("torn"));
    load.take();
    let since = now();
    thread::sleep(after);
    let killed = now();
    assert_eq!(recorder.end(Signal::KILL).0, -9);
    let witnesses = load.take();
    toll.connections += witnesses.len();
    check(dir, since, killed, &witnesses, toll);
}

/// Holds what was recorded between two moments against what happened.
fn check(dir: &Path, since: i64, killed: i64, witnesses: &[Witness], toll: &mut Toll) {
    let archive = Archive::open(dir.to_owned()).unwrap();
    let range = PortRange::new(Port(TO), Port(TO));
    let answer = archive
        .ask(&Question {
            netns: Some(NetnsId(fs::metadata("/proc/thread-self/ns/net").unwrap().ino())),
            remotes: vec![Remote { net: None, ports: range }],
            // When the load says so a connection has ended for a while.
            ..Question::between(Moment(since - SECOND), Moment(killed))
        })
        .unwrap();
    let is_whole = |tenure: &&Tenure| tenure.role == Role::Outgoing && tenure.until.is_some();
    let mut found: HashMap<u16, usize> = HashMap::new();
    for tenure in answer.tenures.iter().filter(is_whole) {
        *found.entry(tenure.local.port.0).or_default() += 1;
        // Of a socket that was made just before recording began nobody may be known.
        if tenure.from.0 >= since {
            let Party::Known(opener) = &tenure.opener else { panic!("{since} {tenure:?}") };
            assert_eq!(opener.key.pid.0, std::process::id());
        }
    }
    let gaps: Vec<_> =
        answer.gaps.iter().filter(|gap| gap.reason == GapReason::EventsLost).collect();
    for (port, ended) in witnesses.iter().filter(|(_, ended)| (since..killed).contains(ended)) {
        let left = found.entry(*port).or_default();
        let until = |gap: &log::Gap| gap.until.map_or(i64::MAX, |until| until.0);
        if *left > 0 {
            *left -= 1;
        } else if gaps.iter().any(|gap| gap.from.0 <= *ended && *ended <= until(gap) + SECOND) {
            toll.in_gaps += 1;
        } else {
            let before = killed - ended;
            assert!(before < SECOND, "{port} ended {before} ns before the kill: {toll:?}");
            toll.lost += 1;
        }
    }
}

/// The segments, with the checksums of what they say.
fn segments(dir: &Path) -> BTreeMap<OsString, u32> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let sealed = files.filter(|path| path.extension().is_some_and(|end| end == "parquet"));
    let sum = |path: &Path| crc32fast::hash(&fs::read(path).unwrap());
    sealed.map(|path| (path.file_name().unwrap().to_owned(), sum(&path))).collect()
}
