//! What stands in an SVG besides shapes: numbers without needless digits, and text that came from
//! elsewhere, made safe (XML 1.0 §2.2 and §2.4).

use std::fmt::{self, Write as _};

/// A coordinate to two digits behind the point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct N(pub(crate) f32);

impl fmt::Display for N {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

/// Text as XML. What cannot stand in XML at all becomes U+FFFD; so do the characters that would
/// turn the direction of what follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Xml<'a>(pub(crate) &'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            '\u{202a}'..='\u{202e}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}'),
            control if control.is_control() => f.write_char('\u{fffd}'),
            letter => f.write_char(letter),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_needless_digits() {
        for (number, text) in
            [(0.0, "0"), (-0.001, "0"), (2.5, "2.5"), (128.0, "128"), (1.256, "1.26")]
        {
            assert_eq!(N(number).to_string(), text);
        }
    }

    #[test]
    fn foreign_text_cannot_leave_its_place() {
        assert_eq!(
            Xml("<script>\u{1b}[31m'\"&\u{202e}").to_string(),
            "&lt;script&gt;\u{fffd}[31m&#39;&quot;&amp;\u{fffd}"
        );
    }
}
