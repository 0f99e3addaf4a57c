//! What is asked of a chart, read from the address: `at`, `night`, `layers` or several `layer`, and
//! `sheet`. A form without JavaScript and the page's script write the same.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::chart::{Light, Sheet, Shown};
use crate::{Moment, Trouble};

/// Which chart was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// A moment of the past; `None` for now.
    pub(crate) at: Option<Moment>,
    pub(crate) shown: Shown,
    pub(crate) light: Light,
    pub(crate) sheet: Sheet,
}

impl Asked {
    /// Reads the parts of an address's query.
    ///
    /// # Errors
    /// [`Trouble::Asked`] for a value that cannot be read. Names that are not known are left alone.
    pub(crate) fn read(pairs: &[(String, String)]) -> Result<Asked, Trouble> {
        let mut asked = Asked { sheet: Sheet::Plain, ..Asked::default() };
        let mut chosen = None;
        for (name, value) in pairs {
            match name.as_str() {
                "at" => asked.at = moment(value)?,
                "night" => asked.light = light(value)?,
                "sheet" => asked.sheet = sheet(value)?,
                "layers" | "layer" => {
                    let more: Shown = value
                        .parse()
                        .map_err(|error| Trouble::Asked(format!("{name}: {error}")))?;
                    chosen = Some(chosen.unwrap_or(Shown::NONE).and(more));
                }
                _ => {}
            }
        }
        asked.shown = chosen.unwrap_or(Shown::ALL);
        Ok(asked)
    }
}

/// Reads a moment: RFC 3339, else a date and a time of day in the machine's time zone, as a form
/// writes them (HTML §2.3.5.5) or a person does; nothing is now.
fn moment(text: &str) -> Result<Option<Moment>, Trouble> {
    let text = text.trim();
    if text.is_empty() || text == "now" {
        return Ok(None);
    }
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::system()).ok();
    let read: Option<Timestamp> = text.parse().ok().or_else(|| Some(local()?.timestamp()));
    let moment = read.and_then(|read| i64::try_from(read.as_nanosecond()).ok()).map(Moment);
    let quoted: String = text.chars().take(60).collect();
    match moment {
        None => Err(Trouble::Asked(format!(
            "at: {quoted:?} is no moment: write it as 2026-11-23T14:03:11Z, or 2026-11-23 14:03:11"
        ))),
        Some(at) if at > Moment::now() => {
            Err(Trouble::Asked(format!("at: {quoted:?} is still to come")))
        }
        Some(at) => Ok(Some(at)),
    }
}

fn light(text: &str) -> Result<Light, Trouble> {
    match text {
        "" | "1" | "on" | "true" | "yes" => Ok(Light::Night),
        "0" | "off" | "false" | "no" => Ok(Light::Day),
        _ => Err(Trouble::Asked(format!("night: {text:?} is neither 1 nor 0"))),
    }
}

fn sheet(text: &str) -> Result<Sheet, Trouble> {
    match text {
        "full" => Ok(Sheet::Full),
        "plain" => Ok(Sheet::Plain),
        "small" => Ok(Sheet::Small),
        _ => Err(Trouble::Asked(format!("sheet: {text:?} is not full, plain or small"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Layer;

    fn read(query: &[(&str, &str)]) -> Result<Asked, Trouble> {
        let pairs = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Asked::read(&pairs.collect::<Vec<_>>())
    }

    #[test]
    fn an_address_says_which_chart() {
        let asked = read(&[
            ("at", "2026-01-23T14:03:11Z"),
            ("night", "1"),
            ("layers", "none"),
            ("layer", "listening"),
            ("layer", "assigned"),
            ("utm_source", "x"),
        ])
        .unwrap();
        assert_eq!(asked.at, Some(Moment(1_769_176_991_000_000_000)));
        assert_eq!((asked.light, asked.sheet), (Light::Night, Sheet::Plain));
        assert_eq!(asked.shown, Shown::NONE.with(Layer::Listening).with(Layer::Assigned));
        assert_eq!(read(&[]).unwrap().shown, Shown::ALL);
        assert_eq!(read(&[("at", " ")]).unwrap().at, None);
    }

    #[test]
    fn moments_are_read_as_people_and_forms_write_them() {
        let local = |text| read(&[("at", text)]).unwrap().at.unwrap().local();
        for text in ["2026-01-23 14:03:11", "2026-01-23T14:03:11"] {
            assert_eq!(local(text), "2026-01-23 14:03:11", "{text}");
        }
        assert_eq!(local("2026-01-23T14:03"), "2026-01-23 14:03:00");
    }

    #[test]
    fn what_cannot_be_read_is_told_with_what_can() {
        for (name, value, told) in [
            ("at", "noon\u{1b}", "\"noon\\u{1b}\" is no moment"),
            ("at", "2199-01-01T00:00:00Z", "still to come"),
            ("layers", "boats", "there is no layer \"boats\""),
            ("sheet", "a4", "not full, plain or small"),
            ("night", "perhaps", "neither 1 nor 0"),
        ] {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
