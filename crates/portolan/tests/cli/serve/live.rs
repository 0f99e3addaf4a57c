//! What changes shows, within a second; streams end when their clients or the service do.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use super::service::{Events, Service};

const A_SECOND: Duration = Duration::from_secs(1);
/// For what is not timed: others may be busy on this machine.
const LONG: Duration = Duration::from_secs(20);

#[test]
fn a_port_page_shows_a_socket_that_opens_and_closes_within_a_second() {
    let service = Service::start(&[]);
    let reserved = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = reserved.local_addr().unwrap().port();
    drop(reserved);
    let mut events = service.events(&format!("/ports/{port}/live"));
    let first = events.until("\n\n", LONG).unwrap();
    assert!(first.contains("event: now") && first.contains("No socket has it"), "{first}");
    // Others may take the processor for longer than that, though not each time; how busy it is, one
    // look of the program tells.
    let took: Vec<(Duration, Duration)> =
        (0..5).map(|_| (opens_and_closes(&mut events, port), one_look())).collect();
    let in_time = |(took, look): &(Duration, Duration)| *took < A_SECOND + *look * 4;
    assert!(took.iter().any(in_time), "it took, beside one look: {took:?}");
}

/// How long the program takes to list all sockets.
fn one_look() -> Duration {
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_portolan")).arg("ls").output().unwrap();
    assert!(output.status.success());
    started.elapsed()
}

/// Opens a listener on `port` and closes it; how long it took until the slower of the two showed.
fn opens_and_closes(events: &mut Events, port: u16) -> Duration {
    let opened = Instant::now();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let shown = events.until("</section>", LONG).unwrap();
    let to_open = opened.elapsed();
    assert!(shown.contains("LISTEN"), "{shown}");
    assert!(shown.contains(&format!("({})", std::process::id())), "{shown}");
    events.until("\n\n", LONG).unwrap();
    let closed = Instant::now();
    drop(listener);
    events.until("No socket has it", LONG).unwrap();
    let to_close = closed.elapsed();
    events.until("\n\n", LONG).unwrap();
    to_open.max(to_close)
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
    let mut api = service.events(&format!("/api/v1/events?port={}", addr.port()));
    // To begin to watch takes a moment; connections that come before are not told of.
    let ends = format!("127.0.0.1:{}", addr.port());
    let connect_and = |look: &mut dyn FnMut() -> bool| {
        let client = TcpStream::connect(addr).unwrap();
        let (server, _) = listener.accept().unwrap();
        let seen = look();
        drop((client, server));
        seen
    };
    let seen =
        (0..40).any(|_| connect_and(&mut || page.until(&ends, Duration::from_millis(500)).is_ok()));
    assert!(seen, "no connection to {ends} was told of");
    let told = api.until(&format!("\"port\":{}", addr.port()), LONG).unwrap();
    assert!(told.contains("\"schema\":\"portolan/1\""), "{told}");
    // It shows what came last on the whole machine, where other tests may be loud.
    let shown = (0..40).any(|_| connect_and(&mut || service.get("/watch").body.contains(&ends)));
    assert!(shown, "a page without scripts shows it too");
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
