//! A connected Unix socket (`unix(7)`) that carries frames, each within a time: whoever stops
//! reading or writing half-way holds nobody up for longer.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fd::{AsRawFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use super::frame::{Frame, FrameError};

/// One end of a connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: UnixStream,
}

impl Wire {
    /// Wraps a stream that is connected.
    pub(super) fn new(stream: UnixStream) -> Wire {
        Wire { stream }
    }

    /// Connects to the socket at `path`. Waits a moment and no more where its recorder is stopped,
    /// or has more callers than it takes.
    pub(super) fn connect(path: &Path) -> io::Result<Wire> {
        let socket =
            socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        // A connect waits for a place in a full backlog as long as a send may wait.
        set_socket_timeout(&socket, Timeout::Send, Some(TO_CONNECT))?;
        with_address(path, |address| connect(&socket, address))?;
        Ok(Wire::new(UnixStream::from(socket)))
    }

    /// Receives the next frame, with a body of at most `largest` bytes, all of it `within` a time.
    pub(super) fn receive(&self, largest: u32, within: Duration) -> Result<Frame, FrameError> {
        Frame::read(&mut Timed { stream: &self.stream, until: Instant::now() + within }, largest)
    }

    /// Sends `frame`, all of it `within` a time.
    pub(super) fn send(&self, frame: &Frame, within: Duration) -> io::Result<()> {
        frame.write(&mut Timed { stream: &self.stream, until: Instant::now() + within })
    }

    /// The stream itself.
    pub(super) fn stream(&self) -> &UnixStream {
        &self.stream
    }
}

/// Calls `with` the address of the socket at `path`. A path longer than an address can be (107
/// bytes) goes through its directory's descriptor.
pub(super) fn with_address<T>(
    path: &Path,
    with: impl FnOnce(&SocketAddrUnix) -> Result<T, Errno>,
) -> io::Result<T> {
    if let Ok(address) = SocketAddrUnix::new(path) {
        return Ok(with(&address)?);
    }
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidFilename.into());
    };
    let dir: OwnedFd =
        openat(CWD, dir, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", dir.as_raw_fd())).join(name);
    Ok(with(&SocketAddrUnix::new(&short)?)?)
}

/// A stream until a moment.
struct Timed<'a> {
    stream: &'a UnixStream,
    until: Instant,
}

impl Timed<'_> {
    /// How long there is; an error when it is over.
    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        // A timeout of zero would mean none.
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(bytes).map_err(timed_out)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the kernel calls `EAGAIN` where a timeout was set.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock {
        return io::ErrorKind::TimedOut.into();
    }
    error
}

/// How long to wait for a recorder to take us.
const TO_CONNECT: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Wire, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (Wire::new(ours), theirs)
    }

    #[test]
    fn whoever_sends_a_byte_now_and_then_runs_out_of_time() {
        let (wire, mut theirs) = pair();
        let dripping = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            Frame { kind: 1, body: vec![0; 1000] }.write(&mut bytes).unwrap();
            for byte in bytes {
                std::thread::sleep(Duration::from_millis(5));
                if theirs.write_all(&[byte]).is_err() {
                    return;
                }
            }
        });
        let started = Instant::now();
        let end = wire.receive(2000, Duration::from_millis(200));
        assert!(
            matches!(&end, Err(FrameError::Io(e)) if e.kind() == io::ErrorKind::TimedOut),
            "{end:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(3));
        drop(wire);
        dripping.join().unwrap();
    }

    #[test]
    fn whoever_never_reads_holds_nobody_up() {
        let (wire, _theirs) = pair();
        let frame = Frame { kind: 1, body: vec![0; 1 << 22] };
        let error = wire.send(&frame, Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_socket_can_lie_under_a_long_path() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("d".repeat(120));
        std::fs::create_dir(&deep).unwrap();
        let path = deep.join("recorder.sock");
        let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
        with_address(&path, |address| rustix::net::bind(&socket, address)).unwrap();
        rustix::net::listen(&socket, 1).unwrap();
        assert!(Wire::connect(&path).is_ok());
    }
}
