//! A network namespace as people name it: `own`, its name under `/run/netns`, or its number, the
//! inode of `/proc/PID/ns/net`.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::str::FromStr;

use anyhow::Context;
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
            (Ok(meta), _) => meta.ino(),
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

/// The network namespace that this process is in.
pub(crate) fn own() -> io::Result<NetnsId> {
    Ok(NetnsId(std::fs::metadata("/proc/self/ns/net")?.ino()))
}
