//! Times as they are met, each with what it stands for, on a Monday afternoon in Berlin.

use jiff::{Timestamp, Zoned};

use super::When;

/// Monday; the time in Berlin is +01:00.
const NOW: &str = "2026-11-23T15:00:00.5+01:00[Europe/Berlin]";

fn at(text: &str, now: &str) -> Result<When, String> {
    When::parse(text, &now.parse::<Zoned>().unwrap())
}

fn rfc(moment: log::Moment) -> String {
    Timestamp::from_nanosecond(moment.0.into()).unwrap().to_string()
}

/// First moment and length.
fn read(text: &str) -> (String, i64) {
    let when = at(text, NOW).unwrap_or_else(|error| panic!("{text}: {error}"));
    (rfc(when.first), when.last.0 - when.first.0 + 1)
}

const MS: i64 = 1_000_000;
const SECOND: i64 = 1000 * MS;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// The spellings, what they stand for in UTC, and for how long.
const SPELLINGS: &[(&str, &str, i64)] = &[
    // A time of day: today's, or yesterday's where that is still to come.
    ("14:03:11", "2026-11-23T13:03:11Z", SECOND),
    ("14:03", "2026-11-23T13:03:00Z", MINUTE),
    ("14:03:11.250", "2026-11-23T13:03:11.25Z", MS),
    ("14:03:11,250", "2026-11-23T13:03:11.25Z", MS),
    ("14:03:11.250817", "2026-11-23T13:03:11.250817Z", 1000),
    ("14:03:11.123456789", "2026-11-23T13:03:11.123456789Z", 1),
    ("9:05", "2026-11-23T08:05:00Z", MINUTE),
    ("16:00:00", "2026-11-22T15:00:00Z", SECOND),
    ("2:03 pm", "2026-11-23T13:03:00Z", MINUTE),
    ("2:03:11PM", "2026-11-23T13:03:11Z", SECOND),
    ("12:05 a.m.", "2026-11-22T23:05:00Z", MINUTE),
    ("2pm", "2026-11-23T13:00:00Z", 60 * MINUTE),
    ("noon", "2026-11-23T11:00:00Z", MINUTE),
    ("midnight", "2026-11-22T23:00:00Z", MINUTE),
    // With a zone. At 14:03 UTC it is 15:03 here, and that is still to come.
    ("13:03:11Z", "2026-11-23T13:03:11Z", SECOND),
    ("14:03:11Z", "2026-11-22T14:03:11Z", SECOND),
    ("13:03:11 UTC", "2026-11-23T13:03:11Z", SECOND),
    ("08:03:11-05:00", "2026-11-23T13:03:11Z", SECOND),
    ("08:03:11 -0500", "2026-11-23T13:03:11Z", SECOND),
    ("18:33 +0530", "2026-11-23T13:03:00Z", MINUTE),
    ("14:03 UTC+1", "2026-11-23T13:03:00Z", MINUTE),
    ("08:03 America/New_York", "2026-11-23T13:03:00Z", MINUTE),
    // A day.
    ("yesterday 14:03", "2026-11-22T13:03:00Z", MINUTE),
    ("yesterday at 14:03:11", "2026-11-22T13:03:11Z", SECOND),
    ("14:03 yesterday", "2026-11-22T13:03:00Z", MINUTE),
    ("today 14:03", "2026-11-23T13:03:00Z", MINUTE),
    ("today", "2026-11-22T23:00:00Z", DAY),
    ("yesterday", "2026-11-21T23:00:00Z", DAY),
    ("yesterday noon", "2026-11-22T11:00:00Z", MINUTE),
    ("last friday 09:00", "2026-11-20T08:00:00Z", MINUTE),
    ("Friday 09:00", "2026-11-20T08:00:00Z", MINUTE),
    ("fri", "2026-11-19T23:00:00Z", DAY),
    ("monday 09:00", "2026-11-23T08:00:00Z", MINUTE),
    ("monday 16:00", "2026-11-16T15:00:00Z", MINUTE),
    ("last monday 09:00", "2026-11-16T08:00:00Z", MINUTE),
    ("2 days ago 14:03", "2026-11-21T13:03:00Z", MINUTE),
    ("1 week ago at 14:03:11", "2026-11-16T13:03:11Z", SECOND),
    // Counted back.
    ("now", "2026-11-23T14:00:00.5Z", 1),
    ("10m ago", "2026-11-23T13:50:00Z", SECOND),
    ("-10m", "2026-11-23T13:50:00Z", SECOND),
    ("10m", "2026-11-23T13:50:00Z", SECOND),
    ("2h", "2026-11-23T12:00:00Z", SECOND),
    ("2h30m ago", "2026-11-23T11:30:00Z", SECOND),
    ("1h 30m ago", "2026-11-23T12:30:00Z", SECOND),
    ("2 hours and 5 minutes ago", "2026-11-23T11:55:00Z", SECOND),
    ("an hour ago", "2026-11-23T13:00:00Z", SECOND),
    ("90 seconds ago", "2026-11-23T13:58:30Z", SECOND),
    ("500ms ago", "2026-11-23T14:00:00Z", 1),
    ("3 days ago", "2026-11-20T14:00:00Z", SECOND),
    ("1d", "2026-11-22T14:00:00Z", SECOND),
    ("5 weeks ago", "2026-10-19T13:00:00Z", SECOND),
    // Written dates.
    ("2026-11-23T14:03:11Z", "2026-11-23T14:03:11Z", SECOND),
    ("2026-11-23T14:03:11.250Z", "2026-11-23T14:03:11.25Z", MS),
    ("2026-11-23T14:03:11+01:00", "2026-11-23T13:03:11Z", SECOND),
    ("2026-11-23T14:03:11+01:00[Europe/Berlin]", "2026-11-23T13:03:11Z", SECOND),
    ("2026-11-23t14:03:11z", "2026-11-23T14:03:11Z", SECOND),
    ("2026-11-23 14:03:11", "2026-11-23T13:03:11Z", SECOND),
    ("2026-11-23_14:03:11", "2026-11-23T13:03:11Z", SECOND),
    ("2026-11-23 14:03", "2026-11-23T13:03:00Z", MINUTE),
    ("2026-11-23", "2026-11-22T23:00:00Z", DAY),
    ("2026-10-25", "2026-10-24T22:00:00Z", DAY + 60 * MINUTE),
    ("2026-07-01 14:03:11", "2026-07-01T12:03:11Z", SECOND),
    ("2026-11-23 14:03:11.250 CET", "2026-11-23T13:03:11.25Z", MS),
    ("2026-07-01 14:03:11 CEST", "2026-07-01T12:03:11Z", SECOND),
    ("2026-11-23 14:03:11,250 +0100", "2026-11-23T13:03:11.25Z", MS),
    ("2026/11/23 14:03:11", "2026-11-23T13:03:11Z", SECOND),
    ("23.11.2026 14:03:11", "2026-11-23T13:03:11Z", SECOND),
    ("20261123T140311Z", "2026-11-23T14:03:11Z", SECOND),
    ("20261123T1403", "2026-11-23T13:03:00Z", MINUTE),
    ("20261123140311", "2026-11-23T13:03:11Z", SECOND),
    ("20261123", "2026-11-22T23:00:00Z", DAY),
    // Logs: syslog and firewalls, web servers, date(1), systemd, mail.
    ("Nov 23 14:03:11", "2026-11-23T13:03:11Z", SECOND),
    ("Nov  3 14:03:11", "2026-11-03T13:03:11Z", SECOND),
    ("Dec 24 14:03:11", "2025-12-24T13:03:11Z", SECOND),
    ("Feb 29 12:00", "2024-02-29T11:00:00Z", MINUTE),
    ("23 Nov 14:03", "2026-11-23T13:03:00Z", MINUTE),
    ("November 3rd, 2026 2:03 pm", "2026-11-03T13:03:00Z", MINUTE),
    ("23/Nov/2026:14:03:11 +0000", "2026-11-23T14:03:11Z", SECOND),
    ("[23/Nov/2026:14:03:11 +0000]", "2026-11-23T14:03:11Z", SECOND),
    ("23/Nov/2026:14:03:11.250", "2026-11-23T13:03:11.25Z", MS),
    ("23-Nov-2026 14:03:11.250", "2026-11-23T13:03:11.25Z", MS),
    ("[Mon Nov 23 14:03:11.250817 2026]", "2026-11-23T13:03:11.250817Z", 1000),
    ("Mon Nov 23 14:03:11 CET 2026", "2026-11-23T13:03:11Z", SECOND),
    ("Mon Nov 23 14:03:11 2026", "2026-11-23T13:03:11Z", SECOND),
    ("Mon Nov 23 14:03:11", "2026-11-23T13:03:11Z", SECOND),
    ("Mon 2026-11-23 14:03:11 CET", "2026-11-23T13:03:11Z", SECOND),
    ("Mon, 23 Nov 2026 14:03:11 +0000", "2026-11-23T14:03:11Z", SECOND),
    ("'2026-11-23 14:03:11'", "2026-11-23T13:03:11Z", SECOND),
    // Numbers.
    ("1763906591", "2025-11-23T14:03:11Z", SECOND),
    ("@1763906591", "2025-11-23T14:03:11Z", SECOND),
    ("1763906591.250", "2025-11-23T14:03:11.25Z", MS),
    ("1763906591250", "2025-11-23T14:03:11.25Z", MS),
    ("1763906591250817", "2025-11-23T14:03:11.250817Z", 1000),
    ("1763906591250817123", "2025-11-23T14:03:11.250817123Z", 1),
    ("@0", "1970-01-01T00:00:00Z", SECOND),
    // The rest is read as date -d does.
    ("last week", "2026-11-16T14:00:00Z", SECOND),
    ("2 days ago noon", "2026-11-21T11:00:00Z", MINUTE),
];

