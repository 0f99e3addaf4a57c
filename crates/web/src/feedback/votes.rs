//! Votes on disk: a small database of redb. It is open only while something is written, so that
//! `portolan feedback` can read it beside a service that runs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use redb::{ReadableDatabase, ReadableTable, TableDefinition};

use super::pace::Pace;
use super::{PageCount, file};
use crate::{Moment, Viewer};

/// What a reader says of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// 😔: it did not help.
    Sad,
    /// 🤨: it is doubtful.
    Doubtful,
    /// 😃: it helped.
    Glad,
}

impl Face {
    /// All three, the worst first.
    pub const ALL: [Face; 3] = [Face::Sad, Face::Doubtful, Face::Glad];

    /// A stable word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Face::Sad => "sad",
            Face::Doubtful => "doubtful",
            Face::Glad => "glad",
        }
    }

    /// The face.
    #[must_use]
    pub const fn picture(self) -> &'static str {
        match self {
            Face::Sad => "😔",
            Face::Doubtful => "🤨",
            Face::Glad => "😃",
        }
    }

    /// The face of that word.
    #[must_use]
    pub fn named(name: &str) -> Option<Face> {
        Face::ALL.into_iter().find(|face| face.name() == name)
    }
}

/// What readers said of pages.
#[derive(Debug)]
pub struct Votes {
    path: PathBuf,
    /// What each browser said of each page, as it is on disk.
    known: Mutex<HashMap<(String, String), Face>>,
    pace: Mutex<Pace>,
    writing: Mutex<()>,
}

/// Why a vote was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedbackError {
    /// There was one too many.
    #[error("too many votes: try again in a minute")]
    TooMany,
    /// There is no more room for votes.
    #[error("no more votes are kept")]
    Full,
    /// The database cannot be read or written.
    #[error("the votes in {} could not be read or written", path.display())]
    Database {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: Box<redb::Error>,
    },
    /// Its directory cannot be made.
    #[error("the directory of {} could not be made", path.display())]
    Directory {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

type Row = ((String, String), (Face, String, Moment));

impl Votes {
    /// The votes in the file at `path`, which is made if need be.
    ///
    /// # Errors
    /// [`FeedbackError`] if it cannot be read or made.
    pub fn open(path: &Path) -> Result<Votes, FeedbackError> {
        let directory = |source| FeedbackError::Directory { path: path.to_owned(), source };
        if let Some(parent) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(directory)?;
        }
        file::narrow(path);
        let known = rows(path)?.into_iter().map(|(key, (face, ..))| (key, face)).collect();
        Ok(Votes { known: Mutex::new(known), ..Votes::unread(path) })
    }

    /// Votes whose file could not be read: each that comes tries it again, and is refused while it
    /// cannot be written either.
    #[must_use]
    pub fn unread(path: &Path) -> Votes {
        Votes {
            path: path.to_owned(),
            known: Mutex::default(),
            pace: Mutex::default(),
            writing: Mutex::default(),
        }
    }

    /// What readers said of each page, by the file at `path`, the worst page first.
    ///
    /// # Errors
    /// [`FeedbackError`] if it cannot be read.
    pub fn counts(path: &Path) -> Result<Vec<PageCount>, FeedbackError> {
        let mut pages: BTreeMap<String, (PageCount, BTreeSet<String>)> = BTreeMap::new();
        for ((page, _), (face, language, at)) in rows(path)? {
            let empty = PageCount {
                page: page.clone(),
                sad: 0,
                doubtful: 0,
                glad: 0,
                languages: Vec::new(),
                last: at,
            };
            let (count, languages) = pages.entry(page).or_insert((empty, BTreeSet::new()));
            match face {
                Face::Sad => count.sad += 1,
                Face::Doubtful => count.doubtful += 1,
                Face::Glad => count.glad += 1,
            }
            count.last = count.last.max(at);
            languages.insert(language);
        }
        let with_languages = |(count, languages): (PageCount, BTreeSet<String>)| PageCount {
            languages: languages.into_iter().collect(),
            ..count
        };
        let mut counts: Vec<PageCount> = pages.into_values().map(with_languages).collect();
        counts.sort_by(PageCount::worst_first);
        Ok(counts)
    }

    /// Where they are.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What `browser` said of `page`.
    pub(super) fn of(&self, page: &str, browser: &str) -> Option<Face> {
        lock(&self.known).get(&(page.to_owned(), browser.to_owned())).copied()
    }

    /// Takes what `browser` says of `page`, in the place of what it said before. May wait for the
    /// disk.
    pub(super) fn take(
        &self,
        (page, browser): (String, String),
        face: Face,
        language: &str,
        viewer: Viewer,
    ) -> Result<(), FeedbackError> {
        if !lock(&self.pace).allows(viewer, Instant::now()) {
            return Err(FeedbackError::TooMany);
        }
        let key = (page, browser);
        {
            let known = lock(&self.known);
            if known.len() >= MOST && !known.contains_key(&key) {
                return Err(FeedbackError::Full);
            }
        }
        let _turn = lock(&self.writing);
        self.write(&key, face, language).map_err(|source| failed(&self.path, source))?;
        lock(&self.known).insert(key, face);
        Ok(())
    }

    fn write(&self, key: &(String, String), face: Face, language: &str) -> Result<(), redb::Error> {
        let database = file::to_write(&self.path)?;
        let change = database.begin_write()?;
        {
            let mut table = change.open_table(VOTES)?;
            let key = (key.0.as_str(), key.1.as_str());
            table.insert(key, (face.name(), language, Moment::now().0))?;
        }
        Ok(change.commit()?)
    }
}

