//! Who looks at a page, and how much of the machine is theirs to see.

/// Somebody who looks. The rule is that of the recorder's socket: everybody sees every socket, but
/// the names and arguments of their own processes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// Root, the user who serves, a member of the group `portolan`, or whoever has the token.
    Everything,
    /// This user of the machine.
    User(u32),
    /// Somebody, it is not known who.
    Nobody,
}

impl Viewer {
    /// Whether the feedback, and whatever else is for the operator alone, is theirs to see.
    #[must_use]
    pub fn is_operator(self) -> bool {
        self == Viewer::Everything
    }
}
