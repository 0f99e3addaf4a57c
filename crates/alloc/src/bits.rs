//! Ports as bits of 64-bit words, and words as bits of a summary: the same arithmetic for both.

use registry::PortRange;

/// How many words all 65,536 ports take.
pub(crate) const WORDS: usize = 1024;

/// Which word has `number`'s bit.
pub(crate) const fn word(number: u16) -> usize {
    (number >> 6) as usize
}

/// The bit of `number` in its word.
pub(crate) const fn bit(number: u16) -> u64 {
    1 << (number & 63)
}

/// The bits of `number` and all above it in its word.
pub(crate) const fn from(number: u16) -> u64 {
    u64::MAX << (number & 63)
}

/// The lowest number whose bit is set in `bits`, which is word number `word` and not 0.
#[expect(clippy::cast_possible_truncation, reason = "a word below 1024 and a bit below 64")]
pub(crate) const fn lowest(word: usize, bits: u64) -> u16 {
    (word as u16) << 6 | bits.trailing_zeros() as u16
}

/// The first number at or after `number` whose bit is set in `words`.
pub(crate) fn next(words: &[u64], number: usize) -> Option<usize> {
    let at = number >> 6;
    let mut bits = words.get(at)? & (u64::MAX << (number & 63));
    for (place, &later) in words.iter().enumerate().skip(at) {
        if place > at {
            bits = later;
        }
        if bits != 0 {
            return Some(place << 6 | bits.trailing_zeros() as usize);
        }
    }
    None
}

/// The bits of `range` in word number `at`.
pub(crate) fn of_range(range: PortRange, at: usize) -> u64 {
    let (first, last) = (range.first().number(), range.last().number());
    if at < word(first) || at > word(last) {
        return 0;
    }
    let low = if at == word(first) { from(first) } else { u64::MAX };
    let high = if at == word(last) { u64::MAX >> (63 - (last & 63)) } else { u64::MAX };
    low & high
}

#[cfg(test)]
mod tests {
    use registry::Port;

    use super::*;

    #[test]
    fn the_bits_of_a_range_are_its_ports() {
        for (first, last) in [(0, 65535), (0, 0), (63, 64), (100, 100), (127, 1000), (65535, 65535)]
        {
            let range = PortRange::new(Port(first), Port(last)).unwrap();
            for port in 0..=u16::MAX {
                let is_set = of_range(range, word(port)) & bit(port) != 0;
                assert_eq!(is_set, range.contains(Port(port)), "{port} of {range}");
            }
        }
    }

    #[test]
    fn next_finds_the_first_bit_at_or_after() {
        let words = [0b1000, 0, 1 << 63];
        assert_eq!(next(&words, 0), Some(3));
        assert_eq!(next(&words, 3), Some(3));
        assert_eq!(next(&words, 4), Some(191));
        assert_eq!(next(&words, 191), Some(191));
        assert_eq!(next(&words, 192), None);
        assert_eq!(lowest(2, words[2]), 191);
    }
}
