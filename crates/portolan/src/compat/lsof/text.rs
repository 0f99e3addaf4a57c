//! Untrusted text as `lsof` writes it: `a\x20b`, `^[`, `\n`.
//!
//! Source of truth: what `lsof` 4.95 prints for processes with odd names, under `C.UTF-8`, `C` and
//! a locale that is not installed.

use std::env;
use std::fs;

use crate::output::is_unprintable;

/// What of a name past ASCII is printed as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// Nothing.
    Ascii,
    /// Characters that print.
    Utf8,
    /// Characters that print and leave a terminal's cursor and direction alone.
    Utf8OnTerminal,
}

impl Charset {
    /// That of the environment's locale.
    pub(super) fn of_locale(terminal: bool) -> Charset {
        let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        match locale.is_some_and(|locale| is_utf8_locale(&locale)) {
            true if terminal => Charset::Utf8OnTerminal,
            true => Charset::Utf8,
            false => Charset::Ascii,
        }
    }

    fn prints(self, c: char) -> bool {
        match self {
            Charset::Ascii => false,
            // As `iswprint(3)` of glibc, but that unassigned characters are not told apart.
            Charset::Utf8 => !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}'),
            Charset::Utf8OnTerminal => !is_unprintable(c),
        }
    }
}

/// A process's name in the column COMMAND: as much of it as fits in nine places.
pub(super) fn cell(name: &[u8]) -> Vec<u8> {
    let mut cell = Vec::new();
    for byte in name {
        let mut shown = Vec::new();
        match byte {
            b' ' => shown.extend_from_slice(b"\\x20"),
            byte => push_byte(&mut shown, *byte),
        }
        if cell.len() + shown.len() > WIDEST {
            break;
        }
        cell.extend(shown);
    }
    cell
}

/// A process's name as a field of `-F`, or the ends of a socket.
pub(super) fn field(name: &[u8], charset: Charset) -> Vec<u8> {
    let mut field = Vec::new();
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).as_bytes();
            match bytes {
                bytes if !c.is_ascii() && charset.prints(c) => field.extend_from_slice(bytes),
                bytes => bytes.iter().for_each(|byte| push_byte(&mut field, *byte)),
            }
        }
        chunk.invalid().iter().for_each(|byte| push_byte(&mut field, *byte));
    }
    field
}

fn push_byte(text: &mut Vec<u8>, byte: u8) {
    match byte {
        b'\\' => text.extend_from_slice(b"\\\\"),
        b' '..=b'~' => text.push(byte),
        0x08 => text.extend_from_slice(b"\\b"),
        0x0c => text.extend_from_slice(b"\\f"),
        b'\n' => text.extend_from_slice(b"\\n"),
        b'\r' => text.extend_from_slice(b"\\r"),
        b'\t' => text.extend_from_slice(b"\\t"),
        0x00..=0x1f => text.extend([b'^', byte + b'@']),
        0x7f.. => text.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
    }
}

/// Whether `locale` is one of UTF-8 that is installed, as far as glibc keeps its own in sight.
fn is_utf8_locale(locale: &str) -> bool {
    let Some((name, charset)) = locale.split_once('.') else { return false };
    let charset = charset.split('@').next().unwrap_or_default();
    if !["utf8", "utf-8"].iter().any(|utf8| charset.eq_ignore_ascii_case(utf8)) {
        return false;
    }
    let installed = format!("{name}.utf8");
    name == "C"
        || fs::exists(format!("/usr/lib/locale/{installed}")).unwrap_or(false)
        || fs::read("/usr/lib/locale/locale-archive").is_ok_and(|archive| {
            archive.windows(installed.len()).any(|window| window == installed.as_bytes())
        })
}

/// How wide the column COMMAND may be.
const WIDEST: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_ends_before_what_does_not_fit() {
        for (name, shown) in [
            (&b"sshd"[..], &b"sshd"[..]),
            (b"fifteen-chars-x", b"fifteen-c"),
            (b"\x1b]0;pwn\x07", b"^[]0;pwn"),
            (b"caf\xc3\xa9", b"caf\\xc3"),
            (b"     ", b"\\x20\\x20"),
            (b"12345678 0", b"12345678"),
            (b"a\nb\\c\x7f", b"a\\nb\\\\c"),
            (b"\r\x08\x0c\x0b\x01", b"\\r\\b\\f^K"),
            (b"", b""),
        ] {
            assert_eq!(cell(name), shown, "{}", name.escape_ascii());
        }
    }

    #[test]
    fn a_field_keeps_what_the_locale_prints() {
        let name = b"a b\t\xe2\x82\xac\xe2\x80\xae\xc2\x85\xff";
        let text = |charset| field(name, charset).escape_ascii().to_string();
        assert_eq!(text(Charset::Ascii), r"a b\\t\\xe2\\x82\\xac\\xe2\\x80\\xae\\xc2\\x85\\xff");
        assert_eq!(text(Charset::Utf8), r"a b\\t\xe2\x82\xac\xe2\x80\xae\\xc2\\x85\\xff");
        assert_eq!(
            text(Charset::Utf8OnTerminal),
            r"a b\\t\xe2\x82\xac\\xe2\\x80\\xae\\xc2\\x85\\xff"
        );
    }

    #[test]
    fn only_an_installed_locale_counts() {
        assert!(is_utf8_locale("C.UTF-8") && is_utf8_locale("C.utf8"));
        assert!(!is_utf8_locale("C") && !is_utf8_locale("POSIX"));
        assert!(!is_utf8_locale("xx_XX.UTF-8") && !is_utf8_locale("en_US.ISO-8859-1"));
    }
}
