//! Tests of the checks on made-up machines: what no test can make of a real one.

use std::collections::BTreeSet;
use std::time::Duration;

use log::{Disk, Moment, Party, Status, Tenure};
use registry::{Port, PortRange, Proto};
use sockets::{
    Conntrack, Counters, Descriptors, Endpoint, Evidence, Family, Findings, Gauge, Limits, NatPool,
    Netns, NetnsId, Ownership, Pid, PortSettings, Reuse, Role, Room, Socket, State, TimeWaitReuse,
    Watching,
};

use super::places::Places;
use super::scene::{Before, Kept, Recorder};
use super::{Diagnosis, Finding, Scene, Severity, formats, text};
use crate::commands::room::{Namespace, Survey, Told};
use crate::output::{Paint, Terminal};
use crate::recorder::Standing;

const HERE: NetnsId = NetnsId(1);

/// A machine with nothing wrong, whose recorder is well.
fn scene() -> Scene {
    let ports = PortSettings {
        ephemeral: PortRange::new(Port(32768), Port(60999)).unwrap(),
        reserved: Vec::new(),
        unprivileged_start: Port(1024),
    };
    let room = Room::of(HERE, &[], &ports, TimeWaitReuse::NEVER);
    let limits = Limits {
        netns: Netns { id: HERE, name: None },
        ports,
        reuse: None,
        time_wait: None,
        conntrack: Some(conntrack(10, 100)),
        somaxconn: Some(4096),
        counters: Counters::default(),
    };
    Scene {
        survey: Survey {
            told: Told::Nothing,
            namespaces: vec![Namespace { limits, room, rows: Vec::new(), more: 0, rest: None }],
            descriptors: Descriptors::default(),
            notes: Vec::new(),
            unserved: None,
            sockets: Vec::new(),
            ownership: Ownership::default(),
        },
        places: Places { own: Some(HERE), persists: true, ..Places::default() },
        ownership: Ownership::default(),
        before: Before::default(),
        running: BTreeSet::new(),
        routes: Vec::new(),
        recorder: Recorder::Running {
            standing: Box::new((Standing::default(), status())),
            orphans: Vec::new(),
        },
        leases: Vec::new(),
    }
}

fn conntrack(used: u64, of: u64) -> Conntrack {
    Conntrack {
        table: Gauge { used, of },
        time_wait: Some(7),
        time_wait_lasts: Some(Duration::from_secs(120)),
        nat: Some(Vec::new()),
    }
}

fn status() -> Status {
    Status {
        watching: Watching::Kernel,
        started: Moment(0),
        since: Moment(0),
        open: 0,
        ended: 0,
        lost: 0,
        gaps: Vec::new(),
        programs: 0,
        journal_bytes: 0,
        segment_bytes: 0,
        segments: 0,
        sealed: None,
        disk: Disk::Writable,
    }
}

fn with_status(change: impl FnOnce(&mut Status)) -> Scene {
    let mut status = status();
    change(&mut status);
    let standing = Box::new((Standing::default(), status));
    Scene { recorder: Recorder::Running { standing, orphans: Vec::new() }, ..scene() }
}

