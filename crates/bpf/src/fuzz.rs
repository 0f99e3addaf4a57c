//! The parsers of foreign bytes, for fuzzing: whatever comes in, none may panic.
//!
//! Not part of the interface; may change at any time.

use crate::recorder::record;

/// A record of the recorder's ring buffer, and the rows of its survey.
pub fn record(bytes: &[u8]) {
    let _ = record::read(bytes);
    assert!(record::survey(bytes).count() <= bytes.len() / 88);
}
