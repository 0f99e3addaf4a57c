//! Looks at all sockets again and again and joins what it sees to the kernel's word.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::epoll;
use rustix::fd::OwnedFd;
use rustix::time::{ClockId, clock_gettime};

use super::known::Known;
use super::pace::Pace;
use super::place::Place;
use super::programs::Programs;
use super::scene::{Search, View};
use crate::linux::{netns, owners};
use crate::{BootTime, Error, Event, NetnsId, NetnsScope, Note, Ownership, Socket};

/// What looks.
#[derive(Debug)]
pub(super) struct Eye {
    own: NetnsId,
    scope: NetnsScope,
    /// Room in the kernel's queue for its word, in each namespace.
    room: usize,
    places: Vec<Place>,
    pub(super) known: Known,
    pub(super) programs: Programs,
    pace: Pace,
    /// When the last look began.
    looked: Option<BootTime>,
    pub(super) rest: Duration,
    due: Instant,
    /// When namespaces and exits are to be looked for again.
    round: Instant,
    pub(super) sight: Sight,
    sockets: Vec<Socket>,
    buffer: Box<[u8]>,
    alarm: Arc<OwnedFd>,
}

/// How much there is to be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// How many processes could not be looked into when they were last.
    pub(super) hidden_processes: usize,
    /// Processes whose namespace may not be known.
    pub(super) hidden_places: usize,
    /// Namespaces that could not be entered, with the reason.
    pub(super) refused: HashMap<NetnsId, String>,
    /// Why the kernel's word is not to be had, for so many namespaces.
    pub(super) silent: Option<(usize, String)>,
}

impl Eye {
    /// Opens the namespaces of `scope`; what the kernel tells makes `alarm` readable.
    ///
    /// # Errors
    /// [`Error::Netlink`] without `sock_diag`, [`Error::Netns`] if the one namespace asked for
    /// cannot be entered.
    pub(super) fn open(scope: NetnsScope, room: usize, alarm: Arc<OwnedFd>) -> Result<Eye, Error> {
        let own = netns::own()?.id;
        let now = Instant::now();
        let mut eye = Eye {
            own,
            scope,
            room,
            places: Vec::new(),
            known: Known::default(),
            programs: Programs::default(),
            pace: Pace::default(),
            looked: None,
            rest: Duration::ZERO,
            due: now,
            round: now,
            sight: Sight::default(),
            sockets: Vec::new(),
            buffer: vec![0; LONGEST_WORD].into(),
            alarm,
        };
        if eye.wants(own) {
            let place = Place::open(own, room, boot_time());
            let source = |source| Error::Netlink { what: "list sockets", source };
            eye.add(place.map_err(source)?);
        }
        eye.find_places();
        match scope {
            NetnsScope::One(netns) if eye.places.is_empty() => {
                let source = io::ErrorKind::NotFound.into();
                Err(Error::Netns { netns, source })
            }
            _ => Ok(eye),
        }
    }

    /// Takes in the kernel's word, and looks if it is time to; returns how long to rest.
    ///
    /// # Errors
    /// [`Error::Netlink`] if our own namespace cannot be looked at.
    pub(super) fn turn(&mut self, events: &mut Vec<Event>) -> Result<Duration, Error> {
        self.hear();
        let waiting: usize = self.places.iter().map(|place| place.ended.len()).sum();
        if Instant::now() >= self.due || waiting > MOST_WAITING {
            self.look(events)?;
        }
        Ok(self.due.saturating_duration_since(Instant::now()))
    }

    /// Looks at all sockets, and appends what has happened since the last look, in order of time.
    ///
    /// # Errors
    /// [`Error::Netlink`] if our own namespace cannot be looked at.
    pub(super) fn look(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        let (before, mut cost) = (events.len(), processor_time());
        let began = Instant::now();
        if began >= self.round {
            self.find_places();
        }
        let at = boot_time();
        let since = self.looked.unwrap_or(at);
        self.known.begin();
        let unseen = self.view_places(at, events)?;
        self.known.sweep(at, &unseen, events);
        let searched = self.find_holders(since, events);
        self.known.tell(at, events);
        if began >= self.round {
            self.programs.exits(at, events);
            self.round = Instant::now() + ROUND;
        }
        for place in &mut self.places {
            events.append(&mut place.lost);
        }
        events[before..].sort_by_key(|event| event.at);
        // A search has a second thread.
        cost = processor_time().saturating_sub(cost) + searched;
        let between = Duration::from_nanos(at.0 - since.0);
        self.rest = self.pace.rest(cost, between);
        self.due = Instant::now() + self.rest;
        self.looked = Some(at);
        Ok(())
    }

    /// Takes in the kernel's word everywhere.
    fn hear(&mut self) {
        let at = boot_time();
        for place in &mut self.places {
            place.hear(at, &mut self.buffer);
        }
    }

