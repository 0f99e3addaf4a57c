//! The rows of one segment: which meet a [`Question`], and what tenures they are.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parquet::data_type::ByteArray;
use registry::{Port, Proto};
use sockets::{Ending, Endpoint, NetnsId, Opened, Program};

use super::Segment;
use super::name::Part;
use super::programs;
use super::read::TenureFile;
use super::scan::Damage;
use super::schema::Column;
use super::summary::until;
use super::words::Word;
use crate::matching::{after_tail, held};
use crate::{Error, Moment, Party, Question, Tenure};

/// A question put to one segment.
pub(super) struct Search<'a> {
    file: TenureFile,
    segment: &'a Segment,
    question: &'a Question,
    /// For every condition on processes that is set: which programs meet it.
    wanted: Vec<Wanted>,
}

/// The programs that meet a condition.
struct Wanted {
    /// By their numbers.
    programs: Vec<bool>,
    /// Whether the socket's user will do too.
    users: bool,
}

impl<'a> Search<'a> {
    /// Opens what has to be read; `None` where no program meets a condition. With what is damaged,
    /// where it is the programs.
    pub(super) fn open(
        segment: &'a Segment,
        question: &'a Question,
    ) -> Result<(Option<Search<'a>>, Option<Damage>), Error> {
        let (wanted, damage) = wanted(segment, question);
        let possible = wanted.iter().all(|wanted| wanted.users || wanted.programs.contains(&true));
        if !possible && damage.is_none() {
            return Ok((None, None));
        }
        // Where the whole segment is gone, nothing is damaged.
        let file = TenureFile::open(&segment.path(Part::Tenures))?;
        Ok((possible.then_some(Search { file, segment, question, wanted }), damage))
    }

    /// The rows that meet every condition, ascending.
    pub(super) fn rows(&self) -> Result<Vec<u32>, Error> {
        let mut rows: Vec<u32> = self.pages().flat_map(|page| self.file.page_rows(page)).collect();
        self.keep_ports(&mut rows)?;
        self.keep_times(&mut rows)?;
        self.keep_places(&mut rows)?;
        self.keep_remotes(&mut rows)?;
        self.keep_parties(&mut rows)?;
        Ok(rows)
    }

    /// Each row with the number of its clock and its start.
    pub(super) fn ages(&self, rows: &[u32]) -> Result<Vec<(u32, u64, i64)>, Error> {
        let clocks = self.file.longs(Column::Clock, rows)?;
        let starts = self.file.longs(Column::Start, rows)?;
        let ages = rows.iter().zip(clocks).zip(starts);
        Ok(ages.map(|((row, clock), start)| (*row, clock.cast_unsigned(), start)).collect())
    }

    /// The pages that may have such a row.
    fn pages(&self) -> impl Iterator<Item = usize> {
        let (back, forth) = self.segment.summary.stepped;
        let tail = if self.question.tails { after_tail(Moment(0)).0 } else { 0 };
        let fits = move |page: &usize| {
            let (first_port, last_port) = self.file.bounds(Column::LocalPort, *page);
            let ports = &self.question.ports;
            let port = ports.is_empty()
                || ports.iter().any(|range| {
                    i64::from(range.first().number()) <= last_port
                        && first_port <= i64::from(range.last().number())
                });
            let (first, last) = self.file.bounds(Column::Start, *page);
            let (_, longest) = self.file.bounds(Column::Duration, *page);
            let low = first.saturating_add(back);
            let high = last.saturating_add(longest.max(1)).saturating_add(forth);
            port && self.question.touches(Moment(low), Moment(high.saturating_add(tail)))
        };
        (0..self.file.pages()).filter(fits)
    }

    fn keep_ports(&self, rows: &mut Vec<u32>) -> Result<(), Error> {
        if self.question.ports.is_empty() {
            return Ok(());
        }
        let ports = self.file.words(Column::LocalPort, rows)?;
        keep(rows, ports.into_iter().map(|number| self.question.wants_port(port(number))));
        Ok(())
    }

