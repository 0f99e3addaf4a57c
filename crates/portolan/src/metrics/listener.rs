//! `record --metrics`: answers Prometheus over HTTP/1.1 (RFC 9112), a request a connection, and nothing
//! else. Bounded in everything: so many clients at once, so long a request, so much time.
//!
//! What is answered was looked up by a thread of its own, so that a scrape never waits for one: it looks
//! while somebody asks, and is at work for a tenth of the time at most.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use sockets::NetnsScope;

use super::guard;
use crate::commands::room::{Asked, Extent, Holders};

/// From where it may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Loopback,
    Anybody,
}

/// A socket that Prometheus is to ask, not answering yet.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    at: SocketAddr,
    reach: Reach,
}

impl Listener {
    /// Listens at `at`, which must be loopback unless `reach` says otherwise.
    pub(crate) fn bind(at: SocketAddr, reach: Reach) -> anyhow::Result<Listener> {
        if reach == Reach::Loopback && !at.ip().is_loopback() {
            bail!(
                "--metrics {at} can be reached from other machines, and tells whom this one talks to: give \
                 127.0.0.1:{} or [::1]:{}, or add --metrics-public",
                at.port(),
                at.port()
            );
        }
        let socket =
            TcpListener::bind(at).with_context(|| format!("metrics cannot be answered at {at}"))?;
        let at = socket.local_addr().context("the socket's address could not be told")?;
        Ok(Listener { socket, at, reach })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.at
    }

    /// Answers on threads of its own, for as long as the process lives; the recorder of the store in `dir`
    /// is asked.
    pub(crate) fn serve(self, dir: PathBuf) -> anyhow::Result<()> {
        let board = Arc::new(Board::default());
        let kept = board.clone();
        let asked = Asked {
            scope: NetnsScope::All,
            extent: Extent::Room,
            over: None,
            top: HOTTEST,
            dir: Some(dir),
            holders: Holders::Unwanted,
            processes: true,
        };
        let look = move || kept.keep_up_to_date(&asked);
        thread::Builder::new().name("metrics-look".into()).spawn(look).context(NO_THREAD)?;
        let answer = move || answer_all(&self.socket, self.reach, &board);
        thread::Builder::new().name("metrics".into()).spawn(answer).context(NO_THREAD)?;
        Ok(())
    }
}

/// Where the latest answer hangs.
#[derive(Debug, Default)]
struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    text: Option<Arc<str>>,
    asked: Option<Instant>,
}

impl Board {
    /// The latest answer; the very first, and the first after nobody asked for long, is waited for.
    fn read(&self) -> Arc<str> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked = Some(Instant::now());
        self.changed.notify_all();
        let until_there = |state: &mut State| state.text.is_none();
        let waited = self.changed.wait_timeout_while(state, FIRST, until_there);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.text.clone().unwrap_or_else(|| Arc::from(""))
    }

    /// Looks while somebody asks.
    fn keep_up_to_date(&self, asked: &Asked) {
        loop {
            self.wait_until_asked();
            let begun = Instant::now();
            let text = super::text(asked);
            let took = begun.elapsed();
            {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.text = Some(text.unwrap_or_default().into());
                self.changed.notify_all();
            }
            thread::sleep(PAUSE.max(took * 9));
        }
    }

    /// Waits until somebody asks, or has lately; what is old by then is taken down.
    fn wait_until_asked(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |state: &State| state.asked.is_none_or(|asked| asked.elapsed() > INTEREST);
        if idle(&state) {
            state.text = None;
            let woken = self.changed.wait_while(state, |state| idle(state));
            drop(woken.unwrap_or_else(PoisonError::into_inner));
        }
    }
}