    /// Looks at each namespace; returns those where that failed.
    fn view_places(
        &mut self,
        at: BootTime,
        events: &mut Vec<Event>,
    ) -> Result<Vec<NetnsId>, Error> {
        let mut unseen = Vec::new();
        let first = self.looked.is_none();
        for place in &mut self.places {
            place.hear(at, &mut self.buffer);
            if let Err(source) = place.list(&mut self.sockets) {
                if place.netns == self.own {
                    return Err(Error::Netlink { what: "list sockets", source });
                }
                unseen.push(place.netns);
                continue;
            }
            let ended = std::mem::take(&mut place.ended);
            let view = View {
                sockets: &self.sockets,
                ended: &ended,
                at,
                since: place.looked,
                heralded: place.heralded().is_ok(),
                search: if first { Search::Everywhere } else { Search::Near },
            };
            self.known.view(&view, &mut place.memory, events);
            // What ended while we looked may have been there before we did.
            place.hear(boot_time(), &mut self.buffer);
            place.looked = Some(at);
        }
        if self.sockets.capacity() > MANY {
            self.sockets = Vec::new();
        }
        Ok(unseen)
    }

    /// Finds holders of the new sockets; returns the processor time of the search on one thread.
    fn find_holders(&mut self, since: BootTime, events: &mut Vec<Event>) -> Duration {
        let began = processor_time();
        let (near, far) = self.known.take_sought();
        if !near.is_empty() {
            let ownership = owners::find_likely(&near);
            let sockets = near.iter().map(|socket| (socket.cookie, socket.inode));
            self.hold(&ownership, sockets, since, events);
        }
        if !far.is_empty() {
            let inodes: Vec<u64> = far.iter().map(|(_, inode)| *inode).collect();
            let ownership = owners::find_inodes(&inodes);
            self.hold(&ownership, far.iter().copied(), since, events);
        }
        processor_time().saturating_sub(began)
    }

    fn hold(
        &mut self,
        ownership: &Ownership,
        sockets: impl Iterator<Item = (u64, u64)>,
        since: BootTime,
        events: &mut Vec<Event>,
    ) {
        for (cookie, inode) in sockets {
            if let Some(holder) = self.programs.holder(ownership, inode, since, events) {
                self.known.held(cookie, holder);
            }
        }
        let hidden = ownership.notes().iter().find_map(|note| match note {
            Note::ProcessesUnreadable { count } => Some(*count),
            _ => None,
        });
        self.sight.hidden_processes = hidden.unwrap_or(0);
    }

    /// Opens the namespaces that are new, and leaves those that nobody lives in any more: our
    /// descriptors would keep them in being.
    fn find_places(&mut self) {
        let others = match self.scope {
            NetnsScope::Own => netns::Others::default(),
            NetnsScope::One(id) if id == self.own => netns::Others::default(),
            _ => netns::others(self.own),
        };
        self.sight.hidden_places = others.unreadable;
        let found: HashSet<NetnsId> = others.doors.iter().map(|door| door.netns.id).collect();
        self.places.retain(|place| {
            place.netns == self.own || place.inhabited || found.contains(&place.netns)
        });
        self.sight.refused.retain(|netns, _| found.contains(netns));
        let known = |id| self.places.iter().any(|place| place.netns == id);
        let mut doors = others.doors;
        doors.retain(|door| {
            let id = door.netns.id;
            !known(id) && self.wants(id) && !self.sight.refused.contains_key(&id)
        });
        if !doors.is_empty() {
            self.enter(doors);
        }
        self.count_silent();
    }

    fn enter(&mut self, doors: Vec<netns::Door>) {
        let (room, mut opened) = (self.room, Vec::new());
        let visited = netns::visit(doors, |netns, entered| {
            let place = entered.and_then(|()| Place::open(netns.id, room, boot_time()));
            opened.push((netns.id, place));
        });
        // Without a thread there is none of them; the next round tries again.
        if visited.is_err() {
            return;
        }
        for (netns, place) in opened {
            match place {
                Ok(place) => self.add(place),
                Err(error) => _ = self.sight.refused.insert(netns, error.to_string()),
            }
        }
    }

    fn add(&mut self, place: Place) {
        if let Ok(fd) = place.heralded() {
            let data = epoll::EventData::new_u64(0);
            // Without it the kernel's word is read when it is time to look.
            let _added = epoll::add(&*self.alarm, fd, data, epoll::EventFlags::IN);
        }
        self.places.push(place);
    }

    fn count_silent(&mut self) {
        let silent = self.places.iter().filter_map(|place| place.heralded().err());
        let (count, last) = silent.fold((0, None), |(count, _), error| (count + 1, Some(error)));
        self.sight.silent = last.map(|error| (count, error.to_string()));
    }

    fn wants(&self, netns: NetnsId) -> bool {
        match self.scope {
            NetnsScope::All => true,
            NetnsScope::Own => netns == self.own,
            NetnsScope::One(one) => netns == one,
        }
    }
}

/// Now, since boot.
pub(super) fn boot_time() -> BootTime {
    BootTime(u64::try_from(duration(ClockId::Boottime).as_nanos()).unwrap_or(u64::MAX))
}

/// The processor time of this thread.
fn processor_time() -> Duration {
    duration(ClockId::ThreadCPUTime)
}

fn duration(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let nanos = Duration::from_nanos(time.tv_nsec.unsigned_abs());
    Duration::from_secs(time.tv_sec.unsigned_abs()) + nanos
}

/// How often namespaces and exits are looked for: a container's first sockets may come and go
/// before that.
const ROUND: Duration = Duration::from_secs(1);
/// A message of the kernel's is under 400 bytes.
const LONGEST_WORD: usize = 8 * 1024;
/// Ended sockets that may wait to be joined to a look, in 8 MB.
const MOST_WAITING: usize = 65_536;
/// Room for sockets that is not kept from one look to the next: 5 MB.
const MANY: usize = 25_000;
