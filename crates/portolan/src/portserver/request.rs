//! What a client sends.

/// The process id in a request, as Python's `int()` takes it: spaces around it, leading zeros and a plus do not
/// matter. `None` for what is none, and for 0 and 1: nobody's, and that of a client whose parent is gone.
pub(super) fn parse(request: &[u8]) -> Option<u32> {
    if request.len() > LONGEST {
        return None;
    }
    let text = str::from_utf8(request).ok()?.trim();
    let digits = text.strip_prefix('+').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|pid| *pid > 1 && i32::try_from(*pid).is_ok())
}

/// Checks that no request makes [`parse`] panic, or name a process that cannot be.
pub(crate) fn fuzz(request: &[u8]) {
    assert!(parse(request).is_none_or(|pid| pid > 1));
}

/// So many bytes may a request have.
const LONGEST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_process_id() {
        for (request, pid) in [
            (&b"1234\n"[..], Some(1234)),
            (b"1234", Some(1234)),
            (b" +0042 \r\n", Some(42)),
            (b"2147483647\n", Some(2_147_483_647)),
            (b"2147483648\n", None),
            (b"1\n", None),
            (b"0\n", None),
            (b"-5\n", None),
            (b"12 34\n", None),
            (b"12\n34\n", None),
            (b"", None),
            (b"\xff\n", None),
            (b"000000000000000001234\n", None),
        ] {
            assert_eq!(parse(request), pid, "{request:?}");
        }
    }
}
