//! TLS (RFC 8446), by rustls: a certificate and its key, as files in PEM.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use super::entrance::Stream;

/// TLS with one certificate.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
}

impl Tls {
    /// With the certificates in `chain`, ours first, and the private key in `key`.
    ///
    /// # Errors
    /// [`TlsError`] if either cannot be read, or they do not belong together.
    pub fn read(chain: &Path, key: &Path) -> Result<Tls, TlsError> {
        let unread = |path: &Path| {
            let path = path.to_owned();
            |source| TlsError::Unread { path, source }
        };
        let certificates = CertificateDer::pem_file_iter(chain)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(unread(chain))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(unread(key))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(certificates, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls { acceptor: Arc::new(config).into() })
    }

    /// Agrees with a client; `None` where that fails.
    pub(super) async fn accept(&self, stream: Stream) -> Option<Stream> {
        let stream = self.acceptor.accept(stream).await.ok()?;
        Some(Box::new(stream))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file has no certificate or key in it that can be read.
    #[error("{} could not be read as PEM", path.display())]
    Unread {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The certificate and the key cannot be used together.
    #[error("the certificate and its key cannot be used")]
    Unusable(#[from] rustls::Error),
}
