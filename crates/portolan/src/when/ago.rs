//! Times counted back from now: `now`, `10m ago`, `-10m`, `2h30m`, `3 days ago`. A moment to the
//! second, as nobody who counts back means less.

use jiff::{Span, Timestamp, Zoned};

use super::{SECOND, When};

/// Reads `text` if it counts back from now.
pub(super) fn read(text: &str, now: &Zoned) -> Option<Result<When, String>> {
    if text == "now" {
        return Some(When::instant(now.timestamp()));
    }
    let ahead = text.starts_with('+') || text.starts_with("in ");
    let span = span(text.trim_start_matches("in "))?;
    if ahead {
        return Some(Err(format!("'{text}' is still to come")));
    }
    Some(back(now, span))
}

/// A length of time, in the words of people and without its sign.
pub(super) fn span(text: &str) -> Option<Span> {
    if text.len() > super::LONGEST || !text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let one = ["an ", "a ", "one "].iter().find_map(|article| text.strip_prefix(article));
    let text = one.map_or_else(|| text.to_owned(), |rest| format!("1 {rest}"));
    let span: Span = text.replace(" and ", " ").parse().ok()?;
    Some(span.abs())
}

/// The second that `span` before `now` lies in.
fn back(now: &Zoned, span: Span) -> Result<When, String> {
    let far = |_| super::OUT_OF_REACH.to_owned();
    let then = now.checked_sub(span).map_err(far)?.timestamp();
    if is_fine(&span) {
        return When::instant(then);
    }
    When::lasting(Timestamp::from_second(then.as_second()).map_err(far)?, SECOND)
}

/// Whether a span was given to less than a second.
fn is_fine(span: &Span) -> bool {
    span.get_milliseconds() != 0 || span.get_microseconds() != 0 || span.get_nanoseconds() != 0
}
