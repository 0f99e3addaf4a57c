//! Events in, what they mean for tenures out: the rules by which one becomes the other.
//!
//! Nothing here asks the system for anything, so that a journal replayed gives the same.

use registry::Port;
use sockets::{Closed, Ending, Event, EventKind, Evidence, Opened, ProgramKey, Role};

use super::hold::{Ended, Hold, NOBODY, NONE_BEFORE, Names};
use super::open::{Open, OpenSockets};
use super::roster::Roster;
use super::straggler::Stragglers;
use crate::timeline::Timeline;
use crate::{Clock, Verb};

/// The sockets that are open, and what they name.
#[derive(Debug)]
pub(crate) struct Holdings {
    pub(crate) timeline: Timeline,
    pub(crate) roster: Roster,
    pub(crate) open: OpenSockets,
    closed: Stragglers<Option<Closed>>,
    taken: Stragglers<ProgramKey>,
    survey: u32,
    surveyed: Option<u64>,
}

/// Whoever is told what an event means.
pub(crate) trait Sink {
    /// A tenure is open, and this is what is known of it now.
    fn stands(&mut self, books: &mut Books<'_>, open: &Open, verb: Verb, at: u64);

    /// A tenure has ended.
    fn ended(&mut self, books: &mut Books<'_>, cookie: u64, ended: Ended);

    /// More is known of a program than when a journal took it.
    fn told(&mut self, books: &mut Books<'_>, slot: u32);

    /// Events were lost.
    fn lost(&mut self, books: &mut Books<'_>, since: u64, at: u64, events: u64);
}

/// What tenures name.
#[derive(Debug)]
pub(crate) struct Books<'a> {
    pub(crate) roster: &'a mut Roster,
    pub(crate) timeline: &'a Timeline,
}

impl Books<'_> {
    pub(crate) fn names(&self) -> Names<'_> {
        Names { programs: &*self.roster, clocks: self.timeline.clocks() }
    }
}

impl Holdings {
    pub(crate) fn new(timeline: Timeline) -> Holdings {
        Holdings {
            timeline,
            roster: Roster::default(),
            open: OpenSockets::default(),
            closed: Stragglers::new(),
            taken: Stragglers::new(),
            survey: 0,
            surveyed: None,
        }
    }

    pub(crate) fn names(&self) -> Names<'_> {
        Names { programs: &self.roster, clocks: self.timeline.clocks() }
    }

    pub(crate) fn clocks(&self) -> &[Clock] {
        self.timeline.clocks()
    }

    pub(crate) fn step(&mut self, event: &Event, sink: &mut impl Sink) {
        let at = event.at.0;
        match &event.kind {
            EventKind::Program(program) => {
                if let Some(slot) = self.roster.tell(program, at) {
                    sink.told(&mut self.books(), slot);
                }
            }
            EventKind::Exited(key) => self.roster.exit(*key, at),
            EventKind::Opened(opened) => self.opened(at, opened, sink),
            EventKind::Taken { cookie, by } => self.taken(at, *cookie, *by, sink),
            EventKind::Closed(closed) => self.closed(at, closed, sink),
            // It held nothing.
            EventKind::NoPort(_) => {}
            EventKind::Lost { since, events } => {
                sink.lost(&mut self.books(), since.0.min(at), at, *events);
            }
        }
    }

    /// Starts a survey, made at `now`: what is not told of from here on has ended by then.
    pub(crate) fn survey(&mut self, now: u64) {
        self.survey = self.survey.wrapping_add(1);
        self.surveyed = Some(now);
    }

    /// Ends the survey.
    pub(crate) fn settle(&mut self, sink: &mut impl Sink) {
        let Some(at) = self.surveyed else { return };
        for cookie in self.missed() {
            self.end(at, &Closed { cookie, closer: None, ending: Ending::Unseen }, sink);
        }
    }

    /// Ends the survey; the sockets that it did not tell of. What is told of them later is of before it.
    pub(crate) fn missed(&mut self) -> Vec<u64> {
        let Some(at) = self.surveyed.take() else { return Vec::new() };
        let missed = self.open.iter().filter(|open| open.survey != self.survey);
        let missed: Vec<u64> = missed.map(|open| open.cookie).collect();
        missed.iter().for_each(|cookie| self.closed.remember(*cookie, at, None));
        missed
    }

    /// When the survey was made that waits to be settled.
    pub(crate) fn surveyed(&self) -> Option<u64> {
        self.surveyed
    }