#[test]
fn every_spelling_is_read() {
    let wrong: Vec<String> = SPELLINGS
        .iter()
        .filter_map(|(text, first, length)| {
            let read = match at(text, NOW) {
                Ok(when) => (rfc(when.first), when.last.0 - when.first.0 + 1),
                Err(error) => (error, 0),
            };
            (read != (first.to_string(), *length)).then(|| format!("{text}: {read:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_nobody_means_is_refused_in_a_line() {
    for text in [
        "",
        " ",
        "80",
        "14",
        "1403",
        "m",
        "a",
        "14:3",
        "14:03:1",
        "24:00",
        "25:00:00",
        "14:60",
        "14:03:11pm",
        "13:00 pm",
        "0:30 am",
        "2026-02-30",
        "2026-13-01",
        "11/23/2026",
        "23/11/2026",
        "Nov 31",
        "Feb 30 12:00",
        "tomorrowish",
        "14:03 14:04",
        "monday friday",
        "last",
        "2026-11",
        "14:03:11 XYZ",
        "14:03:11+99:00",
        "-",
        "+",
        "@",
        "@-1",
        "@x",
        "1e9",
        "12345.678",
        "2026-11-23T",
        "T14:03:11",
        "60440",
        "https",
        "0001-01-01",
        "9999-12-31 10:00",
        "1066-10-14",
        "99999999999999999999",
        "2026-11-23 14:03:11 14:03",
        "Tue 2026-11-23 14:03",
        "2026-11-23 14:03 CEST",
        "\u{202e}14:03",
        "14\u{ff1a}03",
        "1000000 years ago",
        "[1e3]",
    ] {
        let Err(error) = at(text, NOW) else { panic!("{text} was read: {:?}", read(text)) };
        assert!(!error.contains('\n') && error.len() < 300, "{text}: {error}");
    }
}

#[test]
fn what_lies_ahead_is_told_to() {
    assert_eq!(at("+10m", NOW).unwrap_err(), "'+10m' is still to come");
    assert_eq!(at("in 5 minutes", NOW).unwrap_err(), "'in 5 minutes' is still to come");
    assert!(at("2026-11-24 10:00", NOW).unwrap().first.0 > 0);
}

#[test]
fn what_was_guessed_is_said() {
    let remark = |text| at(text, NOW).unwrap().remark.unwrap_or_default();
    assert_eq!(
        remark("16:00"),
        "that time of today is still to come: yesterday's was taken (2026-11-22)"
    );
    assert_eq!(remark("14:03"), "");
    assert_eq!(remark("Nov 23 14:03"), "");
    assert_eq!(remark("Dec 24 14:03"), "no year was given: 2025 was taken");
    assert_eq!(remark("friday 09:00"), "Friday 2026-11-20 was taken");
    assert_eq!(remark("last week"), "'last week' was taken for 2026-11-16 15:00:00");
}

#[test]
fn an_hour_that_comes_twice_is_the_first_and_said_so() {
    let when = at("2026-10-25 02:30:11", NOW).unwrap();
    assert_eq!(rfc(when.first), "2026-10-25T00:30:11Z");
    assert_eq!(
        when.remark.unwrap(),
        "clocks showed 02:30:11 twice on 2026-10-25: 02:30:11+02 was taken, the other is 02:30:11+01"
    );
    assert_eq!(read("2026-10-25 02:30:11+01:00").0, "2026-10-25T01:30:11Z");
    for (zone, hour) in [("CET", "01"), ("CEST", "00")] {
        let when = at(&format!("2026-10-25 02:30:11 {zone}"), NOW).unwrap();
        assert_eq!(rfc(when.first), format!("2026-10-25T{hour}:30:11Z"));
        assert_eq!(when.remark, None);
    }
}

#[test]
fn an_hour_that_never_was_is_refused() {
    let error = at("2026-03-29 02:30:11", NOW).unwrap_err();
    assert!(error.contains("never was here") && error.contains("+01 to +02"), "{error}");
    assert_eq!(read("2026-03-29 02:30:11Z").0, "2026-03-29T02:30:11Z");
}

#[test]
fn a_weekday_that_does_not_fit_is_told() {
    let error = at("Tue, 23 Nov 2026 14:03:11", NOW).unwrap_err();
    assert!(error.ends_with("2026-11-23 was a Monday"), "{error}");
}

#[test]
fn a_leap_second_is_the_one_before() {
    assert_eq!(read("2016-12-31T23:59:60Z"), ("2016-12-31T23:59:59Z".to_owned(), SECOND));
}

#[test]
fn the_kernels_seconds_since_boot_are_read_in_brackets() {
    let now = Zoned::now();
    let when = When::parse("[    0.000000]", &now).unwrap();
    let awake = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic).tv_sec;
    let since = now.timestamp().as_second() - when.first.0 / SECOND;
    assert!((since - awake).abs() <= 1, "{since} {awake}");
    assert!(when.remark.is_some());
    assert!(When::parse("[99999999999.5]", &now).is_err());
}

#[test]
fn elsewhere_midnight_is_elsewhere() {
    let new_york = "2026-11-23T00:30:00-05:00[America/New_York]";
    assert_eq!(rfc(at("yesterday", new_york).unwrap().first), "2026-11-22T05:00:00Z");
    // Where clocks are put forward at midnight a day begins at one.
    let lebanon = "2026-11-23T12:00:00+02:00[Asia/Beirut]";
    assert_eq!(rfc(at("2026-03-29", lebanon).unwrap().first), "2026-03-28T22:00:00Z");
}
