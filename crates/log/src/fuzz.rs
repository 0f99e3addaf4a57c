//! The parsers of what lies in a store's directory, for fuzzing: whatever the bytes, none may panic.
//!
//! Not part of the interface; may change at any time.

/// A file of tenures, read to the last row.
pub fn segment(content: &[u8]) {
    crate::segment::fuzz::tenures(content);
}

/// A file of programs, read to the last row.
pub fn programs(content: &[u8]) {
    crate::segment::fuzz::programs(content);
}

/// The catalog of segments.
pub fn segment_catalog(content: &[u8]) {
    crate::segment::fuzz::catalog(content);
}

/// The name of a file.
pub fn segment_name(name: &[u8]) {
    crate::segment::fuzz::name(name);
}

/// A journal, replayed to what a batch would be made of; and the entries of a record, which no CRC
/// keeps anybody from here.
pub fn journal(content: &[u8]) {
    crate::store::fuzz::journal(content);
}

/// A message of a daemon's socket, of every kind.
pub fn message(bytes: &[u8]) {
    crate::codec::fuzz::message(bytes);
}

/// The text of `/etc/group`.
pub fn group(text: &[u8]) {
    crate::store::fuzz::group(text);
}
