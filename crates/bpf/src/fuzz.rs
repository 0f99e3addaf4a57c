//! The parsers of what our programs in the kernel write, for fuzzing: whatever comes in, none may
//! panic.
//!
//! Not part of the interface; may change at any time.

use crate::owners;
use crate::recorder::record;

/// A record of the recorder's ring buffer, and the rows of its survey.
pub fn record(bytes: &[u8]) {
    let _ = record::read(bytes);
    assert!(record::survey(bytes).count() <= bytes.len() / 88);
}

/// The records of the owners' iterator.
pub fn holdings(bytes: &[u8]) {
    let mut count = 0;
    let whole = owners::read(bytes, &mut |_| count += 1).is_ok();
    assert_eq!((count, whole), (bytes.len() / 48, bytes.len().is_multiple_of(48)));
}
