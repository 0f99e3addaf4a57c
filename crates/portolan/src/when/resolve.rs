//! From what is written to the moment that is meant: the zone, the day that a time of day without
//! one falls on (the last one that is over), and what happens where clocks are put forward or back.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Span, Zoned};

use super::When;
use super::scan::{Clock, DayWord, Written, ZoneName};
use crate::usage::quoted;

/// The moment that `written`, which `text` says, stands for at the moment `now`.
pub(super) fn moment(written: &Written, text: &str, now: &Zoned) -> Result<When, String> {
    let read = || format!("'{}'", quoted(text));
    let zone = zone(written, now)?;
    let there = now.with_time_zone(zone.tz.clone());
    let clock =
        written.clock.map(|clock| time(clock).ok_or_else(|| no_such(&read(), "time of day")));
    let clock = clock.transpose()?;
    let placed = |date: Date| place(date, clock, &zone, &read());
    let (when, guessed) = match date(written, &there).ok_or_else(|| no_such(&read(), "day"))? {
        Day::Is(date) => (placed(date)?, None),
        Day::Passed { candidates, open } => {
            let begun = |when: &When| i128::from(when.first.0) <= now.timestamp().as_nanosecond();
            let mut tried = candidates.into_iter().map(|date| (date, placed(date)));
            let (date, when) = tried
                .find(|(_, when)| when.as_ref().map_or(true, begun))
                .ok_or_else(|| no_such(&read(), "day"))?;
            (when?, open.remark(date, &there))
        }
    };
    if let (Some(named), Some(date)) = (written.weekday, written_date(written))
        && date.weekday() != named
    {
        let right = weekday_name(date);
        return Err(format!("{} does not exist: {date} was a {right}", read()));
    }
    let remark = when.remark.clone().or(guessed);
    Ok(when.remarked(remark))
}

fn no_such(read: &str, what: &str) -> String {
    format!("{read} names no {what} that there is")
}

/// A zone and, where it was given by an abbreviation, which of its offsets is meant.
struct Zone {
    tz: TimeZone,
    abbreviation: Option<String>,
}

/// The zone that is meant: ours, where none is named.
fn zone(written: &Written, now: &Zoned) -> Result<Zone, String> {
    let plain = |tz| Ok(Zone { tz, abbreviation: None });
    let ours = now.time_zone().clone();
    match &written.zone {
        None => plain(ours),
        Some(ZoneName::Offset(seconds)) => {
            let offset = Offset::from_seconds(*seconds).map_err(|error| error.to_string())?;
            plain(TimeZone::fixed(offset))
        }
        Some(ZoneName::Name(name)) if matches!(name.as_str(), "utc" | "gmt" | "z") => {
            plain(TimeZone::UTC)
        }
        Some(ZoneName::Name(name)) if is_abbreviation(&ours, name, now) => {
            Ok(Zone { tz: ours, abbreviation: Some(name.clone()) })
        }
        Some(ZoneName::Name(name)) => match TimeZone::get(name) {
            Ok(tz) => plain(tz),
            Err(_) => Err(format!(
                "'{}' is no time zone that is known here: write an offset, as in 14:03:11+01:00",
                quoted(name)
            )),
        },
    }
}

/// Whether a clock in `tz` is said to show `name` at some time of the year around `now`.
fn is_abbreviation(tz: &TimeZone, name: &str, now: &Zoned) -> bool {
    let at = [now.timestamp()].into_iter();
    let changes = tz.preceding(now.timestamp()).take(2).map(|change| change.timestamp());
    let after = tz.following(now.timestamp()).take(2).map(|change| change.timestamp());
    at.chain(changes).chain(after).any(|at| is_called(tz, name, at))
}

fn is_called(tz: &TimeZone, name: &str, at: jiff::Timestamp) -> bool {
    tz.to_offset_info(at).abbreviation().eq_ignore_ascii_case(name)
}

/// The day that is meant.
enum Day {
    Is(Date),
    /// The first of these that has begun: the text leaves `open` which.
    Passed {
        candidates: Vec<Date>,
        open: Open,
    },
}

/// What a text leaves open about a day.
#[derive(Clone, Copy)]
enum Open {
    Day,
    Year,
    Week,
}

impl Open {
    /// What to say about the choice of `date`, where it is not the obvious one.
    fn remark(self, date: Date, there: &Zoned) -> Option<String> {
        match self {
            Open::Day if date != there.date() => {
                Some(format!("that time of today is still to come: yesterday's was taken ({date})"))
            }
            Open::Year if date.year() != there.year() => {
                Some(format!("no year was given: {} was taken", date.year()))
            }
            Open::Week if date == there.date() => Some("today was taken".to_owned()),
            Open::Week => Some(format!("{} {date} was taken", weekday_name(date))),
            _ => None,
        }
    }
}

