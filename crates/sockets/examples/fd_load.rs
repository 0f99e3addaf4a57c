//! A host with many processes that hold many descriptors, to time "who owns this port?" against.
//!
//! `fd_load PROCESSES SOCKETS FILES SECONDS [--cgroups DIR COUNT]`: each process opens FILES
//! descriptors on `/dev/null` and SOCKETS TCP connections to one listener on 127.0.0.1:20000, from
//! source addresses 127.0.0.2 and up (12,000 each), and holds them for SECONDS. Prints `ready PORT`,
//! the local port of the last connection, once everything is open. With `--cgroups` the processes
//! are spread evenly over COUNT new cgroups under DIR, `load-0` and up, which are removed at the end.
//!
//! It raises `net.core.somaxconn`, so run it in a network namespace of its own, as `bench/owners` does.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::process::{Resource, Rlimit, Signal};

type Failure = Box<dyn Error>;

/// What the command line asks for.
struct Load {
    processes: u32,
    sockets: u32,
    files: u32,
    seconds: u64,
    cgroups: Option<Cgroups>,
}

/// New cgroups under a directory of a cgroup v2 mount.
struct Cgroups {
    dir: PathBuf,
    count: u32,
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [CHILD, first, sockets, files, parent] => {
            hold(first.parse()?, sockets.parse()?, files.parse()?, parent.parse()?)
        }
        [processes, sockets, files, seconds, rest @ ..] => Load {
            processes: processes.parse()?,
            sockets: sockets.parse()?,
            files: files.parse()?,
            seconds: seconds.parse()?,
            cgroups: Cgroups::from_args(rest)?,
        }
        .run(),
        _ => Err(USAGE.into()),
    }
}

impl Load {
    fn run(&self) -> Result<(), Failure> {
        raise_descriptor_limit()?;
        fs::write("/proc/sys/net/core/somaxconn", BACKLOG.to_string())?;
        let _listener = listen()?;
        if let Some(cgroups) = &self.cgroups {
            cgroups.create()?;
        }
        let mut children = Vec::new();
        let opened = self.open(&mut children);
        if let Ok(port) = &opened {
            println!("ready {port}");
            io::stdout().flush()?;
            thread::sleep(Duration::from_secs(self.seconds));
        }
        for child in &mut children {
            child.kill()?;
            child.wait()?;
        }
        if let Some(cgroups) = &self.cgroups {
            cgroups.remove()?;
        }
        opened.map(drop)
    }

    /// Starts the processes one after the other; the port of the last connection.
    fn open(&self, children: &mut Vec<Child>) -> Result<u16, Failure> {
        let mut last = 0;
        for process in 0..self.processes {
            let mut child = Command::new(std::env::current_exe()?)
                .arg(CHILD)
                .args([process * self.sockets, self.sockets, self.files].map(|n| n.to_string()))
                .arg(std::process::id().to_string())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
            let pid = child.id();
            children.push(child);
            if let Some(cgroups) = &self.cgroups {
                cgroups.enter(process * cgroups.count / self.processes, pid)?;
            }
            drop(stdin); // it waits for this, so that its sockets carry its cgroup
            let mut line = String::new();
            BufReader::new(stdout.ok_or("no pipe")?).read_line(&mut line)?;
            last = line.trim().parse().map_err(|_| format!("process {process} failed"))?;
        }
        Ok(last)
    }
}

impl Cgroups {
    fn from_args(args: &[&str]) -> Result<Option<Cgroups>, Failure> {
        match args {
            [] => Ok(None),
            ["--cgroups", dir, count] => {
                Ok(Some(Cgroups { dir: dir.into(), count: count.parse()? }))
            }
            _ => Err(USAGE.into()),
        }
    }

    fn path(&self, index: u32) -> PathBuf {
        self.dir.join(format!("load-{index}"))
    }

    fn create(&self) -> io::Result<()> {
        (0..self.count).try_for_each(|index| fs::create_dir_all(self.path(index)))
    }

    fn enter(&self, index: u32, pid: u32) -> io::Result<()> {
        fs::write(self.path(index).join("cgroup.procs"), pid.to_string())
    }

    fn remove(&self) -> io::Result<()> {
        (0..self.count).try_for_each(|index| fs::remove_dir(self.path(index)))
    }
}

/// One process of the load, started by `parent`: opens everything, says the last port, and stays
/// until it is killed, with its parent at the latest.
fn hold(first: u32, sockets: u32, files: u32, parent: i32) -> Result<(), Failure> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return Err("the parent is gone".into());
    }
    io::stdin().read_line(&mut String::new())?;
    let null = Path::new("/dev/null");
    let _files = (0..files).map(|_| File::open(null)).collect::<io::Result<Vec<_>>>()?;
    let sockets = (first..first + sockets).map(connect).collect::<io::Result<Vec<_>>>()?;
    let port = match sockets.last() {
        Some(socket) => SocketAddrV4::try_from(rustix::net::getsockname(socket)?)?.port(),
        None => 0,
    };
    println!("{port}");
    loop {
        thread::park();
    }
}

fn listen() -> io::Result<OwnedFd> {
    let listener = stream_socket()?;
    rustix::net::sockopt::set_socket_reuseaddr(&listener, true)?;
    rustix::net::bind(&listener, &SERVER)?;
    rustix::net::listen(&listener, BACKLOG)?;
    Ok(listener)
}

/// Connection number `index` of the whole load. The port is chosen when it connects, so that one
/// source address serves thousands.
fn connect(index: u32) -> io::Result<OwnedFd> {
    let socket = stream_socket()?;
    nix::sys::socket::setsockopt(&socket, nix::sys::socket::sockopt::IpBindAddressNoPort, &true)?;
    let source = Ipv4Addr::from_bits(FIRST_SOURCE.to_bits() + index / SOCKETS_PER_SOURCE);
    rustix::net::bind(&socket, &SocketAddrV4::new(source, 0))?;
    rustix::net::connect(&socket, &SERVER)?;
    Ok(socket)
}

fn stream_socket() -> io::Result<OwnedFd> {
    let (family, flags) = (AddressFamily::INET, SocketFlags::CLOEXEC);
    Ok(rustix::net::socket_with(family, SocketType::STREAM, flags, None)?)
}

/// The children inherit the limit; a shell's usual 1,024 would be too few.
fn raise_descriptor_limit() -> io::Result<()> {
    let maximum = rustix::process::getrlimit(Resource::Nofile).maximum;
    Ok(rustix::process::setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

const USAGE: &str = "usage: fd_load PROCESSES SOCKETS FILES SECONDS [--cgroups DIR COUNT]";
/// The first argument of a process that this program started.
const CHILD: &str = "--child";
const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 20000);
/// Nobody accepts: every connection of the load waits here.
const BACKLOG: i32 = 200_000;
const FIRST_SOURCE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const SOCKETS_PER_SOURCE: u32 = 12_000;
