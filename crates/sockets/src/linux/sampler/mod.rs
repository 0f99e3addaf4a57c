//! Watches sockets where no program may run in the kernel: looks again and again over `sock_diag(7)`
//! and joins what it sees to the kernel's multicast word of destroyed sockets.
//!
//! What a look is too slow for is lost by design: see [`Sampler`].

mod broadcast;
mod entry;
mod eye;
pub(crate) mod fuzz;
mod known;
mod listeners;
mod pace;
mod place;
mod programs;
mod scene;

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{EventfdFlags, Timespec, epoll, eventfd};

use self::eye::{Eye, Sight};
use crate::{Error, Event, NetnsScope, Watcher, Watching};

/// Tells of sockets by looking again and again, joined to the kernel's word of those that ended.
///
/// A thread of its own looks every 100 ms, or less often where a look is dear, so that it takes 1.6 %
/// of one processor; from some 400,000 sockets on every 10 s. Everything it tells is
/// [`crate::Evidence::Sampled`], also what is open at the start. What that means:
///
/// - Holders are looked for when a socket is first seen, among the likely processes; once more, among
///   all, when the next look finds it still open. The opener is the holder that started first, not
///   certainly who made the socket; for an accepted one it is the holder of its listener.
/// - [`crate::EventKind::Opened`] is told at the look *before* the one that saw the socket: it is not
///   older than that.
/// - The kernel tells everybody of ended sockets, in each namespace that they may enter (Linux 4.3).
///   So the end of a socket is known to some 10 ms, and one that no look saw is told all the same,
///   without a user ([`crate::Opened::NO_UID`]) and, unless it came in, without an opener; whether it
///   came in is told by the listeners of the looks around it. Where the kernel does not tell, a socket has ended when two looks have
///   missed it, [`crate::Ending::Unseen`], and one that no look saw is told if it left a `TIME-WAIT`.
/// - `TIME-WAIT` is seen. A reset by ourselves is told from a close where the socket was disconnected
///   (`SO_LINGER` zero); then the far end of an unseen one has no port, and its connect may as well
///   have failed: [`crate::Ending::Unseen`]. A reset by the far end shows as
///   [`crate::Ending::Closed`]; as `Unseen` where the descriptor stays open.
/// - After [`crate::EventKind::Lost`] nobody knows how many ends were lost: 1 stands for one or more.
/// - Programs have no count of `execve`: [`crate::ProgramKey::exec`] is 0, and a program that a
///   process runs anew is told under its old key.
#[derive(Debug)]
pub struct Sampler {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Sampler {
    /// Room for the kernel's word of some 20,000 ended sockets. Without `CAP_NET_ADMIN` it is
    /// `net.core.rmem_max` at most: some 300.
    pub const BUFFER_BYTES: usize = 16 << 20;

    /// Begins to watch the namespaces of `netns`, those that come later included; with a queue of
    /// `buffer_bytes` in each for the kernel's word, or without that word for none. Namespaces other
    /// than our own need root.
    ///
    /// # Errors
    /// [`Error::Netlink`] where there is no `sock_diag`: `/proc/net` has no cookies.
    /// [`Error::Netns`] if the one namespace asked for is not there or not to be entered.
    pub fn open(netns: NetnsScope, buffer_bytes: usize) -> Result<Sampler, Error> {
        let failed = |error: rustix::io::Errno| watch("wait for ended sockets", error.into());
        let alarm = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(failed)?;
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let bell = eventfd(0, flags).map_err(failed)?;
        let data = epoll::EventData::new_u64(1);
        epoll::add(&alarm, &bell, data, epoll::EventFlags::IN).map_err(failed)?;
        let alarm = Arc::new(alarm);
        let eye = Mutex::new(Eye::open(netns, buffer_bytes, Arc::clone(&alarm))?);
        let (told, stopped) = (Mutex::default(), AtomicBool::new(false));
        let shared = Arc::new(Shared { eye, told, stopped, alarm, bell });
        Ok(Sampler { shared, thread: None })
    }

    /// Starts the thread that looks, unless it runs.
    fn begin(&mut self) -> Result<(), Error> {
        match &self.thread {
            None => {
                let shared = Arc::clone(&self.shared);
                let thread = thread::Builder::new().name("sampler".into());
                let thread = thread.spawn(move || shared.run());
                self.thread = Some(thread.map_err(|error| watch("start a thread", error))?);
                Ok(())
            }
            Some(thread) if thread.is_finished() => {
                let ended = io::Error::other("the thread that looks has ended");
                Err(watch("look at the sockets", ended))
            }
            Some(_) => Ok(()),
        }
    }
}

impl Watcher for Sampler {
    fn watching(&self) -> Watching {
        Watching::Sampling
    }