fn answer_all(socket: &TcpListener, reach: Reach, board: &Arc<Board>) {
    let clients = Arc::new(AtomicUsize::new(0));
    for client in socket.incoming() {
        let Ok(client) = client else {
            // Out of descriptors, perhaps: not to be asked again at once.
            thread::sleep(Duration::from_millis(100));
            continue;
        };
        if clients.fetch_add(1, Ordering::SeqCst) >= MOST_CLIENTS {
            clients.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let (board, seat) = (board.clone(), Seat(clients.clone()));
        let serve = move || {
            let _served_or_gone = serve(client, reach, &board);
            drop(seat);
        };
        let _started = thread::Builder::new().name("metrics-client".into()).spawn(serve);
    }
}

/// A client's place, free when dropped.
#[derive(Debug)]
struct Seat(Arc<AtomicUsize>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn serve(mut client: TcpStream, reach: Reach, board: &Board) -> io::Result<()> {
    let deadline = Instant::now() + TIME;
    let mut request = Vec::new();
    while !is_whole(&request) && request.len() < LONGEST {
        client.set_read_timeout(Some(left(deadline)?))?;
        let mut part = [0; 1024];
        match client.read(&mut part)? {
            0 => break,
            read => request.extend_from_slice(&part[..read]),
        }
    }
    let answer = answer_to(&request, reach, || board.read().to_string());
    let mut rest = &answer[..];
    while !rest.is_empty() {
        client.set_write_timeout(Some(left(deadline)?))?;
        let written = client.write(rest)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        rest = &rest[written..];
    }
    // What the client still sends is read, or it would be reset before it has read all.
    client.shutdown(std::net::Shutdown::Write)?;
    client.set_read_timeout(Some(left(deadline)?))?;
    client.read(&mut [0; 1024]).map(drop)
}

/// The time that is left until `deadline`.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn is_whole(request: &[u8]) -> bool {
    request.windows(4).any(|window| window == b"\r\n\r\n")
}

/// The answer to a request: the metrics at `/metrics`, a line that says so at `/`.
pub(crate) fn answer_to(request: &[u8], reach: Reach, metrics: impl FnOnce() -> String) -> Vec<u8> {
    let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let well_formed = version.is_some_and(|version| version.starts_with(b"HTTP/1."));
    let path = target.map(|target| target.split(|byte| *byte == b'?').next().unwrap_or_default());
    let allowed = if well_formed && is_whole(request) {
        guard::check(request, reach)
    } else {
        Err(("400 Bad Request", "this is no request of HTTP/1.1"))
    };
    let (status, kind, body) = match (allowed, method, path) {
        (Err((status, why)), ..) => (status, PLAIN, format!("{why}\n")),
        (_, Some(b"GET" | b"HEAD"), Some(b"/metrics")) => ("200 OK", METRICS, metrics()),
        (_, Some(b"GET" | b"HEAD"), Some(b"/")) => {
            ("200 OK", PLAIN, "portolan: the metrics are at /metrics\n".to_owned())
        }
        (_, Some(b"GET" | b"HEAD"), _) => {
            ("404 Not Found", PLAIN, "the metrics are at /metrics\n".to_owned())
        }
        _ => ("405 Method Not Allowed", PLAIN, "GET and HEAD alone are answered\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut answer = head.into_bytes();
    if method != Some(b"HEAD") {
        answer.extend_from_slice(body.as_bytes());
    }
    answer
}

const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";
const NO_THREAD: &str = "a thread could not be started";

/// How many destinations of a namespace have series of their own.
const HOTTEST: usize = 20;
const MOST_CLIENTS: usize = 8;
/// How long a request and its answer may take.
const TIME: Duration = Duration::from_secs(5);
const LONGEST: usize = 8 << 10;
/// How long it is looked on after somebody asked.
const INTEREST: Duration = Duration::from_mins(3);
/// How long a look is good for at least.
const PAUSE: Duration = Duration::from_secs(5);
/// How long the first who asks waits for a look.
const FIRST: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request: &str) -> String {
        let metrics = || "x 1\n".to_owned();
        String::from_utf8(answer_to(request.as_bytes(), Reach::Loopback, metrics)).unwrap()
    }

    #[test]
    fn metrics_are_told_to_those_who_ask_for_them() {
        let told = answer("GET /metrics?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(
            told.starts_with("HTTP/1.1 200 OK\r\n") && told.ends_with("\r\n\r\nx 1\n"),
            "{told}"
        );
        assert!(told.contains("Content-Length: 4\r\n"));
        let head = answer("HEAD /metrics HTTP/1.0\r\n\r\n");
        assert!(head.contains("Content-Length: 4\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    }

    #[test]
    fn anything_else_is_refused() {
        for (request, status) in [
            ("GET /other HTTP/1.1\r\nHost: [::1]:9188\r\n\r\n", "404"),
            ("POST /metrics HTTP/1.1\r\nHost: [::1]:9188\r\n\r\n", "405"),
            ("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", "421"),
            ("GET /metrics HTTP/1.1\r\n\r\n", "400"),
            ("GET /metrics HTTP/1.1\r\n", "400"),
            ("GET /metrics\r\n\r\n", "400"),
            ("\u{0}\u{1}\r\n\r\n", "400"),
            ("", "400"),
        ] {
            assert!(answer(request).starts_with(&format!("HTTP/1.1 {status}")), "{request:?}");
        }
    }

    #[test]
    fn other_machines_are_not_told_unless_that_is_wanted() {
        let everywhere = "0.0.0.0:0".parse().unwrap();
        assert!(Listener::bind(everywhere, Reach::Loopback).is_err());
        assert!(Listener::bind(everywhere, Reach::Anybody).is_ok());
        assert!(Listener::bind("[::1]:0".parse().unwrap(), Reach::Loopback).is_ok());
    }
}
