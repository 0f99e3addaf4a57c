//! Over TLS a client that trusts the certificate is answered, and no other.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use web::{Entrance, Tls};

use super::calm::serve;

fn connector(trusted: &[CertificateDer<'static>]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    trusted.iter().for_each(|certificate| roots.add(certificate.clone()).unwrap());
    let ring = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions();
    let config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[test]
fn what_is_said_is_for_those_who_trust_the_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (chain, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&chain, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    assert!(Tls::read(&key, &chain).is_err());
    let tls = Tls::read(&chain, &key).unwrap();
    let trusted = cert.der().clone();
    serve(Entrance::Tls(tls), async |addr| {
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TcpStream::connect(addr).await.unwrap();
        let connected = connector(&[trusted]).connect(name.clone(), stream).await;
        let mut stream = connected.unwrap();
        let head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut text = String::new();
        let _closed = stream.read_to_string(&mut text).await;
        assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("ok\n"), "{text}");
        let stream = TcpStream::connect(addr).await.unwrap();
        assert!(connector(&[]).connect(name, stream).await.is_err());
        let mut plain = TcpStream::connect(addr).await.unwrap();
        plain.write_all(head.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let _reset = plain.read_to_end(&mut bytes).await;
        assert!(!bytes.starts_with(b"HTTP"), "{bytes:?}");
    });
}
