//! How long does a connect take as the ephemeral range fills up towards one destination?
//!
//! `connect_fill MODE,… [PORT] [SAMPLES] [FILL,…] [ROUNDS] [-- CMD…]` fills the range step by step with plain
//! connects of other processes to 127.0.0.1:PORT. At each step a process for each mode times SAMPLES further
//! connects, each closed with a reset, so that it leaves no `TIME-WAIT`; they take turns, ROUNDS times, below half
//! of the range four times as often. One line of JSON a turn. A mode that is none of those below is `kernel` in a process that is started through CMD, where
//! `@` stands for the mode.
//!
//! `connect_fill churn MODE PORT HOLD TIMES` holds HOLD connections to somebody else's 127.0.0.1:PORT, and TIMES
//! closes one at random and connects again: to be run several times at once. It prints one line, with how
//! many connects failed.
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

mod timed;
mod way;

use std::error::Error;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Resource, Rlimit, Signal};
use sockets::Source;

use timed::Timed;
use way::{MODES, stream_socket};

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (args, through) = match args.iter().position(|arg| *arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (&args[..], &[][..]),
    };
    match *args {
        [HOLD, port, count, parent] => hold(port.parse()?, count.parse()?, parent.parse()?),
        ["churn", mode, port, hold, times] => {
            Timed::new(mode, mode, port.parse()?, 0)?.churn(hold.parse()?, times.parse()?)
        }
        [TIME, mode, way, port, samples] => {
            Timed::new(mode, way, port.parse()?, samples.parse()?)?.run()
        }
        [modes, ref rest @ ..] if rest.len() <= 4 && !modes.starts_with('-') => {
            let at = |index: usize, default| rest.get(index).copied().unwrap_or(default);
            let mut load = Load::new(at(0, "20000").parse()?)?;
            let start = |mode| Turn::start(mode, load.server.port(), at(1, "3000"), through);
            let mut turns: Vec<Turn> = modes.split(',').map(start).collect::<Result<_, _>>()?;
            load.run(&mut turns, at(2, FILLS), at(3, "1").parse()?)
        }
        _ => Err(USAGE.into()),
    }
}

/// The load: who listens, and who holds connections.
struct Load {
    server: SocketAddrV4,
    ports: u32,
    children: Vec<Child>,
    held: u32,
}

impl Load {
    fn new(port: u16) -> Result<Load, Failure> {
        Ok(Load {
            server: SocketAddrV4::new(Ipv4Addr::LOCALHOST, port),
            ports: sockets::host().port_settings()?.ephemeral.count(),
            children: Vec::new(),
            held: 0,
        })
    }

    fn run(&mut self, turns: &mut [Turn], fills: &str, rounds: u32) -> Result<(), Failure> {
        raise_descriptor_limit()?;
        fs::write("/proc/sys/net/core/somaxconn", BACKLOG.to_string())?;
        let _listener = listen(&self.server)?;
        for fill in fills.split(',') {
            let share: f64 = fill.parse()?;
            self.fill(share)?;
            // What differs little takes more to be told apart, and little time.
            let rounds = if share < 0.5 { 4 * rounds } else { rounds };
            for _ in 0..rounds {
                for turn in &mut *turns {
                    turn.take(fill)?;
                }
            }
        }
        Ok(())
    }

    /// Has other processes hold connections until so much of the range is taken.
    fn fill(&mut self, share: f64) -> Result<(), Failure> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 65536")]
        let target = (f64::from(self.ports) * share) as u32;
        while self.held < target {
            let count = PER_CHILD.min(target - self.held);
            let numbers = [u32::from(self.server.port()), count, std::process::id()];
            let mut child = Command::new(std::env::current_exe()?)
                .arg(HOLD)
                .args(numbers.map(|number| number.to_string()))
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
}

impl Drop for Load {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A process whose connects are timed: [`Timed`].
struct Turn {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Turn {
    fn start(mode: &str, port: u16, samples: &str, through: &[&str]) -> Result<Turn, Failure> {
        let (through, way): (Vec<String>, _) = match MODES.contains(&mode) {
            true => (Vec::new(), mode),
            false if through.is_empty() => return Err(USAGE.into()),
            false => (through.iter().map(|part| part.replace('@', mode)).collect(), "kernel"),
        };
        let this = std::env::current_exe()?.into_os_string().into_string();
        let this = this.map_err(|_| "its own path is not UTF-8")?;
        let itself = [&this, TIME, mode, way, &port.to_string(), samples].map(str::to_owned);
        let command = [through, itself.to_vec()].concat();
        let mut process = Command::new(&command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = BufReader::new(process.stdout.take().ok_or("no pipe")?);
        Ok(Turn { process, said })
    }

    /// Has it measure, and prints what it says.
    fn take(&mut self, fill: &str) -> Result<(), Failure> {
        writeln!(self.process.stdin.as_ref().ok_or("no pipe")?, "{fill}")?;
        let mut line = String::new();
        if self.said.read_line(&mut line)? == 0 {
            return Err("a process that was to be timed failed".into());
        }
        print!("{line}");
        Ok(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
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

/// As many descriptors as are allowed.
fn raise_descriptor_limit() -> io::Result<()> {
    let maximum = rustix::process::getrlimit(Resource::Nofile).maximum;
    Ok(rustix::process::setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

const USAGE: &str = "usage: connect_fill MODE,... [PORT] [SAMPLES] [FILL,...] [ROUNDS] [-- CMD...]
       connect_fill churn MODE PORT HOLD TIMES
the modes: kernel, whole, random, dialer, default, and any other with CMD";
const FILLS: &str = "0,0.1,0.5,0.75,0.9,0.95,0.99,0.999,0.9999";
/// The first argument of a process that this program started, to hold connections or to be timed.
const HOLD: &str = "--hold";
const TIME: &str = "--time";
/// Nobody accepts: every connection waits here, also those that were closed.
const BACKLOG: i32 = 1_000_000;
/// Fewer than a hard limit of 20,000 descriptors.
const PER_CHILD: u32 = 15_000;
