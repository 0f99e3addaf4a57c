//! `portolan doctor` on real sockets: for each check, silence in a fresh network namespace and the finding
//! once there is a reason. What cannot be made there is tested on made-up machines, beside the checks.

use std::any::Any;
use std::io::{BufRead, BufReader, Read};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
    bind, connect, listen, sendmsg, socket_with, sockopt,
};
use serde_json::Value;

use crate::lease::held;
use crate::netns::{Run, in_own_netns, portolan, program};
use crate::ports::{Load, bound_connection, set, setting};

type Held = Box<dyn Any>;

fn doctor(args: &[&str]) -> Run {
    let nowhere = ["doctor", "--over", "200ms", "--dir", "/nonexistent/portolan"];
    portolan(&[&nowhere, args].concat())
}

fn findings() -> (Vec<Value>, i32) {
    let run = doctor(&["--json"]);
    assert!(matches!(run.status, 0 | 1), "{}", run.stderr);
    (run.json()["findings"].as_array().unwrap().clone(), run.status)
}

pub(crate) fn found(id: &str) -> Option<Value> {
    findings().0.into_iter().find(|finding| finding["id"] == id)
}

/// Nothing is found without the condition, and with it something is that has `says` in its evidence.
#[track_caller]
fn finds(id: &'static str, says: &'static str, make: impl FnOnce() -> Held + Send + 'static) {
    in_own_netns(id, move || {
        assert_eq!(found(id), None);
        let held = make();
        let finding = found(id).unwrap_or_else(|| panic!("{id} was not found"));
        let evidence = finding["evidence"].to_string();
        assert!(evidence.contains(says), "{id}: {evidence}");
        assert_ne!(finding["fix"].as_array().unwrap().len(), 0);
        drop(held);
    });
}

fn load(range: &'static str, count: usize) -> impl FnOnce() -> Held + Send {
    move || {
        set("ip_local_port_range", range);
        let mut load = Load::new();
        assert_eq!(load.fill(count), count);
        Box::new(load)
    }
}

fn stream() -> OwnedFd {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    socket_with(AddressFamily::INET, SocketType::STREAM, flags, None).unwrap()
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn a_fresh_namespace_is_healthy() {
    in_own_netns("a_fresh_namespace_is_healthy", || {
        let (findings, status) = findings();
        // The descriptors of processes are the machine's, on which others are at work.
        let (others, ours): (Vec<_>, Vec<_>) =
            findings.iter().partition(|finding| finding["id"] == "descriptors-nearly-full");
        let ids: Vec<&Value> = ours.iter().map(|finding| &finding["id"]).collect();
        assert_eq!(ids, ["recorder-off"]);
        assert_eq!(status, i32::from(!others.is_empty()));
    });
}

#[test]
fn a_server_inside_the_range() {
    finds("listener-in-range", "listens on 127.0.0.1:59001", || {
        Box::new(TcpListener::bind("127.0.0.1:59001").unwrap())
    });
}

#[test]
fn an_assigned_service_inside_the_range() {
    finds("assigned-service-in-range", "EtherNet-IP-2", || {
        Box::new(TcpListener::bind("127.0.0.1:44818").unwrap())
    });
}

#[test]
fn a_known_service_of_udp_inside_the_range() {
    finds("assigned-service-in-range", "51820/udp is known by custom as wireguard", || {
        Box::new(UdpSocket::bind("0.0.0.0:51820").unwrap())
    });
}

#[test]
fn a_range_that_begins_among_the_system_ports() {
    finds("range-begins-below-1024", "1000–60999", || {
        set("ip_unprivileged_port_start", "0");
        set("ip_local_port_range", "1000 60999");
        Box::new(())
    });
}

#[test]
fn a_range_of_few_ports() {
    finds("small-range", "5,000 ports", || {
        set("ip_local_port_range", "40000 44999");
        Box::new(())
    });
}

#[test]
fn a_destination_past_two_fifths() {
    finds("destination-filling", "410 of 1,000", load("40000 40999", 410));
}

#[test]
fn a_destination_past_the_cliff() {
    finds("destination-past-cliff", "500 of the 500 ports", load("40000 40999", 520));
}

#[test]
fn a_destination_without_a_port_left() {
    finds("exhaustion-within-a-day", "no port is left", load("40000 40199", 200));
}

/// What `args` print while one connection is made.
fn beside_one_connection(load: &mut Load, args: &[&str]) -> Run {
    std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            portolan(&[args, &["--over", "1s", "--dir", "/nonexistent/portolan"]].concat())
        });
        std::thread::sleep(Duration::from_millis(500));
        load.fill(load.held.len() / 2 + 1);
        run.join().unwrap()
    })
}

