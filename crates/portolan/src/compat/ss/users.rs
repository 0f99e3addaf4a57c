//! The last column of `ss -p`: ` users:(("sshd",pid=1,fd=3),…)`.
//!
//! Source of truth: what `ss` 6.1 prints for processes with odd names. Whoever was found last
//! comes first: the highest pid, and of each process the highest descriptor.

use std::io::Write;

use sockets::{Holder, Owners, Ownership, Socket};

/// The cell for `socket`; empty where no holder can be seen.
pub(super) fn cell(ownership: &Ownership, socket: &Socket) -> Vec<u8> {
    match ownership.of(socket) {
        Owners::Known(holders) => text(&holders),
        Owners::Hidden { .. } | Owners::Gone | Owners::Kernel => Vec::new(),
    }
}

fn text(holders: &[Holder<'_>]) -> Vec<u8> {
    let mut cell = b" users:(".to_vec();
    for (nth, holder) in holders.iter().rev().enumerate() {
        if nth > 0 {
            cell.push(b',');
        }
        cell.extend_from_slice(b"(\"");
        cell.extend_from_slice(name(&holder.process.comm));
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
