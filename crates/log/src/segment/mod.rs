//! Sealed segments: immutable Parquet files, one of tenures and one of the programs they name, that
//! every data tool reads. What each byte means is in `docs/store-format.md`.

mod catalog;
mod checked;
mod coded;
mod columns;
mod extent;
#[cfg(test)]
mod format_tests;
pub(crate) mod fuzz;
mod lost;
mod name;
mod order;
mod pages;
mod programs;
mod query;
mod read;
mod retain;
mod rows;
mod scan;
mod schema;
mod seal;
mod search;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Moment;
use name::{Name, Part};
pub use query::Found;
pub use retain::Removed;
pub use scan::{Damage, Segments, tidy};
pub use seal::seal;
use summary::Summary;

/// What a segment says of itself beyond its batch.
#[derive(Clone, Debug, Default)]
pub struct SegmentAbout {
    /// The machine.
    pub host: Host,
    /// The hour it is named after, or any moment of it.
    pub hour: Moment,
}

/// A machine that recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// `/etc/machine-id`; empty where there is none.
    pub machine: String,
}

/// A segment on disk.
#[derive(Clone, Debug)]
pub struct Segment {
    dir: Arc<Path>,
    name: Name,
    /// The size of the file of tenures, in bytes.
    tenures: u64,
    /// The size of the file of programs, in bytes.
    programs: u64,
    summary: Arc<Summary>,
}

impl Host {
    /// This machine, as far as it tells.
    #[must_use]
    pub fn this() -> Host {
        let line = |path| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        Host { name: line("/proc/sys/kernel/hostname"), machine: line("/etc/machine-id") }
    }
}

impl Segment {
    fn path(&self, part: Part) -> PathBuf {
        self.dir.join(self.name.file(part))
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tenures + self.programs
    }

    /// The number of its batch.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.summary.number
    }
}

/// The version of the format that is written.
const FORMAT: u32 = 1;
/// The key of a footer under which a segment says what it is.
const KEY: &str = "portolan.segment";
