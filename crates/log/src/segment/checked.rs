//! A Parquet file whose every byte is under a checksum, and the reader that believes no other.
//!
//! Parquet itself has none over its footer and its page headers. So the last key of the footer holds
//! one for every block of data, and one for all that follows the data, itself taken as zeroes. To
//! others it is a plain Parquet file; what the Parquet library parses for us has been checked before.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::buf::Reader;
use bytes::{Buf as _, Bytes};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::KeyValue;
use parquet::file::reader::{ChunkReader, Length};

use crate::{Error, file};

/// A file of ours that is read with every byte checked.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    source: Source,
    checks: Arc<Checks>,
}

#[derive(Clone, Debug)]
enum Source {
    File(Arc<File>),
    Memory(Bytes),
}

#[derive(Debug)]
struct Checks {
    len: u64,
    /// How much of the file is data; its footer and indexes follow.
    data: u64,
    /// Of each block of data.
    blocks: Vec<u32>,
    /// What follows the data, checked.
    tail: Bytes,
    /// What was read last of the data, checked, and where it begins: the headers and pages of small
    /// columns lie in the same blocks.
    last: Mutex<(u64, Bytes)>,
}

impl Checked {
    /// Opens a file and checks what follows its data.
    pub(super) fn open(path: &Path) -> Result<Checked, Error> {
        let file = file::readable(path).map_err(Error::io("open", path))?;
        let len = file.metadata().map_err(Error::io("read", path))?.len();
        let file = Source::File(Arc::new(file));
        Checked::from_source(file, len).map_err(|failure| failure.of(path))
    }

    /// The same of a file's content.
    pub(super) fn in_memory(content: Bytes, path: &Path) -> Result<Checked, Error> {
        let len = content.len() as u64;
        Checked::from_source(Source::Memory(content), len).map_err(|failure| failure.of(path))
    }

    fn from_source(source: Source, len: u64) -> Result<Checked, Failure> {
        let mut first = source.end(FIRST_READ, len)?;
        let footer = footer_length(&first);
        if footer > first.len() as u64 {
            first = source.end(footer, len)?;
        }
        let trailer = Trailer::find(&first).ok_or(Failure::Damaged("it has no checksums"))?;
        if trailer.data > len {
            return Err(Failure::Damaged("it is cut short"));
        }
        let behind = len - trailer.data;
        let tail = match usize::try_from(behind) {
            Ok(behind) if behind <= first.len() => first.slice(first.len() - behind..),
            _ => source.read(trailer.data, behind)?,
        };
        let at = tail.len().checked_sub(trailer.from_end);
        if at.is_none_or(|at| tail_sum(&tail, at) != Some(trailer.tail)) {
            return Err(Failure::Damaged("the checksum of its footer is wrong"));
        }
        let expected = usize::try_from(trailer.data.div_ceil(BLOCK));
        if Ok(trailer.blocks.len()) != expected {
            return Err(Failure::Damaged("it has checksums for another length"));
        }
        let last = Mutex::default();
        let checks = Checks { len, data: trailer.data, blocks: trailer.blocks, tail, last };
        Ok(Checked { source, checks: Arc::new(checks) })
    }

    /// Bytes of the data part, their blocks checked.
    fn data(&self, start: u64, length: u64) -> ParquetResult<Bytes> {
        let mut last = self.checks.last.lock().unwrap_or_else(PoisonError::into_inner);
        let within = |at: u64| usize::try_from(at.checked_sub(last.0)?).ok();
        let known = within(start).zip(within(start + length));
        if let Some((start, end)) = known.filter(|(_, end)| *end <= last.1.len()) {
            return Ok(last.1.slice(start..end));
        }
        let first = start / BLOCK;
        let from = first * BLOCK;
        let until = (start + length).next_multiple_of(BLOCK).min(self.checks.data);
        let bytes = self.source.read(from, until - from).map_err(Failure::in_parquet)?;
        let skipped = usize::try_from(first).unwrap_or(usize::MAX);
        let sums = self.checks.blocks.iter().skip(skipped);
        let block_size = usize::try_from(BLOCK).unwrap_or(usize::MAX);
        let sound = bytes.chunks(block_size).zip(sums).all(|(b, sum)| crc32fast::hash(b) == *sum);
        if !sound {
            return Err(ParquetError::General("the checksum of a block is wrong".to_owned()));
        }
        let start = usize::try_from(start - from).unwrap_or(usize::MAX);
        let wanted = bytes.slice(start..start + usize::try_from(length).unwrap_or(usize::MAX));
        if bytes.len() <= KEPT {
            *last = (from, bytes);
        }
        Ok(wanted)
    }
}

impl Length for Checked {
    fn len(&self) -> u64 {
        self.checks.len
    }
}

impl ChunkReader for Checked {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let end = if start < self.checks.data { self.checks.data } else { self.checks.len };
        let length = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        Ok(self.get_bytes(start, length)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let Checks { len, data, tail, .. } = &*self.checks;
        let end = start.checked_add(length as u64).filter(|end| end <= len);
        let beyond = || ParquetError::EOF("a read beyond the end of the file".to_owned());
        let end = end.ok_or_else(beyond)?;
        if end <= *data {
            return self.data(start, length as u64);
        }
        let behind = |at: u64| usize::try_from(at - data).unwrap_or(usize::MAX);
        if start >= *data {
            return Ok(tail.slice(behind(start)..behind(end)));
        }
        // A writer may have counted less as data than there is: the end of it is in the tail.
        let both = [self.data(start, data - start)?, tail.slice(..behind(end))];
        Ok(both.concat().into())
    }
}

impl Source {
    /// The last bytes of a file that has `len`.
    fn end(&self, length: u64, len: u64) -> Result<Bytes, Failure> {
        let length = length.min(len);
        self.read(len - length, length)
    }

