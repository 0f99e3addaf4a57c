//! The records that the program writes, one after the other: `struct holding` of
//! `src/bpf/owners.bpf.c`, in the byte order of this machine.

use std::io::{self, ErrorKind, Read};

use sockets::{BootTime, Counted, Held, Pid};

/// Passes every record of `source`, up to its end, to `each`.
///
/// # Errors
/// What `source` says, or [`ErrorKind::UnexpectedEof`] if it ends within a record.
pub(crate) fn read(mut source: impl Read, each: &mut dyn FnMut(&Counted)) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    let mut kept = 0;
    loop {
        match source.read(&mut buffer[kept..]) {
            Ok(0) if kept == 0 => return Ok(()),
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => kept = pass(&mut buffer, kept + read, each),
            // The kernel pauses after a million descriptors without a socket among them.
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Passes the records in the first `filled` bytes on and moves what is left of one to the front;
/// returns how much that is.
fn pass(buffer: &mut [u8], filled: usize, each: &mut dyn FnMut(&Counted)) -> usize {
    let (records, rest) = buffer[..filled].as_chunks();
    records.iter().map(counted).for_each(|counted| each(&counted));
    let rest = filled - rest.len()..filled;
    let left = rest.len();
    buffer.copy_within(rest, 0);
    left
}

/// What one record says.
fn counted(record: &[u8; SIZE]) -> Counted {
    let u32_at = |at: usize| u32::from_ne_bytes(*record[at..].first_chunk().expect("it fits"));
    let u64_at = |at: usize| u64::from_ne_bytes(*record[at..].first_chunk().expect("it fits"));
    Counted {
        held: Held { inode: u64_at(0), pid: Pid(u32_at(16)), fd: u32_at(20) },
        started: BootTime(u64_at(8)),
        uid: u32_at(24),
        comm: *record[28..].first_chunk().expect("it fits"),
    }
}

/// `sizeof(struct holding)`.
const SIZE: usize = 48;
/// More than the kernel hands out at once (8 pages).
const BUFFER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn record(inode: u64, pid: u32) -> Vec<u8> {
        let numbers = [pid, 4, 1000].map(u32::to_ne_bytes).concat();
        let words = [inode, 5_000_000_000].map(u64::to_ne_bytes).concat();
        [words, numbers, b"sleep\0\0\0\0\0\0\0\0\0\0\0".to_vec(), vec![0; 4]].concat()
    }

    fn inodes(source: impl Read) -> io::Result<Vec<u64>> {
        let mut inodes = Vec::new();
        read(source, &mut |counted| inodes.push(counted.held.inode)).map(|()| inodes)
    }

    /// A reader that hands out a few bytes at a time, and between them says to try again.
    struct Trickle<'a> {
        bytes: &'a [u8],
        paused: bool,
    }

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.paused = !self.paused;
            if self.paused {
                return Err(ErrorKind::WouldBlock.into());
            }
            let count = self.bytes.len().min(7).min(buffer.len());
            self.bytes.read(&mut buffer[..count])
        }
    }

    #[test]
    fn a_record_is_read_field_by_field() {
        let mut all = Vec::new();
        read(&*record(77, 12), &mut |counted| all.push(*counted)).unwrap();
        let expected = Counted {
            held: Held { inode: 77, pid: Pid(12), fd: 4 },
            started: BootTime(5_000_000_000),
            uid: 1000,
            comm: *b"sleep\0\0\0\0\0\0\0\0\0\0\0",
        };
        assert_eq!(all, [expected]);
    }

    #[test]
    fn records_are_joined_across_reads() {
        let many: Vec<u64> = (1..=5_000).collect();
        let bytes: Vec<u8> = many.iter().flat_map(|inode| record(*inode, 1)).collect();
        assert_eq!(inodes(&*bytes).unwrap(), many);
        assert_eq!(inodes(Trickle { bytes: &bytes, paused: false }).unwrap(), many);
    }

    #[test]
    fn half_a_record_at_the_end_is_an_error() {
        let bytes = [record(1, 1), vec![0; SIZE - 1]].concat();
        assert_eq!(inodes(&*bytes).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(inodes(&b""[..]).unwrap(), [0; 0]);
    }
}
