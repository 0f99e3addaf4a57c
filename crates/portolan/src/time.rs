//! Times as a person reads them, in the local time zone.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use std::{env, fs};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use log::Moment;

/// Now, in the local time zone.
pub(crate) fn now() -> Zoned {
    Timestamp::now().to_zoned(zone().clone())
}

/// A time of today as `14:02:11`, of this year as `03 Nov 14:02`, else `2025-11-03`.
pub(crate) fn short(time: SystemTime) -> String {
    let now = now();
    let Ok(then) = Timestamp::try_from(time) else { return "an unknown time".to_owned() };
    let then = then.to_zoned(now.time_zone().clone());
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
    now().strftime("%H:%M:%S").to_string()
}

/// How long `then` is ago; no time at all where it is still to come.
pub(crate) fn since(then: Moment) -> Duration {
    ago(then, crate::when::moment(Timestamp::now()))
}

/// How long `then` was ago at `now`; no time at all where it was still to come.
pub(crate) fn ago(then: Moment, now: Moment) -> Duration {
    Duration::from_nanos(u64::try_from(now.0 - then.0).unwrap_or(0))
}

/// The local time zone, as it was when it was first asked for.
fn zone() -> &'static TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    ZONE.get_or_init(|| linked().unwrap_or_else(TimeZone::system))
}

/// The zone that `/etc/localtime` leads to (`localtime(5)`); `None` where `TZ` names another, and where
/// it is no link. By itself jiff would list every folder of the time zone database for its name.
fn linked() -> Option<TimeZone> {
    if env::var_os("TZ").is_some() {
        return None;
    }
    let target = fs::read_link(LOCAL).ok()?;
    let (_, name) = target.to_str()?.rsplit_once("zoneinfo/")?;
    TimeZone::tzif(name, &fs::read(LOCAL).ok()?).ok()
}

const LOCAL: &str = "/etc/localtime";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_zone_is_the_one_that_the_library_finds() {
        let (ours, theirs) = (zone(), TimeZone::system());
        assert_eq!(ours.iana_name(), theirs.iana_name());
        for month in 0..24 {
            let at = Timestamp::from_second(1_767_225_600 + month * 30 * 86_400).unwrap();
            assert_eq!(ours.to_offset(at), theirs.to_offset(at), "{at}");
        }
    }
}
