//! Lists of sockets, and answers in the program's own JSON.

use super::{NoteView, SocketView};

/// Options of a command as its command line has them, without the dashes: `("port", "443")`. One
/// that takes no value has an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filters(pub Vec<(String, String)>);

/// Which sockets to list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListAsked {
    /// What to leave out and how to order, as `portolan ls` takes it.
    pub filters: Filters,
    /// At most so many.
    pub most: usize,
}

/// The sockets of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListNow {
    /// The sockets, in the order asked for.
    pub sockets: Vec<SocketView>,
    /// How many there were before the rest was left out.
    pub total: usize,
    /// Whether some were left out whose owners may be those asked for, and are not the viewer's to
    /// see.
    pub hidden: bool,
    /// What could not be seen, and why.
    pub notes: Vec<NoteView>,
}

/// What to answer in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JsonAsked {
    /// `portolan PORT --json`.
    Port(String),
    /// `portolan --json`.
    Overview,
    /// `portolan ls --json`.
    Sockets(Filters),
    /// `portolan who --json`.
    Who(Filters),
    /// `portolan registry --json`.
    Registry(String),
    /// `portolan room --json`.
    Room,
    /// `portolan doctor --json`.
    Doctor,
    /// `portolan lease ls --json`.
    Leases,
    /// `portolan status --json`.
    Status,
}
