//! Where the pilot's maps and links are pinned: a BPF filesystem of our own, open to root alone.
//!
//! A link is called after the cgroup's number (its inode) and the program; that cgroup's path is found
//! when it is wanted.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use libbpf_rs::query::LinkTypeInfo;
use libbpf_rs::{Link, MapCore, MapFlags, MapHandle, Object};
use rustix::fs::{FlockOperation, flock, statfs};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::rand::{GetRandomFlags, getrandom};

use crate::Error;

/// The place, while nobody else changes it.
#[derive(Debug)]
pub(super) struct Place {
    _lock: File,
}

/// One program at one cgroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pin {
    pub(super) cgroup: u64,
    pub(super) program: String,
}

impl Pin {
    /// Whether it pilots connects. The other program follows what was piloted to its end.
    pub(super) fn pilots(&self) -> bool {
        self.program.starts_with("connect")
    }
}

impl Place {
    /// The place, made if need be.
    pub(super) fn make() -> Result<Place, Error> {
        let place = Place { _lock: lock()? };
        if !is_mounted() {
            make_directory(DIRECTORY)?;
            let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
            mount("bpf", DIRECTORY, "bpf", flags, Some(c"mode=0700"))
                .map_err(|error| refused("mount a BPF filesystem at")(error.into()))?;
        }
        make_directory(MAPS)?;
        make_directory(LINKS)?;
        Ok(place)
    }

    /// The place; `None` where there is none.
    pub(super) fn find() -> Result<Option<Place>, Error> {
        if !Place::may_exist() {
            return Ok(None);
        }
        let lock = lock()?;
        Ok(is_mounted().then_some(Place { _lock: lock }))
    }

    /// Whether a look is worth it.
    pub(super) fn may_exist() -> bool {
        Path::new(DIRECTORY).exists()
    }

    /// Where a map is pinned.
    pub(super) fn map(&self, name: &str) -> PathBuf {
        Path::new(MAPS).join(name)
    }

    pub(super) fn open_map(&self, name: &'static str) -> Result<MapHandle, Error> {
        MapHandle::from_pinned_path(self.map(name)).map_err(|source| Error::Map { name, source })
    }

    pub(super) fn path_of(&self, pin: &Pin) -> PathBuf {
        Path::new(LINKS).join(format!("{}-{}", pin.cgroup, pin.program))
    }

    pub(super) fn pin(&self, mut link: Link, pin: &Pin) -> Result<(), Error> {
        let path = self.path_of(pin);
        link.pin(&path).map_err(|error| Error::Pin {
            what: "pin a program to",
            path: LINKS,
            source: io::Error::other(error),
        })
    }

