//! A connector for hyper-util's client: `Uri` in, connection out. Plain TCP; TLS wraps it, as
//! hyper-rustls and hyper-tls do.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tower_service::Service;

use super::{AsyncConnection, Dialer};

/// Connects to the host and port of a `Uri` through a [`Dialer`], for
/// `hyper_util::client::legacy::Client` and whatever else takes a `tower::Service<Uri>`.
///
/// The port is 443 for `https` and `wss` and 80 otherwise, unless the `Uri` has one. A host with several
/// addresses is tried at each in turn.
#[derive(Clone, Debug)]
pub struct Connector {
    dialer: Dialer,
    timeout: Option<Duration>,
}

impl Connector {
    /// Connects through `dialer`.
    #[must_use]
    pub fn new(dialer: Dialer) -> Connector {
        Connector { dialer, timeout: None }
    }

    /// Waits so long for each address.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Connector {
        self.timeout = Some(timeout);
        self
    }

    async fn connect(self, uri: Uri) -> io::Result<TokioIo<AsyncConnection>> {
        let (host, port) = place(&uri)?;
        let mut failed = io::Error::new(io::ErrorKind::NotFound, format!("{host} has no address"));
        for destination in tokio::net::lookup_host((host, port)).await? {
            match self.dialer.connect_async(destination, self.timeout).await {
                Ok(connection) => return Ok(TokioIo::new(connection)),
                Err(error) => failed = error.into(),
            }
        }
        Err(failed)
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<AsyncConnection>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

impl Connection for AsyncConnection {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// The host, IPv6 addresses without their brackets, and the port.
fn place(uri: &Uri) -> io::Result<(&str, u16)> {
    let missing = || io::Error::new(io::ErrorKind::InvalidInput, format!("{uri} names no host"));
    let host = uri.host().ok_or_else(missing)?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let default = match uri.scheme_str() {
        Some("https" | "wss") => 443,
        _ => 80,
    };
    Ok((bare, uri.port_u16().unwrap_or(default)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_a_host_and_a_port() {
        for (uri, expected) in [
            ("http://example.org/x", ("example.org", 80)),
            ("https://example.org", ("example.org", 443)),
            ("http://[::1]:8080/", ("::1", 8080)),
            ("127.0.0.1:81", ("127.0.0.1", 81)),
        ] {
            assert_eq!(place(&uri.parse().unwrap()).unwrap(), expected, "{uri}");
        }
        assert!(place(&"/index.html".parse().unwrap()).is_err());
    }
}
