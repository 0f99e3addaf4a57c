//! What a journal has to say, an entry at a time, as bytes and back.
//!
//! The bytes are described in `docs/store-format.md`. Times are differences to the time before
//! them in the same record, since events come by the thousand.

use sockets::{Ending, Program, Watching};

use crate::codec::bytes::{Put as _, Take};
use crate::codec::program::{put_endpoint, put_program, take_endpoint, take_program};
use crate::codec::status::{take_watching, watching_number};
use crate::codec::tenure::{ENDINGS, put_gap, take_gap, take_one};
use crate::ledger::hold::{Ended, Hold, NOBODY};
use crate::{Clock, Error, Gap, Moment};

/// What a journal says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    /// From `since` on, in nanoseconds since its boot, this clock holds. Clocks are counted from 0.
    Clock { clock: Clock, since: u64 },
    /// A recorder starts; it records from its first [`Entry::Alive`] on.
    Session { watching: Watching, at: u64 },
    /// The batch holds what ended since this moment.
    From(Moment),
    /// A program has this slot from now on.
    Program { slot: u32, program: Box<Program> },
    /// A tenure is open; this is all that is known of it.
    Open { cookie: u64, hold: Hold },
    /// Another process uses a socket.
    Taken { cookie: u64, taker: u32 },
    /// A tenure ended at `at`.
    End { cookie: u64, closer: u32, ending: Ending, at: u64 },
    /// A tenure of an earlier boot has ended, unseen, by this moment.
    Lapsed { cookie: u64, until: Moment },
    /// A gap ended.
    Gap(Gap),
    /// All that is open when the journal starts has been said: so many tenures.
    Whole { open: u64 },
    /// The recorder was alive, and recorded.
    Alive { at: u64 },
    /// The recorder stopped in good order, or goes on in the next journal.
    Stopped { at: u64 },
}

/// Writes entries into one record.
#[derive(Debug, Default)]
pub(crate) struct Pen {
    pub(crate) bytes: Vec<u8>,
    last: u64,
}

impl Pen {
    /// Starts another record.
    pub(crate) fn restart(&mut self) {
        self.bytes.clear();
        self.last = 0;
    }

    pub(crate) fn clock(&mut self, clock: Clock, since: u64) {
        self.bytes.byte(CLOCK);
        self.bytes.number(clock.number);
        self.bytes.extend_from_slice(&clock.boot);
        self.bytes.signed(clock.offset);
        self.bytes.number(since);
    }

    pub(crate) fn session(&mut self, watching: Watching, at: u64) {
        self.bytes.byte(SESSION);
        self.bytes.byte(watching_number(watching));
        self.time(at);
    }

    pub(crate) fn from(&mut self, from: Moment) {
        self.bytes.byte(FROM);
        self.bytes.signed(from.0);
    }

    pub(crate) fn program(&mut self, slot: u32, program: &Program) {
        self.bytes.byte(PROGRAM);
        self.bytes.number(slot.into());
        put_program(&mut self.bytes, program);
    }

    pub(crate) fn open(&mut self, cookie: u64, hold: &Hold) {
        self.bytes.byte(OPEN);
        self.bytes.number(cookie);
        self.bytes.extend_from_slice(&hold.traits().to_le_bytes());
        put_endpoint(&mut self.bytes, hold.local());
        if let Some(remote) = hold.remote() {
            put_endpoint(&mut self.bytes, remote);
        }
        self.bytes.number(hold.netns);
        self.bytes.number(hold.uid.into());
        self.slot(hold.opener);
        self.slot(hold.taker);
        self.bytes.number(hold.clock.into());
        self.time(hold.from);
    }

    pub(crate) fn taken(&mut self, cookie: u64, taker: u32) {
        self.bytes.byte(TAKEN);
        self.bytes.number(cookie);
        self.slot(taker);
    }

    pub(crate) fn end(&mut self, cookie: u64, ended: &Ended) {
        self.bytes.byte(END);
        self.bytes.number(cookie);
        self.slot(ended.closer);
        self.bytes.byte(ended.ending as u8);
        self.time(ended.hold.from.saturating_add(ended.duration));
    }

    pub(crate) fn lapsed(&mut self, cookie: u64, until: Moment) {
        self.bytes.byte(LAPSED);
        self.bytes.number(cookie);
        self.bytes.signed(until.0);
    }

    pub(crate) fn gap(&mut self, gap: &Gap) {
        self.bytes.byte(GAP);
        put_gap(&mut self.bytes, gap);
    }

    pub(crate) fn whole(&mut self, open: u64) {
        self.bytes.byte(WHOLE);
        self.bytes.number(open);
    }

