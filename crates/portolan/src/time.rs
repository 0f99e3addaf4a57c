//! Times as a person reads them, in the local time zone.

use std::time::{Duration, SystemTime};

use jiff::{Timestamp, Zoned};
use log::Moment;

/// A time of today as `14:02:11`, of this year as `03 Nov 14:02`, else `2025-11-03`.
pub(crate) fn short(time: SystemTime) -> String {
    let now = Zoned::now();
    let Ok(then) = Zoned::try_from(time) else { return "an unknown time".to_owned() };
    let then = then.with_time_zone(now.time_zone().clone());
    let format = if then.date() == now.date() {
        "%H:%M:%S"
    } else if then.year() == now.year() {
        "%d %b %H:%M"
    } else {
        "%Y-%m-%d"
    };
    then.strftime(format).to_string()
}

/// The time of day: `14:02:11`.
pub(crate) fn clock() -> String {
    Zoned::now().strftime("%H:%M:%S").to_string()
}

/// How long `then` is ago; no time at all where it is still to come.
pub(crate) fn since(then: Moment) -> Duration {
    ago(then, crate::when::moment(Timestamp::now()))
}

/// How long `then` was ago at `now`; no time at all where it was still to come.
pub(crate) fn ago(then: Moment, now: Moment) -> Duration {
    Duration::from_nanos(u64::try_from(now.0 - then.0).unwrap_or(0))
}