    fn keep_times(&self, rows: &mut Vec<u32>) -> Result<(), Error> {
        let starts = self.file.longs(Column::Start, rows)?;
        let durations = self.file.longs(Column::Duration, rows)?;
        let steps = if self.segment.summary.stepped == (0, 0) {
            vec![0; rows.len()]
        } else {
            self.file.longs(Column::Stepped, rows)?
        };
        let times = starts.into_iter().zip(durations).zip(steps);
        let times: Vec<(Moment, Moment)> = times
            .map(|((start, duration), stepped)| {
                let from = Moment(start);
                (from, until(from, duration.cast_unsigned(), stepped))
            })
            .collect();
        let question = self.question;
        let touches = |(from, until): &(Moment, Moment)| {
            let (low, high) = held(*from, *until);
            question.touches(low, high)
        };
        if !question.tails {
            keep(rows, times.iter().map(touches));
            return Ok(());
        }
        let lingers = |until: Moment| question.touches(until, after_tail(until));
        let maybe: Vec<bool> = times.iter().map(|time| touches(time) || lingers(time.1)).collect();
        let sure: Vec<bool> = times.iter().map(touches).collect();
        let sure = sure.into_iter().zip(&maybe).filter(|(_, maybe)| **maybe).map(|(sure, _)| sure);
        let sure: Vec<bool> = sure.collect();
        keep(rows, maybe.into_iter());
        let endings = self.file.texts(Column::Ending, rows)?;
        let waits = |ending: Option<ByteArray>| word(ending) == Some(Ending::TimeWait);
        keep(rows, endings.into_iter().zip(sure).map(|(ending, sure)| sure || waits(ending)));
        Ok(())
    }

    fn keep_places(&self, rows: &mut Vec<u32>) -> Result<(), Error> {
        if let Some(proto) = self.question.proto {
            let protos = self.file.texts(Column::Proto, rows)?;
            keep(rows, protos.into_iter().map(|text| word::<Proto>(text) == Some(proto)));
        }
        if let Some(netns) = self.question.netns {
            let all = self.file.longs(Column::Netns, rows)?;
            keep(rows, all.into_iter().map(|number| number.cast_unsigned() == netns.0));
        }
        Ok(())
    }

    fn keep_remotes(&self, rows: &mut Vec<u32>) -> Result<(), Error> {
        if self.question.remotes.is_empty() {
            return Ok(());
        }
        let addrs = self.file.texts(Column::RemoteAddr, rows)?;
        let ports = self.file.words(Column::RemotePort, rows)?;
        let ends = addrs.into_iter().zip(ports);
        keep(rows, ends.map(|(text, port)| self.question.wants_remote(endpoint(text, port))));
        Ok(())
    }

    fn keep_parties(&self, rows: &mut Vec<u32>) -> Result<(), Error> {
        for wanted in &self.wanted {
            let mut met = vec![false; rows.len()];
            for column in [Column::Opener, Column::Taker, Column::Closer] {
                let parties = self.file.words(column, rows)?;
                for (met, party) in met.iter_mut().zip(parties) {
                    *met |= party.is_some_and(|at| wanted.programs.get(at as usize) == Some(&true));
                }
            }
            if wanted.users {
                let uids = self.file.words(Column::Uid, rows)?;
                for (met, uid) in met.iter_mut().zip(uids) {
                    *met |= self.question.wants_uid(uid.unwrap_or(Opened::NO_UID));
                }
            }
            keep(rows, met.into_iter());
        }
        Ok(())
    }
}

/// Which programs of `segment` meet each condition of `question` that is set. Where they cannot be
/// read, none does.
fn wanted(segment: &Segment, question: &Question) -> (Vec<Wanted>, Option<Damage>) {
    type Condition = fn(&Question, &Program) -> bool;
    let user: Condition = |question, program| question.wants_uid(program.process.user.uid);
    let conditions: [(bool, Condition, bool); 5] = [
        (question.pids.is_empty(), Question::wants_pid, false),
        (question.names.is_empty(), Question::wants_name, false),
        (question.units.is_empty(), Question::wants_unit, false),
        (question.containers.is_empty(), Question::wants_container, false),
        (question.uids.is_empty(), user, true),
    ];
    if conditions.iter().all(|(unset, ..)| *unset) {
        return (Vec::new(), None);
    }
    let (programs, damage) = match programs::all(&segment.path(Part::Programs)) {
        Ok(programs) => (programs, None),
        Err(error) => (Vec::new(), Some(Damage::of(segment, Part::Programs, &error))),
    };
    let set = conditions.into_iter().filter(|(unset, ..)| !unset);
    let met = set.map(|(_, condition, users)| Wanted {
        programs: programs.iter().map(|program| condition(question, program)).collect(),
        users,
    });
    (met.collect(), damage)
}

