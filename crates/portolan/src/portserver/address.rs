//! Where a portserver is: a path, or `@NAME` in the abstract namespace of Unix sockets.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;

use anyhow::{Context, bail};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen, socket_with,
};

use crate::output::Escaped;

/// Where to serve.
#[derive(Debug)]
pub(crate) struct Address {
    text: Vec<u8>,
    address: SocketAddrUnix,
}

impl Address {
    /// Reads `@NAME`, or a path; a NUL byte may stand for the `@`.
    pub(crate) fn parse(text: &OsStr) -> anyhow::Result<Address> {
        let bytes = text.as_bytes();
        let address = match bytes.split_first() {
            None => bail!("an address is a path or @NAME, and not empty"),
            Some((b'@' | 0, [])) => bail!("'@' alone is no address: give a name behind it"),
            Some((b'@' | 0, name)) => SocketAddrUnix::new_abstract_name(name),
            Some(_) => SocketAddrUnix::new(bytes),
        };
        let address = address.with_context(|| {
            format!("'{}' is no address: it has 107 bytes at most", Escaped(bytes))
        })?;
        Ok(Address { text: bytes.to_vec(), address })
    }

    /// Listens there. What a server that is gone left behind is no obstacle.
    pub(super) fn listen(&self) -> anyhow::Result<OwnedFd> {
        let socket = open()?;
        let bound = match bind(&socket, &self.address) {
            Err(Errno::ADDRINUSE) if self.is_left_behind()? => {
                fs::remove_file(self.path().expect("only a path is left behind")).with_context(
                    || format!("could not remove {self}, which no server has any more"),
                )?;
                bind(&socket, &self.address)
            }
            bound => bound,
        };
        match bound {
            Err(Errno::ADDRINUSE) => bail!("somebody serves at {self} already"),
            bound => bound.with_context(|| format!("could not serve at {self}"))?,
        }
        listen(&socket, BACKLOG).with_context(|| format!("could not listen at {self}"))?;
        Ok(socket)
    }

    /// Takes the file away, where there is one.
    pub(super) fn remove(&self) {
        if let Some(path) = self.path() {
            _ = fs::remove_file(path);
        }
    }

    fn path(&self) -> Option<PathBuf> {
        let is_abstract = matches!(self.text.first(), Some(b'@' | 0));
        (!is_abstract).then(|| PathBuf::from(OsStr::from_bytes(&self.text)))
    }

    /// Whether there is a socket file, and nobody behind it.
    fn is_left_behind(&self) -> anyhow::Result<bool> {
        let Some(path) = self.path() else { return Ok(false) };
        if !fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.file_type().is_socket()) {
            bail!("{self} is there already, and no socket: name another address");
        }
        Ok(connect(&open()?, &self.address) == Err(Errno::CONNREFUSED))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text.split_first() {
            Some((0, name)) => write!(f, "@{}", Escaped(name)),
            _ => Escaped(&self.text).fmt(f),
        }
    }
}

fn open() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?)
}

const BACKLOG: i32 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_paths_or_names() {
        let shown = |text: &[u8]| Address::parse(OsStr::from_bytes(text)).map(|at| at.to_string());
        assert_eq!(shown(b"@x").unwrap(), "@x");
        assert_eq!(shown(b"\0x").unwrap(), "@x");
        assert_eq!(shown(b"/run/x").unwrap(), "/run/x");
        for bad in [&b""[..], b"@", b"\0", &[b'x'; 200], &[b"@", &[b'x'; 200][..]].concat()] {
            assert!(shown(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_file_that_a_server_left_is_replaced_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let address = Address::parse(path.as_os_str()).unwrap();
        let first = address.listen().unwrap();
        assert!(address.listen().unwrap_err().to_string().contains("already"));
        drop(first);
        let second = address.listen().unwrap();
        drop(second);
        fs::remove_file(&path).unwrap();
        fs::write(&path, "precious").unwrap();
        assert!(address.listen().unwrap_err().to_string().contains("no socket"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }
}