fn date(written: &Written, there: &Zoned) -> Option<Day> {
    let today = there.date();
    let back = |days: i64| today.checked_sub(Span::new().try_days(days).ok()?).ok();
    let Written { month, day, weekday, .. } = *written;
    match (written.word, month, day, weekday) {
        (None, Some(month), Some(day), _) => match written.year {
            Some(year) => Date::new(year, month, day).ok().map(Day::Is),
            None => {
                let year = |back| Date::new(today.year().checked_sub(back)?, month, day).ok();
                let on_it = |date: &Date| weekday.is_none_or(|day| date.weekday() == day);
                let candidates: Vec<Date> = (0..=YEARS).filter_map(year).filter(on_it).collect();
                (!candidates.is_empty()).then_some(Day::Passed { candidates, open: Open::Year })
            }
        },
        (None, None, None, None) => {
            let candidates = [back(0), back(1)].into_iter().flatten().collect();
            Some(Day::Passed { candidates, open: Open::Day })
        }
        (word @ (None | Some(DayWord::Last)), None, None, Some(weekday)) => {
            let first = if word.is_some() { 1 } else { 0 };
            let days = (first..=7).filter_map(back).filter(|date| date.weekday() == weekday);
            Some(Day::Passed { candidates: days.collect(), open: Open::Week })
        }
        (Some(DayWord::Today), None, None, None) => Some(Day::Is(today)),
        (Some(DayWord::Yesterday), None, None, None) => back(1).map(Day::Is),
        (Some(DayWord::Back(span)), None, None, None) => {
            there.checked_sub(span).ok().map(|then| Day::Is(then.date()))
        }
        _ => None,
    }
}

/// The date, where it was written in full.
fn written_date(written: &Written) -> Option<Date> {
    Date::new(written.year?, written.month?, written.day?).ok()
}

/// The time of day that `clock` shows, and what its last digit stands for; a leap second is the one
/// before it, as in every Unix clock.
fn time(clock: Clock) -> Option<(Time, i64)> {
    let second = if clock.second == 60 { 59 } else { clock.second };
    let time = Time::new(clock.hour, clock.minute, second, clock.nanosecond).ok()?;
    Some((time, clock.unit))
}

/// All of the day, or of what the clock shows on it.
fn place(date: Date, clock: Option<(Time, i64)>, zone: &Zone, read: &str) -> Result<When, String> {
    let out = |_| super::OUT_OF_REACH.to_owned();
    let Some((time, unit)) = clock else {
        let midnight = |date: Date| date.to_zoned(zone.tz.clone()).map_err(out);
        let first = midnight(date)?.timestamp();
        let next = midnight(date.tomorrow().map_err(out)?)?.timestamp();
        return When::lasting(first, next.as_nanosecond() - first.as_nanosecond());
    };
    let civil = date.to_datetime(time);
    let ambiguous = zone.tz.to_ambiguous_timestamp(civil);
    let (offset, remark) = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, None),
        AmbiguousOffset::Gap { before, after } => {
            return Err(never_was(civil, before, after, read));
        }
        AmbiguousOffset::Fold { before, after } => fold(civil, before, after, zone),
    };
    let at = offset.to_timestamp(civil).map_err(out)?;
    if let Some(name) = &zone.abbreviation
        && !is_called(&zone.tz, name, at)
    {
        let name = name.to_ascii_uppercase();
        let right = zone.tz.to_offset_info(at).abbreviation().to_owned();
        return Err(format!(
            "{read} does not exist: on {date} the time here was {right}, not {name}"
        ));
    }
    Ok(When::lasting(at, i128::from(unit))?.remarked(remark))
}

/// Which of the two times that a clock showed this is: the first, unless an abbreviation tells.
fn fold(civil: DateTime, before: Offset, after: Offset, zone: &Zone) -> (Offset, Option<String>) {
    let named = |offset: Offset| {
        let name = zone.abbreviation.as_deref()?;
        let at = offset.to_timestamp(civil).ok()?;
        is_called(&zone.tz, name, at).then_some(offset)
    };
    if let Some(offset) = named(before).or_else(|| named(after)) {
        return (offset, None);
    }
    let time = civil.time();
    let remark = format!(
        "clocks showed {time} twice on {}: {time}{before} was taken, the other is {time}{after}",
        civil.date()
    );
    (before, Some(remark))
}

fn never_was(civil: DateTime, before: Offset, after: Offset, read: &str) -> String {
    format!(
        "{read} never was here: on {} clocks were put forward from {before} to {after}; for another \
         zone's time add its offset, as in {}Z",
        civil.date(),
        civil.time()
    )
}

fn weekday_name(date: Date) -> String {
    date.strftime("%A").to_string()
}

/// How many years back a date without a year may lie: a 29th of February can be eight years away.
const YEARS: i16 = 8;
