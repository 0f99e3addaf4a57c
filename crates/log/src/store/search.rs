//! Finding tenures in memory: those that are open, and those that are not sealed yet.

use std::cmp::Reverse;
use std::time::Duration;

use registry::{Port, PortRange};
use sockets::Ending;

use super::recent::{Recent, Shelf};
use crate::ledger::hold::{Ended, Hold, NOBODY, Names};
use crate::ledger::holdings::Holdings;
use crate::ledger::open::each_port;
use crate::matching::held;
use crate::{Clock, Moment, Question, Tenure};

/// A tenure with what puts it in order: the number of the clock it began under.
pub(crate) type Dated = (u64, Tenure);

/// Tenures found, the newest first, at most as many as were asked for.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) tenures: Vec<Dated>,
    pub(crate) more: bool,
}

impl Findings {
    /// The newest of these and others, which are in order too.
    pub(crate) fn merge(&mut self, others: Vec<Dated>, more: bool, most: usize) {
        self.tenures.extend(others);
        self.tenures.sort_by_key(|(clock, tenure)| Reverse((*clock, tenure.from)));
        self.more |= more || self.tenures.len() > most;
        self.tenures.truncate(most);
    }
}

/// What is open and what ended lately, by the names of the one who keeps them. Where nobody records any
/// more, what is open is what was so when the last one `left`.
pub(crate) fn find_live(
    question: &Question,
    holdings: &Holdings,
    recent: &Recent,
    now: u64,
    left: Option<Moment>,
) -> Findings {
    let names = holdings.names();
    let search = Search { left, ..Search::new(question, names) };
    let mut hits = Vec::new();
    match remote_ports(question) {
        _ if !question.ports.is_empty() => {
            let open = holdings.open.on_local(&question.ports);
            search.open(open.map(|open| open.hold), &mut hits);
        }
        Some(ports) => {
            search.open(holdings.open.on_remote(&ports).map(|open| open.hold), &mut hits);
        }
        None => search.open(holdings.open.iter().map(|open| open.hold), &mut hits),
    }
    search.ended(recent, &mut hits);
    newest(hits, question.most, |place| match place {
        Place::Open(hold) => left_open(hold.tenure(&names, now), left),
        Place::Ended(index) => recent.at(*index).tenure(&names),
    })
}

/// What was open when the last recorder left: nobody knows for how long it was so.
fn left_open(tenure: Tenure, left: Option<Moment>) -> Tenure {
    let Some(left) = left else { return tenure };
    let lasted = left.0.saturating_sub(tenure.from.0).max(0).unsigned_abs();
    Tenure {
        until: Some(left),
        duration: Duration::from_nanos(lasted),
        ending: Some(Ending::Unseen),
        ..tenure
    }
}

/// The remote ports that are asked for, where no others will do.
fn remote_ports(question: &Question) -> Option<Vec<PortRange>> {
    let ports: Option<Vec<_>> = question.remotes.iter().map(|remote| remote.ports).collect();
    ports.filter(|ports| !ports.is_empty())
}

/// What ended in a batch that waits to be sealed.
pub(crate) fn find_shelved(question: &Question, shelf: &Shelf) -> Findings {
    let names = shelf.names();
    let mut hits = Vec::new();
    Search::new(question, names).ended(&shelf.recent, &mut hits);
    newest(hits, question.most, |place| match place {
        Place::Open(hold) => hold.tenure(&names, 0),
        Place::Ended(index) => shelf.recent.at(*index).tenure(&names),
    })
}

/// Where a tenure is that was found.
#[derive(Clone, Copy, Debug)]
enum Place {
    Open(Hold),
    Ended(u32),
}

/// A tenure that was found: the number of its clock, its begin, and where it is.
type Hit = (u64, Moment, Place);

/// A question, made ready for hundreds of thousands of tenures.
struct Search<'a> {
    question: &'a Question,
    clocks: &'a [Clock],
    /// Which conditions on processes there are, a bit each.
    wanted: u8,
    /// Which of them the program in each slot meets; empty where there are none.
    met: Vec<u8>,
    /// When the last recorder was last known to be alive, where nobody records.
    left: Option<Moment>,
}

