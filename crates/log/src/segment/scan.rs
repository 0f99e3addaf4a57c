//! The segments of a directory: which there are, what they say of themselves, what is damaged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::name::{HOUR_NS, Name, Part, UNFINISHED};
use super::read::TenureFile;
use super::{Segment, catalog};
use crate::{Error, Gap, GapReason, Moment};

/// The sealed segments of a directory, in the order in which they were sealed. Cheap to clone; knows
/// what time each covers without opening it.
#[derive(Clone, Debug, Default)]
pub struct Segments {
    pub(super) all: Arc<Vec<Segment>>,
    pub(super) damaged: Arc<Vec<Damage>>,
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
}

impl Damage {
    /// The gap that it leaves.
    #[must_use]
    pub fn gap(&self) -> Gap {
        let reason = GapReason::SegmentLost;
        Gap { from: self.from, until: Some(self.until), reason, events: 0 }
    }

    /// What `error` did to the segment called `name`.
    fn of_name(name: Name, path: PathBuf, error: &Error) -> Damage {
        let until = Moment(name.hour.0.saturating_add(HOUR_NS));
        Damage { path, why: reason(error), from: name.hour, until }
    }

    /// What `error` did to `segment`.
    pub(super) fn of(segment: &Segment, part: Part, error: &Error) -> Damage {
        let (from, until) = (Moment(segment.summary.from), Moment(segment.summary.until));
        Damage { path: segment.path(part), why: reason(error), from, until }
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
        for (name, files) in list(dir)? {
            let Some(tenures) = files.tenures else { continue };
            let programs = files.programs.unwrap_or(0);
            let entry = known.remove(&name.to_string());
            let entry =
                entry.filter(|known| (known.tenures, known.programs) == (tenures, programs));
            let path = dir.join(name.file(Part::Tenures));
            let summary = match entry {
                Some(entry) => Ok(entry.summary),
                None => TenureFile::open(&path).and_then(|file| file.summary()),
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
                Err(error) => damaged.push(Damage::of_name(name, path, &error)),
            }
        }
        let segments = Segments { all: Arc::new(all), damaged: Arc::new(damaged.clone()) };
        Ok((segments, damaged))
    }

    /// These and one more.
    #[must_use]
    pub fn with(&self, new: Segment) -> Segments {
        let mut all = Vec::with_capacity(self.all.len() + 1);
        all.extend(self.all.iter().cloned());
        let at = all.partition_point(|segment| segment.name < new.name);
        all.insert(at, new);
        Segments { all: Arc::new(all), damaged: Arc::clone(&self.damaged) }
    }

    /// How many bytes they take.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.all.iter().map(|segment| segment.size()).sum()
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
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| path.extension().is_some_and(|end| end == UNFINISHED)).collect())
}

/// An error and what caused it, in a line.
fn reason(error: &Error) -> String {
    use std::error::Error as _;
    let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{cause}")
}
