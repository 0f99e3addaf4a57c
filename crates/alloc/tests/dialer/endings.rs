//! However a connect or a connection ends, its port comes back: refused, timed out, given up, closed.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use alloc::dialer::{DialError, Dialed, Dialer, Settings, Tracking};
use rustix::event::{PollFd, PollFlags, poll};

use crate::namespace::{set, with_ports};
use crate::server::{fill_up, listen, reset, taken, tracking};

const NOBODY: &str = "127.0.0.1:9";

/// A listener that answers one connection and lets all later SYNs go unanswered.
fn deaf() -> (TcpListener, Vec<std::net::TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:20000").unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let to = listener.local_addr().unwrap();
    let held = vec![std::net::TcpStream::connect(to).unwrap()];
    (listener, held)
}

fn refused(error: &DialError) -> bool {
    matches!(error, DialError::Connect { source, .. } if source.kind() == io::ErrorKind::ConnectionRefused)
}

#[test]
fn refused_connects_give_the_port_back() {
    with_ports((40000, 40001), || {
        for tracking in [Tracking::Always, Tracking::WhenScarce] {
            let dialer = Dialer::new(Settings::default().with_tracking(tracking)).unwrap();
            for _ in 0..20 {
                let timeout = Some(Duration::from_secs(5));
                assert!(refused(&dialer.connect(NOBODY.parse().unwrap(), None).unwrap_err()));
                assert!(refused(&dialer.connect(NOBODY.parse().unwrap(), timeout).unwrap_err()));
            }
        }
        let listener = listen("127.0.0.1:9");
        let dialer = tracking();
        assert_eq!(fill_up(&dialer, listener.local_addr().unwrap()).0.len(), 2);
    });
}

#[test]
fn connects_that_time_out_give_the_port_back() {
    with_ports((40000, 40002), || {
        let (listener, _held) = deaf();
        let to = listener.local_addr().unwrap();
        let dialer = tracking();
        let timeout = Duration::from_millis(30);
        for _ in 0..8 {
            let begun = Instant::now();
            let error = dialer.connect(to, Some(timeout)).unwrap_err();
            assert!(begun.elapsed() >= timeout);
            assert!(
                matches!(error, DialError::TimedOut { after, .. } if after == timeout),
                "{error:?}"
            );
        }
        assert_eq!(taken(to).len(), 1);
    });
}

#[test]
fn a_dial_in_progress_has_a_port_and_gives_it_back_when_dropped() {
    with_ports((40000, 40002), || {
        let (listener, _held) = deaf();
        let to = listener.local_addr().unwrap();
        let dialer = tracking();
        let dialing = [dialer.begin(to).unwrap(), dialer.begin(to).unwrap()];
        assert!(matches!(dialer.begin(to), Err(DialError::Exhausted { .. })));
        let mut ports = dialing.each_ref().map(|dialing| dialing.local_addr().unwrap().port());
        ports.sort_unstable();
        assert_eq!(ports.len(), 2);
        let [first, second] = dialing;
        let Dialed::UnderWay(first) = first.finish().unwrap() else { panic!("nobody answers") };
        drop(first);
        drop(second);
        assert!(dialer.begin(to).is_ok());
    });
}

#[test]
fn a_dial_in_progress_stands_when_it_is_writable() {
    with_ports((40000, 40015), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let dialing = tracking().begin(to).unwrap();
        poll(&mut [PollFd::new(&dialing.as_fd(), PollFlags::OUT)], None).unwrap();
        let Dialed::Connected(connection) = dialing.finish().unwrap() else { panic!("it is") };
        let (_, peer) = listener.accept().unwrap();
        assert_eq!(peer, connection.local_addr().unwrap());
        let flags = rustix::fs::fcntl_getfl(&connection).unwrap();
        assert!(flags.contains(rustix::fs::OFlags::NONBLOCK));
    });
}

#[test]
fn a_connection_blocks_whether_or_not_there_was_a_timeout() {
    with_ports((40000, 40015), || {
        let listener = listen("127.0.0.1:20000");
        let dialer = Dialer::new(Settings::default()).unwrap();
        for timeout in [None, Some(Duration::from_secs(5))] {
            for _ in 0..4 {
                let held = dialer.connect(listener.local_addr().unwrap(), timeout).unwrap();
                let flags = rustix::fs::fcntl_getfl(&*held).unwrap();
                assert!(!flags.contains(rustix::fs::OFlags::NONBLOCK));
            }
        }
    });
}

#[test]
fn a_socket_of_the_callers_own_keeps_its_options() {
    with_ports((40000, 40015), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let socket = || {
            let socket = rustix::net::socket(
                rustix::net::AddressFamily::INET,
                rustix::net::SocketType::STREAM,
                None,
            );
            let socket = socket.unwrap();
            rustix::net::sockopt::set_socket_keepalive(&socket, true).unwrap();
            socket
        };
        let dialer = tracking();
        let now = dialer.connect_with(socket(), to, None).unwrap();
        let timed = dialer.connect_with(socket(), to, Some(Duration::from_secs(5))).unwrap();
        let later = dialer.begin_with(socket(), to).unwrap().wait(None).unwrap();
        for connection in [now, timed, later] {
            assert_eq!(connection.peer_addr().unwrap(), to);
            assert!(rustix::net::sockopt::socket_keepalive(&*connection).unwrap());
            let flags = rustix::fs::fcntl_getfl(&*connection).unwrap();
            assert!(!flags.contains(rustix::fs::OFlags::NONBLOCK));
        }
    });
}

#[test]
fn time_wait_counts_as_taken_for_as_long_as_the_host_wants() {
    with_ports((40000, 40003), || {
        set("tcp_tw_reuse", "0");
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let dialer = tracking();
        for _ in 0..4 {
            let connection = dialer.connect(to, None).unwrap();
            let (accepted, _) = listener.accept().unwrap();
            drop(connection);
            drop(accepted);
        }
        std::thread::sleep(Duration::from_millis(1200));
        let error = dialer.connect(to, None).unwrap_err();
        let DialError::Exhausted { fill, .. } = &error else { panic!("{error:?}") };
        assert_eq!((fill.taken, fill.time_wait, fill.ours, fill.of), (4, 4, 0, 4));
        assert!(error.to_string().contains("most are in TIME-WAIT"), "{error}");
        set("tcp_tw_reuse", "1");
        assert_eq!(fill_up(&dialer, to).0.len(), 4);
    });
}

#[test]
fn a_stream_that_is_taken_out_keeps_its_port() {
    with_ports((40000, 40003), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let dialer = tracking();
        let stream: SocketAddr = {
            let stream = dialer.connect(to, None).unwrap().into_stream();
            let (held, _) = fill_up(&dialer, to);
            assert_eq!(held.len(), 3);
            held.into_iter().for_each(reset);
            rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
            stream.local_addr().unwrap()
        };
        let (held, _) = fill_up(&dialer, to);
        let found = |held: &alloc::dialer::Connection| held.local_addr().unwrap() == stream;
        assert!(held.len() == 4 && held.iter().any(found));
    });
}
