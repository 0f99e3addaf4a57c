//! A store's state as bytes.

use sockets::Watching;

use super::Body;
use super::bytes::{Put as _, Take, put_list, put_option};
use super::tenure::{put_gap, take_gap, take_one};
use crate::{Disk, Error, Moment, Status};

impl Body for Status {
    const WHAT: &'static str = "a status";

    fn put(&self, out: &mut Vec<u8>) {
        out.byte(watching_number(self.watching));
        out.signed(self.started.0);
        out.signed(self.since.0);
        for number in [self.open, self.ended, self.lost, self.programs] {
            out.number(number);
        }
        put_list(out, &self.gaps, put_gap);
        for number in [self.journal_bytes, self.segment_bytes, self.segments] {
            out.number(number);
        }
        put_option(out, self.sealed.as_ref(), |out, sealed| out.signed(sealed.0));
        match &self.disk {
            Disk::Writable => out.byte(0),
            Disk::Delayed { since, why } => put_trouble(out, 1, *since, why),
            Disk::Stopped { since, why } => put_trouble(out, 2, *since, why),
        }
    }

    fn take(take: &mut Take<'_>) -> Result<Status, Error> {
        let watching = take_watching(take)?;
        let (started, since) = (Moment(take.signed()?), Moment(take.signed()?));
        let [open, ended, lost, programs] = take_numbers(take)?;
        let gaps = take.list(take_gap)?;
        let [journal_bytes, segment_bytes, segments] = take_numbers(take)?;
        let sealed = take.option(|take| Ok(Moment(take.signed()?)))?;
        let disk = match take.byte()? {
            0 => Disk::Writable,
            1 => Disk::Delayed { since: Moment(take.signed()?), why: take.string()?.to_owned() },
            2 => Disk::Stopped { since: Moment(take.signed()?), why: take.string()?.to_owned() },
            _ => return Err(take.error("a number has no meaning")),
        };
        Ok(Status {
            watching,
            started,
            since,
            open,
            ended,
            lost,
            gaps,
            programs,
            journal_bytes,
            segment_bytes,
            segments,
            sealed,
            disk,
        })
    }
}

pub(crate) fn watching_number(watching: Watching) -> u8 {
    match watching {
        Watching::Kernel => 0,
        Watching::Sampling => 1,
    }
}

pub(crate) fn take_watching(take: &mut Take<'_>) -> Result<Watching, Error> {
    take_one(take, &[Watching::Kernel, Watching::Sampling])
}

fn take_numbers<const N: usize>(take: &mut Take<'_>) -> Result<[u64; N], Error> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        *number = take.number()?;
    }
    Ok(numbers)
}

fn put_trouble(out: &mut Vec<u8>, kind: u8, since: Moment, why: &str) {
    out.byte(kind);
    out.signed(since.0);
    out.text(why.as_bytes());
}
