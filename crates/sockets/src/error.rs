//! What can go wrong when the kernel is asked about sockets.

use std::io;
use std::path::PathBuf;

use crate::NetnsId;

/// A failure to learn what is open. Partial knowledge is a [`crate::Note`] instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel refused or broke off a `sock_diag` request.
    #[error("could not {what} over sock_diag netlink")]
    Netlink {
        /// What was attempted: "list tcp sockets".
        what: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
    /// The kernel refused to tell its routes.
    #[error("could not list the routes over rtnetlink")]
    Routes {
        /// What the kernel said.
        source: io::Error,
    },
    /// A file of `/proc` could not be read.
    #[error("could not read {}", path.display())]
    Proc {
        /// Which file.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// A network namespace could not be entered.
    #[error("could not enter network namespace {}", netns.0)]
    Netns {
        /// Which one.
        netns: NetnsId,
        /// What the kernel said.
        source: io::Error,
    },
    /// What happens to sockets could not be watched, or not any longer.
    #[error("could not {what}")]
    Watch {
        /// What was attempted: "read the ring buffer".
        what: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
}
