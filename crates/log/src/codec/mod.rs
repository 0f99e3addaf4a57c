//! Questions, answers and news as bytes, for a daemon's socket: a version, then the value.
//!
//! Both ends may be of different versions of portolan: an unknown version is an error, never a
//! guess. Messages are not framed here.

pub(crate) mod bytes;
pub(crate) mod fuzz;
mod message;
pub(crate) mod program;
pub(crate) mod status;
pub(crate) mod tenure;

use crate::Error;
use bytes::{Put as _, Take};

/// A value that travels as bytes.
pub trait Encoded: Sized {
    /// The value as bytes: the version of its format, then the value.
    #[must_use]
    fn encode(&self) -> Vec<u8>;

    /// The value of these bytes, which is at most some ten times as large.
    ///
    /// # Errors
    /// [`Error::Encoding`] if these are not the bytes of one value of this type and version.
    fn decode(bytes: &[u8]) -> Result<Self, Error>;
}

/// What follows the version.
pub(crate) trait Body: Sized {
    /// What it is, for errors: "a question".
    const WHAT: &'static str;
    fn put(&self, out: &mut Vec<u8>);
    fn take(take: &mut Take<'_>) -> Result<Self, Error>;
}

impl<T: Body> Encoded for T {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.byte(VERSION);
        self.put(&mut out);
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut take = Take::new(Self::WHAT, bytes);
        if take.byte()? != VERSION {
            return Err(take.error("it is of another version of portolan"));
        }
        let value = Self::take(&mut take)?;
        take.end()?;
        Ok(value)
    }
}

/// The version of what both ends of a daemon's socket speak.
const VERSION: u8 = 1;
