//! `room --probe`: what a connect costs at the fill of a destination. The same ports are taken in a network
//! namespace made for it, by connections to a listener there that are left in `TIME-WAIT`, which takes no
//! descriptors; then a hundred connects are timed, as a hundred were before.
//!
//! The namespace is made by `unshare(1)` around this same program, which reads what to do on its standard
//! input and prints what it measured.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use registry::{PortRange, Proto};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};
use serde::{Deserialize, Serialize};
use sockets::{Query, Socket, Source, State};

use super::{Namespace, Row, Survey};

/// What a connect costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// With no port taken.
    pub(crate) empty: Times,
    /// With the destination's.
    pub(crate) full: Times,
}

/// Times of a hundred connects, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) median_us: f64,
    /// The slowest but one.
    pub(crate) slow_us: f64,
    /// How many found no port.
    pub(crate) failed: u32,
}

/// What is to be built and measured.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    first: u16,
    last: u16,
    /// Ports that connect(2) passes over.
    passed: String,
    taken: Vec<u16>,
}

/// Measures at the fill of the fullest TCP destination of `survey`; with its row.
pub(crate) fn measure(survey: &Survey) -> anyhow::Result<Option<(&Row, Cost)>> {
    if !rustix::process::geteuid().is_root() {
        bail!("--probe makes a network namespace, which only root may");
    }
    let rows = survey
        .namespaces
        .iter()
        .flat_map(|namespace| namespace.rows.iter().map(move |row| (namespace, row)));
    let tcp = rows.filter(|(_, row)| row.destination.proto == Proto::Tcp);
    let fullest = tcp.max_by(|a, b| a.1.destination.fill().total_cmp(&b.1.destination.fill()));
    let Some((namespace, row)) = fullest else { return Ok(None) };
    Ok(Some((row, elsewhere(&Task::of(namespace, row, &survey.sockets))?)))
}

