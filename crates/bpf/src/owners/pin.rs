//! The iterator pinned: a file that tells whoever may read it which process holds which sockets.
//!
//! It lies on a BPF filesystem of its own, because the one at `/sys/fs/bpf` is closed to all but
//! root where systemd mounts it, and open for everybody to make files in where it does not. Reading
//! it is `open(2)` and `read(2)`: no privilege, no BPF library.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};

use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, fstatfs, openat, statfs};
use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use super::Loaded;
use crate::Error;

/// Where the iterator is pinned: the number is that of the records' form.
pub const PINNED: &str = "/run/portolan-owners/holdings-1";

/// What [`unpin`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// It was pinned.
    Before,
    /// It was not.
    Never,
}

/// Pins the iterator at [`PINNED`], readable by root and the group `gid`, until [`unpin`] or the
/// next boot. What is pinned already is replaced. Takes root.
///
/// # Errors
/// [`Error`] if the program cannot be loaded or the filesystem not be made, and in a container,
/// where nobody could make sense of it.
pub fn pin(gid: u32) -> Result<(), Error> {
    if !crate::namespaces::are_first() {
        return Err(Error::ForeignPids);
    }
    let mut iterator = Loaded::load()?;
    let made = make_filesystem().and_then(|()| place(&mut iterator, gid));
    if made.is_err() {
        _ = unpin();
    }
    made
}

/// Takes away what [`pin`] made, all of it.
///
/// # Errors
/// [`Error::Pin`] if that is not permitted.
pub fn unpin() -> Result<Pinned, Error> {
    let pinned = if is_ours() { Pinned::Before } else { Pinned::Never };
    if pinned == Pinned::Before {
        unmount(DIRECTORY, UnmountFlags::DETACH).map_err(failed("unmount"))?;
    }
    match fs::remove_dir(DIRECTORY) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::Pin { what: "remove", path: DIRECTORY, source: error })
        }
        _ => Ok(pinned),
    }
}

/// The pinned iterator from its beginning; `None` where there is none for us. Only root can have
/// pinned what is taken for one.
pub(super) fn open() -> Option<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = openat(CWD, PINNED, flags, Mode::empty()).ok()?;
    let stat = fstat(&file).ok()?;
    let is_roots = stat.st_uid == 0 && stat.st_mode & 0o022 == 0;
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    let is_bpf = fstatfs(&file).is_ok_and(|filesystem| filesystem.f_type == BPF_FS_MAGIC);
    (is_roots && is_file && is_bpf).then(|| File::from(file))
}

/// Mounts our own BPF filesystem, unless it is there.
fn make_filesystem() -> Result<(), Error> {
    match DirBuilder::new().mode(0o755).create(DIRECTORY) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            return Err(Error::Pin { what: "make", path: DIRECTORY, source });
        }
        _ => {}
    }
    if is_ours() {
        return Ok(());
    }
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("bpf", DIRECTORY, "bpf", flags, Some(c"mode=0755"))
        .map_err(failed("mount a BPF filesystem at"))
}

/// Puts the iterator into its place; nobody but root can open it before its group is set.
fn place(iterator: &mut Loaded, gid: u32) -> Result<(), Error> {
    let refused = |source: io::Error| Error::Pin { what: "pin", path: PINNED, source };
    match fs::remove_file(PINNED) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused(error)),
        _ => {}
    }
    iterator.link.pin(PINNED).map_err(|error| refused(io::Error::other(error)))?;
    chown(PINNED, Some(0), Some(gid)).map_err(refused)?;
    fs::set_permissions(PINNED, Permissions::from_mode(0o440)).map_err(refused)
}

/// Whether ours is mounted.
fn is_ours() -> bool {
    statfs(DIRECTORY).is_ok_and(|filesystem| filesystem.f_type == BPF_FS_MAGIC)
}

fn failed(what: &'static str) -> impl Fn(Errno) -> Error {
    move |error| Error::Pin { what, path: DIRECTORY, source: error.into() }
}

/// Where our filesystem is mounted.
const DIRECTORY: &str = "/run/portolan-owners";
/// Of the kernel's `linux/magic.h`.
const BPF_FS_MAGIC: i64 = 0xcafe_4a11;
