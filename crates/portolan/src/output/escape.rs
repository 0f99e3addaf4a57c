//! Makes untrusted text safe to print: a process may be named `\x1b]0;pwned\x07`.
//!
//! Printable text stays as it is. Control characters, invisible and direction-changing characters
//! and bytes that are not UTF-8 are written as escapes, as are a backslash and a space at either
//! end, so that what is printed can be read back without doubt.

use std::fmt::{self, Write};
use std::ops::Range;

/// Untrusted bytes, printed safely.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Escaped<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = without_outer_spaces(self.0);
        let mut at = 0;
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c == ' ' && !inner.contains(&at) {
                    f.write_str("\\x20")?;
                } else {
                    write_char(f, c)?;
                }
                at += c.len_utf8();
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
                at += 1;
            }
        }
        Ok(())
    }
}

fn write_char(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '\\' => f.write_str("\\\\"),
        '\n' => f.write_str("\\n"),
        '\t' => f.write_str("\\t"),
        '\r' => f.write_str("\\r"),
        c if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c)),
        c if is_unprintable(c) => write!(f, "\\u{{{:x}}}", u32::from(c)),
        c => f.write_char(c),
    }
}

/// Characters that show nothing, or change how their neighbours show: C1 controls, marks of
/// direction (Unicode TR 36 §2.6), zero-width and line separators, tags, private use.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

/// Where the text lies once the spaces around it are taken off.
fn without_outer_spaces(text: &[u8]) -> Range<usize> {
    let start = text.iter().position(|b| *b != b' ').unwrap_or(text.len());
    let end = text.iter().rposition(|b| *b != b' ').map_or(start, |last| last + 1);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(bytes: &[u8]) -> String {
        Escaped(bytes).to_string()
    }

    #[test]
    fn plain_names_stay_as_they_are() {
        assert_eq!(escaped(b"nginx: worker (1)"), "nginx: worker (1)");
        assert_eq!(escaped("größe–日本".as_bytes()), "größe–日本");
    }

    #[test]
    fn terminal_sequences_are_spelled_out() {
        assert_eq!(escaped(b"\x1b]0;pwned\x07"), r"\x1b]0;pwned\x07");
        assert_eq!(escaped(b"a\nb\tc\\"), r"a\nb\tc\\");
        assert_eq!(escaped("\u{9b}31m".as_bytes()), r"\u{9b}31m");
    }

    #[test]
    fn text_that_would_reverse_its_neighbours_is_spelled_out() {
        assert_eq!(escaped("a\u{202e}b".as_bytes()), r"a\u{202e}b");
    }

    #[test]
    fn invalid_utf8_is_spelled_out_byte_by_byte() {
        assert_eq!(escaped(b"ok\xff\xc3"), r"ok\xff\xc3");
    }

    #[test]
    fn spaces_at_the_ends_are_seen() {
        assert_eq!(escaped(&[b' '; 3]), r"\x20\x20\x20");
        assert_eq!(escaped(b" a b "), r"\x20a b\x20");
    }
}
