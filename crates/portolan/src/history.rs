//! Where the past is read: by the recorder that runs, else in the store of records that one left.

use std::fmt;
use std::path::{Path, PathBuf};

use log::{Answer, Archive, Error, Question};

use crate::recorder::{Client, Place};

/// Who tells of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Teller {
    /// The recorder that runs.
    Recorder,
    /// The store in this directory, read without a recorder.
    Store(PathBuf),
}

impl Teller {
    /// A stable word for programs: `recorder` or `store`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Teller::Recorder => "recorder",
            Teller::Store(_) => "store",
        }
    }

    /// The directory that was read, if one was.
    pub(crate) fn dir(&self) -> Option<&PathBuf> {
        match self {
            Teller::Recorder => None,
            Teller::Store(dir) => Some(dir),
        }
    }
}

/// The past, ready to be asked about.
#[derive(Debug)]
pub(crate) enum History {
    /// By the recorder that runs, who tells as much as we may know.
    Recorder(Client),
    /// From the store in a directory.
    Store(Archive, PathBuf),
}

/// Why there is no past to ask about.
#[derive(Debug)]
pub(crate) enum Unrecorded {
    /// Nobody has recorded, in any of these directories.
    Nothing(Vec<PathBuf>),
    /// Somebody has, and it is not for us to read.
    Forbidden(PathBuf),
    /// Reading it failed.
    Failed(anyhow::Error),
}

impl History {
    /// Connects to the recorder of the store in `dir`, else opens the store; without a directory,
    /// that of the whole machine, else our own.
    pub(crate) fn open(dir: Option<&Path>) -> Result<History, Unrecorded> {
        match Client::connect(dir) {
            Some(client) => Ok(History::Recorder(client)),
            None => History::open_store(dir),
        }
    }

    /// Whether there is anything to connect to or to open, as far as is seen without trying.
    pub(crate) fn is_there(dir: Option<&Path>) -> bool {
        // What may not be looked at may be there.
        let there = |path: &Path| path.try_exists().unwrap_or(true);
        Place::to_ask(dir).iter().any(|place| there(&place.dir) || there(&place.socket))
    }

    fn open_store(dir: Option<&Path>) -> Result<History, Unrecorded> {
        let mut dirs: Vec<PathBuf> =
            Place::to_ask(dir).into_iter().map(|place| place.dir).collect();
        dirs.dedup();
        let mut forbidden = None;
        for dir in &dirs {
            match Archive::open(dir.clone()) {
                Ok(archive) => return Ok(History::Store(archive, dir.clone())),
                Err(Error::NoStore { .. }) => {}
                Err(error) if is_forbidden(&error) => {
                    forbidden.get_or_insert_with(|| dir.clone());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(forbidden.map_or(Unrecorded::Nothing(dirs), Unrecorded::Forbidden))
    }

    /// What is known.
    pub(crate) fn ask(&mut self, question: &Question) -> Result<Answer, Unrecorded> {
        match self {
            History::Recorder(client) => client.ask(question).map_err(Unrecorded::Failed),
            History::Store(archive, dir) => {
                archive.ask(question).map_err(|error| match is_forbidden(&error) {
                    true => Unrecorded::Forbidden(dir.clone()),
                    false => error.into(),
                })
            }
        }
    }

    /// Whether some processes may be hidden from us: whoever can read the store reads all of it.
    pub(crate) fn hides(&self) -> bool {
        matches!(self, History::Recorder(client) if !client.sees_all())
    }

    /// Who tells.
    pub(crate) fn teller(&self) -> Teller {
        match self {
            History::Recorder(_) => Teller::Recorder,
            History::Store(_, dir) => Teller::Store(dir.clone()),
        }
    }
}

impl From<Error> for Unrecorded {
    fn from(error: Error) -> Unrecorded {
        Unrecorded::Failed(error.into())
    }
}

impl fmt::Display for Unrecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unrecorded::Nothing(dirs) => {
                let names: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
                let names = names.join(" or ");
                write!(f, "nothing was recorded in {names}: start `portolan record`")
            }
            Unrecorded::Forbidden(dir) => {
                let dir = dir.display();
                write!(
                    f,
                    "the records in {dir} are not for you to read, and no recorder runs that \
                           could be asked: try as root"
                )
            }
            Unrecorded::Failed(error) => write!(f, "{error:#}"),
        }
    }
}

fn is_forbidden(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied)
}
