//! The names of a segment's files: `20261123T14Z-00000042.tenures.parquet` holds what was sealed in
//! that hour of UTC, as batch 42.

use std::fmt;

use super::catalog;
use crate::Moment;

/// What the names of a segment's files begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    /// [`crate::Batch::number`].
    pub(super) number: u64,
    /// A moment of the hour, its first where it was read.
    pub(super) hour: Moment,
}

/// A file of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The tenures, and what the segment says of itself; without it there is no segment.
    Tenures,
    /// The programs that the tenures name.
    Programs,
}

/// What stands in for the last part of the name while a file is being written.
pub(super) const UNFINISHED: &str = "unfinished";

impl Part {
    fn ending(self) -> &'static str {
        match self {
            Part::Tenures => ".tenures.parquet",
            Part::Programs => ".programs.parquet",
        }
    }
}

impl Name {
    /// The name of one of the files.
    pub(super) fn file(self, part: Part) -> String {
        format!("{self}{}", part.ending())
    }

    /// What the file called `file` is, if it is a segment's.
    pub(super) fn parse(file: &str) -> Option<(Name, Part)> {
        let part = [Part::Tenures, Part::Programs].into_iter();
        let (stem, part) =
            part.filter_map(|part| Some((file.strip_suffix(part.ending())?, part))).next()?;
        let (hour, number) = stem.split_once("Z-")?;
        let (date, hour) = hour.split_once('T')?;
        let name = Name { number: digits(number)?, hour: moment(digits(date)?, digits(hour)?)? };
        (name.to_string() == stem).then_some((name, part))
    }
}

/// Whether a file called `file` was being written by us: a segment's or a catalog.
pub(super) fn is_unfinished(file: &str) -> bool {
    let Some(stem) = file.strip_suffix(UNFINISHED).and_then(|stem| stem.strip_suffix('.')) else {
        return false;
    };
    stem == catalog::FILE || Name::parse(&format!("{stem}.parquet")).is_some()
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.hour.0.div_euclid(HOUR_NS);
        let (year, month, day) = date(hours.div_euclid(24));
        let hour = hours.rem_euclid(24);
        write!(f, "{year:04}{month:02}{day:02}T{hour:02}Z-{:08}", self.number)
    }
}

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The beginning of an hour of a date, written as one number.
fn moment(date: u64, hour: u64) -> Option<Moment> {
    let date = i64::try_from(date).ok()?;
    let days = days(date / 10_000, date / 100 % 100, date % 100);
    let hours = days.checked_mul(24)?.checked_add(i64::try_from(hour).ok()?)?;
    hours.checked_mul(HOUR_NS).map(Moment)
}

/// Days since 1970 as year, month and day. The year is taken to begin in March, so that the day
/// that some have more comes last.
fn date(days: i64) -> (i64, i64, i64) {
    let since = days + DAYS_TO_1970;
    let era = since.div_euclid(ERA);
    let of_era = since.rem_euclid(ERA);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, turn) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + turn, month, day)
}

/// Year, month and day as days since 1970.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    let leap = of_era / 4 - of_era / 100;
    year.div_euclid(400) * ERA + of_era * 365 + leap + of_year - DAYS_TO_1970
}

/// How long an hour is.
pub(super) const HOUR_NS: i64 = 3_600_000_000_000;
/// The days of 400 years, after which the calendar repeats itself.
const ERA: i64 = 146_097;
/// The days from March of the year 0 to 1970.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_says_when_and_which() {
        let name = Name { number: 42, hour: Moment(1_795_442_591_000_000_000) };
        assert_eq!(name.file(Part::Tenures), "20261123T14Z-00000042.tenures.parquet");
        let hour = Moment(1_795_442_400_000_000_000);
        let parsed = Name::parse("20261123T14Z-00000042.programs.parquet");
        assert_eq!(parsed, Some((Name { number: 42, hour }, Part::Programs)));
    }

    #[test]
    fn other_names_are_not_ours() {
        for name in [
            "20261123T14Z-42.tenures.parquet",
            "20261323T14Z-00000042.tenures.parquet",
            "20261123T24Z-00000042.tenures.parquet",
            "20261123T14Z-00000042.parquet",
            "20261123T14Z-+0000042.tenures.parquet",
            "99999999999999999T14Z-00000042.tenures.parquet",
            "journal",
            "",
        ] {
            assert_eq!(Name::parse(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_hour_comes_back(hour in 0..2_000_000i64, number in any::<u64>()) {
            let name = Name { number, hour: Moment(hour * HOUR_NS) };
            let read = Name::parse(&name.file(Part::Tenures));
            prop_assert_eq!(read, Some((name, Part::Tenures)));
        }
    }
}
