//! Times as people write them and logs print them: `14:03:11`, `yesterday 14:03`, `10m ago`,
//! `Nov 23 14:03:11`, `23/Nov/2026:14:03:11 +0000`, `@1763906591`. A time stands for all of the
//! second, minute or day that was written. [`scan`] cuts the text up, [`resolve`] finds the moment,
//! [`number`] and [`ago`] read what needs no calendar; what none of them knows is left to
//! `parse_datetime`, which reads what `date -d` does. No clock is read here but in [`number`].

mod ago;
mod number;
mod resolve;
mod scan;
#[cfg(test)]
mod tests;

use jiff::{Timestamp, Zoned};
use log::Moment;
use parse_datetime::{ParsedDateTime, parse_datetime_at_date};

/// A time that was named: from its first nanosecond to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// Where it begins.
    pub(crate) first: Moment,
    /// Where it ends, itself included.
    pub(crate) last: Moment,
    /// What was taken where the text left it open, in words.
    pub(crate) remark: Option<String>,
}

impl When {
    /// Reads `text` at the moment `now`, in whose time zone it is meant unless it says otherwise.
    pub(crate) fn parse(text: &str, now: &Zoned) -> Result<When, String> {
        let plain = text.trim().to_ascii_lowercase();
        if plain.is_empty() {
            return Err(format!("no time was given; {ACCEPTED}"));
        }
        if let Some(when) = number::read(&plain, now) {
            return when;
        }
        if let Some(when) = ago::read(&plain, now) {
            return when;
        }
        match scan::read(&plain) {
            Some(written) => resolve::moment(&written, text, now),
            None => as_date_does(&plain, now).ok_or_else(|| unreadable(text)),
        }
    }

    /// The one moment `at`, and no more.
    fn instant(at: Timestamp) -> Result<When, String> {
        When::lasting(at, 1)
    }

    /// `nanoseconds` from `first` on.
    fn lasting(first: Timestamp, nanoseconds: i128) -> Result<When, String> {
        let first = first.as_nanosecond();
        let within = |at: i128| i64::try_from(at).ok().filter(|at| *at >= 0).map(Moment);
        match (within(first), within(first + nanoseconds - 1)) {
            (Some(first), Some(last)) => Ok(When { first, last, remark: None }),
            _ => Err(OUT_OF_REACH.to_owned()),
        }
    }

    /// The same, with a remark.
    fn remarked(self, remark: impl Into<Option<String>>) -> When {
        When { remark: remark.into(), ..self }
    }
}

/// A moment of the log.
pub(crate) fn moment(at: Timestamp) -> Moment {
    Moment(i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX))
}

/// A moment of the log in the zone of `now`.
pub(crate) fn zoned(at: Moment, now: &Zoned) -> Zoned {
    let at = Timestamp::from_nanosecond(at.0.into()).unwrap_or(Timestamp::MAX);
    at.to_zoned(now.time_zone().clone())
}

/// What `date -d` makes of `text`, to the second. Only with a word in it: it takes `80` and `m` for
/// times too, which nobody means.
fn as_date_does(text: &str, now: &Zoned) -> Option<When> {
    let words = text.split(|c: char| !c.is_ascii_alphabetic());
    if text.len() > LONGEST || !words.into_iter().any(|word| word.len() >= 3) {
        return None;
    }
    let ParsedDateTime::InRange(then) = parse_datetime_at_date(now.clone(), text).ok()? else {
        return None;
    };
    let second = Timestamp::from_second(then.timestamp().as_second()).ok()?;
    let when = When::lasting(second, SECOND).ok()?;
    let taken = then.with_time_zone(now.time_zone().clone()).strftime("%F %T");
    Some(when.remarked(format!("'{text}' was taken for {taken}")))
}

fn unreadable(text: &str) -> String {
    format!("cannot read '{}' as a time: {ACCEPTED}", crate::usage::quoted(text))
}

/// What is accepted, by example.
const ACCEPTED: &str = "write 14:03:11, 'yesterday 14:03', '10m ago', 2026-11-23T14:03:11Z, \
    'Nov 23 14:03:11' or @1763906591";
/// Moments are nanoseconds since 1970 in 64 bits.
const OUT_OF_REACH: &str = "times reach from 1970 to 2262";
/// No time that anybody writes is longer.
const LONGEST: usize = 100;
/// In nanoseconds.
const SECOND: i128 = 1_000_000_000;
