//! `record` and `status`: what is recorded is found again, and the recorder ends as it should.

use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::at_work::{Recorder, store_dir};
use crate::netns::{portolan, program};

#[test]
fn two_recorders_on_one_store_are_refused() {
    let dir = store_dir();
    let first = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
    let second = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap_err();
    assert_eq!((second.status, second.stderr.lines().count()), (2, 1), "{second:?}");
    assert!(second.stderr.contains(dir.path().to_str().unwrap()), "{second:?}");
    assert_eq!(first.ask(&["status"]).status, 0, "the first answers still");
    assert_eq!(first.end(Signal::INT).0, 0);
    assert!(Recorder::start(dir.path(), &["--source", "sampling"]).is_ok(), "now there is room");
}

#[test]
fn status_tells_how_it_goes_to_anybody() {
    let dir = store_dir();
    let recorder = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
    assert!(recorder.greeting.contains("sampling"), "{}", recorder.greeting);
    let run = recorder.ask(&["status"]);
    assert_eq!(run.status, 0, "{run:?}");
    for told in ["RECORDING", "sampling", "open", "ended", "lost", dir.path().to_str().unwrap()] {
        assert!(run.stdout.contains(told), "{told} in {}", run.stdout);
    }
    let json = recorder.ask(&["status", "--json"]).json();
    assert_eq!(json["recording"], true);
    let told = &json["recorder"];
    assert_eq!((&told["source"], &told["disk"]["state"]), (&"sampling".into(), &"writable".into()));
    assert_eq!(told["pid"], recorder.pid());
    if rustix::process::geteuid().is_root() {
        assert_eq!(recorder.ask_as_nobody(&["status"]).status, 0);
    } else {
        println!("SKIPPED: the status as nobody needs root");
    }
}

#[test]
fn status_says_that_nobody_records_and_what_there_is() {
    let dir = store_dir();
    let recorder = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
    assert_eq!(recorder.end(Signal::TERM).0, 0);
    let at = ["--dir", dir.path().to_str().unwrap()];
    let run = portolan(&[&["status"], &at[..]].concat());
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("portolan record") && run.stdout.contains("since"), "{run:?}");
    let json = portolan(&[&["status", "--json"], &at[..]].concat()).json();
    assert_eq!((&json["recording"], &json["recorder"]), (&false.into(), &Value::Null));
    assert!(json["stores"][0]["since"].is_string(), "{json:#}");
}

#[test]
fn the_end_comes_soon_and_takes_the_socket_along() {
    let dir = store_dir();
    for signal in [Signal::TERM, Signal::INT] {
        let recorder = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
        assert!(dir.path().join("recorder.sock").exists());
        let started = std::time::Instant::now();
        assert_eq!(recorder.end(signal), (0, String::new()));
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        assert!(!dir.path().join("recorder.sock").exists());
    }
}

#[test]
fn the_service_manager_is_told() {
    let dir = store_dir();
    let path = dir.path().join("notify");
    let manager = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut command = Command::new(program());
    command.args(["record", "--source", "sampling", "--dir"]).arg(dir.path());
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "400000");
    let recorder = Recorder::spawn(command, dir.path()).unwrap();
    let heard = |wanted: &str| {
        let mut message = [0; 4096];
        (0..50).any(|_| {
            let length = manager.recv(&mut message).unwrap();
            String::from_utf8_lossy(&message[..length]).lines().any(|line| line == wanted)
        })
    };
    assert!(heard("READY=1") && heard("WATCHDOG=1"));
    recorder.signal(Signal::TERM);
    assert!(heard("STOPPING=1"));
}
