//! Times that are numbers: seconds since 1970 and finer, a date and time in digits, and the
//! kernel's seconds since boot in brackets, as `dmesg` prints them.

use jiff::civil::DateTime;
use jiff::{Timestamp, Zoned};
use rustix::time::{ClockId, clock_gettime};

use super::{SECOND, When};

/// Reads `text` if it is such a number: `Some` of an error where it is one that cannot be meant.
pub(super) fn read(text: &str, now: &Zoned) -> Option<Result<When, String>> {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let (whole, fraction) = parts(inner.trim_start())?;
        fraction?;
        return Some(since_boot(whole, fraction, now));
    }
    if let Some(seconds) = text.strip_prefix('@') {
        let (whole, fraction) = parts(seconds)?;
        return Some(since_1970(whole, fraction, SECOND));
    }
    let (whole, fraction) = parts(text)?;
    match (whole.len(), fraction) {
        (8, None) => None,
        (14, None) => in_digits(whole, now),
        (9..=11, _) => Some(since_1970(whole, fraction, SECOND)),
        (12..=13, None) => Some(since_1970(whole, None, SECOND / 1_000)),
        (15..=16, None) => Some(since_1970(whole, None, SECOND / 1_000_000)),
        (18..=19, None) => Some(since_1970(whole, None, 1)),
        _ => None,
    }
}

/// The digits before and behind the point of a number.
fn parts(text: &str) -> Option<(&str, Option<&str>)> {
    let digits = |part: &str| {
        !part.is_empty() && part.len() <= 19 && part.bytes().all(|b| b.is_ascii_digit())
    };
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction).filter(|f| f.len() <= 9)),
        None => (text, None),
    };
    let point = whole.len() < text.len();
    let sound = digits(whole) && point == fraction.is_some() && fraction.is_none_or(digits);
    sound.then_some((whole, fraction))
}

/// `whole` units and a fraction of one, as nanoseconds and what the last digit stands for.
fn nanoseconds(whole: &str, fraction: Option<&str>, unit: i128) -> (i128, i128) {
    let number = |digits: &str| digits.parse::<i128>().unwrap_or(i128::from(i64::MAX));
    let Some(fraction) = fraction else { return (number(whole) * unit, unit) };
    let places = u32::try_from(fraction.len()).unwrap_or(9).min(9);
    let step = unit / 10_i128.pow(places);
    (number(whole) * unit + number(fraction) * step, step)
}

fn since_1970(whole: &str, fraction: Option<&str>, unit: i128) -> Result<When, String> {
    let (at, step) = nanoseconds(whole, fraction, unit);
    let at = Timestamp::from_nanosecond(at).map_err(|_| super::OUT_OF_REACH.to_owned())?;
    When::lasting(at, step)
}

/// The kernel's log counts the seconds that the machine was awake.
fn since_boot(whole: &str, fraction: Option<&str>, now: &Zoned) -> Result<When, String> {
    let (then, step) = nanoseconds(whole, fraction, SECOND);
    let awake = clock_gettime(ClockId::Monotonic);
    let awake = i128::from(awake.tv_sec) * SECOND + i128::from(awake.tv_nsec);
    if then > awake {
        return Err(format!("this machine has not been up for {whole} s"));
    }
    let at = now.timestamp().as_nanosecond() - awake + then;
    let at = Timestamp::from_nanosecond(at).map_err(|_| super::OUT_OF_REACH.to_owned())?;
    let there = at.to_zoned(now.time_zone().clone()).strftime("%F %T%.3f");
    let when = When::lasting(at, step)?;
    Ok(when
        .remarked(format!("seconds since boot as in dmesg were taken for {there}, give or take")))
}

/// `20261123140311`.
fn in_digits(digits: &str, now: &Zoned) -> Option<Result<When, String>> {
    let civil = DateTime::strptime("%Y%m%d%H%M%S", digits).ok()?;
    let zoned = civil.to_zoned(now.time_zone().clone()).ok()?;
    Some(When::lasting(zoned.timestamp(), SECOND))
}
