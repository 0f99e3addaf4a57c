//! The host that never was: a web server with a database and containers, 139,000 sockets an hour.
//!
//! Two in five are requests to port 443, most others connect to services from ephemeral ports or ask
//! the resolver; a few last hours and days. Two in a hundred are of a process of their own.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use log::{Batch, Clock, Gap, GapReason, Moment, Row};
use registry::{Port, Proto};
use sockets::{
    Ancestor, BootTime, Ending, Endpoint, Evidence, Family, NetnsId, Pid, Place, Process, Program,
    ProgramKey, Role, User,
};

/// What happens on the host, hour by hour.
pub(crate) struct Traffic {
    chance: Chance,
    an_hour: u32,
    /// How many hours there were.
    hours: u32,
    /// The programs that run all the time.
    lasting: Vec<Arc<Program>>,
    next_pid: u32,
}

impl Traffic {
    /// With so many sockets an hour.
    pub(crate) fn new(an_hour: u32) -> Traffic {
        let lasting = (0..LASTING).map(|at| Arc::new(lasting(at))).collect();
        let chance = Chance(0x0070_6F72_746F_6C61);
        Traffic { chance, an_hour: an_hour.max(1), hours: 0, lasting, next_pid: 10_000 }
    }

    /// What ended in the next hour.
    pub(crate) fn hour(&mut self) -> Batch {
        let from = START + i64::from(self.hours) * HOUR;
        self.hours += 1;
        let mut batch = Batch {
            number: self.hours.into(),
            from: Moment(from),
            until: Moment(from + HOUR),
            programs: self.lasting.clone(),
            clocks: vec![Clock { number: 1, boot: [0x5a; 16], offset: START }],
            gaps: vec![Gap {
                from: Moment(from + HOUR / 2),
                until: Some(Moment(from + HOUR / 2 + 1_000_000_000)),
                reason: GapReason::EventsLost,
                events: self.hours.into(),
            }],
            ..Batch::default()
        };
        let step = HOUR / i64::from(self.an_hour);
        for at in 0..self.an_hour {
            let end =
                from + i64::from(at) * step + self.chance.below(step.unsigned_abs()).cast_signed();
            let row = self.row(end, &mut batch.programs);
            batch.rows.push(row);
        }
        batch
    }

    fn row(&mut self, end: i64, programs: &mut Vec<Arc<Program>>) -> Row {
        match self.chance.below(100) {
            0..40 => self.request(end),
            40..44 => self.query(end),
            44..56 => self.lookup(end),
            56..57 => self.session(end),
            _ => self.call(end, programs),
        }
    }

    /// A request to the web server.
    fn request(&mut self, end: i64) -> Row {
        // Few clients come often, many seldom.
        let often = self.chance.below(17);
        let client = self.chance.below(1 << often);
        let client = Ipv4Addr::from_bits(
            0xCB00_0000 + u32::try_from(client * 2_654_435 % 0x00FF_FFFF).unwrap_or(0),
        );
        let worker = 1 + u32::try_from(self.chance.below(8)).unwrap_or(0);
        let far = (client.into(), self.any_port());
        let duration = self.chance.duration(20_000_000, 6);
        let ends = (HOST, (SERVER, 443), Some(far));
        let parties = (Some(0), Some(worker), Some(worker));
        self.tcp(ends, Role::Incoming, parties, (end, duration))
    }

    /// The database's end of a connection.
    fn query(&mut self, end: i64) -> Row {
        let far = (IpAddr::from([127, 0, 0, 1]), self.ephemeral());
        let duration = self.chance.duration(1_000_000, 8);
        let backend = 10 + u32::try_from(self.chance.below(30)).unwrap_or(0);
        let ends = (HOST, ([127, 0, 0, 1].into(), 5432), Some(far));
        self.tcp(ends, Role::Incoming, (Some(9), Some(backend), Some(backend)), (end, duration))
    }

    /// A question to the resolver.
    fn lookup(&mut self, end: i64) -> Row {
        let netns = self.chance.below(CONTAINERS);
        let program = self.lasting_in(netns);
        let local = (address_in(netns), self.ephemeral());
        let duration = self.chance.duration(500_000, 4);
        let ends = (HOST - netns, local, Some(([10, 0, 0, 2].into(), 53)));
        let row =
            self.tcp(ends, Role::Outgoing, (Some(program), None, Some(program)), (end, duration));
        Row { proto: Proto::Udp, ending: Ending::Closed, ..row }
    }

    /// Something that lasts: a shell, a web socket, a pool's connection.
    fn session(&mut self, end: i64) -> Row {
        // One in a hundred of them lasts days.
        let middle = if self.chance.below(100) == 0 { 100 * 3_600 } else { 600 };
        let duration = self.chance.duration(middle * 1_000_000_000, 5);
        let program = 40 + u32::try_from(self.chance.below(20)).unwrap_or(0);
        let far = (IpAddr::from([192, 0, 2, 7]), self.any_port());
        let port = [22, 8443, 443][usize::try_from(self.chance.below(3)).unwrap_or(0)];
        let ends = (HOST, (SERVER, port), Some(far));
        // Some are inherited by a child, which closes them.
        let closer = program + u32::from(self.chance.below(10) == 0);
        self.tcp(ends, Role::Incoming, (Some(program), None, Some(closer)), (end, duration))
    }

