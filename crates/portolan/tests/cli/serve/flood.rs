//! A service under those who send too much, too slowly, or nothing at all: others are answered
//! meanwhile, and its memory has a bound.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::service::{Answer, Service};
use crate::netns::in_own_netns;

#[test]
fn ten_thousand_that_are_silent_keep_nobody_out() {
    in_own_netns("ten thousand are silent", || {
        let service = Service::start(&[]);
        let may = descriptors();
        let wanted = 10_000.min(may - 200);
        let idle: Vec<TcpStream> =
            (0..wanted).map_while(|_| TcpStream::connect(service.addr).ok()).collect();
        assert_eq!(idle.len(), wanted, "a connection was refused");
        if wanted < 10_000 {
            println!("SKIPPED: {} of ten thousand: {may} files may be open", 10_000 - wanted);
        }
        let mut slowest = Duration::ZERO;
        for path in ["/healthz", "/ports/22", "/list", "/"].repeat(5) {
            let begun = Instant::now();
            let answer = service.get(path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.head);
            slowest = slowest.max(begun.elapsed());
        }
        assert!(slowest < Duration::from_secs(5), "an answer took {slowest:?}");
        let memory = resident(&service);
        assert!(memory < 100 << 20, "{} MiB", memory >> 20);
        println!("beside {wanted} that are silent an answer took {slowest:?} at most");
        drop(idle);
        assert_eq!(service.end(Duration::from_secs(8)), Some(0));
    });
}

#[test]
fn streams_have_a_number_and_leave_room_for_pages() {
    in_own_netns("streams are counted", || {
        let service = Service::start(&[]);
        let get = format!("GET /ports/22/live HTTP/1.1\r\nHost: {}\r\n\r\n", service.host());
        let follow = || {
            let mut stream = service.connect();
            stream.write_all(get.as_bytes()).unwrap();
            let mut head = [0; 12];
            stream.read_exact(&mut head).unwrap();
            (String::from_utf8_lossy(&head[9..]).into_owned(), stream)
        };
        descriptors();
        let streams: Vec<_> = (0..1100).map(|_| follow()).collect();
        let open = streams.iter().filter(|(status, _)| status == "200").count();
        let refused = streams.iter().filter(|(status, _)| status == "503").count();
        assert_eq!((open, refused), (1024, 76));
        assert_eq!(service.get("/ports/22").status, 200);
        let memory = resident(&service);
        assert!(memory < 100 << 20, "{} MiB", memory >> 20);
        drop(streams);
        let begun = Instant::now();
        while follow().0 != "200" {
            assert!(begun.elapsed() < Duration::from_secs(30), "their places are not free again");
            std::thread::sleep(Duration::from_millis(200));
        }
    });
}

#[test]
fn a_body_of_a_gigabyte_takes_no_memory() {
    let service = Service::start(&[]);
    assert_eq!(service.get("/healthz").status, 200);
    let before = resident(&service);
    let chunk = [&b"10000\r\n"[..], &[b'x'; 1 << 16], b"\r\n"].concat();
    for (how, piece) in [
        ("Content-Length: 1073741824", &[b'x'; 1 << 16][..]),
        ("Transfer-Encoding: chunked", &chunk),
    ] {
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let host = service.host();
        let mut stream = service.connect();
        write!(stream, "POST /feedback HTTP/1.1\r\nHost: {host}\r\n{kind}\r\n{how}\r\n\r\n")
            .unwrap();
        let mut sent = 0_usize;
        while sent < 1 << 30 && stream.write_all(piece).is_ok() {
            sent += piece.len();
        }
        assert!(sent < 64 << 20, "{how}: {} MiB were taken", sent >> 20);
        let grown = resident(&service).saturating_sub(before);
        assert!(grown < 16 << 20, "{how}: {} MiB more", grown >> 20);
    }
    assert_eq!(service.get("/healthz").status, 200);
}

#[test]
fn whoever_is_slow_is_let_go() {
    let service = Service::start(&[]);
    let host = service.host();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\nX-Slow: ");
            let took = dripping(&mut service.connect(), &head);
            assert!(took < Duration::from_secs(20), "a slow head had {took:?}");
        });
        scope.spawn(|| {
            let kind = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000";
            let head = format!("POST /feedback HTTP/1.1\r\nHost: {host}\r\n{kind}\r\n\r\n");
            let took = dripping(&mut service.connect(), &head);
            assert!(took < Duration::from_secs(45), "a slow body had {took:?}");
        });
        scope.spawn(|| {
            // Asks for far more than the kernel keeps for a connection, and reads none of it.
            let mut stream = service.connect();
            stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
            let get = format!("GET /search?q=s HTTP/1.1\r\nHost: {host}\r\n\r\n").repeat(50);
            let begun = Instant::now();
            while !matches!(stream.write(get.as_bytes()), Err(error) if !is_late(error.kind())) {
                assert!(begun.elapsed() < Duration::from_secs(45), "a slow reader stays");
            }
        });
        let Answer { status, .. } = service.get("/ports/22");
        assert_eq!(status, 200, "others are answered meanwhile");
    });
}

/// Sends `head`, then a byte every half second; after how long the connection was closed.
fn dripping(stream: &mut TcpStream, head: &str) -> Duration {
    let begun = Instant::now();
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    while begun.elapsed() < Duration::from_secs(60) {
        let ended = match stream.read(&mut [0; 4096]) {
            Ok(length) => length == 0,
            Err(error) => !is_late(error.kind()),
        };
        if ended || stream.write_all(b"x").is_err() {
            break;
        }
    }
    begun.elapsed()
}

/// Whether nothing happened for as long as was waited.
fn is_late(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// How many bytes of memory a service has of its own: not those of the program, which in a build
/// for tests are many.
fn resident(service: &Service) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// How many files this process may have open, after raising that as far as it goes.
fn descriptors() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    limit.current.map_or(usize::MAX, |it| usize::try_from(it).unwrap())
}
