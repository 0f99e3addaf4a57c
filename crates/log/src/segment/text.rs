//! Bytes as text and back, exactly: processes name themselves with any bytes, Parquet has UTF-8.

/// `bytes` as text: a backslash becomes two, a byte that is no UTF-8 `\xNN`, all else stays.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for (at, part) in chunk.valid().split('\\').enumerate() {
            text.push_str(if at == 0 { "" } else { "\\\\" });
            text.push_str(part);
        }
        for byte in chunk.invalid() {
            text.push_str("\\x");
            text.extend([byte >> 4, byte & 15].map(|digit| char::from(HEX[usize::from(digit)])));
        }
    }
    text
}

/// The bytes that became `text`. Text that [`text()`] does not make is taken as it is.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, taken) = match (first, tail) {
            (b'\\', [b'\\', ..]) => (b'\\', 2),
            (b'\\', [b'x', high, low, ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, 4),
                _ => (b'\\', 1),
            },
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = &rest[taken..];
    }
    bytes
}

fn digit(byte: u8) -> Option<u8> {
    HEX.iter().position(|digit| *digit == byte).and_then(|at| u8::try_from(at).ok())
}

const HEX: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(text("nginx: worker ☃".as_bytes()), "nginx: worker ☃");
        assert_eq!(text(b"a\\b\xffc\xc3"), "a\\\\b\\xffc\\xc3");
        assert_eq!(bytes("\\q\\x1"), b"\\q\\x1");
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(given in any::<Vec<u8>>()) {
            prop_assert_eq!(bytes(&text(&given)), given);
        }

        #[test]
        fn backslashes_come_back(given in "[\\\\x0-9a-f]{0,9}") {
            prop_assert_eq!(bytes(&text(given.as_bytes())), given.as_bytes());
        }
    }
}
