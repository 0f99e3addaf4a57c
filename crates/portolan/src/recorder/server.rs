//! The recorder's sockets: who may come in, and as whom.
//!
//! Everyone may connect to the one; the kernel says who they are (`SO_PEERCRED`, `unix(7)`). To the
//! other only members of the group `portolan` may, which the kernel checks by its mode and group:
//! reading somebody's groups from `/proc` would believe a process that has since become another.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, chown, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::net::sockopt::socket_peercred;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with};

use log::Viewer;

use super::place::Place;
use super::service::Service;
use super::session;
use super::wire::{Wire, with_address};

/// The sockets of a recorder, until dropped.
#[derive(Debug)]
pub(crate) struct Server {
    paths: Vec<PathBuf>,
}

/// Whom a socket lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Everyone,
    /// The members of the group with this number.
    Members(u32),
}

impl Server {
    /// Opens the sockets of `place` and answers there on threads of its own.
    pub(crate) fn open(place: &Place, service: &Arc<Service>) -> anyhow::Result<Server> {
        let mut server = Server { paths: Vec::new() };
        server.listen(&place.socket, Door::Everyone, service)?;
        server.point_there(place)?;
        if let Some(gid) = log::members_group() {
            // Without the privilege to give a file to a group, members are like everyone.
            let _opened = server.listen(&place.members_socket(), Door::Members(gid), service);
        }
        Ok(server)
    }

    /// Has the store itself lead to a socket that is elsewhere, for those who know the store alone.
    fn point_there(&mut self, place: &Place) -> anyhow::Result<()> {
        let usual = place.usual_socket();
        if usual == place.socket {
            return Ok(());
        }
        make_way(&usual).with_context(|| format!("could not put a link at {}", usual.display()))?;
        symlink(std::path::absolute(&place.socket)?, &usual)?;
        self.paths.push(usual);
        Ok(())
    }

    fn listen(&mut self, path: &Path, door: Door, service: &Arc<Service>) -> anyhow::Result<()> {
        let listener = door.open(path).with_context(|| {
            format!("the socket {} could not be opened; name another with --socket", path.display())
        })?;
        self.paths.push(path.to_owned());
        let service = service.clone();
        let name = match door {
            Door::Everyone => "door",
            Door::Members(_) => "members",
        };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || admit(&listener, door, &service))
            .context("a thread to answer clients could not be started")?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for path in &self.paths {
            // Somebody may have removed it already.
            let _gone = fs::remove_file(path);
        }
    }
}

impl Door {
    /// Binds and listens at `path`, in place of a socket that nobody listens to any more.
    fn open(self, path: &Path) -> anyhow::Result<UnixListener> {
        if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            make_dir(dir)?;
        }
        make_way(path)?;
        let socket =
            socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        with_address(path, |address| bind(&socket, address))?;
        if let Err(error) = self.let_in(path) {
            fs::remove_file(path)?;
            return Err(error.into());
        }
        listen(&socket, BACKLOG)?;
        Ok(UnixListener::from(socket))
    }

    fn let_in(self, path: &Path) -> io::Result<()> {
        match self {
            Door::Everyone => fs::set_permissions(path, Permissions::from_mode(0o666)),
            Door::Members(gid) => {
                fs::set_permissions(path, Permissions::from_mode(0o600))?;
                chown(path, None, Some(gid))?;
                fs::set_permissions(path, Permissions::from_mode(0o660))
            }
        }
    }
}

/// Makes a directory that everyone may pass through, whatever our umask, unless it is there.
fn make_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(0o755))
}

/// Removes a socket that a recorder left behind, or a link to one; anything else at `path` stays.
fn make_way(path: &Path) -> anyhow::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
        Ok(meta) if !meta.file_type().is_socket() && !meta.is_symlink() => {
            bail!("something else is there")
        }
        Ok(_) => {}
    }
    match Wire::connect(path).map_err(|error| error.kind()) {
        Err(io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {}
        Err(_) | Ok(_) => bail!("another recorder answers there"),
    }
    Ok(fs::remove_file(path)?)
}

/// Lets clients in, for ever.
fn admit(listener: &UnixListener, door: Door, service: &Arc<Service>) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => welcome(stream, door, service),
            // Out of descriptors or memory, which passes; or the client has gone already.
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Starts a session, where there is room for one.
fn welcome(stream: UnixStream, door: Door, service: &Arc<Service>) {
    let Ok(peer) = socket_peercred(&stream) else { return };
    let uid = peer.uid.as_raw();
    let wire = Wire::new(stream);
    let Some(seat) = service.seats.take(uid) else {
        return session::turn_away(&wire, "it has as many clients as it takes; try again later");
    };
    let viewer = match door {
        Door::Members(_) => Viewer::Everything,
        Door::Everyone => service.viewer(uid),
    };
    let service = service.clone();
    let session = thread::Builder::new().name("client".to_owned()).stack_size(STACK);
    // Without a thread the client finds the connection closed.
    let _started = session.spawn(move || {
        session::serve(&service, &wire, viewer);
        drop(seat);
    });
}

/// How many clients may wait to be let in.
const BACKLOG: i32 = 128;

/// The stack of a client's thread: a search through segments is not deep.
const STACK: usize = 1 << 20;
