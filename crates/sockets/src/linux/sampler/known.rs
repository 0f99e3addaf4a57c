//! The sockets that were seen, and what a look and the kernel's word of ended ones say together:
//! pure, but for owners, which are put in from outside.

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};

use registry::{Port, Proto};

use super::broadcast::Ended;
use super::entry::{Entry, Sought};
use super::listeners::Listeners;
use super::scene::{self, Memory, Scene, Search, View, is_tail};
use crate::{
    BootTime, Closed, Ending, Event, EventKind, NetnsId, Opened, ProgramKey, Role, Socket, State,
};

/// What is known of the sockets that hold a port, by cookie.
#[derive(Debug, Default)]
pub(super) struct Known {
    sockets: HashMap<u64, Entry>,
    /// Sockets that lost their port while a descriptor was left: their end will be told yet.
    ghosts: Ghosts,
    /// Those to be told of.
    changed: Vec<u64>,
    /// New ones, whose holder is to be looked for among the likely processes.
    near: Vec<Socket>,
    /// Those that are to be looked for among all, with their inodes.
    far: Vec<(u64, u64)>,
    /// Those that no look saw, to be told of.
    passed: Vec<Passed>,
    /// The number of this look.
    look: u32,
}

/// A socket that came and went between two looks.
#[derive(Debug)]
struct Passed {
    opened: Opened,
    listener: Option<u64>,
    since: BootTime,
    at: BootTime,
    ending: Ending,
}

impl Known {
    /// Begins a look.
    pub(super) fn begin(&mut self) {
        self.look = self.look.wrapping_add(1);
    }

    /// Takes in what the look saw in one namespace.
    pub(super) fn view(&mut self, view: &View<'_>, memory: &mut Memory, events: &mut Vec<Event>) {
        let now = Listeners::of(view.sockets);
        let scene = Scene { view, now: &now, before: &memory.listeners };
        self.ends(&scene, events);
        let mut tails = HashSet::new();
        for socket in view.sockets.iter().filter(|socket| socket.cookie != 0) {
            if is_tail(socket) {
                if !view.heralded {
                    tails.insert(socket.cookie);
                }
                self.tail(socket, &scene, &memory.tails);
            } else if socket.state != State::SynRecv {
                self.socket(socket, &scene, events);
            }
        }
        *memory = Memory { listeners: now, tails };
    }

    /// Ends those that two looks have missed; those of the namespaces `unseen` are not missed.
    /// One look may pass over a socket, as the table is no snapshot.
    pub(super) fn sweep(&mut self, at: BootTime, unseen: &[NetnsId], events: &mut Vec<Event>) {
        let (look, ghosts) = (self.look, &mut self.ghosts);
        self.sockets.retain(|cookie, entry| {
            if entry.seen == look || unseen.contains(&entry.opened.netns) {
                return true;
            }
            let Some(missing) = entry.missing else {
                entry.missing = Some(at);
                return true;
            };
            let ending = if entry.lingers { Ending::TimeWait } else { Ending::Unseen };
            events.push(closed(*cookie, ending, missing));
            if entry.heralded {
                ghosts.insert(*cookie);
            }
            false
        });
    }

    /// Those whose holders are to be looked for: near, with what leads there, and everywhere, by
    /// cookie and inode.
    pub(super) fn take_sought(&mut self) -> (Vec<Socket>, Vec<(u64, u64)>) {
        (std::mem::take(&mut self.near), std::mem::take(&mut self.far))
    }

    /// Puts in who holds a socket.
    pub(super) fn held(&mut self, cookie: u64, holder: ProgramKey) {
        if let Some(entry) = self.sockets.get_mut(&cookie) {
            entry.holder = Some(holder);
            self.changed.push(cookie);
        }
    }

    /// Tells of those that are new or have changed.
    pub(super) fn tell(&mut self, at: BootTime, events: &mut Vec<Event>) {
        self.changed.sort_unstable();
        self.changed.dedup();
        for cookie in std::mem::take(&mut self.changed) {
            let listener = self.sockets.get(&cookie).and_then(|entry| entry.listener);
            let above = listener.and_then(|listener| self.sockets.get(&listener));
            let above = above.and_then(|listener| listener.holder);
            if let Some(entry) = self.sockets.get_mut(&cookie) {
                entry.tell(above, at, events);
            }
        }
        for passed in std::mem::take(&mut self.passed) {
            let listener = passed.listener.and_then(|listener| self.sockets.get(&listener));
            let opener = listener.and_then(|listener| listener.holder);
            let opened = Opened { opener, ..passed.opened };
            let end = closed(opened.cookie, passed.ending, passed.at);
            events.push(Event { at: passed.since, kind: EventKind::Opened(opened) });
            events.push(end);
        }
    }

