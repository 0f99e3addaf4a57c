//! What an event means for the disk: entries of the journal, and rows of the batch.

use crate::journal::Journal;
use crate::ledger::Changes;
use crate::ledger::hold::{Ended, Hold};
use crate::ledger::holdings::{Books, Sink};
use crate::ledger::open::Open;
use crate::{Gap, GapReason, Verb};

use super::recent::Recent;

/// Counts since a recorder started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) ended: u64,
    pub(crate) lost: u64,
    /// Whether the journal has got something worth the disk's while since it was last synced.
    pub(crate) news: bool,
}

/// Writes down what events mean.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    pub(crate) journal: &'a mut Journal,
    pub(crate) recent: &'a mut Recent,
    pub(crate) tally: &'a mut Tally,
    pub(crate) changes: Changes<'a>,
    /// Since when nothing is written down but the ends of older tenures, in nanoseconds since boot:
    /// while the disk is full.
    pub(crate) stopped: Option<u64>,
}

impl Recorder<'_> {
    fn write_program(&mut self, books: &mut Books<'_>, slot: u32) {
        if let Some(program) = books.roster.write(slot, self.journal.number) {
            self.journal.pen.program(slot, program);
        }
    }

    /// Writes down that a tenure is open, and all that is known of it.
    pub(crate) fn write_open(&mut self, books: &mut Books<'_>, cookie: u64, hold: &Hold) {
        self.write_program(books, hold.opener);
        self.write_program(books, hold.taker);
        self.journal.pen.open(cookie, hold);
        self.journal.pace();
        self.tally.news = true;
    }
}

impl Sink for Recorder<'_> {
    fn stands(&mut self, books: &mut Books<'_>, open: &Open, verb: Verb, at: u64) {
        if self.stopped.is_none() && verb == Verb::Taken {
            self.write_program(books, open.hold.taker);
            self.journal.pen.taken(open.cookie, open.hold.taker);
            self.journal.pace();
            self.tally.news = true;
        } else if self.stopped.is_none() {
            self.write_open(books, open.cookie, &open.hold);
        }
        self.changes.stands(books, open, verb, at);
    }

    fn ended(&mut self, books: &mut Books<'_>, cookie: u64, ended: Ended) {
        self.tally.ended += 1;
        // What was open before is to be found as before, and is no more than what was open then.
        if self.stopped.is_none_or(|stopped| ended.hold.from < stopped) {
            if self.stopped.is_some() {
                self.write_open(books, cookie, &ended.hold);
            }
            self.write_program(books, ended.closer);
            self.journal.pen.end(cookie, &ended);
            self.journal.pace();
            self.recent.push(ended);
            self.tally.news = true;
        }
        self.changes.ended(books, cookie, ended);
    }

    fn told(&mut self, books: &mut Books<'_>, slot: u32) {
        if self.stopped.is_none() {
            self.write_program(books, slot);
            self.journal.pace();
        }
    }

    fn lost(&mut self, books: &mut Books<'_>, since: u64, at: u64, events: u64) {
        self.tally.lost = self.tally.lost.saturating_add(events);
        let from = books.timeline.moment(since);
        let until = Some(books.timeline.moment(at));
        self.gap(Gap { from, until, reason: GapReason::EventsLost, events });
    }
}

impl Recorder<'_> {
    /// Writes down a gap that ended.
    pub(crate) fn gap(&mut self, gap: Gap) {
        if self.stopped.is_none() {
            self.journal.pen.gap(&gap);
            self.journal.pace();
            self.recent.add_gap(gap);
            self.tally.news = true;
        }
    }
}
