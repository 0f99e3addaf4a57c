//! Tenures, gaps and what is made of them as bytes; programs come once, before what names them.

use std::sync::Arc;
use std::time::Duration;

use registry::Proto;
use sockets::{Ending, Evidence, Family, NetnsId, Program, Role};

use super::bytes::{Put as _, Take, put_list, put_option};
use super::program::{put_endpoint, put_program, take_endpoint, take_program};
use crate::{Error, Gap, GapReason, Moment, Party, Tenure, Verb};

/// Appends the programs that `tenures` name, then the tenures.
pub(crate) fn put_tenures<'a>(
    out: &mut Vec<u8>,
    tenures: impl ExactSizeIterator<Item = &'a Tenure>,
) {
    let mut table = Table::default();
    let mut rows = Vec::new();
    rows.number(tenures.len() as u64);
    tenures.for_each(|tenure| put_tenure(&mut rows, tenure, &mut table));
    put_list(out, &table.programs, |out, program| put_program(out, program));
    out.extend_from_slice(&rows);
}

pub(crate) fn take_tenures(take: &mut Take<'_>) -> Result<Vec<Tenure>, Error> {
    let programs = take.list(|take| take_program(take).map(Arc::new))?;
    take.list(|take| take_tenure(take, &programs))
}

/// The programs that were named, each once.
#[derive(Default)]
struct Table<'a> {
    programs: Vec<&'a Program>,
    places: std::collections::HashMap<*const Program, u64>,
}

impl<'a> Table<'a> {
    fn place(&mut self, program: &'a Arc<Program>) -> u64 {
        let programs = &mut self.programs;
        *self.places.entry(Arc::as_ptr(program)).or_insert_with(|| {
            programs.push(program);
            programs.len() as u64 - 1
        })
    }
}

fn put_tenure<'a>(out: &mut Vec<u8>, tenure: &'a Tenure, table: &mut Table<'a>) {
    out.number(tenure.netns.0);
    out.byte(proto_number(tenure.proto));
    let bits = [
        tenure.family == Family::V6,
        tenure.v6only,
        tenure.local.addr.is_ipv6(),
        tenure.remote.is_some(),
        tenure.remote.is_some_and(|end| end.addr.is_ipv6()),
    ];
    out.byte(bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit)));
    put_endpoint(out, tenure.local);
    if let Some(remote) = tenure.remote {
        put_endpoint(out, remote);
    }
    out.byte(tenure.role as u8);
    out.byte(tenure.evidence as u8);
    out.number(tenure.uid.into());
    for party in [&tenure.opener, &tenure.taker, &tenure.closer] {
        match party {
            Party::Unknown => out.number(0),
            Party::Hidden { uid } => {
                out.number(1);
                out.number((*uid).into());
            }
            Party::Known(program) => out.number(2 + table.place(program)),
        }
    }
    out.signed(tenure.from.0);
    put_option(out, tenure.until.as_ref(), |out, until| out.signed(until.0));
    out.number(u64::try_from(tenure.duration.as_nanos()).unwrap_or(u64::MAX));
    put_option(out, tenure.ending.as_ref(), |out, ending| out.byte(*ending as u8));
}

fn take_tenure(take: &mut Take<'_>, programs: &[Arc<Program>]) -> Result<Tenure, Error> {
    let netns = NetnsId(take.number()?);
    let proto = take_proto(take)?;
    let bits = take.byte()?;
    if bits >> 5 != 0 {
        return Err(take.error("a tenure has unknown traits"));
    }
    let bit = |at: u8| bits & 1 << at != 0;
    let local = take_endpoint(take, bit(2))?;
    let remote = if bit(3) { Some(take_endpoint(take, bit(4))?) } else { None };
    Ok(Tenure {
        netns,
        proto,
        family: if bit(0) { Family::V6 } else { Family::V4 },
        v6only: bit(1),
        local,
        remote,
        role: take_one(take, &ROLES)?,
        evidence: take_one(take, &EVIDENCES)?,
        uid: take.small()?,
        opener: take_party(take, programs)?,
        taker: take_party(take, programs)?,
        closer: take_party(take, programs)?,
        from: Moment(take.signed()?),
        until: take.option(|take| Ok(Moment(take.signed()?)))?,
        duration: Duration::from_nanos(take.number()?),
        ending: take.option(|take| take_one(take, &ENDINGS))?,
    })
}

