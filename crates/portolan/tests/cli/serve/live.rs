//! What changes shows, within a second; streams end when their clients or the service do.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use super::service::Service;

const A_SECOND: Duration = Duration::from_secs(1);
/// For what is not timed: others may be busy on this machine.
const LONG: Duration = Duration::from_secs(20);

#[test]
fn a_port_page_shows_a_socket_that_opens_and_closes() {
    let service = Service::start(&[]);
    let reserved = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = reserved.local_addr().unwrap().port();
    drop(reserved);
    let mut events = service.events(&format!("/ports/{port}/live"));
    let first = events.until("\n\n", LONG).unwrap();
    assert!(first.contains("event: now") && first.contains("No socket has it"), "{first}");
    let opened = Instant::now();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let shown = events.until("LISTEN", LONG).unwrap();
    let took = opened.elapsed();
    assert!(took < A_SECOND, "it took {took:?}");
    assert!(shown.contains(&format!("({})", std::process::id())), "{shown}");
    events.until("\n\n", LONG).unwrap();
    let closed = Instant::now();
    drop(listener);
    events.until("No socket has it", LONG).unwrap();
    let took = closed.elapsed();
    assert!(took < A_SECOND, "it took {took:?}");
}

#[test]
fn the_list_shows_what_comes() {
    let service = Service::start(&[]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let mut events = service.events(&format!("/list/live?port={port}"));
    events.until(&format!("127.0.0.1:{port}"), LONG).unwrap();
    drop(socket);
    events.until("No socket is like that", LONG).unwrap();
}

#[test]
fn what_happens_is_told_as_it_happens() {
    let service = Service::start(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let mut page = service.events(&format!("/watch/live?port={}", addr.port()));
    let mut api = service.events("/api/v1/events");
    // To begin to watch takes a moment; connections that come before are not told of.
    let ends = format!("127.0.0.1:{}", addr.port());
    let seen = (0..40).any(|_| {
        let client = TcpStream::connect(addr).unwrap();
        let (server, _) = listener.accept().unwrap();
        let seen = page.until(&ends, Duration::from_millis(500)).is_ok();
        drop((client, server));
        seen
    });
    assert!(seen, "no connection to {ends} was told of");
    let told = api.until(&format!("\"port\":{}", addr.port()), LONG).unwrap();
    assert!(told.contains("\"schema\":\"portolan/1\""), "{told}");
    let last = service.get("/watch").body;
    assert!(last.contains(&ends), "a page without scripts shows it too");
}

#[test]
fn streams_end_when_the_service_does() {
    let service = Service::start(&[]);
    let mut events = service.events("/ports/22/live");
    events.until("event: now", LONG).unwrap();
    let ended = std::thread::spawn(move || events.ends(LONG));
    assert_eq!(service.end(Duration::from_secs(6)), Some(0));
    assert!(ended.join().unwrap());
}