    /// A connection to a service, from anywhere on the host.
    fn call(&mut self, end: i64, programs: &mut Vec<Arc<Program>>) -> Row {
        let netns = self.chance.below(CONTAINERS);
        let program = if self.chance.below(20) == 0 {
            programs.push(Arc::new(self.passing(end)));
            u32::try_from(programs.len() - 1).unwrap_or(0)
        } else {
            self.lasting_in(netns)
        };
        let often = self.chance.below(7);
        let service = self.chance.below(1 << often);
        let far = [443, 5432, 6379, 80, 9092, 8080][usize::try_from(service % 6).unwrap_or(0)];
        let addr = IpAddr::from([10, 7, 0, u8::try_from(service).unwrap_or(0)]);
        let duration = self.chance.duration(2_000_000, 7);
        let local = (address_in(netns), self.ephemeral());
        let ends = (HOST - netns, local, Some((addr, far)));
        self.tcp(ends, Role::Outgoing, (Some(program), None, Some(program)), (end, duration))
    }

    fn tcp(
        &mut self,
        (netns, local, remote): (u64, (IpAddr, u16), Option<(IpAddr, u16)>),
        role: Role,
        (opener, taker, closer): (Option<u32>, Option<u32>, Option<u32>),
        (end, duration_ns): (i64, u64),
    ) -> Row {
        let endpoint = |(addr, port)| Endpoint { addr, port: Port(port) };
        Row {
            netns: NetnsId(netns),
            proto: Proto::Tcp,
            family: Family::V4,
            v6only: false,
            local: endpoint(local),
            remote: remote.map(endpoint),
            role,
            uid: opener.unwrap_or(0) % 7,
            opener,
            taker,
            closer,
            from: Moment(end - duration_ns.cast_signed()),
            clock: 0,
            duration_ns,
            stepped_ns: 0,
            ending: match self.chance.below(20) {
                0 => Ending::Reset,
                1..7 => Ending::TimeWait,
                _ => Ending::Closed,
            },
            evidence: Evidence::Exact,
        }
    }

    fn ephemeral(&mut self) -> u16 {
        32_768 + u16::try_from(self.chance.below(28_232)).unwrap_or(0)
    }

    fn any_port(&mut self) -> u16 {
        1024 + u16::try_from(self.chance.below(64_512)).unwrap_or(0)
    }

    /// One of the programs that run all the time in a container.
    fn lasting_in(&mut self, netns: u64) -> u32 {
        60 + u32::try_from(netns * 12 + self.chance.below(12)).unwrap_or(0)
    }

    /// A program that is there for one connection.
    fn passing(&mut self, end: i64) -> Program {
        self.next_pid = 10_000 + (self.next_pid + 7) % 4_000_000;
        let path = format!("/api/v1/items/{}", self.chance.below(5000));
        let cmdline = ["curl", "-s", "--max-time", "5", &format!("http://10.7.0.1:8080{path}")];
        program(self.next_pid, end, "curl", &cmdline, 1000, "cron.service")
    }
}

/// The programs that run all the time, by their numbers: the web server and its workers, the
/// database, shells, and a dozen in every container.
fn lasting(at: u32) -> Program {
    let pid = 300 + at * 13;
    match at {
        0..9 => program(pid, START, "nginx", &["nginx: worker process"], 33, "nginx.service"),
        9..40 => program(pid, START, "postgres", &["postgres: app app"], 114, "postgresql.service"),
        40..60 => program(pid, START, "sshd", &["sshd: alice"], 0, "ssh.service"),
        _ => {
            let (container, app) = ((at - 60) / 12, (at - 60) % 12);
            let name = format!("app{app}-{container}");
            let exe = format!("/srv/{name}/bin/server");
            program(pid, START, &name, &[&exe, "--port", "8080"], 1000 + at, "docker.service")
        }
    }
}

fn program(pid: u32, since: i64, comm: &str, cmdline: &[&str], uid: u32, unit: &str) -> Program {
    let since = u64::try_from(since - START).unwrap_or(0) + 5_000_000_000;
    let start_ticks = since / 10_000_000;
    let ancestor = |pid, comm: &str| Ancestor { pid: Pid(pid), comm: comm.into() };
    Program {
        key: ProgramKey { pid: Pid(pid), start_ticks, exec: 1 },
        since: BootTime(since),
        process: Process {
            pid: Pid(pid),
            start_ticks,
            started: SystemTime::UNIX_EPOCH + Duration::from_nanos(START.unsigned_abs() + since),
            comm: comm.into(),
            exe: Some(format!("/usr/bin/{comm}").into()),
            cmdline: Some(cmdline.iter().map(|argument| argument.as_bytes().to_vec()).collect()),
            user: User { uid, name: Some(format!("user{uid}").into()) },
            ancestry: vec![ancestor(280, "sh"), ancestor(1, "systemd")],
            place: Place {
                cgroup: format!("/system.slice/{unit}").into(),
                unit: Some(unit.into()),
                container: None,
            },
        },
    }
}

fn address_in(netns: u64) -> IpAddr {
    if netns == 0 { SERVER } else { IpAddr::from([172, 17, 0, u8::try_from(netns).unwrap_or(0)]) }
}

/// Chance that comes out the same every time (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// Around `middle`, up to 2^`spread` times as long or short; in nanoseconds.
    fn duration(&mut self, middle: u64, spread: u64) -> u64 {
        let longer = self.below(spread) + self.below(spread);
        let scaled = (middle >> spread) << longer;
        scaled + self.below(scaled)
    }
}

/// Midnight of 2026-10-20, UTC.
const START: i64 = 1_792_454_400_000_000_000;
const HOUR: i64 = 3_600_000_000_000;
/// How many sockets end in an hour of a busy host.
pub(crate) const AN_HOUR: u32 = 139_000;
const CONTAINERS: u64 = 20;
const LASTING: u32 = 60 + 20 * 12;
/// The host's own network namespace; those of containers are numbered below it.
const HOST: u64 = 4_026_531_840;
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 5));