fn take_party(take: &mut Take<'_>, programs: &[Arc<Program>]) -> Result<Party, Error> {
    match take.number()? {
        0 => Ok(Party::Unknown),
        1 => Ok(Party::Hidden { uid: take.small()? }),
        place => {
            let program = usize::try_from(place - 2).ok().and_then(|place| programs.get(place));
            program
                .map(|program| Party::Known(Arc::clone(program)))
                .ok_or_else(|| take.error("it names a program that it does not have"))
        }
    }
}

pub(crate) fn put_gap(out: &mut Vec<u8>, gap: &Gap) {
    out.byte(gap.reason as u8);
    out.signed(gap.from.0);
    put_option(out, gap.until.as_ref(), |out, until| out.signed(until.0));
    out.number(gap.events);
}

pub(crate) fn take_gap(take: &mut Take<'_>) -> Result<Gap, Error> {
    Ok(Gap {
        reason: take_one(take, &REASONS)?,
        from: Moment(take.signed()?),
        until: take.option(|take| Ok(Moment(take.signed()?)))?,
        events: take.number()?,
    })
}

/// One of the values of an enumeration, by its number, which is its place in `all`.
pub(crate) fn take_one<T: Copy>(take: &mut Take<'_>, all: &[T]) -> Result<T, Error> {
    let number = take.byte()?;
    all.get(usize::from(number)).copied().ok_or_else(|| take.error("a number has no meaning"))
}

/// As in Internet headers would be too many: its place in [`Proto::ALL`].
pub(crate) fn proto_number(proto: Proto) -> u8 {
    match proto {
        Proto::Tcp => 0,
        Proto::Udp => 1,
        Proto::Sctp => 2,
        Proto::Dccp => 3,
    }
}

pub(crate) fn take_proto(take: &mut Take<'_>) -> Result<Proto, Error> {
    take_one(take, &Proto::ALL)
}

const ROLES: [Role; 4] = [Role::Bound, Role::Listening, Role::Outgoing, Role::Incoming];

const EVIDENCES: [Evidence; 3] = [Evidence::Exact, Evidence::OpenAtStart, Evidence::Sampled];

pub(crate) const ENDINGS: [Ending; 10] = [
    Ending::Closed,
    Ending::TimeWait,
    Ending::Aborted,
    Ending::Reset,
    Ending::Refused,
    Ending::TimedOut,
    Ending::Failed,
    Ending::Unseen,
    Ending::FinWait,
    Ending::FinWaitBriefly,
];

const REASONS: [GapReason; 7] = [
    GapReason::NotRunning,
    GapReason::EventsLost,
    GapReason::DiskFull,
    GapReason::JournalCut,
    GapReason::SegmentLost,
    GapReason::Sampled,
    GapReason::TailUnknown,
];

pub(crate) const VERBS: [Verb; 4] = [Verb::Opened, Verb::Changed, Verb::Taken, Verb::Closed];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places() {
        let at = |number: u8| usize::from(number);
        ROLES.iter().for_each(|one| assert_eq!(ROLES[at(*one as u8)], *one));
        EVIDENCES.iter().for_each(|one| assert_eq!(EVIDENCES[at(*one as u8)], *one));
        ENDINGS.iter().for_each(|one| assert_eq!(ENDINGS[at(*one as u8)], *one));
        REASONS.iter().for_each(|one| assert_eq!(REASONS[at(*one as u8)], *one));
        VERBS.iter().for_each(|one| assert_eq!(VERBS[at(*one as u8)], *one));
        Proto::ALL.iter().for_each(|one| assert_eq!(Proto::ALL[at(proto_number(*one))], *one));
    }
}