impl<'a> Search<'a> {
    fn new(question: &'a Question, names: Names<'a>) -> Search<'a> {
        let wanted = wanted(question);
        let slots = if wanted == 0 { 0 } else { names.programs.slots() };
        let met = |slot| match names.programs.program(slot) {
            Some(program) => met(question, program),
            None => 0,
        };
        let met = (0..slots).map(met).collect();
        Search { question, clocks: names.clocks, wanted, met, left: None }
    }

    fn open(&self, holds: impl Iterator<Item = Hold>, hits: &mut Vec<Hit>) {
        let until = self.left.unwrap_or(Moment(i64::MAX));
        for hold in holds {
            let clock = &self.clocks[hold.clock as usize];
            let from = clock.moment(hold.from);
            let (low, high) = held(from, until);
            if self.question.touches(low, high) && self.fits(&hold, NOBODY) {
                hits.push((clock.number, from, Place::Open(hold)));
            }
        }
    }

    fn ended(&self, recent: &Recent, hits: &mut Vec<Hit>) {
        let mut add = |(index, ended): (u32, &Ended)| {
            if self.touches(ended) && self.fits(&ended.hold, ended.closer) {
                let clock = &self.clocks[ended.hold.clock as usize];
                hits.push((clock.number, clock.moment(ended.hold.from), Place::Ended(index)));
            }
        };
        if self.question.ports.is_empty() {
            recent.iter().for_each(add);
        } else {
            each_port(&self.question.ports).flat_map(|port| recent.on(port)).for_each(&mut add);
        }
    }

    fn touches(&self, ended: &Ended) -> bool {
        let from = self.clocks[ended.hold.clock as usize].moment(ended.hold.from);
        let until = ended.until(self.clocks);
        let (low, high) = held(from, until);
        let tail = self.question.tails && ended.ending.leaves_tail();
        self.question.touches(low, high)
            || tail && self.question.touches(until, until.after_time_wait())
    }

    fn fits(&self, hold: &Hold, closer: u32) -> bool {
        let question = self.question;
        question.wants_port(Port(hold.local_port))
            && question.proto.is_none_or(|proto| proto == hold.proto())
            && question.netns.is_none_or(|netns| netns.0 == hold.netns)
            && (question.remotes.is_empty() || question.wants_remote(hold.remote()))
            && self.fits_parties(hold, closer)
    }

    fn fits_parties(&self, hold: &Hold, closer: u32) -> bool {
        if self.wanted == 0 {
            return true;
        }
        let met = |slot: u32| self.met.get(slot as usize).copied().unwrap_or(0);
        let own = if self.question.wants_uid(hold.uid) { UID } else { 0 };
        let all = met(hold.opener) | met(hold.taker) | met(closer) | own;
        all & self.wanted == self.wanted
    }
}

fn wanted(question: &Question) -> u8 {
    let bit = |none: bool, bit: u8| if none { 0 } else { bit };
    bit(question.pids.is_empty(), PID)
        | bit(question.names.is_empty(), NAME)
        | bit(question.uids.is_empty(), UID)
        | bit(question.units.is_empty(), UNIT)
        | bit(question.containers.is_empty(), CONTAINER)
}

fn met(question: &Question, program: &sockets::Program) -> u8 {
    let bit = |met: bool, bit: u8| if met { bit } else { 0 };
    bit(question.wants_pid(program), PID)
        | bit(question.wants_name(program), NAME)
        | bit(question.wants_uid(program.process.user.uid), UID)
        | bit(question.wants_unit(program), UNIT)
        | bit(question.wants_container(program), CONTAINER)
}

/// Only the newest become tenures.
fn newest(mut hits: Vec<Hit>, most: usize, tenure: impl Fn(&Place) -> Tenure) -> Findings {
    let age = |(clock, from, _): &Hit| Reverse((*clock, *from));
    let more = hits.len() > most;
    if more {
        hits.select_nth_unstable_by_key(most, age);
        hits.truncate(most);
    }
    hits.sort_by_key(age);
    let tenures = hits.iter().map(|(clock, _, place)| (*clock, tenure(place))).collect();
    Findings { tenures, more }
}

const PID: u8 = 1;
const NAME: u8 = 2;
const UID: u8 = 4;
const UNIT: u8 = 8;
const CONTAINER: u8 = 16;
