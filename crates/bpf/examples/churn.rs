//! Opens and closes loopback connections as fast as it can: the load that a recorder must keep up
//! with, and that `bench/recorder` measures under.
//!
//! ```text
//! churn CONNECTIONS [client|server|reset] [--port P] [--hold N] [--addresses N] [--log FILE]
//! ```
//!
//! A second process accepts on 127.0.0.1:P (20001 unless told) what the first connects; the word
//! says who closes first, or that the client resets. With `--hold` N connections are opened before
//! and closed after all others. `--addresses` spreads them over 127.0.0.1, 127.0.0.2 …, for ports
//! in `TIME-WAIT`. `--log` writes the client's port of every connection, two bytes each in host
//! order, which costs a system call more. Prints one line of JSON: connections a second, and the
//! processor time of both sides for each, in microseconds.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::net::sockopt::{set_socket_linger, set_socket_reuseaddr};
use rustix::net::{AddressFamily, SocketType, accept, bind, connect, getsockname, listen, socket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?;
    match words.split_first() {
        Some((word, rest)) if word == SERVE => serve(&Load::read(rest)?),
        _ => run(&Load::read(&words)?),
    }
}

/// What to do.
struct Load {
    connections: u32,
    closes_first: Side,
    port: u16,
    hold: u32,
    addresses: u8,
    log: Option<String>,
}

/// Who ends a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
    /// The client, by resetting it.
    Reset,
}

impl Side {
    const ALL: [(&str, Side); 3] =
        [("client", Side::Client), ("server", Side::Server), ("reset", Side::Reset)];

    fn named(word: &str) -> Option<Side> {
        Side::ALL.iter().find(|(name, _)| *name == word).map(|(_, side)| *side)
    }

    fn name(self) -> &'static str {
        Side::ALL.iter().find(|(_, side)| *side == self).map_or("", |(name, _)| name)
    }
}

impl Load {
    fn read(words: &[String]) -> Result<Load> {
        let mut load = Load {
            connections: 20_000,
            closes_first: Side::Reset,
            port: 20_001,
            hold: 0,
            addresses: 1,
            log: None,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--port" => load.port = value()?.parse()?,
                "--hold" => load.hold = value()?.parse()?,
                "--addresses" => load.addresses = value()?.parse::<u8>()?.max(1),
                "--log" => load.log = Some(value()?.clone()),
                word => match Side::named(word) {
                    Some(side) => load.closes_first = side,
                    None => load.connections = word.parse()?,
                },
            }
        }
        Ok(load)
    }

    /// The words that tell the server the same.
    fn words(&self) -> [String; 4] {
        let Load { connections, closes_first, hold, .. } = self;
        let name = closes_first.name();
        [connections.to_string(), name.to_owned(), "--hold".to_owned(), hold.to_string()]
    }
}

/// The client's side, and the line at the end.
fn run(load: &Load) -> Result<()> {
    let listener = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    set_socket_reuseaddr(&listener, true)?;
    let any = load.addresses > 1;
    let own = if any { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    bind(&listener, &SocketAddrV4::new(own, load.port))?;
    listen(&listener, 4096)?;
    let mut server = start(load, listener.as_fd().try_clone_to_owned()?)?;
    let mut answers = BufReader::new(server.stdout.take().ok_or("no answers")?).lines();
    answers.next().ok_or("the server did not start")??;

    let mut client = Client { load, next: 0, ports: Vec::new() };
    let (began, spent) = (Instant::now(), processor_time());
    let held: Vec<OwnedFd> = (0..load.hold).map(|_| client.open()).collect::<Result<_>>()?;
    for _ in 0..load.connections {
        let connection = client.open()?;
        client.end(connection)?;
    }
    for connection in held {
        client.end(connection)?;
    }
    let theirs: u64 = answers.next().ok_or("the server broke off")??.parse()?;
    server.wait()?;
    let all = f64::from(load.connections + load.hold);
    let both = (processor_time() - spent + Duration::from_nanos(theirs)).as_secs_f64();
    println!(
        "{{\"connections\":{},\"closes_first\":\"{}\",\"per_second\":{:.0},\
         \"cpu_us_per_connection\":{:.2},\"held\":{},\"client\":{},\"server\":{}}}",
        load.connections,
        load.closes_first.name(),
        all / began.elapsed().as_secs_f64(),
        both / all * 1e6,
        load.hold,
        std::process::id(),
        server.id(),
    );
    client.write_log()
}

fn start(load: &Load, listener: OwnedFd) -> Result<Child> {
    let server = Command::new(std::env::current_exe()?)
        .arg(SERVE)
        .args(load.words())
        .stdin(Stdio::from(listener))
        .stdout(Stdio::piped())
        .spawn();
    Ok(server?)
}

struct Client<'a> {
    load: &'a Load,
    next: u32,
    ports: Vec<u8>,
}

impl Client<'_> {
    fn open(&mut self) -> Result<OwnedFd> {
        let to = u32::from(Ipv4Addr::LOCALHOST) + self.next % u32::from(self.load.addresses);
        self.next += 1;
        let connection = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        connect(&connection, &SocketAddrV4::new(Ipv4Addr::from(to), self.load.port))?;
        if self.load.log.is_some() {
            let own = SocketAddr::try_from(getsockname(&connection)?)?;
            self.ports.extend(own.port().to_ne_bytes());
        }
        Ok(connection)
    }

    fn end(&self, connection: OwnedFd) -> Result<()> {
        match self.load.closes_first {
            Side::Reset => set_socket_linger(&connection, Some(Duration::ZERO))?,
            Side::Server => exhaust(&connection),
            Side::Client => {}
        }
        drop(connection);
        Ok(())
    }

    fn write_log(&self) -> Result<()> {
        if let Some(path) = &self.load.log {
            std::fs::write(path, &self.ports)?;
        }
        Ok(())
    }
}

/// The server's side: says that it is there, and at the end how long it was at work.
fn serve(load: &Load) -> Result<()> {
    let stdin = io::stdin();
    let listener = stdin.as_fd();
    let spent = processor_time();
    println!("ready");
    io::stdout().flush()?;
    let end = |connection: OwnedFd| {
        if load.closes_first != Side::Server {
            exhaust(&connection);
        }
    };
    let held = (0..load.hold).map(|_| accept(listener)).collect::<rustix::io::Result<Vec<_>>>()?;
    for _ in 0..load.connections {
        end(accept(listener)?);
    }
    held.into_iter().for_each(end);
    println!("{}", (processor_time() - spent).as_nanos());
    Ok(())
}

/// Waits for the far end to close, or to reset.
fn exhaust(connection: &OwnedFd) {
    let _: rustix::io::Result<usize> = rustix::io::read(connection, &mut [0_u8]);
}

fn processor_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::from_secs(spent.tv_sec.unsigned_abs())
        + Duration::from_nanos(spent.tv_nsec.unsigned_abs())
}

/// The word that makes this program the server.
const SERVE: &str = "serve";
