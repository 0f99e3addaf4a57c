//! The segments of a directory: which there are, what they say of themselves, what is damaged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::catalog::Entry;
use super::lost::{self, Lost};
use super::name::{HOUR_NS, Name, Part, is_unfinished};
use super::read::TenureFile;
use super::{Segment, catalog, programs};
use crate::{Error, Gap, GapReason, Moment};

/// The sealed segments of a directory, in the order in which they were sealed. Cheap to clone; knows
/// what time each covers without opening it.
#[derive(Clone, Debug, Default)]
pub struct Segments {
    pub(super) all: Arc<Vec<Segment>>,
    pub(super) damaged: Arc<Vec<Damage>>,
    pub(super) lost: Arc<[Lost]>,
}

/// A file that is not what its name says: what it held is lost, nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
    /// The time it covered, as well as is known.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
    /// How many bytes lie there that no segment counts.
    pub(super) size: u64,
}

impl Damage {
    /// The gap that it leaves.
    #[must_use]
    pub fn gap(&self) -> Gap {
        let reason = GapReason::SegmentLost;
        Gap { from: self.from, until: Some(self.until), reason, events: 0 }
    }

    /// What `error` did to the tenures of the segment called `name` in `dir`. What it held is asked
    /// of its programs and of the catalog, which say it too; without them nothing is known but the
    /// hour that it was begun in: it may have held tenures of any age.
    fn of_name(
        name: Name,
        dir: &Path,
        files: Files,
        known: Option<Entry>,
        error: &Error,
    ) -> Damage {
        let path = dir.join(name.file(Part::Tenures));
        let programs = programs::summary(&dir.join(name.file(Part::Programs))).ok();
        let known = known.map(|entry| entry.summary);
        let told = [programs, known].into_iter().flatten().find(|told| told.number == name.number);
        let (from, until) = match told {
            Some(summary) => summary.reach(),
            None => {
                (Moment(i64::MIN), Moment(name.hour.0.saturating_add(HOUR_NS)).max(written(&path)))
            }
        };
        let size = files.tenures.unwrap_or(0) + files.programs.unwrap_or(0);
        Damage { path, why: reason(error), from, until, size }
    }

    /// What `error` did to `segment`.
    pub(super) fn of(segment: &Segment, part: Part, error: &Error) -> Damage {
        let (from, until) = segment.summary.reach();
        Damage { path: segment.path(part), why: reason(error), from, until, size: 0 }
    }
}

impl Segments {
    /// Looks what segments there are in `dir`, and which of them are damaged. Other files are
    /// passed over.
    ///
    /// # Errors
    /// [`Error`] if the directory cannot be listed.
    pub fn scan(dir: &Path) -> Result<(Segments, Vec<Damage>), Error> {
        let place: Arc<Path> = Arc::from(dir);
        let mut known = catalog::read(dir);
        let (mut all, mut damaged) = (Vec::new(), Vec::new());
        let listed = list(dir)?;
        let has_tenures = listed.iter().filter(|(_, files)| files.tenures.is_some());
        let present: BTreeSet<u64> = has_tenures.map(|(name, _)| name.number).collect();
        let journals = crate::journal::numbers(dir).map_err(Error::io("list", dir))?;
        let first = listed.keys().map(|name| name.hour).min();
        for (name, files) in listed {
            let Some(tenures) = files.tenures else { continue };
            let programs = files.programs.unwrap_or(0);
            let entry = known.remove(&name.to_string());
            let fits = |entry: &&Entry| (entry.tenures, entry.programs) == (tenures, programs);
            let summary = match entry.as_ref().filter(fits) {
                Some(entry) => Ok(entry.summary.clone()),
                None => TenureFile::open(&dir.join(name.file(Part::Tenures)), name.number)
                    .and_then(|file| file.summary()),
            };
            match summary {
                Ok(summary) => {
                    let (dir, summary) = (Arc::clone(&place), Arc::new(summary));
                    let segment = Segment { dir, name, tenures, programs, summary };
                    if files.programs.is_none() {
                        let path = segment.path(Part::Programs);
                        let missing = Error::Damaged { path, why: "it is missing" };
                        damaged.push(Damage::of(&segment, Part::Programs, &missing));
                    }
                    all.push(segment);
                }
                Err(error) if error.is_gone() => {}
                Err(error) => damaged.push(Damage::of_name(name, dir, files, entry, &error)),
            }
        }
        let earliest = all.iter().map(|segment| segment.summary.reach().0).min();
        let earliest = earliest.into_iter().chain(first).min().unwrap_or(Moment(i64::MIN));
        damaged.iter_mut().for_each(|damage| damage.from = damage.from.max(earliest));
        let lost = lost::between(&present, &all, known, &journals, earliest).into();
        let segments = Segments { all: Arc::new(all), damaged: Arc::new(damaged.clone()), lost };
        Ok((segments, damaged))
    }

    /// These and one more.
    #[must_use]
    pub fn with(&self, new: Segment) -> Segments {
        let mut all = Vec::with_capacity(self.all.len() + 1);
        all.extend(self.all.iter().cloned());
        let at = all.partition_point(|segment| segment.name < new.name);
        all.insert(at, new);
        let (damaged, lost) = (Arc::clone(&self.damaged), Arc::clone(&self.lost));
        Segments { all: Arc::new(all), damaged, lost }
    }

    /// How many bytes they take, damaged ones included.
    #[must_use]
    pub fn size(&self) -> u64 {
        let damaged = self.damaged.iter().map(|damage| damage.size);
        self.all.iter().map(|segment| segment.size()).chain(damaged).sum()
    }

    /// Every segment, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Segment> {
        self.all.iter()
    }
}

/// Removes from `dir` what a writer left that did not come to its end. For the writer alone: what
/// it removes may be in another's hands.
///
/// # Errors
/// [`Error`] if the directory cannot be listed or a file not be removed.
pub fn tidy(dir: &Path) -> Result<(), Error> {
    let orphans = list(dir)?.into_iter().filter(|(_, files)| files.tenures.is_none());
    let orphans = orphans.map(|(name, _)| dir.join(name.file(Part::Programs)));
    for path in orphans.chain(unfinished(dir)?) {
        fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    Ok(())
}

/// The sizes of the files of a segment.
#[derive(Clone, Copy, Debug, Default)]
struct Files {
    tenures: Option<u64>,
    programs: Option<u64>,
}

fn list(dir: &Path) -> Result<BTreeMap<Name, Files>, Error> {
    let mut listed: BTreeMap<Name, Files> = BTreeMap::new();
    for entry in fs::read_dir(dir).map_err(Error::io("list", dir))? {
        let entry = entry.map_err(Error::io("list", dir))?;
        let Some((name, part)) = entry.file_name().to_str().and_then(Name::parse) else { continue };
        let Ok(about) = entry.metadata() else { continue };
        let files = listed.entry(name).or_default();
        match part {
            Part::Tenures => files.tenures = Some(about.len()),
            Part::Programs => files.programs = Some(about.len()),
        }
    }
    Ok(listed)
}

fn unfinished(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(dir).map_err(Error::io("list", dir))?;
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    let ours = names.filter(|name| name.to_str().is_some_and(is_unfinished));
    Ok(ours.map(|name| dir.join(name)).collect())
}

/// When a file was last written, as far as is known.
fn written(path: &Path) -> Moment {
    let time = fs::metadata(path).and_then(|about| about.modified()).ok();
    let since = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    Moment(since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0))
}

/// An error and what caused it, in a line.
fn reason(error: &Error) -> String {
    use std::error::Error as _;
    let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{cause}")
}