    /// Tells of all of them again.
    pub(super) fn all(&self) -> impl Iterator<Item = Event> {
        let opened = |entry: &Entry| EventKind::Opened(entry.opened.clone());
        self.sockets.values().map(move |entry| Event { at: entry.from, kind: opened(entry) })
    }

    /// The ends that the kernel told of.
    fn ends(&mut self, scene: &Scene<'_>, events: &mut Vec<Event>) {
        if scene.view.ended.is_empty() {
            return;
        }
        let tails = scene.view.sockets.iter().filter(|socket| is_tail(socket));
        let tails: HashSet<_> = tails.map(|socket| (socket.local, socket.remote)).collect();
        for end in scene.view.ended {
            let lingers = end.proto == Proto::Tcp && tails.contains(&(end.local, end.remote));
            if let Some(entry) = self.sockets.remove(&end.cookie) {
                events.push(closed(end.cookie, entry.ending(end, lingers), end.at));
            } else if !self.ghosts.remove(end.cookie) && end.local.port != Port::NONE {
                self.passed.push(Passed::new(scene, end, lingers));
            }
        }
    }

    /// A port in `TIME-WAIT`, whose socket is gone. Where the kernel does not tell of ends, this is
    /// all there is to see of a short connection.
    fn tail(&mut self, socket: &Socket, scene: &Scene<'_>, before: &HashSet<u64>) {
        if let Some(entry) = self.sockets.get_mut(&socket.cookie) {
            entry.lingers = true;
            return;
        }
        let Some(since) = scene.view.since.filter(|_| !scene.view.heralded) else { return };
        if before.contains(&socket.cookie) {
            return;
        }
        let opened = scene.opened(socket, scene.role(socket, None));
        let listener = scene.taker(socket).filter(|_| opened.role == Role::Incoming);
        let (at, ending) = (scene.view.at, Ending::TimeWait);
        self.passed.push(Passed { opened, listener, since, at, ending });
    }

    /// A socket that holds a port.
    fn socket(&mut self, socket: &Socket, scene: &Scene<'_>, events: &mut Vec<Event>) {
        let View { at, since, search, heralded, .. } = *scene.view;
        let known = self.sockets.get(&socket.cookie);
        let moved = known.is_some_and(|entry| entry.opened.local.port != socket.local.port);
        let known = known.filter(|_| !moved);
        let opened = scene.opened(socket, scene.role(socket, known.map(|entry| entry.opened.role)));
        if moved {
            events.push(closed(socket.cookie, Ending::Unseen, at));
            self.sockets.remove(&socket.cookie);
        }
        self.ghosts.remove(socket.cookie);
        // Of a close and an open at the same moment nobody could say which came first.
        let from = if moved { BootTime(at.0 + 1) } else { since.unwrap_or(at) };
        let entry = self.sockets.entry(socket.cookie).or_insert_with(|| {
            let listener = scene.taker(socket).filter(|_| opened.role == Role::Incoming);
            self.changed.push(socket.cookie);
            Entry::new(&opened, from, listener, heralded)
        });
        if entry.see(opened, socket, self.look) {
            self.changed.push(socket.cookie);
        }
        match (entry.sought, search) {
            _ if socket.inode == 0 || entry.holder.is_some() => {}
            (Sought::Not, Search::Near) => {
                entry.sought = Sought::Near;
                self.near.push(socket.clone());
            }
            (Sought::Not, Search::Everywhere) | (Sought::Near, _) => {
                entry.sought = Sought::Everywhere;
                self.far.push((socket.cookie, socket.inode));
            }
            (Sought::Everywhere, _) => {}
        }
    }
}

impl Passed {
    /// One of which only its end was told.
    fn new(scene: &Scene<'_>, end: &Ended, lingers: bool) -> Passed {
        let opened = scene.unseen(end);
        let listener = scene.taker_at(&end.local).filter(|_| opened.role == Role::Incoming);
        let ending = scene::unseen_ending(&opened, lingers);
        Passed { opened, listener, since: end.since, at: end.at, ending }
    }
}

/// The ghosts that are waited for; the oldest are given up.
#[derive(Debug, Default)]
struct Ghosts {
    cookies: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Ghosts {
    fn insert(&mut self, cookie: u64) {
        self.cookies.insert(cookie);
        self.order.push_back(cookie);
        if self.order.len() > MOST_GHOSTS {
            let oldest = self.order.pop_front();
            oldest.map(|oldest| self.cookies.remove(&oldest));
        }
    }

    fn remove(&mut self, cookie: u64) -> bool {
        self.cookies.remove(&cookie)
    }
}

fn closed(cookie: u64, ending: Ending, at: BootTime) -> Event {
    Event { at, kind: EventKind::Closed(Closed { cookie, closer: None, ending }) }
}

/// Sockets of 65,536 programs that keep reset connections open, in 1 MB.
const MOST_GHOSTS: usize = 65_536;
