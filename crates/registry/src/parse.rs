//! Numbers, protocols and ranges from text. Sixteen bits end at 65535 (RFC 9293 §3.1); a sign, a
//! point or anything else that is not an ASCII digit is refused, not skipped.

use core::error::Error;
use core::fmt;
use core::str::FromStr;

use crate::{Port, PortRange, Proto};

/// Why a text is not a port number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParsePortError {
    /// There is no text.
    Empty,
    /// There is something other than a digit.
    NotANumber,
    /// A number, but past 65535.
    TooLarge,
}

/// The text is none of `tcp`, `udp`, `sctp` and `dccp`, in whatever case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseProtoError;

/// Why a text is not a range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseRangeError {
    /// One of the ends is not a port.
    Port(ParsePortError),
    /// The last port comes before the first.
    Backwards,
}

impl FromStr for Port {
    type Err = ParsePortError;

    /// Reads `0` to `65535`, spaces around it aside.
    ///
    /// # Errors
    /// [`ParsePortError`] for anything else.
    fn from_str(text: &str) -> Result<Port, ParsePortError> {
        let digits = text.trim();
        if digits.is_empty() {
            return Err(ParsePortError::Empty);
        }
        if !is_number(digits) {
            return Err(ParsePortError::NotANumber);
        }
        digits.parse().map(Port).map_err(|_| ParsePortError::TooLarge)
    }
}

impl FromStr for Proto {
    type Err = ParseProtoError;

    /// Reads a protocol's name in any case.
    ///
    /// # Errors
    /// [`ParseProtoError`] for anything else.
    fn from_str(text: &str) -> Result<Proto, ParseProtoError> {
        let name = text.trim();
        let known = Proto::ALL.into_iter().find(|proto| proto.name().eq_ignore_ascii_case(name));
        known.ok_or(ParseProtoError)
    }
}

impl FromStr for PortRange {
    type Err = ParseRangeError;

    /// Reads `8000-8100`, with a hyphen or an en dash as a web page has it, or one port.
    ///
    /// # Errors
    /// [`ParseRangeError`] where an end is no port or the ends are the wrong way round.
    fn from_str(text: &str) -> Result<PortRange, ParseRangeError> {
        let (first, last) = match text.split_once(DASHES) {
            Some((first, last)) => (end(first)?, end(last)?),
            None => {
                let port: Port = text.parse()?;
                (port, port)
            }
        };
        PortRange::new(first, last).ok_or(ParseRangeError::Backwards)
    }
}

impl From<ParsePortError> for ParseRangeError {
    fn from(error: ParsePortError) -> Self {
        ParseRangeError::Port(error)
    }
}

impl fmt::Display for ParsePortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParsePortError::Empty => "no port is given",
            ParsePortError::NotANumber => "a port is a whole number from 0 to 65535",
            ParsePortError::TooLarge => "ports end at 65535",
        })
    }
}

impl fmt::Display for ParseProtoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the protocols with ports are tcp, udp, sctp and dccp")
    }
}

impl fmt::Display for ParseRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseRangeError::Port(error) => error.fmt(f),
            ParseRangeError::Backwards => {
                f.write_str("a range runs from its lower to its higher port")
            }
        }
    }
}

impl Error for ParsePortError {}
impl Error for ParseProtoError {}
impl Error for ParseRangeError {}

/// One end of a range: that it is missing, as in `-1`, makes the whole no number.
fn end(text: &str) -> Result<Port, ParsePortError> {
    text.parse().map_err(|error| match error {
        ParsePortError::Empty => ParsePortError::NotANumber,
        error => error,
    })
}

/// Whether `text` is a number, however long.
pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What may stand between the ends of a range: hyphen, the two Unicode hyphens, en dash, minus.
const DASHES: [char; 5] = ['-', '\u{2010}', '\u{2011}', '\u{2013}', '\u{2212}'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_whole_numbers_of_sixteen_bits() {
        assert_eq!(" 60440 ".parse(), Ok(Port(60440)));
        assert_eq!("0".parse(), Ok(Port::NONE));
        assert_eq!("00080".parse(), Ok(Port(80)));
        assert_eq!("65536".parse::<Port>(), Err(ParsePortError::TooLarge));
        assert_eq!("99999999999999999999".parse::<Port>(), Err(ParsePortError::TooLarge));
        for text in ["-1", "+80", "8o", "0x50", "80.0", "８０"] {
            assert_eq!(text.parse::<Port>(), Err(ParsePortError::NotANumber), "{text}");
        }
        assert_eq!("  ".parse::<Port>(), Err(ParsePortError::Empty));
    }

    #[test]
    fn ranges_take_the_dashes_of_web_pages() {
        let wanted = PortRange::new(Port(8000), Port(8100)).unwrap();
        for text in ["8000-8100", "8000–8100", "8000 - 8100", "8000‑8100", "8000−8100"] {
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        assert_eq!("8100-8000".parse::<PortRange>(), Err(ParseRangeError::Backwards));
        assert_eq!("1-2-3".parse::<PortRange>(), Err(ParsePortError::NotANumber.into()));
        for text in ["8000-", "-1", "-"] {
            let error = Err(ParsePortError::NotANumber.into());
            assert_eq!(text.parse::<PortRange>(), error, "{text}");
        }
    }

    #[test]
    fn protocols_are_read_in_any_case() {
        assert_eq!(" UDP".parse(), Ok(Proto::Udp));
        assert_eq!("icmp".parse::<Proto>(), Err(ParseProtoError));
    }
}
