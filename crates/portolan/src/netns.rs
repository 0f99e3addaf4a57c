//! A network namespace as people name it: `own`, its name under `/run/netns`, or its number, the
//! inode of `/proc/PID/ns/net`.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, bail};
use rustix::io::Errno;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use sockets::{NetnsId, NetnsScope};

/// A network namespace: our own, or one by name or number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NetnsName {
    Own,
    Other(String),
}

impl FromStr for NetnsName {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<NetnsName, Self::Err> {
        Ok(if text == "own" { NetnsName::Own } else { NetnsName::Other(text.to_owned()) })
    }
}

impl NetnsName {
    /// The namespace called so; a name goes before a number, since either may be made of digits.
    pub(crate) fn scope(&self) -> anyhow::Result<NetnsScope> {
        let NetnsName::Other(name) = self else { return Ok(NetnsScope::Own) };
        let path = std::path::Path::new("/run/netns").join(name);
        let inode = match (std::fs::metadata(&path), name.parse()) {
            (Ok(meta), _) if is_namespace(&meta) => meta.ino(),
            (Ok(_), _) => bail!("'{name}' is not a network namespace ({})", path.display()),
            (Err(_), Ok(inode)) => inode,
            (Err(error), Err(_)) => {
                let path = path.display();
                return Err(error)
                    .with_context(|| format!("no network namespace is called '{name}' ({path})"));
            }
        };
        Ok(NetnsScope::One(NetnsId(inode)))
    }

    /// Its number.
    pub(crate) fn id(&self) -> anyhow::Result<NetnsId> {
        match self.scope()? {
            NetnsScope::One(id) => Ok(id),
            _ => own().context("our own network namespace could not be told"),
        }
    }
}

/// Does `what` inside the namespace that `name` means, on a thread of its own; where it is ours or there
/// is no name, here.
pub(crate) fn inside<T: Send>(
    name: Option<&NetnsName>,
    what: impl FnOnce() -> anyhow::Result<T> + Send,
) -> anyhow::Result<T> {
    let Some(name) = name else { return what() };
    let NetnsScope::One(id) = name.scope()? else { return what() };
    if own().is_ok_and(|own| own == id) {
        return what();
    }
    let door = door(id).with_context(|| format!("network namespace {} was not found", id.0))?;
    std::thread::scope(|scope| {
        let there = move || {
            let kind = Some(LinkNameSpaceType::Network);
            match move_into_link_name_space(door.as_fd(), kind) {
                Err(Errno::PERM) => bail!("only root may look into network namespace {}", id.0),
                entered => entered
                    .with_context(|| format!("network namespace {} could not be entered", id.0))?,
            }
            what()
        };
        scope.spawn(there).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Whether a file is a namespace: those lie on a file system of the kernel's own.
fn is_namespace(file: &Metadata) -> bool {
    std::fs::metadata("/proc/self/ns/net").is_ok_and(|own| own.dev() == file.dev())
}

/// A file that leads into a namespace.
fn door(id: NetnsId) -> Option<File> {
    leads().filter(|(there, _)| *there == id).find_map(|(_, path)| File::open(path).ok())
}

/// A path that leads into each namespace that has one.
pub(crate) fn doors() -> HashMap<NetnsId, PathBuf> {
    let mut doors = HashMap::new();
    for (id, path) in leads() {
        doors.entry(id).or_insert(path);
    }
    doors
}

/// Where paths lead: those of namespaces with a name, then those of the processes that live there.
fn leads() -> impl Iterator<Item = (NetnsId, PathBuf)> {
    let named = std::fs::read_dir("/run/netns").into_iter().flatten().flatten();
    let named = named.map(|entry| entry.path());
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let lived = processes.map(|entry| entry.path().join("ns/net"));
    named
        .chain(lived)
        .filter_map(|path| Some((NetnsId(std::fs::metadata(&path).ok()?.ino()), path)))
}

/// The network namespace that this process is in.
pub(crate) fn own() -> io::Result<NetnsId> {
    Ok(NetnsId(std::fs::metadata("/proc/self/ns/net")?.ino()))
}

/// Whether the namespace of this thread is the machine's, which is the first process'; `None` where that
/// may not be known.
pub(crate) fn is_machines() -> Option<bool> {
    let inode = |path: &str| std::fs::metadata(path).map(|metadata| metadata.ino()).ok();
    Some(inode("/proc/thread-self/ns/net")? == inode("/proc/1/ns/net")?)
}
