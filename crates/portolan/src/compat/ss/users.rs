//! The last column of `ss -p`: ` users:(("sshd",pid=1,fd=3),…)`.
//!
//! Source of truth: what `ss` 6.1 prints for processes with odd names. Whoever was found last
//! comes first: the highest pid, and of each process the highest descriptor.

use std::io::Write;

use sockets::Holder;

use super::options::Version;

/// The cell for a socket that `holders` hold, ordered by pid and descriptor; empty where no holder
/// can be seen.
pub(super) fn cell(holders: &[Holder<'_>], version: Version) -> Vec<u8> {
    if holders.is_empty() {
        return Vec::new();
    }
    let mut cell = b" users:(".to_vec();
    for (nth, holder) in holders.iter().rev().enumerate() {
        if nth > 0 {
            cell.push(b',');
        }
        cell.extend_from_slice(b"(\"");
        let name = name(&holder.process.comm);
        match version {
            Version::V6_1 => cell.extend_from_slice(name),
            Version::V7_3 => cell.extend(name.iter().map(|byte| masked(*byte))),
        }
        write!(cell, "\",pid={},fd={})", holder.process.pid, holder.fd)
            .expect("a Vec takes every write");
    }
    cell.push(b')');
    cell
}

/// A process's name as far as `ss` reads it: up to the first closing parenthesis, because that is
/// what ends the name in `/proc/PID/stat`.
pub(super) fn name(comm: &[u8]) -> &[u8] {
    comm.split(|byte| *byte == b')').next().unwrap_or_default()
}

/// What newer versions print for a byte of a name.
fn masked(byte: u8) -> u8 {
    match byte {
        0x80.. => b'?',
        byte if byte.is_ascii_control() => b'.',
        byte => byte,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_the_first_closing_parenthesis() {
        for (comm, shown) in [
            (&b"sshd"[..], &b"sshd"[..]),
            (b"a)b", b"a"),
            (b"((", b"(("),
            (b")(", b""),
            (b"  x \n", b"  x \n"),
            (b"", b""),
        ] {
            assert_eq!(name(comm), shown);
        }
    }

    #[test]
    fn newer_versions_mask_what_a_terminal_could_obey() {
        let masked: Vec<u8> = b"\x1b]0;caf\xc3\xa9\x07\x7f ".iter().map(|b| masked(*b)).collect();
        assert_eq!(masked, b".]0;caf??.. ");
    }
}
