//! The network namespaces of this machine: those that processes live in (`/proc/PID/ns/net`) and
//! those that `ip-netns(8)` keeps under `/run/netns`.
//!
//! A namespace is known by the inode of its file (`namespaces(7)`). A thread moves alone, so others
//! are visited by a short-lived thread of our own.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::{Error, Netns, NetnsId};

/// A namespace and an open file that leads into it.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) netns: Netns,
    file: File,
}

/// The namespaces besides our own.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Ordered by number.
    pub(super) doors: Vec<Door>,
    /// How many processes live in a namespace that we may not know.
    pub(super) unreadable: usize,
}

/// The namespace of the calling thread.
///
/// # Errors
/// [`Error::Proc`] if `/proc` does not tell.
pub(super) fn own() -> Result<Netns, Error> {
    let path = PathBuf::from("/proc/thread-self/ns/net");
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(source) => return Err(Error::Proc { path, source }),
    };
    let id = NetnsId(metadata.ino());
    let name = named(metadata.dev()).find(|(named, _)| *named == id).map(|(_, name)| name);
    Ok(Netns { id, name })
}

/// Finds the namespaces besides `own`. What comes or goes meanwhile may be missing.
pub(super) fn others(own: NetnsId) -> Others {
    let mut others = Others::default();
    for process in processes() {
        others.meet(&process.join("ns/net"), own);
    }
    let device = fs::metadata("/proc/thread-self/ns/net").map_or(0, |metadata| metadata.dev());
    for (id, name) in named(device) {
        let known = others.doors.iter_mut().find(|door| door.netns.id == id);
        match known {
            Some(door) => door.netns.name = Some(name),
            None if id == own => {}
            None => others.open(&Path::new(NAMED).join(&name), own, Some(name)),
        }
    }
    others.doors.sort_by_key(|door| door.netns.id);
    others
}

impl Others {
    /// Takes in the namespace that `path` leads to, if it is a new one.
    fn meet(&mut self, path: &Path, own: NetnsId) {
        match fs::metadata(path) {
            Ok(metadata) if self.knows(NetnsId(metadata.ino()), own) => {}
            Ok(_) => self.open(path, own, None),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => self.unreadable += 1,
            // It has exited.
            Err(_) => {}
        }
    }

    /// Holds the namespace open, so that it stays while its process goes.
    fn open(&mut self, path: &Path, own: NetnsId, name: Option<String>) {
        let Ok(file) = File::open(path) else { return };
        let Ok(metadata) = file.metadata() else { return };
        let id = NetnsId(metadata.ino());
        if !self.knows(id, own) {
            self.doors.push(Door { netns: Netns { id, name }, file });
        }
    }

    fn knows(&self, id: NetnsId, own: NetnsId) -> bool {
        id == own || self.doors.iter().any(|door| door.netns.id == id)
    }
}

/// Calls `each` in every network namespace of this machine but that of the calling thread, on a thread that has
/// entered it. Those that may not be entered are passed by.
///
/// # Errors
/// [`Error::Proc`] if `/proc` does not tell which namespace is ours, [`Error::Netns`] if no thread can be made.
pub fn in_other_namespaces(mut each: impl FnMut(&Netns) + Send) -> Result<(), Error> {
    let own = own()?.id;
    let visited = visit(others(own).doors, |netns, entered| {
        if entered.is_ok() {
            each(&netns);
        }
    });
    visited.map_err(|source| Error::Netns { netns: own, source })
}

/// Enters each namespace in turn on a thread of its own and calls `each` there, with the error
/// where it may not be entered.
///
/// # Errors
/// If no thread can be made.
pub(super) fn visit(
    doors: Vec<Door>,
    mut each: impl FnMut(Netns, io::Result<()>) + Send,
) -> io::Result<()> {
    thread::scope(|scope| {
        let walk = move || {
            for Door { netns, file } in doors {
                let kind = Some(LinkNameSpaceType::Network);
                let entered = move_into_link_name_space(file.as_fd(), kind);
                each(netns, entered.map_err(io::Error::from));
            }
        };
        let walker = thread::Builder::new().name("netns".into()).spawn_scoped(scope, walk)?;
        walker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(())
    })
}

/// The directories of all processes.
fn processes() -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_pid = |name: &std::ffi::OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    entries.filter(move |entry| is_pid(&entry.file_name())).map(|entry| entry.path())
}

/// The namespaces under `/run/netns` with their names. A file there that is no namespace is on
/// another filesystem than `device`.
fn named(device: u64) -> impl Iterator<Item = (NetnsId, String)> {
    let entries = fs::read_dir(NAMED).into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        let metadata = fs::metadata(entry.path()).ok()?;
        let name = entry.file_name().into_string().ok()?;
        (metadata.dev() == device).then(|| (NetnsId(metadata.ino()), name))
    })
}

const NAMED: &str = "/run/netns";
