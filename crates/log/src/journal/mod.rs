//! The journal: what is open, and what has ended and is not sealed yet, in an append-only file.
//!
//! Each batch has a journal of its own, which starts with all that is open and is deleted once the
//! batch is sealed. Entries wait in memory until [`Journal::flush`]; [`Journal::file`] is for whoever
//! makes them durable.

pub(crate) mod entry;
pub(crate) mod record;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;
use crate::file::regular;
use entry::Pen;

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    pub(crate) number: u64,
    path: PathBuf,
    /// `None` until something could be written.
    file: Option<Arc<File>>,
    pub(crate) pen: Pen,
    /// Records that are not written yet.
    waiting: Vec<u8>,
    /// How many bytes are written.
    written: u64,
}

impl Journal {
    /// A journal of nothing; its file is made by the first [`Journal::flush`].
    pub(crate) fn new(dir: &Path, number: u64) -> Journal {
        let waiting = record::header(number).to_vec();
        Journal { waiting, ..Journal::continued(dir, number, None, 0) }
    }

    /// Goes on with a journal, of which so many bytes are whole; the rest is cut off.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be opened or cut.
    pub(crate) fn reopen(dir: &Path, number: u64, whole: u64) -> Result<Journal, Error> {
        let path = path(dir, number);
        let mut options = OpenOptions::new();
        let file = regular(options.write(true), &path).map_err(Error::io("open", &path))?;
        file.set_len(whole).map_err(Error::io("cut", &path))?;
        Ok(Journal::continued(dir, number, Some(Arc::new(file)), whole))
    }

    fn continued(dir: &Path, number: u64, file: Option<Arc<File>>, written: u64) -> Journal {
        let path = path(dir, number);
        let (pen, waiting) = (Pen::default(), Vec::new());
        Journal { number, path, file, pen, waiting, written }
    }

    /// Ends a record if it has become long enough.
    #[inline]
    pub(crate) fn pace(&mut self) {
        if self.pen.bytes.len() >= LONG_RECORD {
            self.end_record();
        }
    }

    /// How many bytes wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len() + self.pen.bytes.len()
    }

    /// How many bytes the file has.
    pub(crate) fn len(&self) -> u64 {
        self.written
    }

    /// Writes what waits. After a failure it waits on, and may be tried again: the same bytes go to
    /// the same place.
    ///
    /// # Errors
    /// Whatever the disk has to say.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.end_record();
        if self.waiting.is_empty() {
            return Ok(());
        }
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(Arc::new(create(&self.path)?)),
        };
        file.write_all_at(&self.waiting, self.written)?;
        self.written += self.waiting.len() as u64;
        self.waiting.clear();
        self.waiting.shrink_to(SPARE);
        Ok(())
    }

    /// The file, if there is one yet.
    pub(crate) fn file(&self) -> Option<Arc<File>> {
        self.file.clone()
    }

    /// Goes on in another file, and gives the one that it had.
    #[cfg(test)]
    pub(crate) fn swap(&mut self, file: Arc<File>) -> Arc<File> {
        self.file.replace(file).expect("a journal that was written")
    }

    /// Whether nothing of it is on the disk yet.
    pub(crate) fn is_new(&self) -> bool {
        self.file.is_none()
    }

    /// Writes what waits, and waits for the disk to have it.
    ///
    /// # Errors
    /// [`Error::Io`] if that fails.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        let written = self.flush();
        let synced =
            written.and_then(|()| self.file.as_ref().map_or(Ok(()), |file| file.sync_all()));
        synced.map_err(Error::io("write", &self.path))
    }

    fn end_record(&mut self) {
        if !self.pen.bytes.is_empty() {
            record::put_record(&mut self.waiting, &self.pen.bytes);
            self.pen.restart();
        }
    }
}

/// Where the journal with this number is.
pub(crate) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}.journal"))
}

/// The numbers of the journals in `dir`, ascending.
///
/// # Errors
/// Whatever the system has to say.
pub(crate) fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".journal"));
        let number = number.and_then(|number| number.parse().ok());
        numbers.extend(number.filter(|number| path(dir, *number).file_name() == Some(&name)));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Removes the journal with this number, if it is there.
///
/// # Errors
/// [`Error::Io`] if it cannot be removed.
pub(crate) fn remove(dir: &Path, number: u64) -> Result<(), Error> {
    let path = path(dir, number);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("remove", &path)(error))
        }
        _ => Ok(()),
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    regular(options.write(true).create(true).truncate(true).mode(0o640), path)
}

/// A record becomes no longer than this and one entry.
const LONG_RECORD: usize = 16 << 10;

/// How much memory is kept for what waits next.
const SPARE: usize = 256 << 10;
