//! Where a recorder keeps its store, and where it can be spoken to.
//!
//! Root records into `/var/lib/portolan` and answers in `/run/portolan`; anybody else into
//! `$XDG_STATE_HOME/portolan` (`~/.local/state/portolan`) and `$XDG_RUNTIME_DIR/portolan`, after the
//! XDG Base Directory Specification. A store elsewhere has its socket inside.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;
use log::Settings;

/// A store and the socket of its recorder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The directory of the store.
    pub(crate) dir: PathBuf,
    /// The socket, open to everyone.
    pub(crate) socket: PathBuf,
}

impl Place {
    /// Where `portolan record` records: in `dir`, else in our own default store.
    pub(crate) fn to_record(dir: Option<&Path>, socket: Option<&Path>) -> anyhow::Result<Place> {
        let own = Place::own();
        let mut place = match dir {
            Some(dir) => own.clone().filter(|own| own.dir == dir).unwrap_or_else(|| Place::at(dir)),
            None => own.context(
                "there is no place for a store: neither HOME nor XDG_STATE_HOME is set; \
                 name one with --dir",
            )?,
        };
        if let Some(socket) = socket {
            socket.clone_into(&mut place.socket);
        }
        Ok(place)
    }

    /// The stores to ask, the best first: the one in `dir`, else that of the whole machine, then
    /// our own.
    pub(crate) fn to_ask(dir: Option<&Path>) -> Vec<Place> {
        let machine = Place::of_machine();
        let own = Place::own().filter(|own| *own != machine);
        let defaults = [machine].into_iter().chain(own);
        match dir {
            Some(dir) => {
                let known = defaults.filter(|place| place.dir == dir);
                [Place::at(dir)].into_iter().chain(known).collect()
            }
            None => defaults.collect(),
        }
    }

    /// The socket, or the link to it, in the store.
    pub(crate) fn usual_socket(&self) -> PathBuf {
        self.dir.join(SOCKET)
    }

    /// The socket for the members of the group `portolan`, beside the one for everyone.
    pub(crate) fn members_socket(&self) -> PathBuf {
        self.socket.with_extension(MEMBERS)
    }

    /// A store with its socket inside.
    fn at(dir: &Path) -> Place {
        Place { dir: dir.to_owned(), socket: dir.join(SOCKET) }
    }

    fn of_machine() -> Place {
        Place {
            dir: PathBuf::from("/var/lib/portolan"),
            socket: Path::new("/run/portolan").join(SOCKET),
        }
    }

    /// Our own default.
    fn own() -> Option<Place> {
        if rustix::process::geteuid().is_root() {
            return Some(Place::of_machine());
        }
        let dir = Settings::default_dir()?;
        let socket = absolute("XDG_RUNTIME_DIR").map(|run| run.join("portolan").join(SOCKET));
        Some(Place { socket: socket.unwrap_or_else(|| dir.join(SOCKET)), dir })
    }
}

/// The path that an environment variable has; the specification has relative ones ignored.
fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

const SOCKET: &str = "recorder.sock";
/// What stands for `sock` in the name of the socket for members: `recorder.members.sock`.
const MEMBERS: &str = "members.sock";
