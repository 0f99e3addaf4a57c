//! Who reads our output, and may have had enough of it: a closed pipe is no error and changes no
//! exit status, since the status answers too.

use std::io::{self, Write};

/// Output to a reader who may go away; from then on nothing is written and nothing fails.
#[derive(Debug)]
pub(crate) struct Reader<W> {
    out: W,
    gone: bool,
}

impl<W: Write> Reader<W> {
    /// A reader of `out`.
    pub(crate) fn new(out: W) -> Reader<W> {
        Reader { out, gone: false }
    }

    /// Whether the reader was found gone: there is no point in going on.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Does `what` with the output, or `otherwise` nothing.
    fn or_gone<T>(
        &mut self,
        otherwise: T,
        what: impl FnOnce(&mut W) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.gone {
            return Ok(otherwise);
        }
        match what(&mut self.out) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(otherwise)
            }
            done => done,
        }
    }
}

impl<W: Write> Write for Reader<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.or_gone(bytes.len(), |out| out.write(bytes))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.or_gone((), |out| out.write_all(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.or_gone((), Write::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails every write.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_closed_pipe_is_remembered_and_no_error() {
        let mut reader = Reader::new(Broken(io::ErrorKind::BrokenPipe));
        assert!(!reader.is_gone());
        writeln!(reader, "more").unwrap();
        assert!(reader.is_gone());
        assert_eq!(reader.write(b"and more").unwrap(), 8);
        reader.flush().unwrap();
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let mut reader = Reader::new(Broken(io::ErrorKind::StorageFull));
        assert_eq!(reader.write_all(b"more").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(!reader.is_gone() && reader.flush().is_err());
    }
}
