//! Cuts a written date and time up into what is said: a day, a time of day, a zone, in any order
//! that logs and people use. What it says is not yet looked at: the thirtieth of February passes.

use jiff::Span;
use jiff::civil::Weekday;

/// What a text says of a moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) year: Option<i16>,
    pub(super) month: Option<i8>,
    pub(super) day: Option<i8>,
    pub(super) weekday: Option<Weekday>,
    pub(super) word: Option<DayWord>,
    pub(super) clock: Option<Clock>,
    pub(super) zone: Option<ZoneName>,
}

/// A day told from today.
#[derive(Clone, Copy, Debug)]
pub(super) enum DayWord {
    Today,
    Yesterday,
    /// `last friday`, and not today.
    Last,
    /// `2 days ago`.
    Back(Span),
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    pub(super) nanosecond: i32,
    /// What the last digit stands for, in nanoseconds.
    pub(super) unit: i64,
}

/// A zone, as it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ZoneName {
    /// Seconds east of Greenwich.
    Offset(i32),
    /// `europe/berlin`, or an abbreviation like `cet`.
    Name(String),
}

/// Cuts up `text`, which is in lower case. `None` where something in it is not understood, or is
/// said twice.
pub(super) fn read(text: &str) -> Option<Written> {
    let (days, text) = match text.split_once(" ago ") {
        Some((span, rest)) => (Some(super::ago::span(span)?), rest.trim_start_matches("at ")),
        None => (None, text),
    };
    let mut scan = Scan { rest: bare(text), written: Written::default() };
    if let Some(span) = days {
        put(&mut scan.written.word, DayWord::Back(span))?;
    }
    loop {
        scan.rest = scan.rest.trim_start_matches([' ', ',', '_']);
        if scan.rest.is_empty() {
            return says_something(&scan.written).then_some(scan.written);
        }
        scan.part()?;
    }
}

/// `text` without the brackets or quotes around it that logs have.
fn bare(text: &str) -> &str {
    let pairs = [('[', ']'), ('"', '"'), ('\'', '\'')];
    let inside = |(open, close)| text.strip_prefix(open)?.strip_suffix(close);
    pairs.into_iter().find_map(inside).unwrap_or(text)
}

fn says_something(written: &Written) -> bool {
    let date = written.month.is_some() == written.day.is_some()
        && (written.year.is_none() || written.month.is_some());
    let named = written.month.is_some() || written.weekday.is_some() || written.word.is_some();
    let last = matches!(written.word, Some(DayWord::Last)) && written.weekday.is_none();
    date && !last && (named || written.clock.is_some())
}

/// Keeps `value` in `place` if nothing is there.
fn put<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

/// A text that is being cut up.
struct Scan<'a> {
    rest: &'a str,
    written: Written,
}

