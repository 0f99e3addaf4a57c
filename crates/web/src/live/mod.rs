//! What changes, for all who look: one looks again and again while somebody is there, and tells the
//! rest. One who cannot keep up is not told everything, and one who does not read is let go.

mod happenings;
mod looks;
mod stream;

pub(crate) use happenings::{Happenings, Heard};
pub(crate) use looks::Looks;
pub(crate) use stream::stream;
