//! Numbers as each language writes them. Ports are names, not counts, and are never cut in groups.

use std::borrow::Cow;

use super::Language;

/// `count`, whole, with its thousands apart.
pub(super) fn grouped(count: f64, language: Language) -> String {
    apart(format!("{count:.0}"), language)
}

/// The digits of a whole number with the thousands apart.
pub(super) fn apart(digits: String, language: Language) -> String {
    let (separator, least) = match language {
        Language::German => ('.', 4),
        // RAE, Ortografía: a space, and none in numbers of four digits.
        Language::Spanish => ('\u{a0}', 5),
        Language::English | Language::Urdu | Language::Chinese => (',', 4),
    };
    if digits.len() < least {
        return digits;
    }
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A number that English writes as `text`, with the language's decimal mark; one with thousands apart, which
/// is whole, with these as the language has them.
pub(super) fn figures(text: &str, language: Language) -> Cow<'_, str> {
    match language {
        Language::German | Language::Spanish if text.contains(',') => {
            Cow::Owned(apart(text.replace(',', ""), language))
        }
        Language::German | Language::Spanish => Cow::Owned(text.replace('.', ",")),
        Language::English | Language::Urdu | Language::Chinese => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart_as_each_language_has_it() {
        assert_eq!(grouped(28_232.0, Language::English), "28,232");
        assert_eq!(grouped(28_232.0, Language::Urdu), "28,232");
        assert_eq!(grouped(28_232.0, Language::German), "28.232");
        assert_eq!(grouped(28_232.0, Language::Spanish), "28\u{a0}232");
        assert_eq!(grouped(1024.0, Language::Spanish), "1024");
        assert_eq!(grouped(1_234_567.0, Language::Chinese), "1,234,567");
        assert_eq!(grouped(0.0, Language::German), "0");
    }

    #[test]
    fn a_fraction_has_the_mark_of_its_language() {
        assert_eq!(figures("> 99.9", Language::German), "> 99,9");
        assert_eq!(figures("1.5", Language::Chinese), "1.5");
        assert_eq!(figures("1,234", Language::German), "1.234");
        assert_eq!(figures("1,234", Language::Spanish), "1234");
        assert_eq!(figures("12,345", Language::Spanish), "12\u{a0}345");
        assert_eq!(figures("12,345", Language::English), "12,345");
    }
}
