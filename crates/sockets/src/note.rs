//! What could not be seen, and why: missing knowledge is data, not an error.

use std::fmt;

use crate::NetnsId;

/// Something an answer does not contain, and what would bring it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The kernel refused `sock_diag`; `/proc/net` was read instead, which knows no bound-but-silent
    /// sockets, cgroups, cookies or `v6only`.
    ProcNet {
        /// What the kernel said.
        why: String,
    },
    /// This kernel (before Linux 6.8) does not list TCP sockets that are bound but not listening.
    BoundUnlisted,
    /// Descriptors of this many processes may not be read by us.
    ProcessesUnreadable {
        /// How many processes.
        count: usize,
    },
    /// There may be processes that we do not even see.
    ProcessesInvisible {
        /// What keeps them from us.
        why: &'static str,
    },
    /// The search ended early: holders were found, this many other processes were not looked at.
    SearchNarrowed {
        /// How many processes were left out.
        skipped: usize,
    },
    /// This network namespace could not be entered.
    NetnsUnreadable {
        /// Which one.
        netns: NetnsId,
        /// What the kernel said.
        why: String,
    },
    /// The network namespaces of this many processes may not be known by us.
    NetnsHidden {
        /// How many processes.
        processes: usize,
    },
    /// The table changed while it was read and stayed inconsistent.
    DumpInterrupted,
    /// A recorder said which sockets there are, and the kernel told of those: connections that are
    /// still being made by others are not known.
    Recalled,
    /// The holders are those that a recorder saw make the sockets, or use them first; whom they
    /// handed them on to since is not known.
    OwnersRecalled,
}

impl Note {
    /// A stable word for programs: `proc-net`, `bound-unlisted`, …
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Note::ProcNet { .. } => "proc-net",
            Note::BoundUnlisted => "bound-unlisted",
            Note::ProcessesUnreadable { .. } => "processes-unreadable",
            Note::ProcessesInvisible { .. } => "processes-invisible",
            Note::SearchNarrowed { .. } => "search-narrowed",
            Note::NetnsUnreadable { .. } => "netns-unreadable",
            Note::NetnsHidden { .. } => "netns-hidden",
            Note::DumpInterrupted => "dump-interrupted",
            Note::Recalled => "recalled",
            Note::OwnersRecalled => "owners-recalled",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::ProcNet { why } => write!(
                f,
                "read from /proc/net, because sock_diag failed ({why}): bound but silent sockets, cgroups and v6only are not known"
            ),
            Note::BoundUnlisted => f.write_str(
                "TCP sockets that are bound but not listening are not listed by this kernel (Linux 6.8 and later do)",
            ),
            Note::ProcessesUnreadable { count } => {
                write!(f, "{} could not be looked into; more privilege may help", processes(*count))
            }
            Note::ProcessesInvisible { why } => {
                write!(f, "there may be processes that do not appear in /proc: {why}")
            }
            Note::SearchNarrowed { skipped } => {
                write!(f, "{} less likely to hold them were not searched: --full-walk looks at all", processes(*skipped))
            }
            Note::NetnsUnreadable { netns, why } => {
                write!(f, "network namespace {} could not be entered: {why}", netns.0)
            }
            Note::NetnsHidden { processes } => {
                write!(f, "the network namespace of {} is not known; more privilege may help", self::processes(*processes))
            }
            Note::OwnersRecalled => f.write_str(
                "the owners are those that the recorder saw open or take the sockets and that still run: --full-walk looks who else holds them",
            ),
            Note::Recalled => f.write_str(
                "the sockets are those that the recorder knows of, as the kernel has them now; half-open handshakes (SYN-RECV) are not among them",
            ),
            Note::DumpInterrupted => {
                f.write_str("the socket table changed while it was read: a row may be missing or twice")
            }
        }
    }
}

/// A number of processes, with its noun.
fn processes(count: usize) -> String {
    if count == 1 { "1 process".to_owned() } else { format!("{count} processes") }
}
