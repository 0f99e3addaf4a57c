//! What can go wrong with the log as a whole. A segment or a journal that is damaged is no error:
//! it is a [`crate::Gap`] in what is answered.

use std::io;
use std::path::{Path, PathBuf};

/// A failure to keep or to read the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory of the log could not be read or written.
    #[error("could not {what} {}", path.display())]
    Io {
        /// What was attempted: "read", "rename".
        what: &'static str,
        /// Which file or directory.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// A segment could not be encoded or decoded.
    #[error("could not {what} {}", path.display())]
    Parquet {
        /// What was attempted: "write segment", "read segment".
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the Parquet library said.
        source: parquet::errors::ParquetError,
    },
    /// A file of the log is not what its name says.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Another recorder writes this store.
    #[error(
        "{} is being written by {}; stop that one, or use another directory",
        dir.display(),
        writer(*pid)
    )]
    Locked {
        /// The store.
        dir: PathBuf,
        /// The other recorder's process, where it could be read.
        pid: Option<u32>,
    },
    /// There is no store.
    #[error("no records in {}: nobody has recorded there, or not for you to read", dir.display())]
    NoStore {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// A file was written by a portolan newer than this one.
    #[error("{} has format {found}, and this portolan reads {known} at most", path.display())]
    Version {
        /// Which file.
        path: PathBuf,
        /// Its version.
        found: u16,
        /// The newest that is known.
        known: u16,
    },
    /// Bytes that do not follow their format.
    #[error("could not understand {what}: {problem}")]
    Encoding {
        /// What was read: "a question", "a journal entry".
        what: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl Error {
    /// Names what was attempted on which file when the kernel refused.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { what, path: path.to_owned(), source }
    }

    /// Whether a file was not there: removed by retention, by whoever else has the directory open.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Names what was attempted on which file when the Parquet library gave up.
    pub(crate) fn parquet(
        what: &'static str,
        path: &Path,
    ) -> impl FnOnce(parquet::errors::ParquetError) -> Error {
        move |source| Error::Parquet { what, path: path.to_owned(), source }
    }
}

fn writer(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another recorder".to_owned(), |pid| format!("the recorder with pid {pid}"))
}
