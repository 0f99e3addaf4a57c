//! What the made-up machine says of room, findings and leases.

use registry::{Port, PortRange, Proto};
use web::{
    DestinationView, DoctorNow, FindingView, FullIn, HolderView, LeaseView, LeasesNow, LimitView,
    Moment, NoteView, Remark, RoomNow, Server, UnservedView,
};

const EVIL: &str = "<script>alert(1)</script>";

fn destination(
    port: u16,
    (fill, percent): (f64, &str),
    cliff: &'static str,
    full_in: FullIn,
) -> DestinationView {
    let holder = |process: Option<&str>, why| HolderView {
        process: process.map(str::to_owned),
        why,
        user: String::new(),
        sockets: 7,
    };
    DestinationView {
        proto: Proto::Tcp,
        source: "10.0.0.1".to_owned(),
        remote: format!("10.0.0.2:{port}"),
        port: Port(port),
        taken: 7000,
        of: 28232,
        fill,
        percent: percent.to_owned(),
        waiting: 3,
        rate: Some("1,234".to_owned()),
        full_in,
        cliff,
        holders: vec![
            holder(Some(EVIL), "known"),
            holder(None, "hidden"),
            holder(None, "time-wait"),
            holder(None, "kernel"),
        ],
        hour: vec![Some(0), Some(28232), None, Some(14116)],
    }
}

pub(crate) fn room() -> RoomNow {
    let limit = |kind, of| LimitView {
        kind,
        used: 12,
        of,
        share: 0.5,
        percent: "50.0 %".to_owned(),
        whose: EVIL.to_owned(),
        setting: "net.ipv4.tcp_max_tw_buckets",
    };
    RoomNow {
        range: PortRange::new(Port(32768), Port(60999)).unwrap(),
        open: 28232,
        reserved: 1,
        closed: 2,
        udp: 3,
        destinations: vec![
            destination(443, (0.99, "99.0 %"), "past", FullIn::In("3 min 20 s".to_owned())),
            destination(444, (1.0, "100.0 %"), "past", FullIn::Now),
            destination(445, (0.45, "45.0 %"), "near", FullIn::Later),
            destination(446, (0.0001, "< 0.1 %"), "far", FullIn::Never),
            DestinationView {
                hour: Vec::new(),
                ..destination(447, (0.0, "0 %"), "far", FullIn::Unknown)
            },
        ],
        more: 4,
        unserved: vec![UnservedView {
            source: EVIL.to_owned(),
            remote: EVIL.to_owned(),
            count: 1204,
        }],
        limits: vec![
            limit("time-wait-buckets", Some(24)),
            limit("conntrack", Some(24)),
            limit("listen-queue", Some(24)),
            limit("nat-pool", Some(24)),
            limit("system-files", None),
            limit("process-files", Some(24)),
        ],
        overflows: Some(5),
        skipped: Some(6),
        tracked: false,
        rates: "looks",
        notes: notes(),
    }
}

fn notes() -> Vec<NoteView> {
    let message = Some(("card-note-unreadable", vec![("count", 7.into())]));
    vec![
        NoteView { english: "7 processes could not be looked into".to_owned(), message },
        NoteView { english: "this is news".to_owned(), message: None },
    ]
}

fn close_wait() -> Remark {
    let remote = format!("`{EVIL}`");
    Remark {
        english: format!("1,204 connections in CLOSE-WAIT, the first from 10.0.0.1:7 to {remote}"),
        message: Some((
            "evidence-close-wait",
            vec![("count", 1204.into()), ("local", "10.0.0.1:7".into()), ("remote", remote.into())],
        )),
    }
}

pub(crate) fn doctor() -> DoctorNow {
    let finding = |id, severity, commands: Vec<String>| FindingView {
        id,
        severity,
        title: "A program does not close connections that its peers have closed",
        subject: EVIL.into(),
        evidence: vec![close_wait(), format!("{EVIL} has 7").into()],
        why: "CLOSE-WAIT means that the far end is done.",
        source: "RFC 9293",
        commands,
        remedy: "have the program close them",
        price: "a restart ends its other connections, too",
    };
    DoctorNow {
        healthy: false,
        findings: vec![
            finding("exhaustion-within-a-day", "error", vec![format!("sysctl -w {EVIL}")]),
            finding("close-wait-pile", "warning", Vec::new()),
            finding("not-translated", "note", Vec::new()),
        ],
        partly: true,
        notes: notes(),
    }
}

pub(crate) fn leases() -> LeasesNow {
    let lease = |port, name: &str, holder: Option<&str>, server| LeaseView {
        port: Port(port),
        protos: "tcp,udp".to_owned(),
        name: name.to_owned(),
        project: "/home/alice/<b>".to_owned(),
        since: Some(Moment(1_764_000_000_000_000_000)),
        holder: holder.map(str::to_owned),
        user: "alice".to_owned(),
        server,
    };
    LeasesNow {
        leases: vec![
            lease(20001, "web", Some(EVIL), Some(Server::Known(EVIL.to_owned()))),
            lease(20002, "", None, Some(Server::Hidden)),
            lease(20003, "db", Some("portolan (7)"), None),
        ],
    }
}
