//! A host made up for tests: every kind of socket and owner, the same on every machine.

pub(crate) mod past;

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, SystemTime};

use registry::{Port, PortRange, Proto};
use sockets::{
    Ancestor, BindPremises, BindTrial, BindVerdict, CgroupId, Device, Endpoint, Error, Family,
    Findings, Held, Method, Netns, NetnsId, Note, Outcome, Ownership, Pid, Place, PortSettings,
    Process, Query, Search, Snapshot, Socket, Source, State, Timer, TimerKind, User,
};

/// The made-up host.
pub(crate) struct Harbour;

impl Source for Harbour {
    fn sockets(&self, query: &Query) -> Result<Snapshot, Error> {
        let sockets = all().into_iter().filter(|socket| query.matches(socket)).collect();
        let netns = vec![Netns { id: NETNS, name: None }];
        Ok(Snapshot { sockets, netns, notes: Vec::new() })
    }

    fn owners(&self, _: &[Socket], _: Search) -> Ownership {
        findings().into()
    }

    fn port_settings(&self) -> Result<PortSettings, Error> {
        Ok(PortSettings {
            ephemeral: PortRange::new(Port(32768), Port(60999)).unwrap(),
            reserved: vec![Port(50051).into()],
            unprivileged_start: Port(1024),
        })
    }

    fn try_binds(&self, port: Port, protos: &[Proto]) -> Vec<BindTrial> {
        let settings = self.port_settings().unwrap();
        let premises = BindPremises::default();
        sockets::predict_binds(port, protos, &all(), &settings, &premises)
            .into_iter()
            .map(|BindVerdict { proto, addr, reuseaddr, outcome, .. }| {
                let free = outcome == Outcome::Yes;
                let result = if free { Ok(()) } else { Err(io::ErrorKind::AddrInUse.into()) };
                BindTrial { proto, addr, reuseaddr, result }
            })
            .collect()
    }
}

const NETNS: NetnsId = NetnsId(4_026_531_840);
const SSH: CgroupId = CgroupId(77);

fn end(addr: &str, port: u16) -> Endpoint {
    Endpoint { addr: addr.parse().unwrap(), port: Port(port) }
}

fn socket(proto: Proto, state: State, local: Endpoint, remote: Endpoint, inode: u64) -> Socket {
    let family = if local.addr.is_ipv4() { Family::V4 } else { Family::V6 };
    Socket {
        proto,
        family,
        v6only: (family == Family::V6).then_some(false),
        local,
        remote,
        state,
        recv_q: 0,
        send_q: if state == State::Listen { 128 } else { 0 },
        uid: 0,
        inode,
        cookie: 1000 + inode,
        netns: NETNS,
        cgroup: None,
        device: None,
        timer: None,
    }
}

/// The sockets of the host.
pub(crate) fn all() -> Vec<Socket> {
    let none: Endpoint = end("0.0.0.0", 0);
    let (tcp, udp) = (Proto::Tcp, Proto::Udp);
    let mut ssh = socket(tcp, State::Listen, end("::", 22), end("::", 0), 1);
    ssh.cgroup = Some(SSH);
    let mut away =
        socket(tcp, State::Established, end("10.0.0.5", 60440), end("203.0.113.7", 443), 2);
    away.uid = 1000;
    away.timer = Some(Timer {
        kind: TimerKind::KeepAlive,
        expires: Duration::from_millis(7_200_000),
        retransmits: 0,
    });
    let mut dhcp = socket(udp, State::Close, end("0.0.0.0", 68), none, 3);
    dhcp.device = Some(Device { index: 2, name: "eth0".into() });
    vec![
        ssh,
        socket(tcp, State::Listen, end("127.0.0.1", 8080), none, 4),
        socket(tcp, State::Bound, end("127.0.0.1", 8081), none, 5),
        away,
        socket(
            tcp,
            State::Established,
            end("::ffff:10.0.0.5", 22),
            end("::ffff:192.0.2.8", 40022),
            6,
        ),
        socket(tcp, State::Established, end("127.0.0.1", 8080), end("127.0.0.1", 45678), 0),
        socket(tcp, State::TimeWait, end("10.0.0.5", 22), end("192.0.2.9", 51514), 0),
        dhcp,
        socket(udp, State::Close, end("fe80::1", 546), end("::", 0), 7),
    ]
}

/// A process of the host.
pub(crate) fn process(pid: u32, comm: &[u8], uid: u32, unit: &str) -> Process {
    let name = if uid == 0 { "root" } else { "alice" };
    Process {
        pid: Pid(pid),
        start_ticks: 4242,
        started: SystemTime::UNIX_EPOCH + Duration::from_millis(1_577_966_400_120),
        comm: comm.to_vec(),
        exe: Some("/usr/bin/odd".into()),
        cmdline: Some(vec![comm.to_vec(), b"--flag".to_vec()]),
        user: User { uid, name: Some(name.into()) },
        ancestry: vec![Ancestor { pid: Pid(1), comm: b"systemd".to_vec() }],
        place: place(unit),
    }
}

fn place(unit: &str) -> Place {
    let container = unit.starts_with("docker-").then(|| "docker:4f5c0a1b2c3d".into());
    Place { cgroup: format!("/system.slice/{unit}").into(), unit: Some(unit.into()), container }
}

fn findings() -> Findings {
    let held = |inode, pid, fd| Held { inode, pid: Pid(pid), fd };
    Findings {
        processes: vec![
            process(4711, b"curl", 1000, "session-3.scope"),
            process(812, b"nginx", 0, "docker-4f5c0a1b2c3d.scope"),
            process(813, b"nginx", 0, "docker-4f5c0a1b2c3d.scope"),
            process(900, b"\x1b]0;pwned\x07\xff", 0, "odd.service"),
        ],
        held: vec![
            held(2, 4711, 5),
            held(4, 812, 6),
            held(4, 813, 6),
            held(4, 813, 7),
            held(5, 900, 3),
        ],
        blind: true,
        places: vec![(SSH, place("ssh.service"))],
        users: vec![User { uid: 0, name: Some("root".into()) }],
        suspects: vec![(SSH, vec![process(700, b"sshd", 0, "ssh.service")])],
        method: Method::Walk,
        notes: vec![Note::ProcessesUnreadable { count: 1 }],
        ..Findings::default()
    }
}

/// Every key of an object, and of all in it.
pub(crate) fn keys(value: &serde_json::Value, into: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                into.insert(key.clone());
                keys(value, into);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        _ => {}
    }
}