    pub(crate) fn alive(&mut self, at: u64) {
        self.bytes.byte(ALIVE);
        self.time(at);
    }

    pub(crate) fn stopped(&mut self, at: u64) {
        self.bytes.byte(STOPPED);
        self.time(at);
    }

    fn slot(&mut self, slot: u32) {
        self.bytes.number(if slot == NOBODY { 0 } else { u64::from(slot) + 1 });
    }

    fn time(&mut self, at: u64) {
        self.bytes.signed(at.wrapping_sub(self.last).cast_signed());
        self.last = at;
    }
}

/// The entries of one record.
///
/// # Errors
/// [`Error::Encoding`] if one of them cannot be understood.
pub(crate) fn entries(record: &[u8]) -> Result<Vec<Entry>, Error> {
    let mut take = Take::new("a journal entry", record);
    let mut last = 0;
    let mut entries = Vec::new();
    while !take.is_empty() {
        entries.push(entry(&mut take, &mut last)?);
    }
    Ok(entries)
}

fn entry(take: &mut Take<'_>, last: &mut u64) -> Result<Entry, Error> {
    Ok(match take.byte()? {
        CLOCK => {
            let (number, boot) = (take.number()?, take.array()?);
            let clock = Clock { number, boot, offset: take.signed()? };
            Entry::Clock { clock, since: take.number()? }
        }
        SESSION => Entry::Session { watching: take_watching(take)?, at: time(take, last)? },
        FROM => Entry::From(Moment(take.signed()?)),
        PROGRAM => {
            let slot = take.small().and_then(|slot| in_range(take, slot))?;
            Entry::Program { slot, program: Box::new(take_program(take)?) }
        }
        OPEN => Entry::Open { cookie: take.number()?, hold: hold(take, last)? },
        TAKEN => Entry::Taken { cookie: take.number()?, taker: slot(take)? },
        END => Entry::End {
            cookie: take.number()?,
            closer: slot(take)?,
            ending: take_one(take, &ENDINGS)?,
            at: time(take, last)?,
        },
        LAPSED => Entry::Lapsed { cookie: take.number()?, until: Moment(take.signed()?) },
        GAP => Entry::Gap(take_gap(take)?),
        WHOLE => Entry::Whole { open: take.number()? },
        ALIVE => Entry::Alive { at: time(take, last)? },
        STOPPED => Entry::Stopped { at: time(take, last)? },
        _ => return Err(take.error("an entry is of no known kind")),
    })
}

fn hold(take: &mut Take<'_>, last: &mut u64) -> Result<Hold, Error> {
    let traits = u16::from_le_bytes(take.array()?);
    let local = take_endpoint(take, Hold::local_is_v6(traits))?;
    let remote = match Hold::remote_is_v6(traits) {
        Some(is_v6) => Some(take_endpoint(take, is_v6)?),
        None => None,
    };
    let hold = Hold::restored(traits, local, remote);
    let mut hold = hold.ok_or_else(|| take.error("a tenure has unknown traits"))?;
    hold.netns = take.number()?;
    hold.uid = take.small()?;
    hold.opener = slot(take)?;
    hold.taker = slot(take)?;
    hold.clock = take.small()?;
    hold.from = time(take, last)?;
    Ok(hold)
}

fn slot(take: &mut Take<'_>) -> Result<u32, Error> {
    match take.number()?.checked_sub(1) {
        None => Ok(NOBODY),
        Some(slot) => in_range(take, slot),
    }
}

/// A slot that a recorder could have: memory must not be had for the asking.
fn in_range(take: &Take<'_>, slot: u64) -> Result<u32, Error> {
    let slot = u32::try_from(slot).ok().filter(|slot| *slot < MOST_SLOTS);
    slot.ok_or_else(|| take.error("a program has too high a number"))
}

fn time(take: &mut Take<'_>, last: &mut u64) -> Result<u64, Error> {
    *last = last.wrapping_add(take.signed()?.cast_unsigned());
    Ok(*last)
}

/// More programs than a machine can run.
pub(crate) const MOST_SLOTS: u32 = 1 << 20;

const CLOCK: u8 = 1;
const SESSION: u8 = 2;
const FROM: u8 = 3;
const PROGRAM: u8 = 4;
const OPEN: u8 = 5;
const TAKEN: u8 = 6;
const END: u8 = 7;
const LAPSED: u8 = 8;
const GAP: u8 = 9;
const WHOLE: u8 = 10;
const ALIVE: u8 = 11;
const STOPPED: u8 = 12;
