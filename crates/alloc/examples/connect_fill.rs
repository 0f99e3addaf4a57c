//! How long does a connect take as the ephemeral range fills up towards one destination?
//!
//! `connect_fill MODE [PORT] [SAMPLES] [FILL,FILL,…] [SECONDS]` fills the range step by step with plain
//! connects of other processes to 127.0.0.1:PORT, and at each step times SAMPLES further connects, each
//! closed with a reset, so that it leaves no `TIME-WAIT`. One line of JSON a step. Then it stays for SECONDS.
//!
//! | MODE | connects |
//! | --- | --- |
//! | `kernel` | plain `connect(2)`, or what a pilot makes of it |
//! | `whole` | with `IP_LOCAL_PORT_RANGE` set to the whole range |
//! | `random` | with `IP_LOCAL_PORT_RANGE` set to one random port, again and again |
//! | `dialer` | through a `Dialer` that tracks free ports from the first dial on |
//! | `default` | through a `Dialer` as it is by default |
//!
//! It raises `net.core.somaxconn`: run it in a network namespace of its own, with `lo` up.

use std::error::Error;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use alloc::dialer::{Connection, Dialer, Settings, Tracking};
use nix::sys::socket::{setsockopt, sockopt};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::process::{Resource, Rlimit, Signal};
use sockets::{PortSettings, Source};

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [CHILD, port, count, parent] => hold(port.parse()?, count.parse()?, parent.parse()?),
        [mode, rest @ ..] if rest.len() <= 4 => {
            let at = |index: usize, default| rest.get(index).copied().unwrap_or(default);
            Load::new(mode, at(0, "20000").parse()?, at(1, "3000").parse()?)?.run(at(2, FILLS))?;
            std::thread::sleep(Duration::from_secs(at(3, "0").parse()?));
            Ok(())
        }
        _ => Err(USAGE.into()),
    }
}

/// The load and what it measures.
struct Load {
    mode: String,
    server: SocketAddrV4,
    samples: usize,
    ports: PortSettings,
    way: Way,
    children: Vec<Child>,
    held: u32,
}

/// How to connect.
enum Way {
    Kernel,
    Whole,
    Random { state: u64 },
    Dialer(Dialer),
}

/// What one connect gave: held until it is dropped.
enum Connected {
    Socket(#[expect(dead_code, reason = "held")] OwnedFd),
    Connection(#[expect(dead_code, reason = "held")] Connection),
}

impl Load {
    fn new(mode: &str, port: u16, samples: usize) -> Result<Load, Failure> {
        let way = match mode {
            "kernel" => Way::Kernel,
            "whole" => Way::Whole,
            "random" => Way::Random { state: 88_172_645_463_325_252 },
            "dialer" => {
                Way::Dialer(Dialer::new(Settings::default().with_tracking(Tracking::Always))?)
            }
            "default" => Way::Dialer(Dialer::new(Settings::default())?),
            _ => return Err(USAGE.into()),
        };
        Ok(Load {
            mode: mode.into(),
            server: SocketAddrV4::new(Ipv4Addr::LOCALHOST, port),
            samples,
            ports: sockets::host().port_settings()?,
            way,
            children: Vec::new(),
            held: 0,
        })
    }

    fn run(&mut self, fills: &str) -> Result<(), Failure> {
        raise_descriptor_limit()?;
        fs::write("/proc/sys/net/core/somaxconn", BACKLOG.to_string())?;
        let _listener = listen(&self.server)?;
        for fill in fills.split(',') {
            let share: f64 = fill.parse()?;
            self.fill(share)?;
            self.measure(share);
        }
        Ok(())
    }

    /// Has other processes hold connections until so much of the range is taken.
    fn fill(&mut self, share: f64) -> Result<(), Failure> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 65536")]
        let target = (f64::from(self.ports.ephemeral.count()) * share) as u32;
        while self.held < target {
            let count = PER_CHILD.min(target - self.held);
            let mut child = Command::new(std::env::current_exe()?)
                .arg(CHILD)
                .args(
                    [u32::from(self.server.port()), count, std::process::id()]
                        .map(|n| n.to_string()),
                )
                .stdout(Stdio::piped())
                .spawn()?;
            let stdout = child.stdout.take().ok_or("no pipe")?;
            self.children.push(child);
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line)?;
            if line != "ready\n" {
                return Err("a process that was to hold connections failed".into());
            }
            self.held += count;
        }
        Ok(())
    }

