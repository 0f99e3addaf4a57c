//! The sockets among a process's descriptors: `/proc/PID/fd` of `proc_pid_fd(5)`, whose links read
//! `socket:[INODE]`.
//!
//! This is where a search spends its time, nearly all of it in the kernel: 2 to 3 µs a descriptor,
//! a quarter of it for listing the directory. Descriptors are handed out from 0 up without holes,
//! so the names are guessed while the guesses are right, and listed only from the first holes on.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::os::fd::BorrowedFd;

use rustix::fs::{RawDir, SeekFrom, readlinkat_raw, seek};
use rustix::io::Errno;
use rustix::path::DecInt;

/// Calls `found` with the descriptor and the inode of every socket among the descriptors `fds` of
/// the process whose descriptor directory is `dir`, and returns how many descriptors there are.
///
/// Descriptors that close meanwhile are left out; a process that exits has no more.
///
/// # Errors
/// Whatever keeps us from reading the directory or a link in it.
pub(super) fn each_socket(
    dir: BorrowedFd<'_>,
    fds: Range<u32>,
    listing: &mut [MaybeUninit<u8>],
    mut found: impl FnMut(u32, u64),
) -> Result<usize, Errno> {
    let (guessed, next) = guess(dir, fds.clone(), &mut found)?;
    if next >= fds.end {
        return Ok(guessed);
    }
    Ok(guessed + list(dir, next..fds.end, listing, &mut found)?)
}

/// Looks at the descriptors from `fds.start` up while there are few holes; returns how many there
/// were and the first that was not looked at.
fn guess(
    dir: BorrowedFd<'_>,
    fds: Range<u32>,
    found: &mut impl FnMut(u32, u64),
) -> Result<(usize, u32), Errno> {
    let (mut there, mut credit) = (0, CREDIT);
    for fd in fds.clone() {
        let Some(target) = target(dir, DecInt::new(fd).as_c_str())? else {
            if credit < HOLE {
                return Ok((there, fd + 1));
            }
            credit -= HOLE;
            continue;
        };
        there += 1;
        credit = (credit + 1).min(CREDIT);
        if let Target::Socket(inode) = target {
            found(fd, inode);
        }
    }
    Ok((there, fds.end))
}

/// Looks at the descriptors in `fds` that the directory lists; returns how many there are.
fn list(
    dir: BorrowedFd<'_>,
    fds: Range<u32>,
    listing: &mut [MaybeUninit<u8>],
    found: &mut impl FnMut(u32, u64),
) -> Result<usize, Errno> {
    // The offset of a descriptor in its directory is its number and two, for `.` and `..`.
    seek(dir, SeekFrom::Start(u64::from(fds.start) + 2))?;
    let mut there = 0;
    let mut entries = RawDir::new(dir, listing);
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if is_exit(error) => break,
            Err(error) => return Err(error),
        };
        let Some(fd) = super::number(entry.file_name().to_bytes()) else { continue };
        if fd >= fds.end {
            break;
        }
        if fd < fds.start {
            continue;
        }
        there += 1;
        if let Some(Target::Socket(inode)) = target(dir, entry.file_name())? {
            found(fd, inode);
        }
    }
    Ok(there)
}

/// What a descriptor leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Socket(u64),
    Other,
}

/// What the link `name` leads to; `None` where there is none (any more).
fn target(dir: BorrowedFd<'_>, name: &CStr) -> Result<Option<Target>, Errno> {
    let mut link = [MaybeUninit::<u8>::uninit(); LONGEST];
    match readlinkat_raw(dir, name, &mut link) {
        Ok((link, _)) => Ok(Some(socket_inode(link).map_or(Target::Other, Target::Socket))),
        Err(error) if is_exit(error) => Ok(None),
        // A path too long for the kernel to write down: a file.
        Err(Errno::NAMETOOLONG) => Ok(Some(Target::Other)),
        Err(error) => Err(error),
    }
}

/// The inode in `socket:[INODE]`, the link of a socket's descriptor; `None` for all else.
pub(super) fn socket_inode(link: &[u8]) -> Option<u64> {
    let digits = link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    super::number(digits)
}

/// Whether an error says that the descriptor was closed or that its process exited.
pub(super) fn is_exit(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::SRCH)
}

/// Room for `socket:[18446744073709551615]`; what is cut off is no socket.
const LONGEST: usize = 32;
/// What a wrong guess costs; a right one earns 1. A guess that fails takes about as long as listing
/// one descriptor and a half.
const HOLE: u32 = 2;
/// How much can be saved up: two holes in a row end the guessing.
const CREDIT: u32 = 3;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs::File;
    use std::os::fd::{AsFd, AsRawFd, OwnedFd};
    use std::os::unix::net::UnixStream;

    use rustix::io::fcntl_dupfd_cloexec;

    use super::*;

    #[test]
    fn only_a_socket_link_has_an_inode() {
        for (link, inode) in [
            (&b"socket:[4026]"[..], Some(4026)),
            (b"socket:[18446744073709551615]", Some(u64::MAX)),
            (b"socket:[18446744073709551616]", None),
            (b"socket:[0]", Some(0)),
            (b"socket:[]", None),
            (b"socket:[+1]", None),
            (b"socket:[12", None),
            (b"socket:12]", None),
            (b"pipe:[12]", None),
            (b"/tmp/socket:[12]", None),
            (b"anon_inode:[eventpoll]", None),
            (b"", None),
        ] {
            assert_eq!(socket_inode(link), inode, "{}", link.escape_ascii());
        }
    }

    fn sockets(fds: Range<u32>) -> BTreeMap<u32, u64> {
        let dir = File::open("/proc/self/fd").unwrap();
        let mut found = BTreeMap::new();
        let mut listing = [MaybeUninit::uninit(); 256];
        each_socket(dir.as_fd(), fds, &mut listing, |fd, inode| {
            assert_eq!(found.insert(fd, inode), None, "{fd} came twice");
        })
        .unwrap();
        found
    }

    /// Descriptors with holes of every kind, in a range no other test uses.
    #[test]
    fn holes_hide_nothing() {
        let (socket, _peer) = UnixStream::pair().unwrap();
        let patterns: [&[i32]; 4] = [
            &[600, 601, 602, 603],
            &[620, 622, 624, 626, 628, 630],
            &[640, 641, 644, 645, 660],
            &[699],
        ];
        let held: Vec<OwnedFd> =
            patterns.concat().iter().map(|fd| fcntl_dupfd_cloexec(&socket, *fd).unwrap()).collect();
        let mut expected: Vec<u32> = held.iter().map(|fd| fd.as_raw_fd().cast_unsigned()).collect();
        expected.sort_unstable();
        for cut in [600..700, 500..700, 0..700] {
            let found = sockets(cut.clone());
            let ours: Vec<u32> = found.keys().copied().filter(|fd| *fd >= 600).collect();
            assert_eq!(ours, expected, "{cut:?}");
            let inode = found[&600];
            assert!(expected.iter().all(|fd| found[fd] == inode));
        }
        let parts: Vec<u32> =
            (600..700).step_by(7).flat_map(|from| sockets(from..from + 7).into_keys()).collect();
        assert_eq!(parts.into_iter().filter(|fd| *fd < 700).collect::<Vec<_>>(), expected);
    }
}
