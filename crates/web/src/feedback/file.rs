//! The file of the votes: made whole or not at all, and for its owner alone.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{io, process, thread};

use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadOnlyDatabase};

/// Whether there is anything in the file at `path`: one that is empty was made in vain, on a disk that
/// was full. What may not be looked at is taken to have something.
pub(super) fn has_anything(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(metadata) => metadata.len() > 0,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// The database at `path`, to be read.
pub(super) fn to_read(path: &Path) -> Result<ReadOnlyDatabase, DatabaseError> {
    opened(|| ReadOnlyDatabase::open(path))
}

/// The database at `path`, to be written; it is made if need be.
pub(super) fn to_write(path: &Path) -> Result<Database, DatabaseError> {
    if !has_anything(path) {
        make(path)?;
    }
    opened(|| database(path))
}

/// Takes a file that was made for everybody, as it once was, from all but its owner.
pub(super) fn narrow(path: &Path) {
    let _not_ours_to_change = fs::set_permissions(path, Permissions::from_mode(0o600));
}

/// Makes the database at `path` under another name beside it: one that a full disk or a crash left
/// half made could never be opened again.
fn make(path: &Path) -> Result<(), DatabaseError> {
    let beside = beside(path);
    let _left_by_a_crash = fs::remove_file(&beside);
    let made = database(&beside).map(drop).and_then(|()| Ok(publish(&beside, path)?));
    let _in_its_place_already = fs::remove_file(&beside);
    made
}

/// Puts what is whole in its place, unless somebody else just did.
fn publish(whole: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(whole, path) {
        Err(_) if !has_anything(path) => fs::rename(whole, path),
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// The name under which this process makes the database.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(format!(".new-{}", process::id()));
    path.with_file_name(name)
}

fn database(path: &Path) -> Result<Database, DatabaseError> {
    Database::builder().create_with_backend(FileBackend::new(file(path)?)?)
}

/// The file, made if need be: nobody else may read the secrets in it by which browsers are told apart.
fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// A database, once nobody else has it open: that takes a moment at most.
fn opened<D>(open: impl Fn() -> Result<D, DatabaseError>) -> Result<D, DatabaseError> {
    let started = Instant::now();
    loop {
        match open() {
            Err(DatabaseError::DatabaseAlreadyOpen) if started.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(20));
            }
            opened => return opened,
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::{Face, Votes};
    use super::*;
    use crate::Viewer;

    fn vote(path: &Path) -> bool {
        let Ok(votes) = Votes::open(path) else { return false };
        let by = ("/".to_owned(), "a".to_owned());
        votes.take(by, Face::Glad, "en", Viewer::Everything).is_ok()
    }

    /// Run by itself, under a limit on the size of files, by the test below.
    #[test]
    #[ignore = "it is the process in which the disk is full"]
    fn a_vote_on_a_full_disk() {
        let path = std::env::var_os(FULL).expect("the test below names it");
        assert!(!vote(Path::new(&path)));
    }

    #[test]
    fn a_disk_that_is_full_at_the_first_vote_spoils_none_after() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("feedback.redb");
        for blocks in [0, 1, 8, 64] {
            let name = "feedback::file::tests::a_vote_on_a_full_disk";
            let full = Command::new("sh")
                .args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh"])
                .arg(blocks.to_string())
                .arg(std::env::current_exe().unwrap())
                .args(["--exact", name, "--ignored"])
                .env(FULL, &path)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&full.stdout);
            assert!(full.status.success() && said.contains("1 passed"), "{blocks}: {said}");
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "{blocks}");
        }
        assert!(vote(&path) && vote(&path));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_empty_file_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("feedback.redb");
        fs::write(&path, "").unwrap();
        assert!(Votes::counts(&path).unwrap().is_empty());
        assert!(vote(&path));
        assert_eq!(Votes::counts(&path).unwrap().len(), 1);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_somebody_else_made_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (path, mine) = (dir.path().join("feedback.redb"), dir.path().join("mine"));
        assert!(vote(&path));
        fs::write(&mine, "mine").unwrap();
        publish(&mine, &path).unwrap();
        assert_eq!(Votes::counts(&path).unwrap().len(), 1);
    }

    const FULL: &str = "PORTOLAN_TEST_FULL_DISK";
}
