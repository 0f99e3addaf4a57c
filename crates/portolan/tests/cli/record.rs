//! `record` and `status`: what is recorded is found again, and the recorder ends as it should.

use std::path::Path;
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
fn a_lock_that_leads_elsewhere_is_not_written_through() {
    let dir = store_dir();
    let target = dir.path().join("elsewhere");
    std::fs::write(&target, "kept").unwrap();
    std::os::unix::fs::symlink(&target, dir.path().join("lock")).unwrap();
    let refused = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap_err();
    assert_eq!((refused.status, refused.stderr.lines().count()), (2, 1), "{refused:?}");
    assert!(refused.stderr.contains("it is a symbolic link"), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
}

#[test]
fn in_a_time_namespace_it_samples_and_says_why() {
    if Recorder::in_kernel("a time namespace", store_dir().path()).is_none() {
        return;
    }
    let dir = store_dir();
    let mut command = Command::new("unshare");
    command.args(["--time", "--boottime", "100000", "--fork", "--kill-child", "--"]);
    command.arg(program()).arg("record").arg("--dir").arg(dir.path());
    let recorder = Recorder::spawn(command, dir.path()).unwrap();
    let greeting = &recorder.greeting;
    assert!(greeting.contains("by sampling") && greeting.contains("time namespace"), "{greeting}");
}

#[test]
fn status_tells_how_it_goes_to_anybody() {
    let dir = store_dir();
    let recorder = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
    assert!(recorder.greeting.contains("sampling"), "{}", recorder.greeting);
    let pace = "ten times a second to once in ten seconds";
    assert!(recorder.greeting.contains(pace), "{}", recorder.greeting);
    let run = recorder.ask(&["status"]);
    assert_eq!(run.status, 0, "{run:?}");
    for told in ["RECORDING", "sampling", "open", "ended", "lost", dir.path().to_str().unwrap()] {
        assert!(run.stdout.contains(told), "{told} in {}", run.stdout);
    }
    let json = recorder.ask(&["status", "--json"]).json();
    assert_eq!(json["recording"], true);
    assert!(run.stdout.contains("connects that failed are not seen"), "{}", run.stdout);
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
    let file = portolan(&["status", "--dir", "/etc/passwd"]);
    assert_eq!((file.status, file.stderr.lines().count()), (2, 1), "{file:?}");
    assert!(file.stderr.contains("/etc/passwd is not a directory"), "{file:?}");
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

#[test]
fn a_socket_elsewhere_is_found_through_the_store() {
    let (dir, elsewhere) = (store_dir(), store_dir());
    let socket = elsewhere.path().join("new").join("x.sock");
    let args = ["--source", "sampling", "--socket", socket.to_str().unwrap()];
    let recorder = Recorder::start(dir.path(), &args).unwrap();
    assert_eq!(recorder.ask(&["status"]).status, 0);
    recorder.signal(Signal::KILL);
    let other = store_dir();
    let again =
        Recorder::start(other.path(), &args).expect("what was left behind is in nobody's way");
    let third = Recorder::start(store_dir().path(), &args).unwrap_err();
    assert!(third.status == 2 && third.stderr.contains("another recorder"), "{third:?}");
    assert_eq!(again.end(Signal::TERM).0, 0);
    assert!(!socket.exists() && !other.path().join("recorder.sock").is_symlink());
    std::fs::write(&socket, "mine").unwrap();
    let fourth = Recorder::start(dir.path(), &args).unwrap_err();
    assert!(fourth.status == 2 && fourth.stderr.contains("something else"), "{fourth:?}");
    assert_eq!(std::fs::read_to_string(&socket).unwrap(), "mine");
}

#[test]
fn the_unit_is_one_that_systemd_takes() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/portolan.service");
    let text = std::fs::read_to_string(unit).unwrap();
    let dir = store_dir();
    let copy = dir.path().join("portolan.service");
    std::fs::write(&copy, text.replace("/usr/bin/portolan", "/bin/true")).unwrap();
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&copy).output();
    let Ok(verified) = verified else {
        return println!("SKIPPED: the unit is checked by systemd-analyze, which is not here");
    };
    let told = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && told.is_empty(), "{told}");
    let arguments = text.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/portolan "));
    let mut arguments: Vec<&str> = arguments.unwrap().split(' ').collect();
    arguments.push("--help");
    assert_eq!(portolan(&arguments).status, 0, "its arguments are those of the program");
}
