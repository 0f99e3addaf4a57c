//! One row of `/proc/net/unix` (`proc(5)`, `net/unix/af_unix.c`).
//!
//! The kernel prints paths as they are: one with a newline in it spoils its row and the next line,
//! and `netstat` reads a path as far as its first white space.

/// One Unix socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// How many users it has.
    pub(super) references: u64,
    /// `SO_ACCEPTCON` and its kin, of the kernel's `linux/net.h`.
    pub(super) flags: u64,
    /// `SOCK_STREAM` and its kin.
    pub(super) kind: u64,
    /// `SS_CONNECTED` and its kin.
    pub(super) state: u64,
    /// Its inode; 0 where no descriptor belongs to it.
    pub(super) inode: u64,
    /// The path up to its first white space, untrusted; empty where there is none.
    pub(super) path: &'a [u8],
}

impl Row<'_> {
    /// Reads one line without its newline; `None` for what is no row.
    pub(super) fn parse(line: &[u8]) -> Option<Row<'_>> {
        let mut words = line.split(|byte| is_space(*byte)).filter(|word| !word.is_empty());
        hex(words.next()?.strip_suffix(b":")?)?;
        let mut number = || hex(words.next()?);
        let (references, _protocol, flags) = (number()?, number()?, number()?);
        let (kind, state) = (number()?, number()?);
        let inode = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
        let path = words.next().unwrap_or_default();
        Some(Row { references, flags, kind, state, inode, path })
    }

    /// Whether it waits for connections, as `netstat` sees it.
    pub(super) fn is_listening(&self) -> bool {
        self.flags & ACCEPTCON != 0 && self.state == UNCONNECTED
    }
}

/// Checks that no line makes [`Row::parse`] panic, or claim what is not in the line.
pub(crate) fn fuzz_unix(line: &[u8]) {
    if let Some(row) = Row::parse(line) {
        assert!(!row.path.iter().any(|byte| is_space(*byte)));
        assert!(row.path.is_empty() || line.windows(row.path.len()).any(|part| part == row.path));
    }
}

fn hex(digits: &[u8]) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// White space of C's `isspace`.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == VERTICAL_TAB
}

const VERTICAL_TAB: u8 = 0x0b;
/// `__SO_ACCEPTCON`.
pub(super) const ACCEPTCON: u64 = 1 << 16;
/// `__SO_WAITDATA`.
pub(super) const WAITDATA: u64 = 1 << 17;
/// `__SO_NOSPACE`.
pub(super) const NOSPACE: u64 = 1 << 18;
/// `SS_UNCONNECTED`.
pub(super) const UNCONNECTED: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_with_a_path() {
        let line = b"0000000029a04c30: 00000002 00000000 00010000 0001 01 2450228 /run/x y";
        let row = Row::parse(line).unwrap();
        assert_eq!((row.references, row.inode, row.path), (2, 2_450_228, &b"/run/x"[..]));
        assert!(row.is_listening());
    }

    #[test]
    fn a_socket_without_a_path_and_damage() {
        let line = b"000000004cfd1fe1: 00000003 00000000 00000000 0001 03 2450229";
        assert_eq!(Row::parse(line).unwrap().path, b"");
        for end in 0..line.len() - 6 {
            assert_eq!(Row::parse(&line[..end]), None, "{end}");
        }
        assert_eq!(Row::parse(b"Num       RefCount Protocol Flags    Type St Inode Path"), None);
        assert_eq!(Row::parse(b"second half of a path"), None);
    }
}
