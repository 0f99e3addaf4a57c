//! What the doctor says of a recorder, real ones: off, losing events, out of disk; and what it knows
//! only from one.

use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::at_work::{Recorder, store_dir};
use crate::netns::in_own_netns;
use crate::ports::{Load, set};

const DOCTOR: [&str; 4] = ["doctor", "--json", "--over", "200ms"];

fn found(recorder: &Recorder, id: &str) -> Option<Value> {
    let json = recorder.ask(&DOCTOR).json();
    json["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == id).cloned()
}

fn evidence(finding: Option<Value>) -> String {
    finding.expect("it was not found")["evidence"].to_string()
}

#[test]
fn a_recorder_that_ends() {
    in_own_netns("a_recorder_that_ends", || {
        let dir = store_dir();
        let recorder = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
        for id in ["recorder-off", "recorder-loses-events", "recorder-out-of-disk"] {
            assert_eq!(found(&recorder, id), None);
        }
        recorder.signal(rustix::process::Signal::STOP);
        let stopped = found(&recorder, "recorder-off").expect("it does not answer");
        recorder.signal(rustix::process::Signal::CONT);
        assert_eq!(stopped["severity"], "warning");
        recorder.signal(rustix::process::Signal::KILL);
        let gone = recorder.ask_until(&DOCTOR, |run| run.stdout.contains("no recorder answers"));
        assert!(gone.stdout.contains("\"recorder-off\""), "{}", gone.stdout);
    });
}

#[test]
fn a_recorder_that_loses_events() {
    in_own_netns("a_recorder_that_loses_events", || {
        let dir = store_dir();
        let args = ["--source", "kernel", "--buffer", "4K"];
        let recorder = match Recorder::start(dir.path(), &args) {
            Ok(recorder) => recorder,
            Err(run) => {
                assert!(run.stderr.contains("kernel"), "{run:?}");
                println!("SKIPPED: recorder-loses-events needs programs in the kernel");
                return;
            }
        };
        // It has a page for them, and sleeps while these come.
        recorder.signal(rustix::process::Signal::STOP);
        for _ in 0..1000 {
            drop(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
        }
        recorder.signal(rustix::process::Signal::CONT);
        let run = recorder.ask_until(&DOCTOR, |run| run.stdout.contains("recorder-loses-events"));
        assert!(run.stdout.contains(&format!("(pid {}) has lost", recorder.pid())), "{run:?}");
    });
}

/// A small file system, for as long as it lives.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path) -> Disk {
        let options = ["-t", "tmpfs", "-o", "size=12m,mode=0755", "portolan-test"];
        let mounted = Command::new("mount").args(options).arg(at).status().unwrap();
        assert!(mounted.success());
        Disk(at.to_owned())
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut file = File::create(self.0.join("ballast")).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_recorder_without_disk() {
    in_own_netns("a_recorder_without_disk", || {
        let parent = store_dir();
        let disk = Disk::mount(parent.path());
        let recorder = Recorder::start(parent.path(), &["--source", "sampling"]).unwrap();
        assert_eq!(found(&recorder, "recorder-out-of-disk"), None);
        disk.fill();
        let began = Instant::now();
        let finding = loop {
            drop(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
            let held: Vec<_> =
                (0..50).map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
            std::thread::sleep(Duration::from_millis(200));
            drop(held);
            match found(&recorder, "recorder-out-of-disk") {
                Some(finding) => break finding,
                None => assert!(began.elapsed() < Duration::from_secs(30), "it was not found"),
            }
        };
        assert_eq!(finding["subject"], parent.path().to_str().unwrap());
        assert!(finding["evidence"].to_string().contains("No space left on device"), "{finding}");
        assert_eq!(recorder.ask(&DOCTOR).status, 1);
    });
}

/// A child that listens through a socket which another opened and left to it.
fn inherited(port: u16) -> Child {
    let script = format!(
        r#"use Socket; $^F = 9; my $s; socket($s, AF_INET, SOCK_STREAM, 0)
            && bind($s, sockaddr_in({port}, INADDR_LOOPBACK)) && listen($s, 5) or die;
            exit if fork; print "ready\n"; close STDOUT; <STDIN>"#
    );
    let mut command = Command::new("perl");
    command.args(["-e", &script]).stdin(Stdio::piped()).stdout(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn a_listener_whose_opener_has_ended() {
    in_own_netns("a_listener_whose_opener_has_ended", || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel("owner-is-gone", dir.path()) else { return };
        let _ours = TcpListener::bind((Ipv4Addr::LOCALHOST, 6400)).unwrap();
        assert_eq!(found(&recorder, "owner-is-gone"), None);
        let mut opener = inherited(6401);
        let heir = opener.stdin.take();
        let opened_by = opener.id();
        assert!(opener.wait().unwrap().success());
        let run = recorder.ask_until(&DOCTOR, |run| run.stdout.contains("owner-is-gone"));
        let says = format!("perl ({opened_by}) opened it and has ended");
        assert!(run.stdout.contains(&says), "{}", run.stdout);
        drop(heir);
    });
}

#[test]
fn connects_without_a_port_are_counted() {
    in_own_netns("connects_without_a_port_are_counted", || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel("no-port", dir.path()) else { return };
        set("ip_local_port_range", "40000 40099");
        let room = ["room", "--json", "--over", "0"];
        let no_port =
            |recorder: &Recorder| recorder.ask(&room).json()["rooms"][0]["no_port"].clone();
        assert_eq!(no_port(&recorder), Value::Array(Vec::new()));
        let mut load = Load::new();
        assert_eq!(load.fill(1000), 100, "the last of them finds none");
        for _ in 0..6 {
            let error = TcpStream::connect("127.0.0.1:7000").unwrap_err();
            assert_eq!(error.raw_os_error(), Some(99));
        }
        let run = recorder.ask_until(&room, |run| run.stdout.contains("\"count\": 7"));
        let all = run.json()["rooms"][0]["no_port"].clone();
        assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
        assert_eq!((&all[0]["source"], &all[0]["count"]), (&"127.0.0.1".into(), &7.into()));
        assert_eq!(all[0]["destination"]["port"], 7000);
        let text = recorder.ask(&["room"]).stdout;
        let says = "7 connects from 127.0.0.1 to 127.0.0.1:7000 found no port (EADDRNOTAVAIL)";
        assert!(text.contains(says), "{text}");
        let told = evidence(found(&recorder, "exhaustion-within-a-day"));
        assert!(told.contains("7 connects found none, by the recorder"), "{told}");
        let metrics = recorder.ask(&["room", "--prometheus"]).stdout;
        let sample =
            |line: &&str| line.starts_with("portolan_connect_failures_total{reason=\"no-port\"}");
        let count = metrics.lines().find(sample).and_then(|line| line.split(' ').next_back());
        // Others on this machine may run out as well.
        assert!(count.unwrap().parse::<u64>().unwrap() >= 7, "{metrics}");
        let status = recorder.ask(&["status", "--json"]).json();
        assert!(status["recorder"]["connect_failures"]["no_port"].as_u64() >= Some(7), "{status}");
        let status = recorder.ask(&["status"]).stdout;
        assert!(status.contains(" without a port (`portolan room` says"), "{status}");
    });
}

#[test]
fn who_cannot_see_connects_without_a_port_says_nothing_of_them() {
    in_own_netns("who_cannot_see_connects_without_a_port", || {
        let dir = store_dir();
        let recorder = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
        let json = recorder.ask(&["room", "--json", "--over", "0"]).json();
        assert_eq!(json["rooms"][0]["no_port"], Value::Null);
        let metrics = recorder.ask(&["room", "--prometheus"]).stdout;
        assert!(!metrics.contains("connect_failures"), "{metrics}");
        let status = recorder.ask(&["status", "--json"]).json();
        assert_eq!(status["recorder"]["connect_failures"], Value::Null, "samples show few of them");
    });
}