    fn shortcomings(&self) -> Vec<String> {
        let told = self.shared.told();
        told.sight.shortcomings(told.rest)
    }

    fn survey(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        let mut seen = Vec::new();
        let mut eye = self.shared.eye();
        eye.look(&mut seen)?;
        let mut told = self.shared.told();
        told.see(&eye);
        events.append(&mut told.events);
        drop(told);
        events.append(&mut seen);
        events.extend(eye.programs.all(eye::boot_time()));
        events.extend(eye.known.all());
        drop(eye);
        self.begin()
    }

    fn drain(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        let mut told = self.shared.told();
        events.append(&mut told.events);
        let failed = told.failed.take();
        drop(told);
        match failed {
            Some(error) => Err(error),
            None => self.begin(),
        }
    }

    fn wait(&mut self, pause: Duration) {
        thread::sleep(pause);
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        let _woken = rustix::io::write(&self.shared.bell, &1_u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// What the thread that looks and its owner have in common.
#[derive(Debug)]
struct Shared {
    eye: Mutex<Eye>,
    /// Locked for moments only, while the eye is for as long as it looks.
    told: Mutex<Told>,
    stopped: AtomicBool,
    /// Readable when the kernel has told something, or the bell was rung.
    alarm: Arc<OwnedFd>,
    /// Ends the rest of the thread.
    bell: OwnedFd,
}

/// What is ready to be drained.
#[derive(Debug, Default)]
struct Told {
    events: Vec<Event>,
    failed: Option<Error>,
    sight: Sight,
    rest: Duration,
}

impl Told {
    fn see(&mut self, eye: &Eye) {
        self.rest = eye.rest;
        self.sight.clone_from(&eye.sight);
    }

    fn is_full(&self) -> bool {
        self.events.len() > MOST_TOLD || self.failed.is_some()
    }
}

impl Shared {
    /// Looks until it is stopped.
    fn run(&self) {
        while !self.stopped.load(Ordering::Relaxed) {
            let rest = self.turn();
            let Ok(rest) = Timespec::try_from(rest.max(SHORTEST)) else { continue };
            let mut ready =
                [epoll::Event { flags: epoll::EventFlags::IN, data: epoll::EventData::new_u64(0) }];
            let woken = epoll::wait(&*self.alarm, &mut ready, Some(&rest));
            // Woken for each socket that ends would be dear: a few of them are read together.
            if woken.is_ok_and(|woken| woken > 0) {
                thread::sleep(SHORTEST);
            }
        }
    }

    fn turn(&self) -> Duration {
        if self.told().is_full() {
            // Nobody drains. What the kernel tells meanwhile is lost, and told to be.
            return FULL_REST;
        }
        let mut events = Vec::new();
        let mut eye = self.eye();
        let turned = eye.turn(&mut events);
        let mut told = self.told();
        told.see(&eye);
        told.events.append(&mut events);
        turned.unwrap_or_else(|error| {
            told.failed = Some(error);
            FULL_REST
        })
    }

    fn eye(&self) -> MutexGuard<'_, Eye> {
        self.eye.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sight {
    /// What cannot be seen, a line each; a look is taken after every `rest`.
    fn shortcomings(&self, rest: Duration) -> Vec<String> {
        let rest = rest.as_millis();
        let mut lines = vec![
            format!("sockets are looked at every {rest} ms: one that lives shorter has no owner unless it came in on a listener, and its start is only known to be after the look before"),
            "how a connection ended is not known, but for TIME-WAIT and some resets: others show as closed".to_owned(),
            "owners are the processes that held a socket when it was first seen".to_owned(),
            "a network namespace is noticed a second after it was made at the latest".to_owned(),
        ];
        if let Some((count, why)) = &self.silent {
            lines.push(format!("the kernel does not tell of ended sockets in {count} network namespaces ({why}): ends are known to two looks there, and short connections only by their TIME-WAIT"));
        }
        if self.hidden_processes > 0 {
            lines.push(format!("processes that may not be looked into, so that their sockets have no owner: {}; more privilege may help", self.hidden_processes));
        }
        if self.hidden_places > 0 {
            lines.push(format!(
                "processes whose network namespace may not be known: {}; more privilege may help",
                self.hidden_places
            ));
        }
        if let Some((netns, why)) = self.refused.iter().min() {
            lines.push(format!(
                "{} network namespaces could not be entered: {} for one ({why})",
                self.refused.len(),
                netns.0
            ));
        }
        lines
    }
}

fn watch(what: &'static str, source: io::Error) -> Error {
    Error::Watch { what, source }
}

/// Ends of sockets that come sooner one after the other are read together.
const SHORTEST: Duration = Duration::from_millis(10);
const FULL_REST: Duration = Duration::from_millis(100);
/// Events that may wait to be drained, in some 150 MB.
const MOST_TOLD: usize = 1 << 20;