#[test]
fn one_connection_is_healthy() {
    in_own_netns("one_connection_is_healthy", || {
        let mut load = Load::new();
        let doctor = beside_one_connection(&mut load, &["doctor", "--json"]).json();
        let findings = doctor["findings"].as_array().unwrap();
        assert!(findings.iter().all(|it| it["id"] != "exhaustion-within-a-day"), "{doctor}");
        let metrics = beside_one_connection(&mut load, &["room", "--prometheus"]).stdout;
        assert!(metrics.contains(r#"destination="127.0.0.1:7000""#), "{metrics}");
        let seconds = "portolan_destination_exhaustion_seconds{";
        assert!(!metrics.contains(seconds), "{metrics}");
    });
}

#[test]
fn udp_without_ports() {
    finds("udp-ports-full", "85 of 100", || {
        set("ip_local_port_range", "40000 40099");
        let sockets: Vec<_> = (0..85).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
        Box::new(sockets)
    });
}

#[test]
fn a_program_that_binds_its_source_address() {
    finds("binds-source-address", "12 of its 12", || {
        let listener = TcpListener::bind("127.0.0.1:7000").unwrap();
        let bound: Vec<_> =
            (0..12).map(|_| bound_connection("127.0.0.5:0", "127.0.0.1:7000")).collect();
        Box::new((listener, bound))
    });
}

#[test]
fn a_program_that_binds_port_0() {
    finds("binds-before-connect", "12 of its 12", || {
        let listener = TcpListener::bind("127.0.0.1:7000").unwrap();
        let bound: Vec<_> =
            (0..12).map(|_| bound_connection("0.0.0.0:0", "127.0.0.1:7000")).collect();
        Box::new((listener, bound))
    });
}

#[test]
fn programs_that_only_connect_are_not_accused() {
    in_own_netns("programs_that_only_connect_are_not_accused", || {
        let mut load = Load::new();
        load.fill(200);
        assert_eq!((found("binds-before-connect"), found("binds-source-address")), (None, None));
    });
}

#[test]
fn a_program_that_does_not_close() {
    finds("close-wait-pile", "60 connections in CLOSE-WAIT", || {
        let listener = TcpListener::bind("127.0.0.1:7000").unwrap();
        let leak = || {
            let client = TcpStream::connect("127.0.0.1:7000").unwrap();
            drop(listener.accept().unwrap());
            client
        };
        let clients: Vec<_> = (0..60).map(|_| leak()).collect();
        Box::new((listener, clients))
    });
}

#[test]
fn a_socket_that_is_bound_and_silent() {
    finds("bound-never-listening", "127.0.0.1:6500", || {
        let socket = stream();
        bind(&socket, &address("127.0.0.1:6500")).unwrap();
        Box::new(socket)
    });
}

#[test]
fn a_pile_in_time_wait() {
    finds("time-wait-pile", "our programs close first", || {
        let load = Load::new();
        load.churn(1100);
        Box::new(load)
    });
}

#[test]
fn a_pile_in_time_wait_at_a_server() {
    finds("time-wait-pile", "our servers close first", || {
        let listener = TcpListener::bind("127.0.0.1:7000").unwrap();
        for _ in 0..1100 {
            let mut client = TcpStream::connect("127.0.0.1:7000").unwrap();
            drop(listener.accept().unwrap());
            assert_eq!(client.read(&mut [0]).unwrap(), 0);
        }
        Box::new(listener)
    });
}

#[test]
fn ports_lent_to_everybody() {
    finds("tw-reuse-everywhere", "TIME-WAIT", || {
        set("tcp_tw_reuse", "1");
        Box::new(())
    });
}

#[test]
fn ports_never_lent() {
    finds("tw-reuse-off", "1,100 connections", || {
        set("tcp_tw_reuse", "0");
        let load = Load::new();
        load.churn(1100);
        Box::new(load)
    });
}

#[test]
fn no_room_for_time_wait() {
    finds("time-wait-buckets-full", "tcp_max_tw_buckets = 100", || {
        set("tcp_max_tw_buckets", "100");
        let load = Load::new();
        load.churn(100);
        Box::new(load)
    });
}

#[test]
fn a_block_of_reserved_ports() {
    finds("reserved-ports-skew", "5,001 reserved ports", || {
        set("ip_local_reserved_ports", "40000-45000");
        Box::new(())
    });
}

#[test]
fn a_parity_of_reserved_ports() {
    finds("reserved-ports-skew", "parity", || {
        set("ip_local_port_range", "40000 40999");
        let even: Vec<String> = (40000..41000).step_by(2).map(|port| port.to_string()).collect();
        set("ip_local_reserved_ports", &even.join(","));
        Box::new(())
    });
}

#[test]
fn a_server_for_everybody_that_only_loopback_uses() {
    finds("listener-only-loopback-talks-to", "4 connections", || {
        let listener = TcpListener::bind("0.0.0.0:8080").unwrap();
        let pairs: Vec<_> = (0..4)
            .map(|_| (TcpStream::connect("127.0.0.1:8080").unwrap(), listener.accept().unwrap()))
            .collect();
        Box::new((listener, pairs))
    });
}

/// A process at work until dropped.
struct Other(Child);

impl Other {
    fn start(program: &str, args: &[&str]) -> Other {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Other(child)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `SO_REUSEPORT` is 15.
const SHARES: &str = r#"use Socket; $| = 1; my $s; socket($s, AF_INET, SOCK_STREAM, 0)
    && setsockopt($s, SOL_SOCKET, 15, 1) && bind($s, sockaddr_in(8081, INADDR_ANY)) && listen($s, 5) or die;
    print "ready\n"; <STDIN>;"#;

#[test]
fn a_port_that_two_programs_share() {
    finds("port-shared-by-programs", "perl", || {
        let ours = stream();
        sockopt::set_socket_reuseport(&ours, true).unwrap();
        bind(&ours, &address("0.0.0.0:8081")).unwrap();
        listen(&ours, 5).unwrap();
        Box::new((ours, Other::start("perl", &["-e", SHARES])))
    });
}

#[test]
fn a_listener_that_nobody_received() {
    in_own_netns("a_listener_that_nobody_received", || {
        let listener = TcpListener::bind("127.0.0.1:6600").unwrap();
        assert_eq!(found("listener-without-process"), None);
        let (from, to) = UnixStream::pair().unwrap();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut message = SendAncillaryBuffer::new(&mut space);
        let descriptors = [listener.as_fd()];
        assert!(message.push(SendAncillaryMessage::ScmRights(&descriptors)));
        let bytes = [std::io::IoSlice::new(b"x")];
        sendmsg(&from, &bytes, &mut message, SendFlags::empty()).unwrap();
        drop(listener);
        let run = doctor(&["--json"]).json();
        if run["notes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|note| note["code"] == "processes-unreadable")
        {
            println!(
                "SKIPPED: a listener without a process cannot be told where root may not look into all"
            );
            return;
        }
        let finding = found("listener-without-process").expect("it was not found");
        assert!(finding["evidence"][0].as_str().unwrap().contains("no process has a descriptor"));
        drop((from, to));
    });
}

#[test]
fn a_queue_that_overflows() {
    finds("listen-queue-overflow", "wait to be accepted", || {
        let full = stream();
        bind(&full, &address("127.0.0.1:6700")).unwrap();
        listen(&full, 0).unwrap();
        let clients: Vec<OwnedFd> = (0..4)
            .map(|_| {
                let client = stream();
                connect(&client, &address("127.0.0.1:6700")).unwrap_err();
                client
            })
            .collect();
        std::thread::sleep(Duration::from_millis(100));
        Box::new((full, clients))
    });
}

#[test]
fn a_process_that_runs_out_of_descriptors() {
    in_own_netns("a_process_that_runs_out_of_descriptors", || {
        let files = |count: u32| {
            let script = format!(
                r#"ulimit -n 40; exec perl -e 'my @f; for (1..{count}) {{ open(my $f, "<", "/dev/null") or die; push @f, $f }}
                $| = 1; print "ready\n"; <STDIN>'"#
            );
            Other::start("sh", &["-c", &script])
        };
        let of = |other: &Other| {
            let name = format!("({})", other.0.id());
            let about = |finding: &Value| finding["subject"].as_str().unwrap().contains(&name);
            findings().0.into_iter().find(about)
        };
        let modest = files(10);
        assert_eq!(of(&modest), None);
        let hungry = files(32);
        let finding = of(&hungry).unwrap();
        assert_eq!(finding["id"], "descriptors-nearly-full");
        assert!(finding["evidence"].to_string().contains("of a limit of 40"), "{finding}");
    });
}

#[test]
fn a_listener_is_found_reserved_and_found_again_after_undo() {
    in_own_netns("a_listener_is_found_reserved_and_found_again_after_undo", || {
        let dir = tempfile::tempdir().unwrap();
        let undo = dir.path().join("undo");
        let undo = undo.to_str().unwrap();
        let _listener = TcpListener::bind("127.0.0.1:59001").unwrap();
        assert!(found("listener-in-range").is_some());
        let set =
            portolan(&["range", "set", "32768-60999", "--reserve-listeners", "--undo-dir", undo]);
        assert_eq!(set.status, 0, "{}", set.stderr);
        assert_eq!(found("listener-in-range"), None);
        let back = portolan(&["range", "undo", "--undo-dir", undo]);
        assert_eq!(back.status, 0, "{}", back.stderr);
        assert!(found("listener-in-range").is_some());
    });
}

/// The fix for a listener, as a run of the doctor says it.
fn fix_of_a_listener(run: &Run) -> String {
    let json = run.json();
    let all = json["findings"].as_array().unwrap();
    let found = all.iter().find(|it| it["id"] == "listener-in-range").unwrap();
    found["fix"][0].as_str().unwrap().to_owned()
}

#[test]
fn a_fix_is_made_in_the_namespace_that_it_is_for() {
    in_own_netns("a_fix_is_made_in_the_namespace_that_it_is_for", || {
        let _listener = TcpListener::bind("127.0.0.1:59001").unwrap();
        set("ip_unprivileged_port_start", "0");
        set("ip_local_port_range", "501 60999");
        let change = "portolan range set 1024-60999 --reserve-listeners";
        // Nothing is for the next boot where it is known that this is not the machine's own namespace.
        let is_known = std::fs::metadata("/proc/1/ns/net").is_ok();
        let own = if is_known { change.to_owned() } else { format!("{change} --persist") };
        assert_eq!(fix_of_a_listener(&doctor(&["--json"])), own);
        let number = std::fs::metadata("/proc/thread-self/ns/net").unwrap().ino().to_string();
        // A namespace is found by those who live there.
        let _inhabitant = Other::start("sh", &["-c", "echo ready; read _"]);
        let elsewhere = |args: &[&str]| {
            let mut command = Command::new("unshare");
            Run::of(command.arg("--net").arg(program()).args(args).output().unwrap())
        };
        let looked = ["doctor", "--json", "--over", "200ms", "--dir", "/nonexistent/portolan"];
        let fix = fix_of_a_listener(&elsewhere(&[&looked[..], &["--netns", &number]].concat()));
        assert_eq!(fix, format!("{change} --netns {number}"));
        let dir = tempfile::tempdir().unwrap();
        let undo = dir.path().join("undo");
        let words: Vec<&str> = fix.split(' ').skip(1).collect();
        let made = elsewhere(&[&words[..], &["--undo-dir", undo.to_str().unwrap()]].concat());
        assert_eq!(made.status, 0, "{}", made.stderr);
        assert_eq!(setting("ip_local_reserved_ports"), "59001");
    });
}

#[test]
fn a_lease_that_serves_nobody() {
    in_own_netns("a_lease_that_serves_nobody", || {
        let (mut holder, port) = held("");
        assert_eq!(found("stale-lease"), None);
        // A day and an hour later, by the clock of a time namespace.
        let later = Command::new("unshare")
            .args(["--time", "--boottime", "90000", "--fork"])
            .arg(program())
            .args(["doctor", "--json", "--over", "200ms", "--dir", "/nonexistent/portolan"])
            .output()
            .unwrap();
        if later.stdout.is_empty() {
            println!("SKIPPED: no time namespace: {}", String::from_utf8_lossy(&later.stderr));
        } else {
            let json: Value = serde_json::from_slice(&later.stdout).unwrap();
            let all = json["findings"].as_array().unwrap();
            let stale = all.iter().find(|finding| finding["id"] == "stale-lease").unwrap();
            assert_eq!(stale["subject"], format!("port {port}"));
        }
        drop(holder.stdin.take());
        holder.wait().unwrap();
    });
}

#[test]
fn other_programs_read_the_findings() {
    in_own_netns("other_programs_read_the_findings", || {
        let _listener = TcpListener::bind("127.0.0.1:59001").unwrap();
        let github = doctor(&["--format", "github"]);
        assert_eq!(github.status, 1);
        assert!(
            github.stdout.contains("::warning title=listener-in-range%3A 59001/tcp%2C"),
            "{}",
            github.stdout
        );
        let junit = doctor(&["--format", "junit"]);
        let xml = &junit.stdout;
        assert!(
            xml.contains(r#"failures="1""#)
                && xml.contains(r#"<testcase classname="listener-in-range""#),
            "{xml}"
        );
        assert!(xml.contains("<system-out>") && xml.trim_end().ends_with("</testsuite>"), "{xml}");
        assert_eq!(
            xml.matches("<testcase").count(),
            xml.matches("/>").count() + xml.matches("</testcase>").count()
        );
    });
}

#[test]
fn every_finding_has_a_page() {
    let list = portolan(&["doctor", "--explain"]);
    assert_eq!(list.status, 0);
    let ids: Vec<&str> =
        list.stdout.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(ids.len() >= 25, "{ids:?}");
    for id in ids {
        let page = portolan(&["doctor", "--explain", id]).stdout;
        assert!(["WHY", "SOURCE", "FIX", "PRICE"].iter().all(|part| page.contains(part)), "{page}");
    }
    let wrong = portolan(&["doctor", "--explain", "listner-in-range"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.contains("did you mean 'listener-in-range'"), "{}", wrong.stderr);
}
