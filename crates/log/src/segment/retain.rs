//! How long segments are kept: until they are too old, or there are too many.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::name::Part;
use super::{Segment, Segments, catalog};
use crate::Moment;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// How many segments.
    pub segments: usize,
    /// How many bytes they took.
    pub bytes: u64,
}

impl Segments {
    /// Removes the segments whose last tenure ended longer than `keep` before `now`, then the oldest
    /// until what is left takes at most `max_size` bytes. One that cannot be removed stays counted.
    /// Then writes the catalog, which saves others from opening every segment: call it after every
    /// seal.
    pub fn retain(&mut self, keep: Duration, max_size: u64, now: Moment) -> Removed {
        let keep = i64::try_from(keep.as_nanos()).unwrap_or(i64::MAX);
        let oldest = now.0.saturating_sub(keep);
        let mut removed = Removed::default();
        let mut size = self.size();
        let mut kept = Vec::with_capacity(self.all.len());
        for segment in self.all.iter() {
            let expired = segment.summary.until < oldest || size > max_size;
            if expired && segment.remove() {
                size -= segment.size();
                removed.segments += 1;
                removed.bytes += segment.size();
            } else {
                kept.push(segment.clone());
            }
        }
        if removed.segments > 0 {
            self.all = Arc::new(kept);
        }
        if let Some(segment) = self.all.first() {
            // Without it questions take longer and have the same answers.
            let _ = catalog::write(&segment.dir, &self.all);
        }
        removed
    }
}

impl Segment {
    /// Removes the files, those of the tenures first: without it there is no segment.
    fn remove(&self) -> bool {
        gone(&self.path(Part::Tenures)) && gone(&self.path(Part::Programs))
    }
}

/// Removes a file, and says whether there is none any more.
fn gone(path: &Path) -> bool {
    match fs::remove_file(path) {
        Ok(()) => true,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}
