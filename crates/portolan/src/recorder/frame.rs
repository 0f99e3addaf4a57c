//! The frames that a recorder and its clients exchange: a head of eight bytes, then a body.
//!
//! Bytes 0–1 of the head read `pt`, byte 2 is the version, byte 3 the kind of the message, bytes
//! 4–7 the length of the body, little-endian. The head stays as it is in every version, so that two
//! of different versions can tell each other so. What a body says is in `message.rs`.

use std::error::Error;
use std::fmt;
use std::io::{self, Read, Write};

/// The version of the messages.
pub(super) const VERSION: u8 = 1;

/// The largest body of a request.
pub(super) const LARGEST_REQUEST: u32 = 1 << 16;

/// The largest body of a reply.
pub(super) const LARGEST_REPLY: u32 = 1 << 28;

/// A body that is written together with its head.
const SHORT: usize = 64 << 10;

/// A message as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// What kind of message it is.
    pub(super) kind: u8,
    /// What it says.
    pub(super) body: Vec<u8>,
}

/// Why a frame could not be read.
#[derive(Debug)]
pub(super) enum FrameError {
    /// The other end has closed, between two frames.
    Gone,
    /// It is none of ours.
    Foreign,
    /// It is of another version.
    Version(u8),
    /// It is larger than anything we ask or answer.
    TooLarge(u32),
    /// It could not be read to its end.
    Io(io::Error),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::Gone => f.write_str("the other end has gone"),
            FrameError::Foreign => f.write_str("what came is no message of portolan's"),
            FrameError::Version(other) => {
                write!(f, "one speaks version {other} of the protocol, the other {VERSION}")
            }
            FrameError::TooLarge(length) => write!(f, "a message of {length} bytes is too large"),
            FrameError::Io(error) => error.fmt(f),
        }
    }
}

impl Error for FrameError {}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> FrameError {
        FrameError::Io(error)
    }
}

/// What stands before a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    kind: u8,
    length: u32,
}

impl Frame {
    /// Reads the next frame, with a body of at most `largest` bytes.
    pub(super) fn read(from: &mut impl Read, largest: u32) -> Result<Frame, FrameError> {
        let mut bytes = [0; Head::LEN];
        match from.read(&mut bytes)? {
            0 => return Err(FrameError::Gone),
            Head::LEN => {}
            begun => from.read_exact(&mut bytes[begun..])?,
        }
        let head = Head::parse(bytes, largest)?;
        // Grows with what really comes: a head alone does not make us set aside its length.
        let mut body = Vec::with_capacity((head.length as usize).min(SHORT));
        from.take(u64::from(head.length)).read_to_end(&mut body)?;
        if body.len() < head.length as usize {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(Frame { kind: head.kind, body })
    }

    /// Writes the frame: a short one in one piece, a long one without another copy of it.
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let head = self.head()?;
        if self.body.len() <= SHORT {
            return to.write_all(&[&head, &self.body[..]].concat());
        }
        to.write_all(&head)?;
        to.write_all(&self.body)
    }

    fn head(&self) -> io::Result<[u8; Head::LEN]> {
        let length = u32::try_from(self.body.len()).ok().filter(|length| *length <= LARGEST_REPLY);
        let [a, b, c, d] = length.ok_or(io::ErrorKind::FileTooLarge)?.to_le_bytes();
        Ok([b'p', b't', VERSION, self.kind, a, b, c, d])
    }
}

impl Head {
    const LEN: usize = 8;

    fn parse(bytes: [u8; Head::LEN], largest: u32) -> Result<Head, FrameError> {
        let [b'p', b't', version, kind, length @ ..] = bytes else {
            return Err(FrameError::Foreign);
        };
        let length = u32::from_le_bytes(length);
        match () {
            () if version != VERSION => Err(FrameError::Version(version)),
            () if length > largest => Err(FrameError::TooLarge(length)),
            () => Ok(Head { kind, length }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Frame, FrameError> {
        Frame::read(&mut &bytes[..], 100)
    }

    #[test]
    fn a_frame_reads_back() {
        let frame = Frame { kind: 7, body: b"hello".to_vec() };
        let mut bytes = Vec::new();
        frame.write(&mut bytes).unwrap();
        assert_eq!(bytes, [&b"pt"[..], &[VERSION, 7, 5, 0, 0, 0], &b"hello"[..]].concat());
        assert_eq!(read(&bytes).unwrap(), frame);
        let long = Frame { kind: 7, body: vec![1; SHORT + 1] };
        bytes.clear();
        long.write(&mut bytes).unwrap();
        assert_eq!(Frame::read(&mut &bytes[..], LARGEST_REPLY).unwrap(), long);
    }

    #[test]
    fn what_is_no_frame_is_told_apart() {
        let head =
            |version, length: u32| [&[b'p', b't', version, 1][..], &length.to_le_bytes()].concat();
        assert!(matches!(read(b""), Err(FrameError::Gone)));
        assert!(matches!(read(b"GET / HTTP/1.1\r\n"), Err(FrameError::Foreign)));
        assert!(matches!(read(&head(99, 0)), Err(FrameError::Version(99))));
        assert!(matches!(read(&head(VERSION, 101)), Err(FrameError::TooLarge(101))));
        assert!(matches!(read(&head(VERSION, 5)), Err(FrameError::Io(_))), "cut off");
        assert!(matches!(read(b"pt"), Err(FrameError::Io(_))), "cut off");
    }
}
