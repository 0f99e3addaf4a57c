//! What happens to tenures, as it happens, for those who watch.

use crate::{Moment, Tenure};

/// Something that happened to a tenure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Moment,
    /// What.
    pub verb: Verb,
    /// The tenure, as it is after that.
    pub tenure: Tenure,
}

/// What happened to a tenure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Verb {
    /// It began.
    Opened = 0,
    /// More or other things are known of it: a bound socket listens or connects.
    Changed = 1,
    /// Another process than the opener uses it for the first time.
    Taken = 2,
    /// It ended.
    Closed = 3,
}
