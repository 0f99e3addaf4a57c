//! Lengths of time and sizes, as people write them: `30d`, `2G`.

use std::time::Duration;

/// Parses a length of time: a number and s, m, h, d or w.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let unit = |letter: &str| match letter {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        "w" => Some(7 * 86_400),
        _ => None,
    };
    let seconds =
        measured(text, unit).filter(|seconds| (60..=100 * 366 * 86_400).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| {
        "it takes a time such as 90m, 12h, 30d or 8w, from a minute to 100 years".into()
    })
}

/// Parses a pause between two looks: 0, or a number and ms, s or m.
pub(crate) fn pause(text: &str) -> Result<Duration, String> {
    milliseconds(text)
        .filter(|pause| *pause <= Duration::from_mins(10))
        .ok_or_else(|| "it takes 0 or a time such as 500ms, 10s or 1m, up to 10m".to_owned())
}

/// Parses how long something lasts: 0, or a number and ms, s, m or h.
pub(crate) fn lasting(text: &str) -> Result<Duration, String> {
    milliseconds(text)
        .filter(|time| *time <= Duration::from_hours(24 * 30))
        .ok_or_else(|| "it takes 0 or a time such as 500ms, 10s, 5m or 1h, up to 720h".to_owned())
}

fn milliseconds(text: &str) -> Option<Duration> {
    let unit = |name: &str| match name {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let milliseconds = if text.trim() == "0" { Some(0) } else { measured(text, unit) };
    milliseconds.map(Duration::from_millis)
}

/// Parses a size in bytes: a number, perhaps with K, M, G or T (powers of 1,024).
pub(crate) fn size(text: &str) -> Result<u64, String> {
    measured(text, bytes)
        .filter(|bytes| (1 << 20..=1 << 50).contains(bytes))
        .ok_or_else(|| "it takes a size from 1M to 1024T, such as 500M, 2G or 1T".to_owned())
}

/// Parses the size of a ring buffer, which the kernel wants to be a power of two: the next one up.
pub(crate) fn buffer(text: &str) -> Result<u32, String> {
    measured(text, bytes)
        .filter(|bytes| (4 << 10..=1 << 30).contains(bytes))
        .and_then(|bytes| u32::try_from(bytes.next_power_of_two()).ok())
        .ok_or_else(|| "it takes a size from 4K to 1G, such as 8M".to_owned())
}

/// Bytes as a person reads them: `812 B`, `4.0 KB`, `1.5 GB`, in powers of 1,000.
pub(crate) fn written(bytes: u64) -> String {
    let mut rest = bytes;
    let mut tenths = 0;
    for unit in ["B", "KB", "MB", "GB"] {
        if rest < 1000 {
            let fraction = if unit == "B" { String::new() } else { format!(".{tenths}") };
            return format!("{rest}{fraction} {unit}");
        }
        (rest, tenths) = (rest / 1000, rest % 1000 / 100);
    }
    format!("{rest}.{tenths} TB")
}

/// Reads a whole number with a unit behind it, in the smallest unit.
fn measured(text: &str, unit: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, name) = text.split_at(digits);
    number.parse::<u64>().ok()?.checked_mul(unit(name.trim())?)
}

/// How many bytes a unit has, written `M`, `MB` or `MiB`.
fn bytes(unit: &str) -> Option<u64> {
    match unit.trim_end_matches('b').trim_end_matches('i') {
        "" => Some(1),
        "k" => Some(1 << 10),
        "m" => Some(1 << 20),
        "g" => Some(1 << 30),
        "t" => Some(1 << 40),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_in_three_digits() {
        let sizes = [0, 999, 1000, 1_590, 23_456_789, 2_000_000_000, 7_100_000_000_000];
        let texts = ["0 B", "999 B", "1.0 KB", "1.5 KB", "23.4 MB", "2.0 GB", "7.1 TB"];
        assert_eq!(sizes.map(written), texts);
    }

    #[test]
    fn times_and_sizes_have_units() {
        assert_eq!(age("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(age("90 m"), Ok(Duration::from_secs(5400)));
        assert_eq!(
            (pause("0"), pause("250ms")),
            (Ok(Duration::ZERO), Ok(Duration::from_millis(250)))
        );
        assert_eq!(pause("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(lasting("2h"), Ok(Duration::from_hours(2)));
        assert!(["", "1", "11m", "-1s", "1.5s", "1h"].iter().all(|text| pause(text).is_err()));
        assert_eq!(size("2G"), Ok(2 << 30));
        assert_eq!((size("500MiB"), size("1048576")), (Ok(500 << 20), Ok(1 << 20)));
        assert_eq!((buffer("8M"), buffer("5k")), (Ok(8 << 20), Ok(8 << 10)));
        for text in ["", "d", "30", "0d", "-1d", "1y", "99999999999999999999d", "30000000000000w"] {
            assert!(age(text).is_err(), "{text}");
        }
        for text in ["", "G", "1", "1.5G", "2X", "99999999T"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert!(buffer("1").is_err() && buffer("2G").is_err());
    }
}