/// Everything in the file at `path`.
fn rows(path: &Path) -> Result<Vec<Row>, FeedbackError> {
    read(path).map_err(|source| failed(path, source))
}

fn read(path: &Path) -> Result<Vec<Row>, redb::Error> {
    if !file::has_anything(path) {
        return Ok(Vec::new());
    }
    let database = file::to_read(path)?;
    let look = database.begin_read()?;
    let table = match look.open_table(VOTES) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        table => table?,
    };
    let mut rows = Vec::new();
    for row in table.iter()? {
        let (key, value) = row?;
        let ((page, browser), (face, language, at)) = (key.value(), value.value());
        if let Some(face) = Face::named(face) {
            let key = (page.to_owned(), browser.to_owned());
            rows.push((key, (face, language.to_owned(), Moment(at))));
        }
    }
    Ok(rows)
}

fn failed(path: &Path, source: redb::Error) -> FeedbackError {
    FeedbackError::Database { path: path.to_owned(), source: Box::new(source) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Page and browser; face, language and time in nanoseconds since 1970.
const VOTES: TableDefinition<'_, (&str, &str), (&str, &str, i64)> = TableDefinition::new("votes");
/// So many votes are kept: some ten megabytes.
const MOST: usize = 100_000;

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_vote_is_kept_once_and_can_be_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/feedback.redb");
        let votes = Votes::open(&path).unwrap();
        let by = |browser: &str| ("/ports/60440".to_owned(), browser.to_owned());
        votes.take(by("a"), Face::Sad, "en", Viewer::Everything).unwrap();
        votes.take(by("a"), Face::Glad, "ur", Viewer::Everything).unwrap();
        votes.take(by("b"), Face::Doubtful, "en", Viewer::Everything).unwrap();
        let counts = Votes::counts(&path).unwrap();
        assert_eq!(counts.len(), 1);
        assert_eq!((counts[0].sad, counts[0].doubtful, counts[0].glad), (0, 1, 1));
        assert_eq!(counts[0].languages, ["en", "ur"]);
        let again = Votes::open(&path).unwrap();
        assert_eq!(again.of("/ports/60440", "a"), Some(Face::Glad));
        assert_eq!(again.of("/ports/60440", "c"), None);
    }

    #[test]
    fn a_file_that_is_no_database_is_left_alone_and_votes_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("feedback.redb");
        fs::write(&path, "half a database").unwrap();
        assert!(matches!(Votes::open(&path), Err(FeedbackError::Database { .. })));
        let by = ("/".to_owned(), "a".to_owned());
        let refused = Votes::unread(&path).take(by, Face::Sad, "en", Viewer::Everything);
        assert!(matches!(refused, Err(FeedbackError::Database { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"half a database");
    }

    #[test]
    fn nobody_else_may_read_what_browsers_are_told_apart_by() {
        let dir = tempfile::tempdir().unwrap();
        let (place, path) = (dir.path().join("deep"), dir.path().join("deep/feedback.redb"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let vote = || {
            let by = ("/".to_owned(), "a".to_owned());
            let votes = Votes::open(&path).unwrap();
            votes.take(by, Face::Sad, "en", Viewer::Everything).unwrap();
        };
        vote();
        assert_eq!((mode(&place), mode(&path)), (0o700, 0o600));
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        vote();
        assert_eq!(mode(&path), 0o600);
    }
}