/// Has a task done in a namespace of its own.
fn elsewhere(task: &Task) -> anyhow::Result<Cost> {
    let program = std::env::current_exe().context("our own program could not be found")?;
    let mut child = Command::new("unshare")
        .args(["--net", "--"])
        .arg(program)
        .args(["room", "--probe-inside"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("unshare(1), of util-linux, could not be run")?;
    let mut input = child.stdin.take().context("unshare(1) takes no input")?;
    input.write_all(&serde_json::to_vec(task)?).context("the probe took no task")?;
    drop(input);
    let output = child.wait_with_output().context("the probe did not end")?;
    serde_json::from_slice(&output.stdout).context("the probe measured nothing")
}

/// Does the task on standard input in the namespace that this process is in.
pub(super) fn inside(out: &mut impl Write) -> anyhow::Result<()> {
    // A new one has no socket, and neither address nor route: its loopback device is down.
    let is_empty = |name: &str, header: usize| {
        let text = fs::read_to_string(format!("/proc/self/net/{name}")).unwrap_or_default();
        text.lines().nth(header).is_none()
    };
    let sockets = sockets::host().sockets(&Query::default()).map(|found| found.sockets.len());
    if !is_empty("route", 1) || !is_empty("if_inet6", 0) || sockets.unwrap_or(1) > 0 {
        bail!("--probe-inside is for a namespace made for it: use --probe");
    }
    let mut json = Vec::new();
    std::io::stdin().read_to_end(&mut json).context("there is no task")?;
    let task: Task = serde_json::from_slice(&json).context("the task is not understood")?;
    let cost = Scratch::open(&task)?.measure(&task)?;
    Ok(serde_json::to_writer(out, &cost)?)
}

impl Task {
    fn of(namespace: &Namespace, row: &Row, sockets: &[Socket]) -> Task {
        let settings = &namespace.limits.ports;
        let id = namespace.limits.netns.id;
        let shut = sockets.iter().filter(|socket| {
            let shuts = matches!(socket.state, State::Listen | State::Bound);
            shuts && socket.netns == id && socket.proto == Proto::Tcp
        });
        let shut = shut.map(|socket| PortRange::from(socket.local.port));
        let passed = settings.reserved.iter().copied().chain(shut);
        let members = row.destination.sockets.iter().map(|at| &sockets[*at as usize]);
        Task {
            first: settings.ephemeral.first().number(),
            last: settings.ephemeral.last().number(),
            passed: passed.map(|range| range.to_string()).collect::<Vec<_>>().join(","),
            taken: members.map(|socket| socket.local.port.number()).collect(),
        }
    }
}

/// The namespace made for it.
struct Scratch {
    listener: TcpListener,
    to: SocketAddrV4,
    /// `ip_local_port_range`.
    range: File,
}

impl Scratch {
    fn open(task: &Task) -> anyhow::Result<Scratch> {
        sockets::raise_loopback()?;
        // The ports of loopback in TIME-WAIT are not to be lent, and there is to be room for all.
        set("tcp_tw_reuse", "0")?;
        set("tcp_max_tw_buckets", "65536")?;
        set("ip_unprivileged_port_start", "0")?;
        set("ip_local_reserved_ports", &format!("{}\n", task.passed))?;
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, LISTENS);
        let listener = TcpListener::bind(to).context("the probe could not listen")?;
        let path = "/proc/sys/net/ipv4/ip_local_port_range";
        let range = File::options().write(true).open(path);
        Ok(Scratch {
            listener,
            to,
            range: range.with_context(|| format!("{path} could not be opened"))?,
        })
    }

    fn measure(&self, task: &Task) -> anyhow::Result<Cost> {
        self.draw_from(task.first, task.last)?;
        let empty = self.time()?;
        for port in &task.taken {
            self.draw_from(*port, *port)?;
            self.take().with_context(|| format!("the probe could not take port {port}"))?;
        }
        self.draw_from(task.first, task.last)?;
        Ok(Cost { empty, full: self.time()? })
    }

    /// Has the next connects draw their ports from there.
    fn draw_from(&self, first: u16, last: u16) -> anyhow::Result<()> {
        let text = format!("{first} {last}\n");
        self.range.write_all_at(text.as_bytes(), 0).context("the probe's range could not be set")
    }

    /// Takes a port, and leaves it in TIME-WAIT.
    fn take(&self) -> std::io::Result<()> {
        let socket = stream()?;
        connect(&socket, &self.to)?;
        let (server, _) = self.listener.accept()?;
        drop(socket);
        drop(server);
        Ok(())
    }

    /// Times a hundred connects that leave nothing behind.
    fn time(&self) -> anyhow::Result<Times> {
        let mut took = Vec::new();
        let mut failed = 0;
        for _ in 0..CONNECTS {
            let socket = stream()?;
            sockopt::set_socket_linger(&socket, Some(Duration::ZERO))?;
            let begun = Instant::now();
            let connected = connect(&socket, &self.to);
            let time = begun.elapsed();
            match connected {
                Ok(()) => {
                    took.push(time.as_secs_f64() * 1e6);
                    drop(self.listener.accept()?);
                }
                Err(rustix::io::Errno::ADDRNOTAVAIL) => failed += 1,
                Err(error) => return Err(error).context("the probe could not connect"),
            }
        }
        took.sort_by(f64::total_cmp);
        let at = |from_end: usize| took.len().checked_sub(from_end + 1).map_or(0.0, |at| took[at]);
        Ok(Times {
            median_us: at(took.len() / 2),
            slow_us: at(1.min(took.len().saturating_sub(1))),
            failed,
        })
    }
}

fn stream() -> std::io::Result<std::os::fd::OwnedFd> {
    Ok(socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?)
}

fn set(name: &str, value: &str) -> anyhow::Result<()> {
    let path = format!("/proc/sys/net/ipv4/{name}");
    fs::write(&path, value).with_context(|| format!("{path} could not be set"))
}

const CONNECTS: usize = 100;
/// A System Port: below every range that `range set` permits.
const LISTENS: u16 = 1;
