//! Numbers and text as bytes: what every message and every journal entry is made of.
//!
//! A number is a LEB128 varint, a signed one zigzagged first (both as in Protocol Buffers); text is
//! its length, then its bytes. What is read is bounded by what there is: a length beyond the end is
//! an error before anything is allocated.

use crate::Error;

/// Appends values to bytes.
pub(crate) trait Put {
    fn byte(&mut self, byte: u8);
    fn number(&mut self, number: u64);
    fn signed(&mut self, number: i64);
    fn text(&mut self, text: &[u8]);
}

impl Put for Vec<u8> {
    #[inline]
    fn byte(&mut self, byte: u8) {
        self.push(byte);
    }

    #[inline]
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.push(low_byte(number) | 0x80);
            number >>= 7;
        }
        self.push(low_byte(number));
    }

    #[inline]
    fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63).cast_unsigned());
    }

    #[inline]
    fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u64);
        self.extend_from_slice(text);
    }
}

/// Takes values from bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Take<'a> {
    left: &'a [u8],
    what: &'static str,
}

impl<'a> Take<'a> {
    /// `what` is being read, for the error: "a question".
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Take<'a> {
        Take { left: bytes, what }
    }

    pub(crate) fn error(&self, problem: &'static str) -> Error {
        Error::Encoding { what: self.what, problem }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        let (first, rest) = self.left.split_first().ok_or_else(|| self.error("it ends early"))?;
        self.left = rest;
        Ok(*first)
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) =
            self.left.split_at_checked(len).ok_or_else(|| self.error("it ends early"))?;
        self.left = rest;
        Ok(taken)
    }

    pub(crate) fn array<const LEN: usize>(&mut self) -> Result<[u8; LEN], Error> {
        let taken = self.bytes(LEN)?;
        taken.try_into().map_err(|_| self.error("it ends early"))
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Result<u64, Error> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.error("a number is too long"))
    }

    #[inline]
    pub(crate) fn signed(&mut self) -> Result<i64, Error> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// A number that fits into a smaller type.
    pub(crate) fn small<T: TryFrom<u64>>(&mut self) -> Result<T, Error> {
        let number = self.number()?;
        T::try_from(number).map_err(|_| self.error("a number is too large"))
    }

    pub(crate) fn text(&mut self) -> Result<&'a [u8], Error> {
        let len = self.small()?;
        self.bytes(len)
    }

    pub(crate) fn string(&mut self) -> Result<&'a str, Error> {
        let text = self.text()?;
        std::str::from_utf8(text).map_err(|_| self.error("a text is not UTF-8"))
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Error> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.error("a flag is neither 0 nor 1")),
        }
    }

    /// A list: its length, then its items, each of a byte at least.
    pub(crate) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let len: usize = self.small()?;
        if len > self.left.len() {
            return Err(self.error("a list is longer than what there is"));
        }
        // Not the whole length at once: an item in memory may be much larger than its bytes.
        let mut items = Vec::with_capacity(len.min(1024));
        for _ in 0..len {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// What may be missing: a flag, then the value.
    pub(crate) fn option<T>(
        &mut self,
        value: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        if self.flag()? { value(self).map(Some) } else { Ok(None) }
    }

    /// Nothing follows.
    pub(crate) fn end(&self) -> Result<(), Error> {
        if self.left.is_empty() { Ok(()) } else { Err(self.error("something follows its end")) }
    }
}

/// Appends what may be missing: a flag, then the value.
pub(crate) fn put_option<T>(
    out: &mut Vec<u8>,
    value: Option<&T>,
    put: impl FnOnce(&mut Vec<u8>, &T),
) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(out, value);
    }
}

/// Appends a list: its length, then its items.
pub(crate) fn put_list<T>(out: &mut Vec<u8>, items: &[T], mut put: impl FnMut(&mut Vec<u8>, &T)) {
    out.number(items.len() as u64);
    items.iter().for_each(|item| put(out, item));
}

#[expect(clippy::cast_possible_truncation, reason = "the low byte is what is asked for")]
fn low_byte(number: u64) -> u8 {
    number as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX - 1, u64::MAX];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|number| bytes.number(*number));
        let signed = [0, -1, 1, i64::MIN, i64::MAX];
        signed.iter().for_each(|number| bytes.signed(*number));
        let mut take = Take::new("numbers", &bytes);
        numbers.iter().for_each(|number| assert_eq!(take.number().unwrap(), *number));
        signed.iter().for_each(|number| assert_eq!(take.signed().unwrap(), *number));
        take.end().unwrap();
    }

    #[test]
    fn numbers_beyond_64_bits_are_refused() {
        let mut bytes = [0xff; 10];
        bytes[9] = 0x02;
        assert!(Take::new("a number", &bytes).number().is_err());
        bytes[9] = 0x01;
        assert_eq!(Take::new("a number", &bytes).number().unwrap(), u64::MAX);
    }

    #[test]
    fn lengths_beyond_the_end_are_refused_before_anything_is_allocated() {
        let mut bytes = Vec::new();
        bytes.number(u64::MAX);
        assert!(Take::new("a text", &bytes).text().is_err());
        assert!(Take::new("a list", &bytes).list(|take| take.byte()).is_err());
    }
}
