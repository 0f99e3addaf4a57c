//! Dials under tokio: the same search for a port, and waiting without a thread.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use super::connection::Leased;
use super::socket::{self, Progress};
use super::{DialError, Dialer, Dialing};

/// A TCP connection under tokio that holds a port of a [`Dialer`] until it is dropped; a
/// [`TcpStream`] in all else.
pub struct AsyncConnection {
    leased: Leased<TcpStream>,
}

impl Dialer {
    /// Connects under tokio, and waits until the connection stands, as long as `timeout` says or the
    /// kernel has patience. Dropped meanwhile, the socket is closed and its port free again.
    ///
    /// # Errors
    /// As [`Dialer::connect`].
    ///
    /// # Panics
    /// Outside of a tokio runtime with I/O (and, for a timeout, time) enabled.
    pub async fn connect_async(
        &self,
        destination: SocketAddr,
        timeout: Option<Duration>,
    ) -> Result<AsyncConnection, DialError> {
        self.begin(destination)?.stand_async(timeout).await
    }
}

impl Dialing {
    /// Waits under tokio until the connection stands, as [`Dialing::wait`] does.
    ///
    /// # Errors
    /// As [`Dialing::wait`].
    ///
    /// # Panics
    /// As [`Dialer::connect_async`].
    pub async fn stand_async(
        self,
        timeout: Option<Duration>,
    ) -> Result<AsyncConnection, DialError> {
        let destination = self.destination();
        let failed = |source| DialError::Connect { destination, source };
        let leased = registered(self.into_leased()).map_err(failed)?;
        let stands = leased.get().async_io(Interest::WRITABLE, || {
            match socket::resume(&leased, &destination)? {
                Progress::Connected => Ok(()),
                Progress::UnderWay => Err(io::ErrorKind::WouldBlock.into()),
            }
        });
        match timeout {
            None => stands.await,
            Some(after) => tokio::time::timeout(after, stands)
                .await
                .map_err(|_| DialError::TimedOut { destination, after })?,
        }
        .map_err(failed)?;
        Ok(AsyncConnection { leased })
    }
}

/// The same socket, known to tokio.
fn registered(leased: Leased<OwnedFd>) -> io::Result<Leased<TcpStream>> {
    let (socket, lease) = leased.into_parts();
    Ok(Leased::new(TcpStream::from_std(socket.into())?, lease))
}

impl AsyncConnection {
    /// The stream alone; see [`Connection::into_stream`](super::Connection::into_stream).
    #[must_use]
    pub fn into_stream(self) -> TcpStream {
        let (stream, lease) = self.leased.into_parts();
        lease.forget();
        stream
    }
}

impl Deref for AsyncConnection {
    type Target = TcpStream;

    fn deref(&self) -> &TcpStream {
        self.leased.get()
    }
}

impl DerefMut for AsyncConnection {
    fn deref_mut(&mut self) -> &mut TcpStream {
        self.leased.get_mut()
    }
}

impl AsFd for AsyncConnection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.leased.as_fd()
    }
}

impl fmt::Debug for AsyncConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.leased.get().fmt(f)
    }
}

impl AsyncRead for AsyncConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(self.leased.get_mut()).poll_read(cx, buffer)
    }
}

impl AsyncWrite for AsyncConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.leased.get_mut()).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.leased.get_mut()).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.leased.get().is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.leased.get_mut()).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.leased.get_mut()).poll_shutdown(cx)
    }
}