#[track_caller]
fn only(scene: &Scene) -> Finding {
    let mut findings = Diagnosis::of(scene).findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

/// How it is known, in English.
fn evidence(finding: &Finding) -> Vec<&str> {
    finding.evidence.iter().map(|line| &*line.english).collect()
}

#[test]
fn a_machine_with_nothing_wrong_is_healthy() {
    let diagnosis = Diagnosis::of(&scene());
    assert_eq!(diagnosis.findings, []);
    assert!(diagnosis.is_healthy());
}

/// A machine with these reserved ports, besides nothing wrong.
fn with_reserved(reserved: PortRange) -> Scene {
    let mut scene = scene();
    let namespace = &mut scene.survey.namespaces[0];
    namespace.limits.ports.reserved = vec![reserved];
    namespace.room = Room::of(HERE, &[], &namespace.limits.ports, TimeWaitReuse::NEVER);
    scene
}

#[test]
fn udp_is_not_full_where_there_is_no_port_for_it() {
    let all = with_reserved(PortRange::new(Port(32768), Port(60999)).unwrap());
    let findings = Diagnosis::of(&all).findings;
    assert!(findings.iter().all(|finding| finding.page.id != "udp-ports-full"), "{findings:?}");
}

#[track_caller]
fn fix_of(scene: &Scene, id: &str) -> String {
    let findings = Diagnosis::of(scene).findings;
    let found = findings.iter().find(|finding| finding.page.id == id);
    found.unwrap_or_else(|| panic!("{findings:?}")).fix.join("; ")
}

#[test]
fn a_fix_raises_what_it_is_about() {
    let mut full = scene();
    full.survey.namespaces[0].limits.time_wait = Some(Gauge { used: 262_144, of: 262_144 });
    assert_eq!(
        fix_of(&full, "time-wait-buckets-full"),
        "sysctl -w net.ipv4.tcp_max_tw_buckets=524288"
    );
    let reserved = with_reserved(PortRange::new(Port(30000), Port(60000)).unwrap());
    assert_eq!(
        fix_of(&reserved, "small-range"),
        "sysctl net.ipv4.ip_local_reserved_ports  # reserve fewer: 32768-60000 is the largest block"
    );
}

#[test]
fn a_queue_gets_longer_by_what_bounds_it() {
    let mut scene = scene();
    scene.survey.namespaces[0].limits.somaxconn = Some(65_535);
    let full = |backlog| {
        let listener =
            crate::fixture::all().into_iter().find(|socket| socket.state == State::Listen).unwrap();
        Socket { netns: HERE, recv_q: backlog + 1, send_q: backlog, ..listener }
    };
    scene.survey.sockets = vec![full(65_535)];
    let fix = fix_of(&scene, "listen-queue-overflow");
    assert!(fix.starts_with("sysctl -w net.core.somaxconn=131070  # and"), "{fix}");
    scene.survey.sockets = vec![full(5)];
    assert_eq!(fix_of(&scene, "listen-queue-overflow"), "", "that is the program's own to change");
}

#[test]
fn the_kernels_warning_is_in_every_output() {
    let mut lends = scene();
    let reuse = TimeWaitReuse { reuse: Reuse::Everywhere, ..TimeWaitReuse::NEVER };
    lends.survey.namespaces[0].limits.reuse = Some(reuse);
    let diagnosis = Diagnosis::of(&lends);
    let pipe = Terminal { width: None, height: None };
    let printed = |write: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    for text in [
        printed(&|out| formats::github(&diagnosis, out)),
        printed(&|out| formats::junit(&diagnosis, out)),
        printed(&|out| text::write(&diagnosis, out, Paint::PLAIN, pipe)),
    ] {
        assert!(text.contains("without advice/request of technical experts"), "{text}");
    }
}

#[test]
fn tracked_connections_fill_their_table() {
    let mut scene = scene();
    scene.survey.namespaces[0].limits.conntrack = Some(conntrack(80, 100));
    let finding = only(&scene);
    assert_eq!((finding.page.id, finding.severity), ("conntrack-nearly-full", Severity::Error));
    assert_eq!(evidence(&finding)[1], "7 of them are in TIME_WAIT, which lasts 120 s here");
    assert_eq!(finding.fix, ["sysctl -w net.netfilter.nf_conntrack_max=200"]);
    // Not known is not full.
    scene.survey.namespaces[0].limits.conntrack = None;
    assert!(Diagnosis::of(&scene).is_healthy());
}

#[test]
fn an_address_of_many_others_runs_out() {
    let mut scene = scene();
    let remote = Endpoint { addr: [192, 0, 2, 9].into(), port: Port(443) };
    let pool = |used| NatPool {
        proto: Proto::Tcp,
        source: [198, 51, 100, 1].into(),
        remote,
        ports: Gauge { used, of: 64_512 },
    };
    let nat = Some(vec![pool(60_000), pool(10)]);
    scene.survey.namespaces[0].limits.conntrack = Some(Conntrack { nat, ..conntrack(1, 100) });
    let finding = only(&scene);
    assert_eq!(finding.page.id, "nat-pool-nearly-full");
    assert_eq!(evidence(&finding), ["60000 of 64512 tcp ports are in use"]);
}

#[test]
fn the_system_runs_out_of_files() {
    let mut scene = scene();
    scene.survey.descriptors.system = Some(Gauge { used: 95, of: 100 });
    assert_eq!(only(&scene).fix, ["sysctl -w fs.file-max=200"]);
}

#[test]
fn software_that_runs_claims_its_block() {
    let mut scene = scene();
    scene.running.insert(b"mosh-server".to_vec());
    let finding = only(&scene);
    assert_eq!(finding.page.id, "known-block-in-range");
    assert_eq!(finding.fix, ["portolan range set 32768-59999 --persist"]);
    scene.running = BTreeSet::from([b"kubelet".to_vec()]);
    assert!(Diagnosis::of(&scene).is_healthy(), "the range begins behind the NodePorts");
}

#[test]
fn a_recorder_that_is_not_well_is_told_of() {
    let lost = only(&with_status(|status| status.lost = 12));
    assert_eq!((lost.page.id, lost.severity), ("recorder-loses-events", Severity::Warning));
    let why = || "No space left on device".to_owned();
    let stopped = Disk::Stopped { since: Moment(0), why: why() };
    let stopped = only(&with_status(|status| status.disk = stopped));
    assert_eq!((stopped.page.id, stopped.severity), ("recorder-out-of-disk", Severity::Error));
    let delayed = Disk::Delayed { since: Moment(0), why: why() };
    let delayed = only(&with_status(|status| status.disk = delayed));
    assert_eq!(delayed.severity, Severity::Warning);
    assert!(evidence(&delayed)[0].ends_with("No space left on device"));
    let off = only(&Scene { recorder: Recorder::Off, ..scene() });
    assert_eq!((off.page.id, off.severity), ("recorder-off", Severity::Note));
    let silent = only(&Scene { recorder: Recorder::Silent("broken".into()), ..scene() });
    assert_eq!(silent.severity, Severity::Warning);
}

#[test]
fn a_listener_that_no_process_has_is_told_of_where_that_is_known() {
    let mut scene = scene();
    let mut listener =
        crate::fixture::all().into_iter().find(|s| s.state == State::Listen).unwrap();
    listener.netns = HERE;
    scene.survey.sockets = vec![listener.clone()];
    scene.ownership = Findings { blind: true, ..Findings::default() }.into();
    assert!(Diagnosis::of(&scene).is_healthy(), "it may be hidden");
    scene.ownership = Findings { kernel: vec![listener.inode], ..Findings::default() }.into();
    assert_eq!(only(&scene).page.id, "listener-without-process");
}

#[test]
fn a_listener_whose_opener_has_ended_is_told_of() {
    let mut scene = scene();
    let tenure = Tenure {
        netns: HERE,
        proto: Proto::Tcp,
        family: Family::V4,
        v6only: false,
        local: Endpoint { addr: [127, 0, 0, 1].into(), port: Port(8080) },
        remote: None,
        role: Role::Listening,
        uid: 0,
        opener: crate::fixture::past::program(61, b"gone", 0, "x.service"),
        taker: Party::Unknown,
        closer: Party::Unknown,
        from: Moment(0),
        until: None,
        duration: Duration::ZERO,
        ending: None,
        evidence: Evidence::Exact,
    };
    let standing = Box::new((Standing::default(), status()));
    scene.recorder = Recorder::Running { standing, orphans: vec![tenure] };
    let finding = only(&scene);
    assert_eq!((finding.page.id, finding.severity), ("owner-is-gone", Severity::Note));
    assert_eq!(evidence(&finding), ["gone (61) opened it and has ended"]);
    assert_eq!(finding.fix, ["portolan 8080"]);
}

#[test]
fn a_lease_that_serves_nobody_is_told_of() {
    let kept = Kept {
        port: Port(20_001),
        holder: "portolan (61)".to_owned(),
        age: Duration::from_hours(25),
        gone: None,
        served: false,
    };
    let with = |kept: Kept| Scene { leases: vec![kept], ..scene() };
    let finding = only(&with(kept.clone()));
    assert_eq!((finding.page.id, &*finding.subject.english), ("stale-lease", "port 20001"));
    assert_eq!(
        evidence(&finding),
        ["portolan (61) has held it for 1 d 1 h", "nobody listens there"]
    );
    let orphan = Kept { age: Duration::from_secs(1), gone: Some(Pid(62)), ..kept.clone() };
    assert_eq!(evidence(&only(&with(orphan)))[1], "process 62, for which it was taken, has ended");
    for well in
        [Kept { served: true, ..kept.clone() }, Kept { age: Duration::from_hours(23), ..kept }]
    {
        assert!(Diagnosis::of(&with(well)).is_healthy());
    }
}