    fn measure(&mut self, share: f64) {
        let (mut times, mut failed, mut tries) = (Vec::with_capacity(self.samples), 0, 0);
        for _ in 0..self.samples {
            let socket = stream_socket().expect("a descriptor is free");
            rustix::net::sockopt::set_socket_linger(&socket, Some(Duration::ZERO))
                .expect("every socket can linger");
            let begun = Instant::now();
            let connected = self.way.connect(socket, self.server, &self.ports, &mut tries);
            match connected {
                Ok(_connected) => times.push(begun.elapsed()),
                Err(_) => failed += 1,
            }
        }
        times.sort_unstable();
        let us = |index: usize| times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e6);
        let connects = times.len();
        let tries = match self.way {
            Way::Dialer(_) => "null".to_owned(),
            _ => format!("{:.1}", f64::from(tries) / self.samples.max(1) as f64),
        };
        println!(
            "{{\"mode\":\"{}\",\"fill\":{share:.4},\"connects\":{connects},\"failed\":{failed},\
             \"tries_per_connect\":{tries},\"us_median\":{:.1},\"us_p99\":{:.1},\"us_max\":{:.1}}}",
            self.mode,
            us(connects / 2),
            us(connects * 99 / 100),
            us(connects.saturating_sub(1)),
        );
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Way {
    fn connect(
        &mut self,
        socket: OwnedFd,
        server: SocketAddrV4,
        ports: &PortSettings,
        tries: &mut u32,
    ) -> Result<Connected, Failure> {
        let (first, last) = (ports.ephemeral.first().number(), ports.ephemeral.last().number());
        *tries += 1;
        match self {
            Way::Kernel => rustix::net::connect(&socket, &server)?,
            Way::Whole => {
                allow_ports(&socket, first, last)?;
                rustix::net::connect(&socket, &server)?;
            }
            Way::Random { state } => random(&socket, server, ports, state, tries)?,
            Way::Dialer(dialer) => {
                let connection = dialer.connect_with(socket, SocketAddr::V4(server), None)?;
                return Ok(Connected::Connection(connection));
            }
        }
        Ok(Connected::Socket(socket))
    }
}

/// Tries one random port after the other.
fn random(
    socket: &OwnedFd,
    server: SocketAddrV4,
    ports: &PortSettings,
    state: &mut u64,
    tries: &mut u32,
) -> Result<(), Failure> {
    for _ in 0..20_000 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        let offset = u16::try_from((*state >> 11) % u64::from(ports.ephemeral.count()))?;
        let port = ports.ephemeral.first().number() + offset;
        allow_ports(socket, port, port)?;
        *tries += 1;
        match rustix::net::connect(socket, &server) {
            Err(Errno::ADDRNOTAVAIL) => {}
            done => return Ok(done?),
        }
    }
    Err(Errno::ADDRNOTAVAIL.into())
}

/// One process of the load, started by `parent`: connects, and stays until it is killed.
fn hold(port: u16, count: u32, parent: i32) -> Result<(), Failure> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return Err("the parent is gone".into());
    }
    let server = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let connect = |_| {
        let socket = stream_socket()?;
        rustix::net::connect(&socket, &server)?;
        Ok(socket)
    };
    let _held = (0..count).map(connect).collect::<io::Result<Vec<_>>>()?;
    println!("ready");
    loop {
        std::thread::park();
    }
}

fn listen(server: &SocketAddrV4) -> io::Result<OwnedFd> {
    let listener = stream_socket()?;
    rustix::net::sockopt::set_socket_reuseaddr(&listener, true)?;
    rustix::net::bind(&listener, server)?;
    rustix::net::listen(&listener, BACKLOG)?;
    Ok(listener)
}

fn stream_socket() -> io::Result<OwnedFd> {
    let (family, flags) = (AddressFamily::INET, SocketFlags::CLOEXEC);
    Ok(rustix::net::socket_with(family, SocketType::STREAM, flags, None)?)
}

fn allow_ports(socket: &OwnedFd, first: u16, last: u16) -> io::Result<()> {
    Ok(setsockopt(socket, LocalPortRange, &(u32::from(first) | u32::from(last) << 16))?)
}

fn raise_descriptor_limit() -> io::Result<()> {
    let maximum = rustix::process::getrlimit(Resource::Nofile).maximum;
    Ok(rustix::process::setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

#[derive(Clone, Copy, Debug)]
struct LocalPortRange;

nix::setsockopt_impl!(
    LocalPortRange,
    libc::IPPROTO_IP,
    IP_LOCAL_PORT_RANGE,
    u32,
    sockopt::SetStruct<'_, u32>
);

/// `linux/in.h`.
const IP_LOCAL_PORT_RANGE: libc::c_int = 51;
const USAGE: &str = "usage: connect_fill kernel|whole|random|dialer|default [PORT] [SAMPLES] [FILL,FILL,...] [SECONDS]";
const FILLS: &str = "0,0.1,0.5,0.75,0.9,0.95,0.99,0.999,0.9999";
/// The first argument of a process that this program started.
const CHILD: &str = "--child";
/// Nobody accepts: every connection of the load waits here.
const BACKLOG: i32 = 200_000;
/// Fewer than a hard limit of 20,000 descriptors.
const PER_CHILD: u32 = 15_000;
