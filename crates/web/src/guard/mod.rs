//! Who may ask at all, and what every answer says of itself: names of hosts against DNS rebinding,
//! origins against forged requests, tokens where the kernel does not say who comes.

mod access;
mod cookie;
mod headers;
mod host;
mod sign_in;
mod token;

pub use access::Access;
pub(crate) use access::guard;
pub(crate) use cookie::{cookie, secret};
pub(crate) use headers::protect;
pub(crate) use host::fuzz_host;
pub use host::{is_host, is_loopback_host, is_origin_of};
pub(crate) use sign_in::{show, sign_in, sign_out};
pub use token::{Token, TokenError};

/// Reads a `Cookie` header, for fuzzing.
pub(crate) fn fuzz_cookie(text: &str) {
    if let Some(value) = cookie(text, "portolan_browser") {
        assert!(text.contains(value) && !value.contains([';', ' ']));
    }
}
