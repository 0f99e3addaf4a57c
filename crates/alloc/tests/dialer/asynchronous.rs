//! Dials under tokio, and a client of hyper-util over them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use alloc::dialer::{Connector, DialError};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::namespace::with_ports;
use crate::server::{listen, taken, tracking};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn a_dial_under_tokio_reads_and_writes() {
    with_ports((40000, 40015), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let echo = thread::spawn(move || {
            let (mut stream, peer) = listener.accept().unwrap();
            let mut word = [0; 4];
            stream.read_exact(&mut word).unwrap();
            stream.write_all(&word).unwrap();
            peer
        });
        let ours = block_on(async {
            let mut connection = tracking().connect_async(to, None).await.unwrap();
            connection.write_all(b"ping").await.unwrap();
            let mut word = [0; 4];
            connection.read_exact(&mut word).await.unwrap();
            assert_eq!(&word, b"ping");
            connection.local_addr().unwrap()
        });
        assert_eq!(echo.join().unwrap(), ours);
        assert!((40000..=40015).contains(&ours.port()));
    });
}

#[test]
fn refused_and_late_dials_under_tokio_give_the_port_back() {
    with_ports((40000, 40001), || {
        let dialer = tracking();
        let listener = TcpListener::bind("127.0.0.1:20000").unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let deaf = listener.local_addr().unwrap();
        let _held = std::net::TcpStream::connect(deaf).unwrap();
        block_on(async {
            for _ in 0..6 {
                let refused = dialer.connect_async("127.0.0.1:9".parse().unwrap(), None).await;
                let error = std::io::Error::from(refused.unwrap_err());
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
                let late = dialer.connect_async(deaf, Some(Duration::from_millis(20))).await;
                assert!(matches!(late, Err(DialError::TimedOut { .. })), "{late:?}");
                let dropped = dialer.connect_async(deaf, None);
                assert!(tokio::time::timeout(Duration::from_millis(20), dropped).await.is_err());
            }
        });
        assert_eq!(taken(deaf).len(), 1);
    });
}

#[test]
fn a_client_of_hyper_asks_through_the_dialer() {
    with_ports((40000, 40015), || {
        let listener = listen("127.0.0.1:20000");
        let server = thread::spawn(move || {
            let (mut stream, peer) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let len = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfound").unwrap();
            (String::from_utf8_lossy(&request[..len]).into_owned(), peer)
        });
        let body = block_on(async {
            let connector = Connector::new(tracking()).with_timeout(Duration::from_secs(5));
            let client = Client::builder(TokioExecutor::new())
                .build::<_, Empty<hyper::body::Bytes>>(connector);
            let response = client.get("http://127.0.0.1:20000/x".parse().unwrap()).await.unwrap();
            response.into_body().collect().await.unwrap().to_bytes()
        });
        assert_eq!(body, "found");
        let (request, peer) = server.join().unwrap();
        assert!(request.starts_with("GET /x HTTP/1.1\r\n"), "{request}");
        assert!((40000..=40015).contains(&peer.port()));
    });
}