    fn read(&self, start: u64, length: u64) -> Result<Bytes, Failure> {
        let length = usize::try_from(length).map_err(|_| Failure::Damaged("it is too long"))?;
        match self {
            Source::File(file) => {
                let mut bytes = vec![0; length];
                file.read_exact_at(&mut bytes, start).map_err(Failure::Io)?;
                Ok(bytes.into())
            }
            Source::Memory(bytes) => {
                let start = usize::try_from(start).unwrap_or(usize::MAX);
                let end = start.checked_add(length).filter(|end| *end <= bytes.len());
                let end = end.ok_or(Failure::Damaged("it is cut short"))?;
                Ok(bytes.slice(start..end))
            }
        }
    }
}

/// Why a file cannot be read, before its name is put to it.
#[derive(Debug)]
enum Failure {
    Io(std::io::Error),
    Damaged(&'static str),
}

impl Failure {
    fn of(self, path: &Path) -> Error {
        match self {
            Failure::Io(source) => Error::io("read", path)(source),
            Failure::Damaged(why) => Error::Damaged { path: PathBuf::from(path), why },
        }
    }

    fn in_parquet(self) -> ParquetError {
        match self {
            Failure::Io(source) => source.into(),
            Failure::Damaged(why) => ParquetError::General(why.to_owned()),
        }
    }
}

/// The key that has to be the last of the footer of a file with this `data`.
pub(super) fn key(data: &[u8]) -> KeyValue {
    let mut value = format!("{TAIL}{:08x} data={:016x} blocks=", 0, data.len());
    for block in data.chunks(usize::try_from(BLOCK).unwrap_or(usize::MAX)) {
        value.push_str(&format!("{:08x}", crc32fast::hash(block)));
    }
    KeyValue::new(KEY.to_owned(), value)
}

/// Puts the checksum of what follows the data where [`key`] left room for it.
pub(super) fn complete(file: &mut [u8], data: usize) {
    let found = Trailer::find(file).map(|trailer| file.len() - trailer.from_end);
    let at = found.expect("the key was written just before");
    let sum = tail_sum(&file[data..], at - data).expect("the key is behind the data");
    file[at..at + SUM].copy_from_slice(format!("{sum:08x}").as_bytes());
}

/// How much of the end of a file is its footer, as that says itself in the last eight bytes: its
/// length, and who made the format.
fn footer_length(end: &[u8]) -> u64 {
    let length = end.len().checked_sub(FOOTER_END).and_then(|at| end[at..].first_chunk());
    length.map_or(0, |length| u64::from(u32::from_le_bytes(*length)) + FOOTER_END as u64)
}

/// The checksum of `tail`, taking its own eight digits at `at` as zeroes.
fn tail_sum(tail: &[u8], at: usize) -> Option<u32> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(tail.get(..at)?);
    sum.update(b"00000000");
    sum.update(tail.get(at + SUM..)?);
    Some(sum.finalize())
}

/// What the key says, unchecked.
struct Trailer {
    /// How far from the end of the file the digits of `tail` begin.
    from_end: usize,
    tail: u32,
    data: u64,
    blocks: Vec<u32>,
}

impl Trailer {
    fn find(bytes: &[u8]) -> Option<Trailer> {
        let key = bytes.windows(KEY.len()).rposition(|window| window == KEY.as_bytes())?;
        let behind = &bytes[key + KEY.len()..];
        // Between the key and its text are a field's header and a length of at most ten bytes.
        let near = &behind[..behind.len().min(16)];
        let text = near.windows(TAIL.len()).position(|window| window == TAIL.as_bytes())?;
        let digits = &behind[text + TAIL.len()..];
        let tail = u32::try_from(number(digits.get(..SUM)?)?).ok()?;
        let rest = digits[SUM..].strip_prefix(b" data=")?;
        let data = number(rest.get(..16)?)?;
        let rest = rest[16..].strip_prefix(b" blocks=")?;
        let count = usize::try_from(data.div_ceil(BLOCK)).ok()?;
        let blocks = rest.get(..count.checked_mul(SUM)?)?;
        let blocks = blocks.chunks(SUM).map(|digits| u32::try_from(number(digits)?).ok());
        Some(Trailer { from_end: digits.len(), tail, data, blocks: blocks.collect::<Option<_>>()? })
    }
}

/// A number in hexadecimal digits.
fn number(digits: &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for digit in digits {
        number = number.checked_mul(16)? + u64::from(char::from(*digit).to_digit(16)?);
    }
    Some(number)
}

const KEY: &str = "portolan.crc32";
const TAIL: &str = "tail=";
/// How many digits a checksum has.
const SUM: usize = 8;
/// How much data is under one checksum.
const BLOCK: u64 = 8192;
/// How much of what was read last is kept. Large pages are read once, and their memory is soon wanted
/// for others.
const KEPT: usize = 16 << 10;
/// What is read at first: usually all that follows the data. The checksums of 60 MB of data would
/// fill it.
const FIRST_READ: u64 = 64 << 10;
/// How many bytes follow the footer.
const FOOTER_END: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksums_of_much_data_are_found() {
        let data = 70_000_000;
        let mut file = vec![7; data];
        let key = key(&file);
        let footer = [key.key.as_bytes(), b"\x18\x00", key.value.unwrap().as_bytes()].concat();
        file.extend_from_slice(&footer);
        file.extend_from_slice(&u32::try_from(footer.len()).unwrap().to_le_bytes());
        file.extend_from_slice(b"PAR1");
        complete(&mut file, data);
        let read = Checked::in_memory(file.into(), Path::new("large")).unwrap();
        assert_eq!(read.get_bytes(69_999_990, 10).unwrap(), [7; 10][..]);
    }
}
