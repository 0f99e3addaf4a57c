//! The server: one thread that waits for clients to ask, and for their processes to end.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use alloc::lease::{Lease, LeaseError, Wish};
use anyhow::Context;
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with, sockopt};
use rustix::process::{Pid, PidfdFlags, Resource, Rlimit, getrlimit, pidfd_open, setrlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::low_level::pipe;

use super::{Address, request, tenant};
use crate::report;

/// A portserver that listens.
#[derive(Debug)]
pub(crate) struct Server {
    address: Address,
    wish: Wish,
    listener: OwnedFd,
    epoll: OwnedFd,
    /// Ends it, and asks it how it does.
    signals: (UnixStream, UnixStream),
    /// Clients that have not asked yet, in the order in which they came.
    clients: BTreeMap<u64, OwnedFd>,
    tenants: HashMap<u64, Tenant>,
    by_pid: HashMap<u32, u64>,
    next: u64,
    counts: Counts,
}

/// A process with its ports.
#[derive(Debug)]
struct Tenant {
    pid: u32,
    process: OwnedFd,
    leases: Vec<Lease>,
}

/// What came of all requests, by the names that Google's portserver has for it.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    errors: u64,
    denied: u64,
    allocated: u64,
}

impl Server {
    /// Listens at `address`, to lease what `wish` says to each client.
    pub(crate) fn open(address: Address, wish: Wish) -> anyhow::Result<Server> {
        let limit = getrlimit(Resource::Nofile);
        // A lease is some descriptors; where this fails there are fewer leases.
        _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
        let why = "signals could not be waited for";
        let end = UnixStream::pair().context(why)?;
        let asked = UnixStream::pair().context(why)?;
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            pipe::register(signal, end.1.try_clone()?).context(why)?;
        }
        pipe::register(SIGUSR1, asked.1).context(why)?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let listener = address.listen()?;
        let server = Server {
            address,
            wish,
            listener,
            epoll,
            signals: (end.0, asked.0),
            clients: BTreeMap::new(),
            tenants: HashMap::new(),
            by_pid: HashMap::new(),
            next: FIRST,
            counts: Counts::default(),
        };
        server.watch(&server.listener, LISTENER)?;
        server.watch(&server.signals.0, END)?;
        server.watch(&server.signals.1, ASKED)?;
        Ok(server)
    }

    /// Serves until a signal ends it; then all leases are over.
    pub(crate) fn run(mut self) -> anyhow::Result<Counts> {
        let mut events = Vec::with_capacity(EVENTS);
        loop {
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error).context("could not wait for clients"),
            }
            // Those who ended first, so that their ports are there for those who ask.
            let (ended, asking): (Vec<u64>, Vec<u64>) = events
                .iter()
                .map(|event| event.data.u64())
                .partition(|token| self.tenants.contains_key(token));
            ended.into_iter().for_each(|token| self.end(token));
            for token in asking {
                match token {
                    END => {
                        self.address.remove();
                        return Ok(self.counts);
                    }
                    ASKED => {
                        _ = rustix::io::read(&self.signals.1, &mut [0; 64]);
                        report::notes(&[&self.counts]);
                    }
                    LISTENER => self.accept(),
                    token => self.answer(token),
                }
            }
        }
    }

    fn watch(&self, descriptor: impl AsFd, token: u64) -> Result<(), Errno> {
        epoll::add(&self.epoll, descriptor, EventData::new_u64(token), EventFlags::IN)
    }

    /// Lets in all who wait.
    fn accept(&mut self) {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        while let Ok(client) = accept_with(&self.listener, flags) {
            self.next += 1;
            // Most have asked already.
            if self.hear(&client) || self.watch(&client, self.next).is_err() {
                continue;
            }
            self.clients.insert(self.next, client);
            if self.clients.len() > CLIENTS {
                // Whoever has been silent for longest.
                self.clients.pop_first();
            }
        }
    }

    fn answer(&mut self, token: u64) {
        let Some(client) = self.clients.remove(&token) else { return };
        if !self.hear(&client) {
            self.clients.insert(token, client);
        }
    }

    /// Hears a client and answers it, if it has said something or is gone.
    fn hear(&mut self, client: &OwnedFd) -> bool {
        // As much as Google's reads: what is left unread would reset the connection.
        let mut said = [0; 100];
        let length = match rustix::io::read(client, &mut said) {
            Err(Errno::AGAIN | Errno::INTR) => return false,
            read => read.unwrap_or(0),
        };
        let Some(pid) = request::parse(&said[..length]) else {
            self.counts.errors += 1;
            return true;
        };
        match self.lease(client, pid) {
            Some(port) => {
                self.counts.allocated += 1;
                // Whoever does not wait for the answer has a port for nothing, until it ends.
                _ = rustix::io::write(client, format!("{port}\n").as_bytes());
            }
            None => self.counts.denied += 1,
        }
        true
    }

    /// A port for the process that the client calls `pid`.
    fn lease(&mut self, client: &OwnedFd, pid: u32) -> Option<registry::Port> {
        let peer = sockopt::socket_peercred(client).ok()?;
        let pid = tenant::named(&peer, pid)?;
        let token = self.tenant(pid)?;
        let wish = self.wish.clone().with_tenant(sockets::Pid(pid));
        let lease = match wish.take() {
            Ok(lease) => lease,
            Err(error) => {
                if !matches!(error, LeaseError::Exhausted { .. }) || self.counts.denied == 0 {
                    report::error(format_args!("no port for process {pid}: {error:#}"));
                }
                self.end_if_idle(token);
                return None;
            }
        };
        let port = lease.port();
        self.tenants.get_mut(&token)?.leases.push(lease);
        Some(port)
    }

    /// The tenant `pid`, whose end is waited for.
    fn tenant(&mut self, pid: u32) -> Option<u64> {
        if let Some(token) = self.by_pid.get(&pid) {
            let tenant = &self.tenants[token];
            if is_alive(&tenant.process) {
                return Some(*token);
            }
            self.end(*token);
        }
        let id = Pid::from_raw(i32::try_from(pid).ok()?)?;
        let process = pidfd_open(id, PidfdFlags::empty()).ok()?;
        self.next += 1;
        self.watch(&process, self.next).ok()?;
        self.tenants.insert(self.next, Tenant { pid, process, leases: Vec::new() });
        self.by_pid.insert(pid, self.next);
        Some(self.next)
    }

    /// Takes back what a tenant had.
    fn end(&mut self, token: u64) {
        if let Some(tenant) = self.tenants.remove(&token) {
            self.by_pid.remove(&tenant.pid);
        }
    }

    fn end_if_idle(&mut self, token: u64) {
        if self.tenants.get(&token).is_some_and(|tenant| tenant.leases.is_empty()) {
            self.end(token);
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { errors, denied, allocated } = self;
        write!(
            f,
            "client-request-errors {errors}, denied-allocations {denied}, total-allocations {allocated}"
        )
    }
}

/// Whether a process has not ended.
fn is_alive(process: &OwnedFd) -> bool {
    let at_once = Timespec::default();
    poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&at_once)) == Ok(0)
}

/// The events that are no tenant's or client's.
const LISTENER: u64 = 0;
const END: u64 = 1;
const ASKED: u64 = 2;
/// The last of those.
const FIRST: u64 = 2;
/// How many events are taken at once.
const EVENTS: usize = 256;
/// How many clients may be silent at once.
const CLIENTS: usize = 1024;
