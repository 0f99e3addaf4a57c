//! How long segments are kept: until they are too old, or there are too many.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::name::{Name, Part};
use super::scan::Damage;
use super::{Segments, catalog};
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
    /// until what is left takes at most `max_size` bytes. Damaged ones go and count like others; one
    /// that cannot be removed stays counted.
    /// Then writes the catalog, which saves others from opening every segment: call it after every
    /// seal.
    pub fn retain(&mut self, keep: Duration, max_size: u64, now: Moment) -> Removed {
        let keep = i64::try_from(keep.as_nanos()).unwrap_or(i64::MAX);
        let oldest = now.0.saturating_sub(keep);
        let mut removed = Removed::default();
        let mut size = self.size();
        let mut gone = BTreeSet::new();
        for (name, dir, until, bytes) in self.oldest_first() {
            if (until.0 < oldest || size > max_size) && remove(dir, name) {
                size -= bytes;
                removed.segments += 1;
                removed.bytes += bytes;
                gone.insert(name);
            }
        }
        if !gone.is_empty() {
            let all = self.all.iter().filter(|segment| !gone.contains(&segment.name));
            let lost = |damage: &&Damage| damage.name().is_some_and(|name| gone.contains(&name));
            let damaged = self.damaged.iter().filter(|damage| !lost(damage));
            (self.all, self.damaged) =
                (Arc::new(all.cloned().collect()), Arc::new(damaged.cloned().collect()));
        }
        self.forget_lost(Moment(oldest));
        if let Some(segment) = self.all.first() {
            // Without it questions take longer and have the same answers.
            let _ = catalog::write(
                &segment.dir,
                &self.all,
                self.lost.iter().filter_map(|lost| lost.entry.as_ref()),
            );
        }
        removed
    }

    /// Every segment, damaged ones included: its name, where it is, until when it reaches, how many
    /// bytes it takes.
    fn oldest_first(&self) -> Vec<(Name, &Path, Moment, u64)> {
        let whole = self.all.iter();
        let whole = whole.map(|one| (one.name, &*one.dir, Moment(one.summary.until), one.size()));
        let damaged =
            self.damaged.iter().filter(|one| !one.number().is_some_and(|number| self.has(number)));
        let damaged =
            damaged.filter_map(|one| Some((one.name()?, one.path.parent()?, one.until, one.size)));
        let mut all: Vec<_> = whole.chain(damaged).collect();
        all.sort_unstable_by_key(|(name, ..)| *name);
        all
    }
}

impl Damage {
    /// The segment that the file is of.
    pub(super) fn name(&self) -> Option<Name> {
        Some(Name::parse(self.path.file_name()?.to_str()?)?.0)
    }

    /// Removes what is left of the segment, and says whether nothing is.
    pub(super) fn remove(&self) -> bool {
        let place = self.path.parent().zip(self.name());
        place.is_some_and(|(dir, name)| remove(dir, name))
    }
}

/// Removes the files of a segment, that of the tenures first: without it there is no segment.
fn remove(dir: &Path, name: Name) -> bool {
    [Part::Tenures, Part::Programs].into_iter().all(|part| gone(&dir.join(name.file(part))))
}

/// Removes a file, and says whether there is none any more.
fn gone(path: &Path) -> bool {
    match fs::remove_file(path) {
        Ok(()) => true,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}
