//! Arguments that a stand-in does not take.

/// What was wrong with the arguments, in one line that names the first one refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) String);
