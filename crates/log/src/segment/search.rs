//! Which rows of a segment meet a [`Question`]: pages by the index, then rows by one column after the
//! other, those that many rows fail first.

use std::sync::Arc;

use registry::Proto;
use sockets::{Ending, Opened, Program};

use super::Segment;
use super::name::Part;
use super::programs;
use super::read::TenureFile;
use super::rows::{addr, endpoint, port};
use super::scan::Damage;
use super::schema::Column;
use super::summary::until;
use super::words::Word as _;
use crate::matching::held;
use crate::{Error, Moment, Question};

/// A question put to one segment.
pub(super) struct Search<'a> {
    file: &'a TenureFile,
    segment: &'a Segment,
    question: &'a Question,
}

/// A condition on processes.
struct Condition {
    /// Whether a program meets it.
    meets: fn(&Question, &Program) -> bool,
    /// Whether the socket's user will do too.
    users: bool,
}

/// A row that meets every condition.
pub(super) struct Match {
    pub(super) row: u32,
    /// The number of its clock.
    pub(super) clock: u64,
    pub(super) start: i64,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        file: &'a TenureFile,
        segment: &'a Segment,
        question: &'a Question,
    ) -> Search<'a> {
        Search { file, segment, question }
    }

    /// The rows that meet every condition, ascending; and what is damaged, where it is the programs,
    /// of which then none meets a condition.
    pub(super) fn matches(&self) -> Result<(Vec<Match>, Option<Damage>), Error> {
        let mut rows: Vec<u32> = self.pages().flat_map(|page| self.file.page_rows(page)).collect();
        self.keep_ports(&mut rows)?;
        self.keep_places(&mut rows)?;
        let starts = self.keep_times(&mut rows)?;
        let mut starts = rows.clone().into_iter().zip(starts);
        self.keep_remotes(&mut rows)?;
        let damage = self.keep_parties(&mut rows)?;
        let clocks = self.clocks(&rows)?;
        let found = |(row, clock): (&u32, u64)| {
            let (_, start) = starts.find(|(at, _)| at == row)?;
            Some(Match { row: *row, clock, start })
        };
        Ok((rows.iter().zip(clocks).filter_map(found).collect(), damage))
    }

    /// The numbers of the clocks of some rows.
    fn clocks(&self, rows: &[u32]) -> Result<Vec<u64>, Error> {
        if let Some(only) = self.segment.summary.only_clock() {
            return Ok(vec![only; rows.len()]);
        }
        let clocks = self.file.longs(Column::Clock, rows)?;
        Ok(clocks.into_iter().map(i64::cast_unsigned).collect())
    }

    /// The pages that may have such a row.
    fn pages(&self) -> impl Iterator<Item = usize> {
        let (back, forth) = self.segment.summary.stepped;
        let tail = if self.question.tails { Moment(0).after_time_wait().0 } else { 0 };
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

    fn keep_places(&self, rows: &mut Vec<u32>) -> Result<(), Error> {
        if let Some(proto) = self.question.proto {
            let protos = self.file.parsed(Column::Proto, rows, Proto::of)?;
            keep(rows, protos.into_iter().map(|other| other == Some(proto)));
        }
        if let Some(netns) = self.question.netns {
            let all = self.file.longs(Column::Netns, rows)?;
            keep(rows, all.into_iter().map(|number| number.cast_unsigned() == netns.0));
        }
        Ok(())
    }

    /// Keeps the rows of the time that is asked for; when each of them begins.
    fn keep_times(&self, rows: &mut Vec<u32>) -> Result<Vec<i64>, Error> {
        let mut starts = self.file.longs(Column::Start, rows)?;
        let durations = self.file.longs(Column::Duration, rows)?;
        let steps = if self.segment.summary.stepped == (0, 0) {
            Vec::new()
        } else {
            self.file.longs(Column::Stepped, rows)?
        };
        let steps = steps.into_iter().chain(std::iter::repeat(0));
        let question = self.question;
        let times = starts.iter().zip(durations).zip(steps).map(|((start, duration), step)| {
            let until = until(Moment(*start), duration.cast_unsigned(), step);
            let (low, high) = held(Moment(*start), until);
            let held = question.touches(low, high);
            (held, held || question.tails && question.touches(until, until.after_time_wait()))
        });
        let (held, maybe): (Vec<bool>, Vec<bool>) = times.collect();
        keep(rows, maybe.iter().copied());
        keep(&mut starts, maybe.iter().copied());
        if held == maybe {
            return Ok(starts);
        }
        // What was not held any more counts if it is in `TIME-WAIT`.
        let held = held.into_iter().zip(maybe).filter(|(_, maybe)| *maybe).map(|(held, _)| held);
        let endings = self.file.parsed(Column::Ending, rows, Ending::of)?;
        let waits = endings.into_iter().map(|ending| ending.is_some_and(Ending::leaves_tail));
        let wanted: Vec<bool> = held.zip(waits).map(|(held, waits)| held || waits).collect();
        keep(rows, wanted.iter().copied());
        keep(&mut starts, wanted.into_iter());
        Ok(starts)
    }

    fn keep_remotes(&self, rows: &mut Vec<u32>) -> Result<(), Error> {
        if self.question.remotes.is_empty() {
            return Ok(());
        }
        let addrs = self.file.parsed(Column::RemoteAddr, rows, addr)?;
        let ports = self.file.words(Column::RemotePort, rows)?;
        let ends = addrs.into_iter().zip(ports);
        keep(rows, ends.map(|(addr, port)| self.question.wants_remote(endpoint(addr, port))));
        Ok(())
    }

    /// Keeps the rows of which, for each condition on processes, some party meets it.
    fn keep_parties(&self, rows: &mut Vec<u32>) -> Result<Option<Damage>, Error> {
        let conditions = conditions(self.question);
        if conditions.is_empty() || rows.is_empty() {
            return Ok(None);
        }
        let mut parties = Vec::new();
        for column in [Column::Opener, Column::Taker, Column::Closer] {
            parties.push(self.file.words(column, rows)?);
        }
        let (programs, damage) = match self.programs(&parties) {
            Ok(programs) => (programs, None),
            Err(error) => (Vec::new(), Some(Damage::of(self.segment, Part::Programs, &error))),
        };
        let uids = self.file.words(Column::Uid, rows)?;
        let mut met = vec![true; rows.len()];
        for condition in conditions {
            let meets: Vec<bool> = programs
                .iter()
                .map(|one| one.as_ref().is_some_and(|one| (condition.meets)(self.question, one)))
                .collect();
            for (at, met) in met.iter_mut().enumerate() {
                let party = |party: &Vec<Option<u32>>| {
                    party[at].is_some_and(|number| meets.get(number as usize) == Some(&true))
                };
                let user = || self.question.wants_uid(uids[at].unwrap_or(Opened::NO_UID));
                *met &= parties.iter().any(party) || condition.users && user();
            }
        }
        keep(rows, met.into_iter());
        Ok(damage)
    }

    /// The programs that are parties, by their numbers.
    fn programs(&self, parties: &[Vec<Option<u32>>]) -> Result<Vec<Option<Arc<Program>>>, Error> {
        let count = usize::try_from(self.segment.summary.programs).unwrap_or(usize::MAX);
        let mut named = vec![false; count.min(u32::MAX as usize)];
        for number in parties.iter().flatten().flatten() {
            if let Some(named) = named.get_mut(*number as usize) {
                *named = true;
            }
        }
        let numbers: Vec<u32> =
            (0..).zip(&named).filter(|(_, named)| **named).map(|(at, _)| at).collect();
        let mut some =
            programs::some(&self.segment.path(Part::Programs), self.segment.number(), &numbers)?;
        Ok((0..).zip(named).map(|(at, _)| some.remove(&at)).collect())
    }
}

/// The conditions on processes that are set.
fn conditions(question: &Question) -> Vec<Condition> {
    let user =
        |question: &Question, program: &Program| question.wants_uid(program.process.user.uid);
    let all = [
        (question.pids.is_empty(), Condition { meets: Question::wants_pid, users: false }),
        (question.names.is_empty(), Condition { meets: Question::wants_name, users: false }),
        (question.units.is_empty(), Condition { meets: Question::wants_unit, users: false }),
        (
            question.containers.is_empty(),
            Condition { meets: Question::wants_container, users: false },
        ),
        (question.uids.is_empty(), Condition { meets: user, users: true }),
    ];
    all.into_iter().filter(|(unset, _)| !unset).map(|(_, condition)| condition).collect()
}

/// Keeps what `wanted` says, one word for each.
fn keep<T>(rows: &mut Vec<T>, mut wanted: impl Iterator<Item = bool>) {
    rows.retain(|_| wanted.next() == Some(true));
}
