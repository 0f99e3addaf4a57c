//! What a port is for: IANA's assignments (RFC 6335) and, marked as such, what people use without
//! asking. The rows come from the packed table; order and expansion by protocol are made here.

use alloc::vec::Vec;

use crate::table::{Row, TABLE};
use crate::{Port, PortRange, Proto};

/// One line of the registry: a service, one protocol, one port or range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// The port, or the range where IANA assigns one.
    pub ports: PortRange,
    /// The protocol.
    pub proto: Proto,
    /// The service's name, as IANA writes it; `None` where a line names no service: reserved and
    /// unassigned ports, "any private mail system". Unofficial uses always have one.
    pub name: Option<&'static str>,
    /// What it is, in the words of IANA; empty where the registry has none.
    pub description: &'static str,
    /// The document that defines it, as `RFC 4251`. Known for the well-known only: `None` does not
    /// mean that there is none.
    pub reference: Option<&'static str>,
    /// Who says so.
    pub standing: Standing,
}

/// Who says what a port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// IANA assigned it.
    Assigned,
    /// IANA holds it back.
    Reserved,
    /// IANA lists it as free, often since a service gave it up.
    Unassigned,
    /// Nobody assigned it, many use it: what a number most likely means on a developer's machine.
    Unofficial,
}

impl Standing {
    /// The lower-case name: `assigned`, `reserved`, `unassigned` or `unofficial`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Standing::Assigned => "assigned",
            Standing::Reserved => "reserved",
            Standing::Unassigned => "unassigned",
            Standing::Unofficial => "unofficial",
        }
    }

    /// Whether IANA says so.
    #[must_use]
    pub const fn is_official(self) -> bool {
        !matches!(self, Standing::Unofficial)
    }
}

/// What `port` is for, official lines first; empty where nobody says anything.
///
/// A service on several protocols has a line for each, one after the other; of several services the
/// one that a document defines comes first. Lines that only call a port unassigned are
/// left out: they say what an empty answer says.
///
/// ```
/// use registry::{Port, Proto, assignments};
///
/// let ssh = &assignments(Port(22), Some(Proto::Tcp))[0];
/// assert_eq!((ssh.name, ssh.reference), (Some("ssh"), Some("RFC 4251")));
/// assert!(assignments(Port(60440), None).is_empty());
/// ```
#[must_use]
pub fn assignments(port: Port, proto: Option<Proto>) -> Vec<Assignment> {
    let mut found: Vec<Assignment> = TABLE
        .rows_at(port)
        .flat_map(Row::assignments)
        .filter(|line| proto.is_none_or(|proto| proto == line.proto))
        .filter(|line| line.standing != Standing::Unassigned)
        .collect();
    found.sort_by_key(|line| !line.standing.is_official());
    found
}

/// Where the service called `name` lives, by port, then protocol; empty where no service has that
/// name. Case does not matter (RFC 6335 §5.1); official lines hide unofficial ones of the name.
///
/// ```
/// use registry::{Port, Proto, service};
///
/// assert_eq!(service("PostgreSQL", Some(Proto::Tcp))[0].ports.first(), Port(5432));
/// ```
#[must_use]
pub fn service(name: &str, proto: Option<Proto>) -> Vec<Assignment> {
    let mut found: Vec<Assignment> = TABLE
        .rows_named(name)
        .flat_map(Row::assignments)
        .filter(|line| proto.is_none_or(|proto| proto == line.proto))
        .collect();
    if found.iter().any(|line| line.standing.is_official()) {
        found.retain(|line| line.standing.is_official());
    }
    found.sort_by_key(|line| (line.ports, line.proto));
    found
}

/// Every line there is, single ports before ranges, each by port: over 12,000.
pub fn all() -> impl Iterator<Item = Assignment> {
    TABLE.rows().flat_map(Row::assignments)
}

impl Row {
    /// The row's lines, one for each protocol.
    pub(crate) fn assignments(self) -> impl Iterator<Item = Assignment> {
        Proto::ALL.into_iter().filter(move |&proto| self.has(proto)).map(move |proto| Assignment {
            ports: self.ports(),
            proto,
            name: self.name(),
            description: self.description(),
            reference: self.reference(),
            standing: self.standing(),
        })
    }
}
