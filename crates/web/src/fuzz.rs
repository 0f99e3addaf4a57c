//! The parsers of foreign bytes, for fuzzing only.

/// What a client says in `Host` and `Cookie`.
pub fn headers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    crate::guard::fuzz_host(&text);
    crate::guard::fuzz_cookie(&text);
}