    /// Whether a survey waits to be settled.
    pub(crate) fn surveying(&self) -> bool {
        self.surveyed.is_some()
    }

    fn opened(&mut self, at: u64, opened: &Opened, sink: &mut impl Sink) {
        // Who holds no port has no tenure.
        if opened.cookie == NO_COOKIE || opened.local.port == Port::NONE {
            return;
        }
        let opener = opened.opener.map_or(NOBODY, |key| self.roster.slot(key, at));
        let Some(slot) = self.open.slot(opened.cookie) else {
            return self.opened_first(at, opened, opener, sink);
        };
        let old = self.open.at(slot).hold;
        if old.local_port != opened.local.port.0 && at > old.from {
            // It was let go of, and we were not told.
            let closed = Closed { cookie: opened.cookie, closer: None, ending: Ending::Unseen };
            self.end(at, &closed, sink);
            self.closed.recall(opened.cookie);
            return self.opened_first(at, opened, opener, sink);
        }
        self.open.at_mut(slot).survey = self.survey;
        let new = self.merged(old, at, opened, opener);
        if new != old {
            self.rename(&old, &new, at);
            self.open.change(slot, new);
            self.stands(slot, Verb::Changed, at, sink);
        }
    }

    fn opened_first(&mut self, at: u64, opened: &Opened, opener: u32, sink: &mut impl Sink) {
        let cookie = opened.cookie;
        let ended = self.closed.recall(cookie);
        if let Some(ended) = ended
            && ended.told.is_none()
            && (at <= ended.at || is_orphan_found(opened))
        {
            // It had a tenure, which has ended already.
            self.closed.remember(cookie, ended.at, None);
            return;
        }
        let late = ended.filter(|late| at <= late.at);
        let mut hold = Hold::new(opened, at, self.timeline.at(at), opener);
        if let Some(early) = self.taken.recall(cookie) {
            let taker = self.roster.slot(early.told, at);
            hold.taker = if taker == opener { NOBODY } else { taker };
        }
        self.roster.hold(hold.opener);
        self.roster.hold(hold.taker);
        let slot = self.open.insert(cookie, hold, self.survey);
        self.stands(slot, Verb::Opened, at, sink);
        if let Some((late, closed)) = late.and_then(|late| Some((late.at, late.told?))) {
            self.end(late, &closed, sink);
        }
    }

    /// What two tellings of one tenure come to: the last one counts, but for the moment, which is
    /// the first one's, and what only those know who saw it open.
    fn merged(&mut self, old: Hold, at: u64, opened: &Opened, opener: u32) -> Hold {
        let earlier = at < old.from;
        let (from, clock) =
            if earlier { (at, self.timeline.at(at)) } else { (old.from, old.clock) };
        let mut told = opened.clone();
        if opened.uid == Opened::NO_UID {
            told.uid = old.uid;
        }
        if opened.evidence != Evidence::Exact && connected(old.role()) && connected(opened.role) {
            told.role = old.role();
        }
        let mut new = Hold::new(&told, from, clock, opener);
        new.taker = old.taker;
        if !earlier {
            new = new.known_by(old.evidence());
        }
        if old.opener == NOBODY || earlier && opener != NOBODY {
            return new;
        }
        new.opener = old.opener;
        // A survey names whoever holds it now, in the place of the one who made it.
        let surveyed = opened.evidence != Evidence::Exact && !earlier;
        if surveyed && new.taker == NOBODY && opener != NOBODY && opener != old.opener {
            new.taker = if self.same_process(opener, old.opener) { NOBODY } else { opener };
        }
        new
    }

    fn same_process(&self, one: u32, other: u32) -> bool {
        let process = |slot| self.roster.key(slot).map(|key| (key.pid, key.start_ticks));
        process(one) == process(other)
    }

    fn taken(&mut self, at: u64, cookie: u64, by: ProgramKey, sink: &mut impl Sink) {
        let Some(slot) = self.open.slot(cookie) else {
            return self.taken.remember(cookie, at, by);
        };
        let taker = self.roster.slot(by, at);
        let old = self.open.at(slot).hold;
        if old.taker == NOBODY && taker != old.opener {
            self.roster.hold(taker);
            self.open.at_mut(slot).hold.taker = taker;
            self.stands(slot, Verb::Taken, at, sink);
        }
    }

