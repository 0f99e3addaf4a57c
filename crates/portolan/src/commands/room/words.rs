//! How shares, rates, times and holders read in a line.

use std::time::Duration;

use sockets::Place;

use super::{HeldBy, Holder};
use crate::label;

/// Who holds the ports, `most` by name.
pub(crate) fn held_by(holders: &[HeldBy], most: usize) -> String {
    let named = holders.iter().take(most).map(|held| {
        let who = match &held.holder {
            Holder::Process(process) => label::process(process),
            Holder::Hidden { user, .. } => {
                let user = user.as_ref().map(label::user).unwrap_or_default();
                if user.is_empty() { "hidden".to_owned() } else { format!("hidden, of {user}") }
            }
            Holder::TimeWait => "TIME-WAIT".to_owned(),
            Holder::Kernel => "kernel".to_owned(),
        };
        let who = placed(who, held.holder.place());
        format!("{who} {}", label::thousands(held.sockets as usize))
    });
    let named: Vec<String> = named.collect();
    let more = holders.len().saturating_sub(most);
    let rest = if more > 0 { format!(" +{more}") } else { String::new() };
    format!("{}{rest}", named.join(", "))
}

/// `who`, and where that runs if it is known.
pub(crate) fn placed(who: String, place: Option<&Place>) -> String {
    match place.map(label::place).filter(|place| !place.is_empty()) {
        Some(place) => format!("{who} {place}"),
        None => who,
    }
}

/// A share as a bar of ten cells, in eighths.
pub(crate) fn bar(share: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 80")]
    let eighths = (share.clamp(0.0, 1.0) * 80.0).round() as usize;
    // What is not empty shows.
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8 - 1]);
    }
    let used = eighths.div_ceil(8);
    bar.push_str(&"·".repeat(10 - used));
    bar
}

/// A share in percent, never rounded to empty or full.
pub(crate) fn percent(share: f64) -> String {
    match share * 100.0 {
        all if all <= 0.0 => "0 %".to_owned(),
        all if all < 0.1 => "< 0.1 %".to_owned(),
        all if all > 99.9 && all < 100.0 => "> 99.9 %".to_owned(),
        all => format!("{all:.1} %"),
    }
}

/// A rate with three digits that count.
pub(crate) fn rate(per_s: f64) -> String {
    match per_s {
        none if none <= 0.0 => "0".to_owned(),
        few if few < 9.95 => format!("{few:.1}"),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate")]
        many => label::thousands(many.round() as usize),
    }
}

/// A length of time as one or two units: `42 s`, `3 min 20 s`, `5 h 10 min`.
pub(crate) fn about(time: Duration) -> String {
    let told = |(count, unit): (u64, Unit)| format!("{count} {}", unit.name());
    match units(time) {
        (large, Some(small)) => format!("{} {}", told(large), told(small)),
        (large, None) => told(large),
    }
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Day,
    Hour,
    Minute,
    Second,
}

/// A length of time, rounded to the two units that tell it best; one where the other is none.
pub(crate) fn units(time: Duration) -> ((u64, Unit), Option<(u64, Unit)>) {
    let seconds = time.as_secs_f64().round().max(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole seconds")]
    let seconds = seconds as u64;
    let (large, small) = match seconds {
        0..60 => ((seconds, Unit::Second), None),
        60..3600 => ((seconds / 60, Unit::Minute), Some((seconds % 60, Unit::Second))),
        3600..86_400 => ((seconds / 3600, Unit::Hour), Some((seconds % 3600 / 60, Unit::Minute))),
        _ => ((seconds / 86_400, Unit::Day), Some((seconds % 86_400 / 3600, Unit::Hour))),
    };
    (large, small.filter(|(count, _)| *count > 0))
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Unit::Day => "d",
            Unit::Hour => "h",
            Unit::Minute => "min",
            Unit::Second => "s",
        }
    }
}

const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_ten_cells_and_show_the_least() {
        for (share, text) in [
            (0.0, "··········"),
            (0.0001, "▏·········"),
            (0.5, "█████·····"),
            (0.99, "█████████▉"),
            (1.0, "██████████"),
            (7.0, "██████████"),
        ] {
            assert_eq!(bar(share), text);
        }
        assert_eq!(percent(0.9999), "> 99.9 %");
        assert_eq!((percent(0.6), percent(1.0)), ("60.0 %".to_owned(), "100.0 %".to_owned()));
        assert_eq!(
            [0.0, 0.0001, 0.5, 0.9999, 1.0].map(percent),
            ["0 %", "< 0.1 %", "50.0 %", "> 99.9 %", "100.0 %"]
        );
    }

    #[test]
    fn times_have_two_units_at_most() {
        let texts = [0, 59, 60, 200, 3600, 18_600, 90_000].map(|s| about(Duration::from_secs(s)));
        assert_eq!(texts, ["0 s", "59 s", "1 min", "3 min 20 s", "1 h", "5 h 10 min", "1 d 1 h"]);
    }
}
