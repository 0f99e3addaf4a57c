//! Messages as HTML: escaped, with `code` between backticks, and every value that a right-to-left
//! message isolates (U+2068, U+2069; UAX #9 §2.4.2) in a `<bdi>`, as HTML has it. A range of ports
//! stays on its line.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// A message to be written into a page.
///
/// ```
/// use web::Rich;
///
/// assert_eq!(Rich("run `ss` < \u{2068}3\u{2069}".into()).to_string(),
///     "run <code dir=\"ltr\">ss</code> &lt; <bdi>3</bdi>");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rich<'a>(pub Cow<'a, str>);

impl askama::filters::HtmlSafe for Rich<'_> {}

impl fmt::Display for Rich<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        marked(f, &self.0, |_| true)
    }
}

/// A message with names in it that others chose: as [`Rich`], but no backtick makes code of an
/// isolated value, so that whatever a process calls itself is shown as it is.
///
/// ```
/// use web::Strict;
///
/// assert_eq!(Strict("`ss`: \u{2068}`a`\u{2069}".into()).to_string(),
///     "<code dir=\"ltr\">ss</code>: <bdi>`a`</bdi>");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strict<'a>(pub Cow<'a, str>);

impl askama::filters::HtmlSafe for Strict<'_> {}

impl fmt::Display for Strict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        marked(f, &self.0, |depth| depth == 0)
    }
}

/// Writes `text` with its marks as markup; between backticks is code where `is_code` says so of how
/// many isolates stand around.
fn marked(f: &mut fmt::Formatter<'_>, text: &str, is_code: impl Fn(usize) -> bool) -> fmt::Result {
    let mut rest = text;
    let mut depth = 0_usize;
    while let Some(at) = rest.find(MARKS) {
        plain(f, &rest[..at])?;
        let mark = &rest[at..];
        if let Some(behind) = mark.strip_prefix('`') {
            rest = match behind.split_once('`').filter(|_| is_code(depth)) {
                Some((inside, behind)) => {
                    code(f, inside)?;
                    behind
                }
                None => {
                    f.write_str("`")?;
                    behind
                }
            };
        } else if let Some(behind) = mark.strip_prefix(OPEN) {
            depth += 1;
            f.write_str("<bdi>")?;
            rest = behind;
        } else {
            rest = &mark[CLOSE.len_utf8()..];
            if depth > 0 {
                depth -= 1;
                f.write_str("</bdi>")?;
            }
        }
    }
    plain(f, rest)?;
    (0..depth).try_for_each(|_| f.write_str("</bdi>"))
}

fn code(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("<code dir=\"ltr\">")?;
    text.split([OPEN, CLOSE]).try_for_each(|part| escaped(f, part))?;
    f.write_str("</code>")
}

/// Writes `text`, which is not code: escaped, and with every range kept together.
fn plain(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(DASH) {
        let (before, behind) = (&rest[..at], &rest[at + DASH.len_utf8()..]);
        let digit = |c: char| c.is_ascii_digit();
        let first = before.trim_end_matches(digit).len();
        let last = behind.len() - behind.trim_start_matches(digit).len();
        if first < before.len() && last > 0 {
            escaped(f, &before[..first])?;
            let (low, high) = (&before[first..], &behind[..last]);
            write!(f, "<span class=\"range\">{low}{DASH}{high}</span>")?;
            rest = &behind[last..];
        } else {
            escaped(f, before)?;
            f.write_char(DASH)?;
            rest = behind;
        }
    }
    escaped(f, rest)
}

/// Writes `text` with what HTML reads as markup spelled out.
fn escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        f.write_str(&rest[..at])?;
        f.write_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    f.write_str(rest)
}

const DASH: char = '–';
const OPEN: char = '\u{2068}';
const CLOSE: char = '\u{2069}';
const MARKS: [char; 3] = ['`', OPEN, CLOSE];

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        Rich(text.into()).to_string()
    }

    #[test]
    fn whatever_stands_in_a_message_no_markup_comes_of_it() {
        assert_eq!(html("<script>'\"&"), "&lt;script&gt;&#39;&quot;&amp;");
        assert_eq!(html("`<b>`"), "<code dir=\"ltr\">&lt;b&gt;</code>");
    }

    #[test]
    fn marks_without_their_pair_break_nothing() {
        assert_eq!(html("a ` b"), "a ` b");
        assert_eq!(html("\u{2068}a"), "<bdi>a</bdi>");
        assert_eq!(html("a\u{2069}"), "a");
        assert_eq!(html("\u{2068}\u{2068}a\u{2069}"), "<bdi><bdi>a</bdi></bdi>");
    }

    #[test]
    fn a_range_stays_together() {
        let range = "<span class=\"range\">1–23</span>";
        assert_eq!(html("a 1–23, b"), format!("a {range}, b"));
        assert_eq!(html("\u{2068}1–23\u{2069}"), format!("<bdi>{range}</bdi>"));
        assert_eq!(html("1–23–4"), format!("{range}–4"));
        assert_eq!(html("a – b – 1"), "a – b – 1");
    }

    #[test]
    fn code_is_isolated_by_itself() {
        assert_eq!(html("`ss :\u{2068}22\u{2069} -n`"), "<code dir=\"ltr\">ss :22 -n</code>");
    }
}
