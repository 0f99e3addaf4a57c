//! How many rows `ss` collects before it prints them: the widths of those cannot know of the rows
//! that come after.
//!
//! Source of truth: where `ss` 6.1 and 7.3 were seen to change widths in listings of 60,000 to
//! 150,000 sockets. Both fill chunks with cells, each cell two bytes of length and its text, padded
//! to two, and print after the row that needs a fifth chunk.

/// What the rows since the last printing take.
#[derive(Debug)]
pub(super) struct Buffer {
    chunks: usize,
    /// Bytes used of the last chunk.
    used: usize,
}

impl Buffer {
    /// Nothing collected yet.
    pub(super) const EMPTY: Buffer = Buffer { chunks: 1, used: 0 };

    /// Takes in a cell of `len` bytes; one that does not fit begins the next chunk.
    pub(super) fn take(&mut self, len: usize) {
        if self.used + CELL_HEADER + len > CHUNK {
            self.chunks += 1;
            self.used = 0;
        }
        self.used += CELL_HEADER + len.next_multiple_of(2);
    }

    /// Whether what was collected is printed now.
    pub(super) fn is_full(&self) -> bool {
        self.chunks > CHUNKS
    }
}

/// A megabyte, less a header.
const CHUNK: usize = (1 << 20) - 16;
const CHUNKS: usize = 4;
const CELL_HEADER: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    /// The counts of rows after which `ss -uanH`, `-tuanH` of 6.1 and `-uanH` of 7.3 changed widths.
    #[test]
    fn batches_are_as_long_as_those_of_ss() {
        for (cells, rows) in [
            (&[6, 6, 6, 10, 5, 8, 1, 0, 0][..], 67_649),
            (&[6, 6, 6, 11, 5, 8, 1, 0, 0], 65_535),
            (&[6, 6, 6, 13, 5, 8, 1, 0, 0], 63_549),
            (&[3, 6, 6, 6, 10, 5, 8, 1, 0, 0], 61_681),
            (&[6, 6, 6, 10, 5, 8, 1, 0], 69_905),
        ] {
            let mut buffer = Buffer::EMPTY;
            let mut taken = 0;
            while !buffer.is_full() {
                cells.iter().for_each(|len| buffer.take(*len));
                taken += 1;
            }
            assert_eq!(taken, rows);
        }
    }
}
