//! Journals as bytes: a header, then records of entries, each with its length and its CRC.
//!
//! The bytes are described in `docs/store-format.md`. A journal is read up to the first record that
//! is not whole: what follows is a torn tail.

use std::path::Path;

use super::entry::{Entry, entries};
use crate::Error;

/// The start of a journal.
pub(crate) fn header(number: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..16].copy_from_slice(MAGIC);
    header[16..18].copy_from_slice(&VERSION.to_le_bytes());
    header[20..28].copy_from_slice(&number.to_le_bytes());
    let crc = crc32fast::hash(&header[..28]);
    header[28..].copy_from_slice(&crc.to_le_bytes());
    header
}

/// Appends a record.
pub(crate) fn put_record(out: &mut Vec<u8>, entries: &[u8]) {
    let len = u32::try_from(entries.len()).expect("a record is a few kilobytes").to_le_bytes();
    out.extend_from_slice(&len);
    out.extend_from_slice(&checksum(len, entries).to_le_bytes());
    out.extend_from_slice(entries);
}

/// What was read of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// How many bytes are whole.
    pub(crate) whole: usize,
    /// How many follow that are not.
    pub(crate) torn: usize,
}

/// Reads the journal with this number, giving each entry to `each`.
///
/// A header that is torn is a journal of nothing.
///
/// # Errors
/// [`Error::Version`] if it is newer than this portolan, [`Error::Damaged`] if it is not that
/// journal at all.
pub(crate) fn read(
    path: &Path,
    number: u64,
    bytes: &[u8],
    mut each: impl FnMut(Entry),
) -> Result<Extent, Error> {
    if !check(path, number, bytes)? {
        return Ok(Extent { whole: 0, torn: bytes.len() });
    }
    let mut whole = HEADER;
    while let Some((record, end)) = record(bytes, whole) {
        let Ok(entries) = entries(record) else { break };
        entries.into_iter().for_each(&mut each);
        whole = end;
    }
    Ok(Extent { whole, torn: bytes.len() - whole })
}

/// Whether the header is whole, and that of this journal.
fn check(path: &Path, number: u64, bytes: &[u8]) -> Result<bool, Error> {
    let damaged = |why| Error::Damaged { path: path.to_owned(), why };
    let Some(found) = bytes.first_chunk::<HEADER>() else {
        let ours = header(number);
        let torn = bytes.iter().zip(ours).all(|(byte, expected)| *byte == expected || *byte == 0);
        return if torn { Ok(false) } else { Err(damaged("it is no journal of portolan")) };
    };
    if found.iter().all(|byte| *byte == 0) {
        return Ok(false);
    }
    if &found[..16] != MAGIC {
        return Err(damaged("it is no journal of portolan"));
    }
    let version = u16::from_le_bytes([found[16], found[17]]);
    let whole = crc32fast::hash(&found[..28]).to_le_bytes() == found[28..];
    if whole && version != VERSION {
        return Err(Error::Version { path: path.to_owned(), found: version, known: VERSION });
    }
    if whole && found[20..28] != number.to_le_bytes() {
        return Err(damaged("its name is that of another journal"));
    }
    Ok(whole)
}

/// The record at `at` and where the next one starts; `None` where there is no whole one.
fn record(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let (len, rest) = bytes.get(at..)?.split_first_chunk::<4>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    let entries = rest.get(..usize::try_from(u32::from_le_bytes(*len)).ok()?)?;
    let whole = !entries.is_empty() && checksum(*len, entries).to_le_bytes() == *crc;
    whole.then_some((entries, at + 8 + entries.len()))
}

fn checksum(len: [u8; 4], entries: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&len);
    hasher.update(entries);
    hasher.finalize()
}

const MAGIC: &[u8; 16] = b"portolan journal";

/// The version of the format.
pub(crate) const VERSION: u16 = 1;

/// The length of the header.
pub(crate) const HEADER: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Vec<u8> {
        let mut bytes = header(7).to_vec();
        put_record(&mut bytes, &[11, 2]);
        put_record(&mut bytes, &[11, 4, 11, 2]);
        bytes
    }

    fn read_all(bytes: &[u8]) -> Result<(Extent, usize), Error> {
        let mut count = 0;
        let extent = read(Path::new("7.journal"), 7, bytes, |_| count += 1)?;
        Ok((extent, count))
    }

    #[test]
    fn a_journal_torn_anywhere_gives_its_whole_records() {
        let bytes = journal();
        for len in 0..=bytes.len() {
            let (extent, count) = read_all(&bytes[..len]).unwrap();
            assert_eq!(extent.whole + extent.torn, len);
            let expected = [(0, 0), (HEADER, 0), (HEADER + 10, 1), (bytes.len(), 3)];
            let (whole, entries) = *expected.iter().rev().find(|(whole, _)| *whole <= len).unwrap();
            assert_eq!((extent.whole, count), (whole, entries), "of {len} bytes");
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_never_makes_up_an_entry() {
        let bytes = journal();
        for at in HEADER * 8..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            let (extent, count) = read_all(&flipped).unwrap();
            let first = at / 8 < HEADER + 10;
            assert_eq!(count, if first { 0 } else { 1 }, "bit {at}");
            assert!(extent.torn > 0);
        }
    }

    #[test]
    fn zeros_are_a_torn_tail() {
        let mut bytes = journal();
        bytes.resize(bytes.len() + 4096, 0);
        assert_eq!(read_all(&bytes).unwrap().0.torn, 4096);
        assert_eq!(read_all(&[0; 100]).unwrap().0, Extent { whole: 0, torn: 100 });
    }

    #[test]
    fn a_newer_version_is_refused_and_not_cut() {
        let mut bytes = journal();
        bytes[16] = 2;
        let crc = crc32fast::hash(&bytes[..28]);
        bytes[28..32].copy_from_slice(&crc.to_le_bytes());
        let error = read_all(&bytes).unwrap_err();
        assert!(matches!(error, Error::Version { found: 2, known: 1, .. }), "{error}");
    }

    #[test]
    fn another_file_is_refused_and_not_cut() {
        assert!(read_all(b"PAR1 and so on, up to more than a header").is_err());
        assert!(read_all(b"PAR1").is_err());
        let error = read(Path::new("8.journal"), 8, &journal(), |_| ()).unwrap_err();
        assert!(error.to_string().contains("another journal"), "{error}");
    }
}
