//! Where clients come in, and how it is known who they are.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

use super::Tls;
use crate::{State, Viewer};

/// Where clients connect.
#[derive(Debug)]
pub enum Listener {
    /// An address and a port.
    Tcp(TcpListener),
    /// A socket in the file system.
    Unix(UnixListener),
}

/// What clients pass through.
#[derive(Debug)]
pub enum Entrance {
    /// Nothing.
    Open,
    /// TLS.
    Tls(Tls),
}

/// A connection, whatever it goes over.
pub(super) type Stream = Box<dyn Duplex>;

/// A connection that is read and written.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Debug + Send + Unpin> Duplex for S {}

/// What the kernel tells of one who connected.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller {
    /// A connection from the machine itself: our end, then theirs.
    Here(SocketAddr, SocketAddr),
    /// A process of this user.
    User(u32),
    /// Somebody elsewhere.
    Elsewhere,
}

impl Listener {
    /// The next who connects.
    pub(super) async fn accept(&self) -> io::Result<(Stream, Caller)> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, theirs) = listener.accept().await?;
                // Events of a stream are small, and wait for nobody.
                stream.set_nodelay(true)?;
                let ours = stream.local_addr()?;
                let here = ours.ip().is_loopback() && theirs.ip().is_loopback();
                let caller = if here { Caller::Here(ours, theirs) } else { Caller::Elsewhere };
                Ok((Box::new(stream), caller))
            }
            Listener::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                let caller = Caller::User(stream.peer_cred()?.uid());
                Ok((Box::new(stream), caller))
            }
        }
    }
}

impl Entrance {
    /// Lets a client in; `None` where it cannot come in.
    pub(super) async fn let_in(&self, stream: Stream) -> Option<Stream> {
        match self {
            Entrance::Open => Some(stream),
            Entrance::Tls(tls) => tls.accept(stream).await,
        }
    }
}

impl Caller {
    /// As whom it looks. Where a token is asked for, that alone counts.
    pub(super) async fn viewer(self, state: &State) -> Viewer {
        if state.access().wants_token() {
            return Viewer::Nobody;
        }
        let asked = match self {
            Caller::Elsewhere => return Viewer::Nobody,
            Caller::Here(ours, theirs) => {
                state.ask(move |machine| Ok(machine.viewer_at(ours, theirs))).await
            }
            Caller::User(uid) => state.ask(move |machine| Ok(machine.viewer_of(uid))).await,
        };
        asked.unwrap_or(Viewer::Nobody)
    }
}
