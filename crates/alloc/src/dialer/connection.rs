//! What a dial gives: a connection in progress, and one that stands. Each knows whose port it has,
//! and gives it back when it closes.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use registry::Port;

use super::DialError;
use super::route::Lease;
use super::socket::{self, Mode, Progress};

/// A connection in progress: the port is taken and the SYN is out.
///
/// The socket does not block. It becomes writable (`poll(2)`, `epoll(7)`) once [`Dialing::finish`]
/// has an answer. Dropped, it is closed and its port free again.
#[derive(Debug)]
pub struct Dialing {
    leased: Leased<OwnedFd>,
    destination: SocketAddr,
    progress: Progress,
}

/// What has become of a connection in progress.
#[derive(Debug)]
pub enum Dialed {
    /// It stands.
    Connected(Connection),
    /// Nobody has answered yet.
    UnderWay(Dialing),
}

/// A TCP connection that holds a port of a [`Dialer`](super::Dialer) until it is dropped.
///
/// It is a [`TcpStream`] in all else. A clone of the stream (`try_clone`) keeps the port in use beyond
/// that; the dialer then finds it taken and goes on with another.
pub struct Connection {
    leased: Leased<TcpStream>,
}

impl Dialing {
    pub(super) fn new(
        socket: OwnedFd,
        lease: Lease,
        destination: SocketAddr,
        progress: Progress,
    ) -> Dialing {
        Dialing { leased: Leased::new(socket, lease), destination, progress }
    }

    /// Towards where, as it was asked for.
    #[must_use]
    pub fn destination(&self) -> SocketAddr {
        self.destination
    }

    /// Our end.
    ///
    /// # Errors
    /// If the kernel does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        socket::local(self)
    }

    /// Whether it stands by now; never waits. The connection's socket does not block.
    ///
    /// # Errors
    /// [`DialError::Connect`] if it was refused, or nobody answered.
    pub fn finish(mut self) -> Result<Dialed, DialError> {
        self.resume()?;
        Ok(match self.progress {
            Progress::UnderWay => Dialed::UnderWay(self),
            Progress::Connected => Dialed::Connected(self.stand()),
        })
    }

    /// Waits until it stands, for ever or for as long as `timeout` says; the kernel gives up after
    /// some two minutes (`tcp_syn_retries`). The connection's socket blocks.
    ///
    /// # Errors
    /// [`DialError::TimedOut`], and [`DialError::Connect`] if it was refused or nobody answered.
    pub fn wait(mut self, timeout: Option<Duration>) -> Result<Connection, DialError> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        while self.progress == Progress::UnderWay {
            socket::wait(&self, deadline).map_err(DialError::socket("wait for a connection"))?;
            self.resume()?;
            let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
            if let (Progress::UnderWay, true, Some(after)) = (self.progress, late, timeout) {
                return Err(DialError::TimedOut { destination: self.destination, after });
            }
        }
        socket::set_mode(&self, Mode::Blocking)
            .map_err(DialError::socket("have a socket block"))?;
        Ok(self.stand())
    }

    /// The connection of a socket that was connected in blocking mode.
    pub(super) fn stand(self) -> Connection {
        Connection { leased: self.leased.map(TcpStream::from) }
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    #[cfg(feature = "tokio")]
    pub(super) fn into_leased(self) -> Leased<OwnedFd> {
        self.leased
    }

    fn resume(&mut self) -> Result<(), DialError> {
        if self.progress == Progress::UnderWay {
            let destination = self.destination;
            self.progress = socket::resume(&self.leased, &destination)
                .map_err(|error| DialError::Connect { destination, source: error.into() })?;
        }
        Ok(())
    }
}

impl AsFd for Dialing {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.leased.as_fd()
    }
}

impl Connection {
    /// The stream alone. Its port counts as taken by others from now on: after it closes, the dialer
    /// will not know so soon that the port is free.
    #[must_use]
    pub fn into_stream(self) -> TcpStream {
        let (stream, lease) = self.leased.into_parts();
        lease.forget();
        stream
    }
}

impl Deref for Connection {
    type Target = TcpStream;

    fn deref(&self) -> &TcpStream {
        self.leased.get()
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut TcpStream {
        self.leased.get_mut()
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.leased.as_fd()
    }
}

impl io::Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.leased.get_mut().read(buffer)
    }
}

impl io::Write for Connection {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.leased.get_mut().write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.leased.get_mut().flush()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.leased.get().fmt(f)
    }
}

/// A socket and its port: closes the first before it gives back the second.
#[derive(Debug)]
pub(super) struct Leased<S: AsFd> {
    /// Both are there until this is dropped or taken apart.
    parts: Option<(S, Lease)>,
}

impl<S: AsFd> Leased<S> {
    pub(super) fn new(socket: S, lease: Lease) -> Leased<S> {
        Leased { parts: Some((socket, lease)) }
    }

    pub(super) fn get(&self) -> &S {
        &self.parts.as_ref().expect(WHOLE).0
    }

    pub(super) fn get_mut(&mut self) -> &mut S {
        &mut self.parts.as_mut().expect(WHOLE).0
    }

    /// The same port under another kind of socket.
    pub(super) fn map<T: AsFd>(self, change: impl FnOnce(S) -> T) -> Leased<T> {
        let (socket, lease) = self.into_parts();
        Leased::new(change(socket), lease)
    }

    /// The two apart; the socket must be closed before the lease is dropped.
    pub(super) fn into_parts(mut self) -> (S, Lease) {
        self.parts.take().expect(WHOLE)
    }
}

impl<S: AsFd> AsFd for Leased<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get().as_fd()
    }
}

impl<S: AsFd> Drop for Leased<S> {
    fn drop(&mut self) {
        let Some((socket, mut lease)) = self.parts.take() else { return };
        lease.learn(|| socket::local(&socket).ok().map(|local| Port(local.port())));
        drop(socket);
        drop(lease);
    }
}

const WHOLE: &str = "only taking it apart or dropping it empties it";
