//! What a check says of this very machine. The program says it in English; the values are kept beside
//! that, by which pages say it in the reader's language: `findings-evidence.ftl` of the web crate.

use std::fmt::{self, Display};
use std::time::Duration;

use web::{Arg, Remark};

use crate::commands::room::{HeldBy, Holder, words};
use crate::label;

/// A remark: the id of its message, the English with the values by their names, and the values.
macro_rules! remark {
    ($id:literal, $english:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        let ($($name,)*) = ($($crate::commands::doctor::remark::Value::from($value),)*);
        ::web::Remark {
            english: format!($english, $($name = $name),*),
            message: Some(($id, vec![$((stringify!($name), $name.arg)),*])),
        }
    }};
}
pub(super) use remark;

/// A value in a remark.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// As it stands in English.
    english: String,
    /// Of what other languages make their own.
    pub(super) arg: Arg<'static>,
}

impl Value {
    /// A name or a place, safe to print and the same in every language.
    pub(super) fn text(it: impl Display) -> Value {
        Value::from(it.to_string())
    }

    /// So many, as the kernel writes it: `1204`.
    pub(super) fn number(n: impl TryInto<usize> + Display) -> Value {
        Value { english: n.to_string(), arg: n.try_into().unwrap_or(usize::MAX).into() }
    }

    /// So many, with the thousands apart: `1,204`.
    pub(super) fn count(n: impl TryInto<usize>) -> Value {
        let n = n.try_into().unwrap_or(usize::MAX);
        Value { english: label::thousands(n), arg: n.into() }
    }

    /// So many of something: `1,204 sockets`. Messages have the noun.
    pub(super) fn of(n: impl TryInto<usize>, noun: &str) -> Value {
        let n = n.try_into().unwrap_or(usize::MAX);
        Value { english: label::count(n, noun), arg: n.into() }
    }

    /// A share in percent. Messages have the sign.
    pub(super) fn share(share: f64) -> Value {
        let english = words::percent(share);
        let figures = english.trim_end_matches(" %").to_owned();
        Value { english, arg: Arg::Figures(figures) }
    }

    /// A rate.
    pub(super) fn rate(per_s: f64) -> Value {
        let english = words::rate(per_s);
        // What has thousands has no fraction.
        let whole = english.replace(',', "").parse::<usize>().map(Arg::Count);
        Value { arg: whole.unwrap_or_else(|_| Arg::Figures(english.clone())), english }
    }

    /// A length of time in one or two units.
    pub(super) fn time(time: Duration) -> Value {
        let (large, small) = words::units(time);
        Value::from(match small {
            Some(small) => {
                remark!("time-pair", "{large} {small}", large = unit(large), small = unit(small))
            }
            None => unit(large),
        })
    }

    /// Several, with `between` them in English.
    pub(super) fn list(items: Vec<String>, between: &str) -> Value {
        Value { english: items.join(between), arg: items.into() }
    }

    /// The first `most` of several ends, and that there are more.
    pub(super) fn some(ends: &[String], most: usize) -> Value {
        let (told, rest) = ends.split_at(ends.len().min(most));
        let more = if rest.is_empty() { "" } else { ", …" };
        Value {
            english: format!("{}{more}", told.join(", ")),
            arg: with_more(told.iter().map(|end| Remark::from(end.as_str())), rest.len()),
        }
    }

    /// Who holds ports, `most` by name.
    pub(super) fn holders(holders: &[HeldBy], most: usize) -> Value {
        let told = holders.iter().take(most).map(held);
        Value {
            english: words::held_by(holders, most),
            arg: with_more(told, holders.len().saturating_sub(most)),
        }
    }
}

fn with_more(told: impl Iterator<Item = Remark>, rest: usize) -> Arg<'static> {
    let more = || remark!("remark-more", "+{count}", count = Value::number(rest));
    Arg::Remarks(told.chain((rest > 0).then(more)).collect())
}

fn held(held: &HeldBy) -> Remark {
    let who = match &held.holder {
        Holder::Process(process) => label::process(process).into(),
        Holder::Hidden { user, .. } => match user.as_ref().map(label::user) {
            Some(user) if !user.is_empty() => {
                remark!("party-hidden-of", "hidden, of {user}", user = user)
            }
            _ => remark!("party-hidden", "hidden"),
        },
        Holder::TimeWait => "TIME-WAIT".into(),
        Holder::Kernel => remark!("party-kernel", "kernel"),
    };
    let place = held.holder.place().map(label::place).filter(|place| !place.is_empty());
    let who = match place {
        Some(place) => remark!("party-placed", "{who} {place}", who = who, place = place),
        None => who,
    };
    remark!("party-times", "{who} {count}", who = who, count = Value::count(held.sockets))
}

fn unit((n, unit): (u64, words::Unit)) -> Remark {
    let count = Value::number(n);
    match unit {
        words::Unit::Day => remark!("time-days", "{count} d", count = count),
        words::Unit::Hour => remark!("time-hours", "{count} h", count = count),
        words::Unit::Minute => remark!("time-minutes", "{count} min", count = count),
        words::Unit::Second => remark!("time-seconds", "{count} s", count = count),
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)
    }
}

impl From<Remark> for Value {
    fn from(remark: Remark) -> Value {
        Value { english: remark.english.clone(), arg: remark.into() }
    }
}

impl From<String> for Value {
    fn from(name: String) -> Value {
        Value { english: name.clone(), arg: name.into() }
    }
}

impl From<registry::Proto> for Value {
    fn from(proto: registry::Proto) -> Value {
        Value { english: proto.to_string(), arg: proto.into() }
    }
}

#[cfg(test)]
mod tests {
    use web::{Language, Locale};

    use super::*;

    fn told(value: Value) -> [String; 5] {
        let remark = remark!("evidence-fills-in", "in {time}", time = value);
        Language::ALL.map(|language| match remark.told(Locale::of(language)) {
            Some(told) => told.replace(['\u{2068}', '\u{2069}'], ""),
            None => remark.to_string(),
        })
    }

    #[test]
    fn times_have_the_units_of_the_readers_language() {
        let told = told(Value::time(Duration::from_secs(18_600)));
        assert_eq!((&*told[0], &*told[3]), ("in 5 h 10 min", "in 5 h 10 min"));
        assert!(told[4].contains("5 小时 10 分"), "{told:?}");
    }

    #[test]
    fn fractions_have_the_mark_of_the_readers_language_and_thousands_too() {
        assert_eq!(told(Value::rate(1.5))[3], "in 1,5");
        assert_eq!(told(Value::rate(1204.2))[3], "in 1.204");
        assert_eq!(told(Value::share(0.9999))[3], "in > 99,9");
        assert_eq!(told(Value::rate(1204.2))[0], "in 1,204");
    }

    #[test]
    fn a_list_says_how_many_are_not_in_it() {
        let ends = ["*:1", "*:2", "*:3", "*:4"].map(str::to_owned);
        assert_eq!(told(Value::some(&ends, 3))[0], "in *:1, *:2, *:3, …");
        assert_eq!(told(Value::some(&ends, 3))[3], "in *:1, *:2, *:3 und 1 weiterer");
        assert_eq!(told(Value::some(&ends, 4))[0], "in *:1, *:2, *:3, *:4");
    }
}