/// The tenures in some rows of `segment`, ascending; and what is damaged, where it is the programs,
/// so that the parties are not known.
pub(super) fn tenures(
    segment: &Segment,
    rows: &[u32],
) -> Result<(Vec<Tenure>, Option<Damage>), Error> {
    let file = TenureFile::open(&segment.path(Part::Tenures))?;
    let parties = [Column::Opener, Column::Taker, Column::Closer];
    let [openers, takers, closers] = parties.map(|column| file.words(column, rows));
    let (openers, takers, closers) = (openers?, takers?, closers?);
    let numbers = openers.iter().chain(&takers).chain(&closers).flatten().copied();
    let numbers: Vec<u32> = numbers.collect::<BTreeSet<u32>>().into_iter().collect();
    let path = segment.path(Part::Programs);
    let (programs, damage) = match programs::some(&path, &numbers) {
        Ok(programs) => (programs, None),
        Err(error) => (Default::default(), Some(Damage::of(segment, Part::Programs, &error))),
    };
    let party = |number: Option<u32>| {
        let program = number.and_then(|number| programs.get(&number));
        program.map_or(Party::Unknown, |program| Party::Known(Arc::clone(program)))
    };
    let mut tenures = bare(&file, rows)?;
    for (at, tenure) in tenures.iter_mut().enumerate() {
        tenure.opener = party(openers[at]);
        tenure.taker = party(takers[at]);
        tenure.closer = party(closers[at]);
    }
    Ok((tenures, damage))
}

/// The tenures in some rows without their parties.
pub(super) fn bare(file: &TenureFile, rows: &[u32]) -> Result<Vec<Tenure>, Error> {
    let mut netns = file.longs(Column::Netns, rows)?.into_iter();
    let mut proto = file.texts(Column::Proto, rows)?.into_iter();
    let mut family = file.texts(Column::Family, rows)?.into_iter();
    let mut v6only = file.flags(Column::V6only, rows)?.into_iter();
    let mut local_addr = file.texts(Column::LocalAddr, rows)?.into_iter();
    let mut local_port = file.words(Column::LocalPort, rows)?.into_iter();
    let mut remote_addr = file.texts(Column::RemoteAddr, rows)?.into_iter();
    let mut remote_port = file.words(Column::RemotePort, rows)?.into_iter();
    let mut role = file.texts(Column::Role, rows)?.into_iter();
    let mut uid = file.words(Column::Uid, rows)?.into_iter();
    let mut start = file.longs(Column::Start, rows)?.into_iter();
    let mut duration = file.longs(Column::Duration, rows)?.into_iter();
    let mut stepped = file.longs(Column::Stepped, rows)?.into_iter();
    let mut ending = file.texts(Column::Ending, rows)?.into_iter();
    let mut evidence = file.texts(Column::Evidence, rows)?.into_iter();
    let mut next = || {
        let from = Moment(start.next()?);
        let duration_ns = duration.next()?.cast_unsigned();
        Some(Tenure {
            netns: NetnsId(netns.next()?.cast_unsigned()),
            proto: word(proto.next()?)?,
            family: word(family.next()?)?,
            v6only: v6only.next()?,
            local: endpoint(local_addr.next()?, local_port.next()?)?,
            remote: endpoint(remote_addr.next()?, remote_port.next()?),
            role: word(role.next()?)?,
            uid: uid.next()?.unwrap_or(Opened::NO_UID),
            opener: Party::Unknown,
            taker: Party::Unknown,
            closer: Party::Unknown,
            from,
            until: Some(until(from, duration_ns, stepped.next()?)),
            duration: Duration::from_nanos(duration_ns),
            ending: Some(word(ending.next()?)?),
            evidence: word(evidence.next()?)?,
        })
    };
    let tenures: Option<Vec<Tenure>> = rows.iter().map(|_| next()).collect();
    tenures.ok_or_else(|| file.damaged("a row has a value that no tenure can have"))
}

fn word<W: Word>(text: Option<ByteArray>) -> Option<W> {
    W::of(text?.data())
}

fn port(number: Option<u32>) -> Port {
    Port(number.and_then(|number| u16::try_from(number).ok()).unwrap_or(0))
}

fn endpoint(addr: Option<ByteArray>, number: Option<u32>) -> Option<Endpoint> {
    let addr: IpAddr = addr?.as_utf8().ok()?.parse().ok()?;
    Some(Endpoint { addr, port: port(number) })
}

/// Keeps the rows for which `wanted` says so, one word for each.
fn keep(rows: &mut Vec<u32>, mut wanted: impl Iterator<Item = bool>) {
    rows.retain(|_| wanted.next() == Some(true));
}