    /// Every program at every cgroup, by cgroup.
    pub(super) fn pins(&self) -> Result<Vec<Pin>, Error> {
        let entries = match fs::read_dir(LINKS) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(refused("read"))?,
        };
        let pin = |entry: io::Result<fs::DirEntry>| {
            let name = entry.ok()?.file_name();
            let (cgroup, program) = name.to_str()?.split_once('-')?;
            Some(Pin { cgroup: cgroup.parse().ok()?, program: program.to_owned() })
        };
        let mut pins: Vec<Pin> = entries.filter_map(pin).collect();
        pins.sort_by_key(|pin| pin.cgroup);
        Ok(pins)
    }

    pub(super) fn unpin(&self, pin: &Pin) -> Result<(), Error> {
        fs::remove_file(self.path_of(pin)).map_err(refused("take a program from"))
    }

    /// Unpins what is attached to nothing any more. The kernel detaches a program when its cgroup is removed and the
    /// last socket of it is closed; until then it gives ports back.
    pub(super) fn sweep(&self) -> Result<(), Error> {
        self.pins()?.iter().filter(|pin| self.is_dead(pin)).try_for_each(|pin| self.unpin(pin))
    }

    fn is_dead(&self, pin: &Pin) -> bool {
        let info = Link::open(self.path_of(pin)).and_then(|link| link.info());
        info.is_ok_and(|info| matches!(info.info, LinkTypeInfo::Cgroup(at) if at.cgroup_id == 0))
    }

    /// Gives the programs a secret of this boot's, unless they have it.
    pub(super) fn keep_secret(&self, object: &Object) -> Result<(), Error> {
        let name = "secrets";
        let failed = |source| Error::Map { name, source };
        let map = object.maps().find(|map| map.name() == name).expect("the object has it");
        let known = map.lookup(&FIRST, MapFlags::ANY).map_err(failed)?;
        if known.is_some_and(|secret| secret.iter().any(|byte| *byte != 0)) {
            return Ok(());
        }
        let mut secret = [0; 16];
        getrandom(&mut secret, GetRandomFlags::empty())
            .map_err(|error| refused("find a secret for")(error.into()))?;
        map.update(&FIRST, &secret, MapFlags::ANY).map_err(failed)
    }

    /// The cgroups that are piloted, by path, the shortest first; those that are gone are not there.
    pub(super) fn piloted(&self) -> Result<Vec<PathBuf>, Error> {
        let pins = self.pins()?;
        let ids: Vec<u64> = pins.iter().filter(|pin| pin.pilots()).map(|pin| pin.cgroup).collect();
        Ok(find(&ids))
    }

    /// Takes everything away, if nothing is piloted.
    pub(super) fn remove_if_unused(self) -> Result<(), Error> {
        if !self.piloted()?.is_empty() {
            return Ok(());
        }
        self.pins()?.iter().try_for_each(|pin| self.unpin(pin))?;
        if is_mounted() {
            unmount(DIRECTORY, UnmountFlags::DETACH)
                .map_err(|error| refused("unmount")(error.into()))?;
        }
        for gone in [fs::remove_dir(DIRECTORY), fs::remove_file(LOCK)] {
            match gone {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(refused("remove")(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Waits until nobody else works there. Who removes the file does so while it has the lock, so one that
/// was got on a removed file is none.
fn lock() -> Result<File, Error> {
    let locked = || -> io::Result<Option<File>> {
        let file = open_for_us_alone(Path::new(LOCK))?;
        flock(&file, FlockOperation::LockExclusive)?;
        let same = fs::metadata(LOCK).is_ok_and(|named| {
            file.metadata().is_ok_and(|ours| (named.ino(), named.dev()) == (ours.ino(), ours.dev()))
        });
        Ok(same.then_some(file))
    };
    loop {
        let failed = |source| Error::Pin { what: "lock", path: LOCK, source };
        if let Some(file) = locked().map_err(failed)? {
            return Ok(file);
        }
    }
}

/// Opens the file of the lock, made if need be. Whoever may read it could hold the lock, and we would wait for him.
fn open_for_us_alone(path: &Path) -> io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).mode(OURS).open(path)?;
    // One that an older version made was open to all.
    if file.metadata()?.mode() & 0o7777 != OURS {
        file.set_permissions(Permissions::from_mode(OURS))?;
    }
    Ok(file)
}

/// The number of a cgroup.
pub(super) fn id_of(cgroup: &Path) -> Result<u64, Error> {
    let refused = |source| Error::Cgroup { path: cgroup.to_owned(), source };
    let filesystem = statfs(cgroup).map_err(|error| refused(error.into()))?;
    if filesystem.f_type != CGROUP2_MAGIC {
        return Err(refused(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a cgroup of version 2",
        )));
    }
    Ok(fs::metadata(cgroup).map_err(refused)?.ino())
}

/// The paths of cgroups by their numbers, the shortest first, as far as they are there.
pub(super) fn find(ids: &[u64]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = sockets::cgroup_root().into_iter().collect();
    while let Some(folder) = folders.pop() {
        let Ok(metadata) = fs::symlink_metadata(&folder) else { continue };
        if !metadata.is_dir() {
            continue;
        }
        if ids.contains(&metadata.ino()) {
            found.push(folder.clone());
        }
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
        folders.extend(entries.filter(is_folder).map(|entry| entry.path()));
    }
    found.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    found
}

fn is_mounted() -> bool {
    statfs(DIRECTORY).is_ok_and(|filesystem| filesystem.f_type == BPF_FS_MAGIC)
}

fn make_directory(path: &'static str) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).recursive(true).create(path) {
        Err(source) => Err(Error::Pin { what: "make", path, source }),
        Ok(()) => Ok(()),
    }
}

fn refused(what: &'static str) -> impl Fn(io::Error) -> Error {
    move |source| Error::Pin { what, path: DIRECTORY, source }
}

/// The key of an array's only value.
pub(super) const FIRST: [u8; 4] = [0; 4];
const DIRECTORY: &str = "/run/portolan-pilot";
/// The number is that of the maps' form.
const MAPS: &str = "/run/portolan-pilot/maps-3";
const LINKS: &str = "/run/portolan-pilot/links";
const LOCK: &str = "/run/portolan-pilot.lock";
/// The permissions of what is root's alone.
const OURS: u32 = 0o600;
/// Of the kernel's `linux/magic.h`.
const BPF_FS_MAGIC: i64 = 0xcafe_4a11;
const CGROUP2_MAGIC: i64 = 0x6367_7270;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_is_for_nobody_else_to_hold() {
        let name = format!("portolan-lock-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mode = || open_for_us_alone(&path).unwrap().metadata().unwrap().mode() & 0o7777;
        let new = mode();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let old = mode();
        fs::remove_file(&path).unwrap();
        assert_eq!((new, old), (0o600, 0o600));
    }
}
