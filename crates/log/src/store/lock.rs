//! The directory of a store, and that one recorder at a time writes it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, Gid, Mode, chmod, chown, flock};

use crate::Error;
use crate::file::regular;

/// Keeps others from writing a store, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Makes `dir` if there is none, and locks it.
    ///
    /// # Errors
    /// [`Error::Locked`] if another recorder has it, [`Error::Io`] if it cannot be made or locked.
    pub(crate) fn take(dir: &Path) -> Result<Lock, Error> {
        make(dir)?;
        let path = dir.join(NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = regular(options.mode(0o640), &path).map_err(Error::io("open", &path))?;
        if !try_lock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(Error::io("lock", &path))?
        {
            return Err(Error::Locked { dir: dir.to_owned(), pid: writer(&mut file) });
        }
        // Who it is helps others, and matters to nobody else: a full disk must not keep us out.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Lock { _file: file })
    }

    /// Whether a recorder has the store in `dir`.
    pub(crate) fn is_taken(dir: &Path) -> bool {
        let mut options = OpenOptions::new();
        let Ok(file) = regular(options.read(true), &dir.join(NAME)) else { return false };
        matches!(
            flock(&file, FlockOperation::NonBlockingLockShared),
            Err(rustix::io::Errno::WOULDBLOCK)
        )
    }
}

/// Tries for a tenth of a second: those who ask whether it is taken have it for an instant.
fn try_lock(file: &File, how: FlockOperation) -> io::Result<bool> {
    for _ in 0..10 {
        match flock(file, how) {
            Ok(()) => return Ok(true),
            Err(rustix::io::Errno::WOULDBLOCK) => thread::sleep(Duration::from_millis(10)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

fn writer(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Makes the directory for us alone, or where there is a group `portolan` and we may, for that one
/// to read.
fn make(dir: &Path) -> Result<(), Error> {
    match fs::metadata(dir) {
        Ok(about) if about.is_dir() => {
            open_to_group(dir, about.uid(), about.mode());
            return Ok(());
        }
        Ok(_) => {
            let taken = io::Error::from(io::ErrorKind::NotADirectory);
            return Err(Error::io("use", dir)(taken));
        }
        Err(_) => {}
    }
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent).map_err(Error::io("make", parent))?;
    }
    fs::DirBuilder::new().mode(0o700).create(dir).map_err(Error::io("make", dir))?;
    open_to_group(dir, rustix::process::geteuid().as_raw(), 0o700);
    Ok(())
}

/// Lets the group `portolan` read a directory that is ours alone. Its files become the group's by
/// the set-group-ID bit. Where this fails the directory stays ours alone, which is safe.
fn open_to_group(dir: &Path, owner: u32, mode: u32) {
    let ours = owner == 0 && rustix::process::geteuid().is_root() && mode & 0o7777 == 0o700;
    if ours
        && let Some(group) = members_group()
        && chown(dir, None, Some(Gid::from_raw(group))).is_ok()
    {
        let _ = chmod(dir, Mode::from_raw_mode(0o2750));
    }
}

/// The number of the group `portolan`, whose members may see everything; `None` where this host has
/// no such group.
#[must_use]
pub fn members_group() -> Option<u32> {
    group(&fs::read("/etc/group").ok()?)
}

/// The number of the group `portolan` in the text of `/etc/group` (group(5)).
pub(crate) fn group(text: &[u8]) -> Option<u32> {
    let mut lines = text.split(|byte| *byte == b'\n');
    lines.find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let ours = fields.next()? == b"portolan";
        let number = fields.nth(1).filter(|_| ours)?;
        std::str::from_utf8(number).ok()?.parse().ok()
    })
}

const NAME: &str = "lock";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_found_by_its_name() {
        let text = b"root:x:0:\nportolans:x:1:\nportolan:x:993:alice,bob\n";
        assert_eq!(group(text), Some(993));
        assert_eq!(group(b"portolan:x:-1:\n"), None);
        assert_eq!(group(b"portolan"), None);
    }

    #[test]
    fn a_store_is_ours_alone_and_taken_once() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("a/b");
        let lock = Lock::take(&dir).unwrap();
        if group(&fs::read("/etc/group").unwrap()).is_none() {
            assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o7777, 0o700);
        }
        assert!(Lock::is_taken(&dir));
        let error = Lock::take(&dir).unwrap_err();
        assert!(matches!(error, Error::Locked { pid, .. } if pid == Some(std::process::id())));
        drop(lock);
        assert!(!Lock::is_taken(&dir));
        Lock::take(&dir).unwrap();
    }

    #[test]
    fn a_lock_that_is_a_link_is_not_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let (target, path) = (dir.path().join("target"), dir.path().join(NAME));
        fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        let error = Lock::take(dir.path()).unwrap_err();
        assert!(matches!(error, Error::Io { what: "open", .. }), "{error}");
        assert!(!Lock::is_taken(dir.path()));
        assert_eq!(fs::read_to_string(&target).unwrap(), "kept");
    }
}
