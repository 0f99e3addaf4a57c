//! What stands in a message: a count, by which the language chooses its plural, a text, which stays
//! as it is, a remark, which is told in the same language, or several.

use std::borrow::Cow;

use fluent_bundle::FluentValue;
use registry::{Port, PortRange, Proto};

use super::number::figures;
use super::{Direction, Language, Remark};

/// A value for a place in a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arg<'a> {
    /// A text, as it is: an endpoint, a name, a word that the message chooses by.
    Text(Cow<'a, str>),
    /// So many of something.
    Count(usize),
    /// A number that is no count, as English writes it: `1.5`, `< 0.1`.
    Figures(String),
    /// Several texts, told as `a, b and c`.
    List(Vec<String>),
    /// Several remarks, told likewise; one stands for itself.
    Remarks(Vec<Remark>),
}

impl Arg<'_> {
    /// The value as `language` tells it.
    pub(super) fn value(&self, language: Language) -> FluentValue<'_> {
        match self {
            Arg::Text(text) => FluentValue::String(Cow::Borrowed(text)),
            Arg::Count(count) => FluentValue::from(*count),
            Arg::Figures(text) => FluentValue::String(figures(text, language)),
            Arg::List(items) => FluentValue::String(Cow::Owned(listed(items, language))),
            Arg::Remarks(items) => {
                let items: Vec<_> = items.iter().map(|item| item.inside(language)).collect();
                FluentValue::String(Cow::Owned(listed(&items, language)))
            }
        }
    }
}

/// `a`, `a and b`, `a, b and c`, each isolated where lines run from right to left.
fn listed(items: &[impl AsRef<str>], language: Language) -> String {
    let (comma, and) = match language {
        Language::English => (", ", " and "),
        Language::Urdu => ("، ", " اور "),
        Language::Spanish => (", ", " y "),
        Language::German => (", ", " und "),
        Language::Chinese => ("、", " 和 "),
    };
    let isolated = language.direction() == Direction::RightToLeft && items.len() > 1;
    let mut text = String::new();
    for (at, item) in items.iter().map(AsRef::as_ref).enumerate() {
        let last = at + 1 == items.len();
        text.push_str(if at == 0 {
            ""
        } else if last {
            and
        } else {
            comma
        });
        if isolated {
            text.push('\u{2068}');
            text.push_str(item);
            text.push('\u{2069}');
        } else {
            text.push_str(item);
        }
    }
    text
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Arg::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Arg::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Arg::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Arg<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Arg::Text(text)
    }
}

impl From<&usize> for Arg<'_> {
    fn from(count: &usize) -> Self {
        Arg::Count(*count)
    }
}

impl From<usize> for Arg<'_> {
    fn from(count: usize) -> Self {
        Arg::Count(count)
    }
}

impl From<Port> for Arg<'_> {
    fn from(port: Port) -> Self {
        Arg::Text(port.to_string().into())
    }
}

impl From<&Port> for Arg<'_> {
    fn from(port: &Port) -> Self {
        Arg::from(*port)
    }
}

impl From<PortRange> for Arg<'_> {
    /// With a dash that is not a minus: `32768–60999`.
    fn from(range: PortRange) -> Self {
        Arg::Text(range.to_string().replace('-', "–").into())
    }
}

impl From<Proto> for Arg<'_> {
    /// In capitals, as it stands in a sentence.
    fn from(proto: Proto) -> Self {
        Arg::Text(proto.name().to_uppercase().into())
    }
}

impl From<Remark> for Arg<'_> {
    fn from(remark: Remark) -> Self {
        match remark.message {
            Some(_) => Arg::Remarks(vec![remark]),
            None => Arg::Text(remark.english.into()),
        }
    }
}

impl From<Vec<String>> for Arg<'_> {
    fn from(texts: Vec<String>) -> Self {
        Arg::List(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_are_told_as_each_language_tells_them() {
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(listed(&items[..0], Language::English), "");
        assert_eq!(listed(&items[..1], Language::Urdu), "a");
        assert_eq!(listed(&items[..2], Language::German), "a und b");
        assert_eq!(listed(&items, Language::English), "a, b and c");
        assert_eq!(listed(&items, Language::Chinese), "a、b 和 c");
        let urdu = "\u{2068}a\u{2069} اور \u{2068}b\u{2069}";
        assert_eq!(listed(&items[..2], Language::Urdu), urdu);
    }
}