    fn closed(&mut self, at: u64, closed: &Closed, sink: &mut impl Sink) {
        if self.open.slot(closed.cookie).is_none() {
            return self.closed.remember(closed.cookie, at, Some(*closed));
        }
        self.end(at, closed, sink);
    }

    fn end(&mut self, at: u64, closed: &Closed, sink: &mut impl Sink) {
        let closer = closed.closer.map_or(NOBODY, |key| self.roster.slot(key, at));
        self.closed.remember(closed.cookie, at, None);
        self.finish(closed.cookie, at, closer, closed.ending, sink);
    }

    /// Ends a tenure, if it is open, at this time of the newest boot.
    pub(crate) fn finish(
        &mut self,
        cookie: u64,
        at: u64,
        closer: u32,
        ending: Ending,
        sink: &mut impl Sink,
    ) {
        self.finish_by(cookie, at, self.timeline.at(at), closer, ending, sink);
    }

    /// Ends a tenure, if it is open, at this time by the clock with this index.
    pub(crate) fn finish_by(
        &mut self,
        cookie: u64,
        at: u64,
        clock: u32,
        closer: u32,
        ending: Ending,
        sink: &mut impl Sink,
    ) {
        let Some(Open { hold, .. }) = self.open.remove(cookie) else { return };
        let ended = Ended {
            hold,
            duration: at.saturating_sub(hold.from),
            closer,
            end_clock: clock.max(hold.clock),
            before: NONE_BEFORE,
            ending,
        };
        for slot in [hold.opener, hold.taker, closer] {
            self.roster.name(slot);
        }
        sink.ended(&mut self.books(), cookie, ended);
        for slot in [hold.opener, hold.taker] {
            self.roster.release(slot, at);
        }
    }

    /// Opens a tenure, or says what is known of it now, as a journal has it.
    pub(crate) fn restore(&mut self, cookie: u64, hold: Hold) {
        if cookie == NO_COOKIE {
            return;
        }
        for slot in [hold.opener, hold.taker] {
            self.roster.hold(slot);
        }
        match self.open.slot(cookie) {
            None => {
                self.open.insert(cookie, hold, self.survey);
            }
            Some(slot) => {
                let old = self.open.at(slot).hold;
                self.open.change(slot, hold);
                for slot in [old.opener, old.taker] {
                    self.roster.release(slot, hold.from);
                }
            }
        }
    }

    /// Says who took a socket over, as a journal has it.
    pub(crate) fn restore_taker(&mut self, cookie: u64, taker: u32) {
        if let Some(slot) = self.open.slot(cookie) {
            let old = std::mem::replace(&mut self.open.at_mut(slot).hold.taker, taker);
            self.roster.hold(taker);
            self.roster.release(old, 0);
        }
    }

    fn rename(&mut self, old: &Hold, new: &Hold, at: u64) {
        for slot in [new.opener, new.taker] {
            self.roster.hold(slot);
        }
        for slot in [old.opener, old.taker] {
            self.roster.release(slot, at);
        }
    }

    fn stands(&mut self, slot: u32, verb: Verb, at: u64, sink: &mut impl Sink) {
        let mut books = Books { roster: &mut self.roster, timeline: &self.timeline };
        sink.stands(&mut books, self.open.at(slot), verb, at);
    }

    /// The open sockets, and what they name.
    pub(crate) fn open_and_books(&mut self) -> (&OpenSockets, Books<'_>) {
        (&self.open, Books { roster: &mut self.roster, timeline: &self.timeline })
    }

    /// Forgets the clocks that no open tenure began under.
    pub(crate) fn forget_clocks(&mut self) {
        let mut used = vec![false; self.clocks().len()];
        self.open.iter().for_each(|open| used[open.hold.clock as usize] = true);
        let becomes = self.timeline.keep(&used);
        for open in self.open.iter_mut() {
            open.hold.clock = becomes[open.hold.clock as usize];
        }
    }

    pub(crate) fn books(&mut self) -> Books<'_> {
        Books { roster: &mut self.roster, timeline: &self.timeline }
    }
}

/// Whether a survey found it by its cookie alone, held by no process: what is left of a socket that has ended may look like
/// that, and nothing will tell of its end.
fn is_orphan_found(opened: &Opened) -> bool {
    opened.evidence == Evidence::OpenAtStart && opened.opener.is_none()
}

fn connected(role: Role) -> bool {
    matches!(role, Role::Outgoing | Role::Incoming)
}

/// What no socket has: the kernel counts from 1.
const NO_COOKIE: u64 = u64::MAX;
