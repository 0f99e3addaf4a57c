//! A client that does not read what it asked for.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use web::Entrance;

use super::calm::serve;

#[test]
fn whoever_does_not_read_is_let_go() {
    serve(Entrance::Open, async |addr| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(addr).await.unwrap();
        let head = "GET /api/v1/overview HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let started = Instant::now();
        tokio::time::sleep(Duration::from_secs(13)).await;
        let mut taken = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut taken));
        let ended = ended.await.expect("the connection was ended");
        assert!(ended.is_err() || taken.len() < 8 << 20, "{} bytes came after all", taken.len());
        assert!(started.elapsed() < Duration::from_secs(18));
    });
}
