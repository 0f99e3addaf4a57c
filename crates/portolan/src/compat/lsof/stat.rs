//! What `lsof` reads of `/proc/PID/stat` (`proc_pid_stat(5)`): name, parent and process group.
//!
//! The name stands in parentheses and may hold some itself. `lsof` 4.95 takes it to end at the one
//! that closes the first: `a)b` is `a` to it, with the wrong parent, and a process called `a(b` it
//! does not list at all. Where the name is empty it prints the one it read before.

use std::fs;

/// What it says of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// The name.
    pub(super) name: Vec<u8>,
    /// The parent.
    pub(super) parent: i64,
    /// The process group.
    pub(super) group: i64,
}

/// How `lsof` fares with such a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It is read.
    Read(Stat),
    /// The name has no end, so the process is left out.
    Endless,
}

impl Reading {
    /// Reads that of `pid`; `None` if the process has exited.
    pub(super) fn of(pid: u32) -> Option<Reading> {
        let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let mut reading = Reading::parse(&text)?;
        if let Reading::Read(stat) = &mut reading
            && stat.name.is_empty()
        {
            stat.name = name_before(pid).unwrap_or_default();
        }
        Some(reading)
    }

    /// Reads the text of such a file.
    pub(super) fn parse(text: &[u8]) -> Option<Reading> {
        let open = text.iter().position(|byte| *byte == b'(')?;
        let rest = &text[open + 1..];
        let Some(close) = closing(rest) else { return Some(Reading::Endless) };
        let mut fields = rest[close + 1..].split(|byte| *byte == b' ').filter(|f| !f.is_empty());
        let _state = fields.next()?;
        let (parent, group) = (number(fields.next()?), number(fields.next()?));
        Some(Reading::Read(Stat { name: rest[..close].to_vec(), parent, group }))
    }
}

/// The parenthesis that closes one before `text`.
fn closing(text: &[u8]) -> Option<usize> {
    let mut open = 1;
    text.iter().position(|byte| {
        match byte {
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        open == 0
    })
}

/// A number as `atoi(3)` reads it: as far as there are digits.
fn number(text: &[u8]) -> i64 {
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        digits => (1, digits),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    sign * digits
        .fold(0_i64, |sum, byte| sum.saturating_mul(10).saturating_add((byte - b'0').into()))
}

/// The name of the process that `/proc` lists before `pid`.
fn name_before(pid: u32) -> Option<Vec<u8>> {
    let mut before: Vec<u32> = fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|other| *other < pid)
        .collect();
    before.sort_unstable_by(|a, b| b.cmp(a));
    before.into_iter().find_map(|other| {
        let text = fs::read(format!("/proc/{other}/stat")).ok()?;
        let open = text.iter().position(|byte| *byte == b'(')?;
        let rest = &text[open + 1..];
        let name = &rest[..closing(rest).unwrap_or(rest.len())];
        (!name.is_empty()).then(|| name.to_vec())
    })
}

/// Checks that no text makes [`Reading::parse`] panic, or find a name that is not in it.
pub(crate) fn fuzz(text: &[u8]) {
    if let Some(Reading::Read(stat)) = Reading::parse(text) {
        let name = [b"(", &stat.name[..], b")"].concat();
        assert!(text.windows(name.len()).any(|part| part == name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Option<Reading> {
        Reading::parse(format!("42 ({name}) S 390 7 0 0 -1 4194368\n").as_bytes())
    }

    fn stat(name: &str, parent: i64, group: i64) -> Option<Reading> {
        Some(Reading::Read(Stat { name: name.into(), parent, group }))
    }

    #[test]
    fn names_with_parentheses_are_read_as_lsof_does() {
        assert_eq!(read("sshd"), stat("sshd", 390, 7));
        assert_eq!(read("((x))"), stat("((x))", 390, 7));
        assert_eq!(read("a)b(c"), stat("a", 0, 390));
        assert_eq!(read("a) 7 8 9"), stat("a", 8, 9));
        assert_eq!(read("a(b)c)d"), stat("a(b)c", 0, 390));
        assert_eq!(read(""), stat("", 390, 7));
        assert_eq!(read(")"), stat("", 0, 390));
        assert_eq!(read("a(b"), Some(Reading::Endless));
    }

    #[test]
    fn a_text_cut_short_is_nothing() {
        for text in [&b""[..], b"42", b"42 (x)", b"42 (x) S", b"42 (x) S 1"] {
            assert_eq!(Reading::parse(text), None);
        }
    }
}