impl<'a> Scan<'a> {
    /// Reads the next part.
    fn part(&mut self) -> Option<()> {
        let start = self.rest;
        let readers: [fn(&mut Scan<'a>) -> Option<()>; 6] =
            [Scan::date, Scan::compact, Scan::clock, Scan::zone, Scan::word, Scan::number];
        for reader in readers {
            let before = self.written.clone();
            if reader(self).is_some() && self.rest.len() < start.len() {
                return Some(());
            }
            (self.rest, self.written) = (start, before);
        }
        None
    }

    /// Between `least` and `most` digits, and no further one.
    fn digits(&mut self, least: usize, most: usize) -> Option<(i32, usize)> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if !(least..=most).contains(&count) {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some((digits.parse().ok()?, count))
    }

    fn small(&mut self, least: usize, most: usize) -> Option<i8> {
        i8::try_from(self.digits(least, most)?.0).ok()
    }

    fn one_of(&mut self, marks: &[char]) -> Option<char> {
        let mark = self.rest.chars().next().filter(|c| marks.contains(c))?;
        self.rest = &self.rest[mark.len_utf8()..];
        Some(mark)
    }

    fn letters(&mut self) -> Option<&'a str> {
        let end = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (letters, rest) = self.rest.split_at(end);
        self.rest = rest;
        (end > 0).then_some(letters)
    }

    /// `2026-11-23`, `2026/11/23`, `23/nov/2026`, `23-nov-2026`, `23.11.2026`.
    fn date(&mut self) -> Option<()> {
        let (first, count) = self.digits(1, 4)?;
        let mark = self.one_of(&['-', '/', '.'])?;
        let (year, month, day) = if count == 4 {
            let month = self.small(1, 2)?;
            self.one_of(&[mark])?;
            (first, month, self.small(1, 2)?)
        } else {
            let month = if mark == '.' { self.small(1, 2)? } else { month(self.letters()?)? };
            self.one_of(&[mark])?;
            (self.digits(4, 4)?.0, month, i8::try_from(first).ok()?)
        };
        self.is_date(year, month, day)?;
        self.time_follows()
    }

    /// `20261123`, alone or before a time: `20261123t140311z`.
    fn compact(&mut self) -> Option<()> {
        let number = self.digits(8, 8)?.0;
        let part = |modulus: i32| i8::try_from(modulus).ok();
        self.is_date(number / 10_000, part(number / 100 % 100)?, part(number % 100)?)?;
        if !self.rest.starts_with('t') {
            return Some(());
        }
        self.rest = &self.rest[1..];
        let (time, count) = self.digits(4, 6)?;
        let (time, unit) = match count {
            4 => (time * 100, MINUTE),
            6 => (time, SECOND),
            _ => return None,
        };
        let (hour, minute, second) =
            (part(time / 10_000)?, part(time / 100 % 100)?, part(time % 100)?);
        put(&mut self.written.clock, Clock { hour, minute, second, nanosecond: 0, unit })?;
        self.zone_follows()
    }

    fn is_date(&mut self, year: i32, month: i8, day: i8) -> Option<()> {
        put(&mut self.written.year, i16::try_from(year).ok()?)?;
        put(&mut self.written.month, month)?;
        put(&mut self.written.day, day)
    }

    /// Behind a date: nothing, a space, or the `T` of RFC 3339 or the colon of web servers and then
    /// a time.
    fn time_follows(&mut self) -> Option<()> {
        match self.rest.chars().next() {
            None | Some(' ' | ',' | '_') => Some(()),
            Some('t' | ':') => {
                self.rest = &self.rest[1..];
                self.clock()
            }
            Some(_) => None,
        }
    }

    /// `14:03`, `14:03:11`, `14:03:11.250`, `2:03 pm`, `2pm`, perhaps with a zone right behind.
    fn clock(&mut self) -> Option<()> {
        let hour = self.small(1, 2)?;
        let mut clock = Clock { hour, minute: 0, second: 0, nanosecond: 0, unit: HOUR };
        if self.one_of(&[':']).is_some() {
            clock.minute = self.small(2, 2)?;
            clock.unit = MINUTE;
            if self.one_of(&[':']).is_some() {
                clock.second = self.small(2, 2)?;
                clock.unit = SECOND;
                self.fraction(&mut clock)?;
            }
        }
        let half = self.half_of_day();
        match (half, clock.unit) {
            (None, HOUR) => return None,
            (Some(_), _) if !(1..=12).contains(&hour) => return None,
            (Some(later), _) => clock.hour = hour % 12 + if later { 12 } else { 0 },
            (None, _) => {}
        }
        put(&mut self.written.clock, clock)?;
        self.zone_follows()
    }

    fn fraction(&mut self, clock: &mut Clock) -> Option<()> {
        let behind = self.rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if !behind || self.one_of(&['.', ',']).is_none() {
            return Some(());
        }
        let (digits, count) = self.digits(1, 9)?;
        let places = u32::try_from(count).ok()?;
        clock.unit = SECOND / 10_i64.pow(places);
        clock.nanosecond = digits * 10_i32.pow(9 - places);
        Some(())
    }

    /// Whether `pm` stands here, or `am`.
    fn half_of_day(&mut self) -> Option<bool> {
        let rest = self.rest.trim_start_matches(' ');
        let later = [("am", false), ("a.m.", false), ("pm", true), ("p.m.", true)];
        let (word, later) = later.into_iter().find(|(word, _)| rest.starts_with(word))?;
        let rest = &rest[word.len()..];
        let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        ends.then(|| {
            self.rest = rest;
            later
        })
    }

    /// A zone without a space before it.
    fn zone_follows(&mut self) -> Option<()> {
        match self.rest.chars().next() {
            Some('z' | '+' | '-') => self.zone(),
            Some(c) if c.is_ascii_alphanumeric() => None,
            _ => Some(()),
        }
    }

    /// `z`, `+01`, `+0100`, `+01:00`, `utc+1`, `[europe/berlin]`.
    fn zone(&mut self) -> Option<()> {
        if let Some(rest) = self.rest.strip_prefix('[') {
            let (name, rest) = rest.split_once(']')?;
            self.rest = rest;
            // Behind an offset the name says where, not when.
            let zone = ZoneName::Name(name.to_owned());
            self.written.zone.get_or_insert(zone);
            return Some(());
        }
        if self.rest.starts_with("z") && !self.rest[1..].starts_with(|c: char| c.is_alphanumeric())
        {
            self.rest = &self.rest[1..];
            return put(&mut self.written.zone, ZoneName::Offset(0));
        }
        // A minus is a zone's only behind a time.
        self.written.clock?;
        let sign = if self.one_of(&['+', '-'])? == '+' { 1 } else { -1 };
        let (number, count) = self.digits(1, 4)?;
        let (hours, minutes) = match count {
            1 | 2 if self.one_of(&[':']).is_some() => (number, self.digits(2, 2)?.0),
            1 | 2 => (number, 0),
            _ => (number / 100, number % 100),
        };
        let fits = hours <= 15 && minutes < 60;
        let seconds = sign * (hours * 3600 + minutes * 60);
        if matches!(&self.written.zone, Some(ZoneName::Name(name)) if name == "utc" || name == "gmt")
        {
            self.written.zone = None;
        }
        fits.then(|| put(&mut self.written.zone, ZoneName::Offset(seconds))).flatten()
    }

    fn word(&mut self) -> Option<()> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '/' | '_')))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.strip_prefix('.').unwrap_or(rest);
        let written = &mut self.written;
        let on_the_hour = |hour| Clock { hour, minute: 0, second: 0, nanosecond: 0, unit: MINUTE };
        match word {
            "" => None,
            "at" | "on" | "the" | "of" | "this" => Some(()),
            "today" => put(&mut written.word, DayWord::Today),
            "yesterday" => put(&mut written.word, DayWord::Yesterday),
            "last" => put(&mut written.word, DayWord::Last),
            "noon" => put(&mut written.clock, on_the_hour(12)),
            "midnight" => put(&mut written.clock, on_the_hour(0)),
            _ => match (weekday(word), month(word)) {
                (Some(day), _) => put(&mut written.weekday, day),
                (_, Some(month)) => put(&mut written.month, month),
                _ if written.clock.is_some() => {
                    put(&mut written.zone, ZoneName::Name(word.to_owned()))
                }
                _ => None,
            },
        }
    }

    /// A day of the month, or a year.
    fn number(&mut self) -> Option<()> {
        let (number, count) = self.digits(1, 4)?;
        if count == 4 {
            return put(&mut self.written.year, i16::try_from(number).ok()?);
        }
        let ordinal = ["st", "nd", "rd", "th", "."];
        let suffix = ordinal.iter().find_map(|suffix| self.rest.strip_prefix(suffix));
        self.rest = suffix.unwrap_or(self.rest);
        if self.rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':') {
            return None;
        }
        put(&mut self.written.day, i8::try_from(number).ok()?)
    }
}

/// The month that `word` names, by its first three letters or in full.
fn month(word: &str) -> Option<i8> {
    let months = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = months
        .iter()
        .position(|month| is_short_for(word, month) || word == "sept" && *month == "september")?;
    i8::try_from(at + 1).ok()
}

fn weekday(word: &str) -> Option<Weekday> {
    use Weekday as W;
    let days = [
        ("monday", W::Monday),
        ("tuesday", W::Tuesday),
        ("wednesday", W::Wednesday),
        ("thursday", W::Thursday),
        ("friday", W::Friday),
        ("saturday", W::Saturday),
        ("sunday", W::Sunday),
    ];
    days.into_iter().find(|(name, _)| is_short_for(word, name)).map(|(_, day)| day)
}

fn is_short_for(word: &str, name: &str) -> bool {
    word == name || word == &name[..3] || word == "tues" && name == "tuesday"
}

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
