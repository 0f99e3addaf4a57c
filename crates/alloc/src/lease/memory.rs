//! Which ports a name had, so that it gets them again: a directory of the user's own with a small file for each
//! name. A lease does not depend on it: without it a name's ports follow from the name alone.
//!
//! A file has the line `ports N…` and then the identity, to tell apart two with the same hash. It is written
//! beside and renamed, so it is whole or not there. The directory and its parent must be ours (or root's) and
//! writable for nobody else, and no link is followed within: whoever could put files there could choose our
//! ports.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use registry::Port;
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, RawDir, fstat, openat, renameat, statat, unlinkat,
};
use rustix::io::Errno;

use super::Identity;

/// The directory, opened.
#[derive(Debug)]
pub(super) struct Memory {
    directory: OwnedFd,
}

/// Why there is no memory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// Somebody else could write there.
    #[error("{} {why}: move it away, or give it back to its owner with mode 0700", .path.display())]
    Unsafe {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It cannot be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no place for it: neither `XDG_STATE_HOME` nor `HOME` is set.
    #[error("neither XDG_STATE_HOME nor HOME is set")]
    NoPlace,
}

impl Memory {
    /// The usual place: `/var/lib/portolan/leases` for root, else `portolan/leases` in the user's state
    /// directory.
    pub(super) fn usual() -> Option<PathBuf> {
        if rustix::process::geteuid().is_root() {
            return Some(PathBuf::from("/var/lib/portolan").join(LEASES));
        }
        let absolute = |name: &str| {
            env::var_os(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute())
        };
        let state =
            absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
        Some(state.join("portolan").join(LEASES))
    }

    /// Opens the directory, and makes it where it is missing.
    pub(super) fn open(path: &Path) -> Result<Memory, MemoryError> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(MemoryError::NoPlace);
        };
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source: Errno| MemoryError::Io { path, source: source.into() }
        };
        let made = DirBuilder::new().recursive(true).mode(0o700).create(parent);
        let above =
            openat(rustix::fs::CWD, parent, DIRECTORY, Mode::empty()).map_err(
                |error| match made {
                    Err(source) => MemoryError::Io { path: parent.to_owned(), source },
                    Ok(()) => link_or(error, parent),
                },
            )?;
        check(&above, parent)?;
        match rustix::fs::mkdirat(&above, name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(failed(path)(error)),
        }
        let directory =
            openat(&above, name, DIRECTORY, Mode::empty()).map_err(|error| link_or(error, path))?;
        check(&directory, path)?;
        Ok(Memory { directory })
    }

    /// The ports that `identity` had; `None` where that is not known.
    pub(super) fn recall(&self, identity: &Identity, hash: u64) -> Option<Vec<Port>> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = openat(&self.directory, file_name(hash), flags, Mode::empty()).ok()?;
        if FileType::from_raw_mode(fstat(&file).ok()?.st_mode) != FileType::RegularFile {
            return None;
        }
        let mut text = Vec::new();
        File::from(file).take(LONGEST).read_to_end(&mut text).ok()?;
        let (ports, whose) = parse(&text)?;
        (whose == key(identity)).then_some(ports)
    }

    /// Takes down which ports `identity` has.
    pub(super) fn remember(
        &self,
        identity: &Identity,
        hash: u64,
        ports: &[Port],
    ) -> io::Result<()> {
        self.forget_the_oldest();
        let draft = format!(".{}.{}", file_name(hash), std::process::id());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let open = || openat(&self.directory, &draft, flags, Mode::RUSR | Mode::WUSR);
        let file = match open() {
            // Of one with our pid that was killed.
            Err(Errno::EXIST) => {
                unlinkat(&self.directory, &draft, AtFlags::empty()).and_then(|()| open())
            }
            opened => opened,
        };
        let written = File::from(file?).write_all(&encode(identity, ports));
        let moved = written.and_then(|()| {
            Ok(renameat(&self.directory, &draft, &self.directory, file_name(hash))?)
        });
        if moved.is_err() {
            _ = unlinkat(&self.directory, &draft, AtFlags::empty());
        }
        moved
    }

    /// Makes room where very many names are remembered: the one that was written first goes.
    fn forget_the_oldest(&self) {
        let mut buffer = Vec::with_capacity(1 << 15);
        let mut entries = RawDir::new(&self.directory, buffer.spare_capacity_mut());
        let mut files = Vec::new();
        while let Some(Ok(entry)) = entries.next() {
            if !entry.file_name().to_bytes().starts_with(b".") {
                files.push(entry.file_name().to_owned());
            }
        }
        if files.len() < MOST {
            return;
        }
        let written = |name: &std::ffi::CString| {
            let stat = statat(&self.directory, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            Some((stat.st_mtime, name.clone()))
        };
        if let Some((_, oldest)) = files.iter().filter_map(written).min() {
            _ = unlinkat(&self.directory, &oldest, AtFlags::empty());
        }
    }
}

/// Whether nobody but us and root can write there.
fn check(directory: &OwnedFd, path: &Path) -> Result<(), MemoryError> {
    let io = |source: Errno| MemoryError::Io { path: path.to_owned(), source: source.into() };
    let stat = fstat(directory).map_err(io)?;
    let (us, mode) = (rustix::process::geteuid().as_raw(), Mode::from_raw_mode(stat.st_mode));
    let why = if stat.st_uid != us && stat.st_uid != 0 {
        "belongs to another user"
    } else if mode.intersects(Mode::WOTH) {
        "may be written by everybody"
    } else if mode.intersects(Mode::WGRP) {
        "may be written by a group"
    } else {
        return Ok(());
    };
    Err(MemoryError::Unsafe { path: path.to_owned(), why })
}

fn link_or(error: Errno, path: &Path) -> MemoryError {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    match error {
        Errno::LOOP | Errno::NOTDIR if is_link => {
            MemoryError::Unsafe { path: path.to_owned(), why: "is a symbolic link" }
        }
        error => MemoryError::Io { path: path.to_owned(), source: error.into() },
    }
}

fn file_name(hash: u64) -> String {
    format!("{hash:016x}")
}

fn encode(identity: &Identity, ports: &[Port]) -> Vec<u8> {
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let mut text = format!("ports {}\n", ports.join(" ")).into_bytes();
    text.extend(key(identity));
    text
}

/// The ports of a file, and the identity they are of, as [`key`] has it.
fn parse(text: &[u8]) -> Option<(Vec<Port>, &[u8])> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let words = str::from_utf8(&text[..end]).ok()?.strip_prefix("ports ")?;
    let ports: Option<Vec<Port>> = words.split(' ').map(|word| word.parse().ok()).collect();
    Some((ports?, &text[end + 1..]))
}

fn key(identity: &Identity) -> Vec<u8> {
    let project: &OsStr = identity.project.as_os_str();
    [identity.name.as_str().as_bytes(), b"\n", project.as_bytes()].concat()
}

/// Checks that no text makes [`parse`] panic.
pub(super) fn fuzz(text: &[u8]) {
    if let Some((ports, whose)) = parse(text) {
        assert!(!ports.is_empty() && whose.len() < text.len());
    }
}

/// The directory's name.
const LEASES: &str = "leases";
const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// A path and many ports.
const LONGEST: u64 = 1 << 17;
/// How many names are remembered.
const MOST: usize = 4096;
