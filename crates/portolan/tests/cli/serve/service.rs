//! A service that runs for a test, and as much of a client as the tests need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A service, ended when dropped.
#[derive(Debug)]
pub(crate) struct Service {
    child: Child,
    pub(crate) addr: SocketAddr,
    dir: TempDir,
}

/// What a service answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The lines of the head.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Service {
    /// Starts one on a port that is free, with further `args`.
    pub(crate) fn start(args: &[&str]) -> Service {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--feedback"])
            .arg(dir.path().join("feedback.redb"))
            .arg("--dir")
            .arg(dir.path().join("store"))
            .args(args);
        Service::spawn(command, dir)
    }

    /// Starts what `command` runs, and waits until it serves.
    pub(crate) fn spawn(mut command: Command, dir: TempDir) -> Service {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let greeting = lines.find_map(|line| {
            let line = line.unwrap();
            line.split_once("//").map(|(_, rest)| rest.trim_end_matches('/').to_owned())
        });
        let addr = greeting.expect("it says where it serves").parse().unwrap();
        // What else it says is nobody's business, and must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Service { child, addr, dir }
    }

    /// A directory that lives as long as the service.
    pub(crate) fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// `Host` as a browser would say it.
    pub(crate) fn host(&self) -> String {
        self.addr.to_string()
    }

    /// Gets a path.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// Asks with further header lines and a body.
    pub(crate) fn ask(&self, method: &str, path: &str, lines: &[&str], body: &str) -> Answer {
        let host = format!("Host: {}", self.host());
        let mut all = vec![host.as_str(), "Connection: close"];
        all.extend(lines);
        self.say(method, path, &all, body)
    }

    /// Asks with these header lines and no other.
    pub(crate) fn say(&self, method: &str, path: &str, lines: &[&str], body: &str) -> Answer {
        let mut stream = self.connect();
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        lines.iter().for_each(|line| head.push_str(&format!("{line}\r\n")));
        if !body.is_empty() {
            let kind = "Content-Type: application/x-www-form-urlencoded";
            head.push_str(&format!("{kind}\r\nContent-Length: {}\r\n", body.len()));
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let _closed_or_reset = stream.read_to_end(&mut bytes);
        Answer::read(&bytes)
    }

    /// A connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// The lines of a stream of events.
    pub(crate) fn events(&self, path: &str) -> Events {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host()).unwrap();
        Events { reader: BufReader::new(stream) }
    }

    /// Tells it to end, and how it did, within `patience`.
    pub(crate) fn end(mut self, patience: Duration) -> Option<i32> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).unwrap();
        let started = Instant::now();
        while started.elapsed() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}

impl Answer {
    /// Reads an answer, chunked or not.
    pub(crate) fn read(bytes: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(bytes);
        let (head, rest) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or_default();
        let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let body = if chunked { unchunked(rest) } else { rest.to_owned() };
        Answer { status, head: head.to_owned(), body }
    }

    /// The value of a line of the head.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(it, _)| it.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, behind)) = rest.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size, 16) else { break };
        let Some(chunk) = behind.get(..size) else { break };
        body.push_str(chunk);
        rest = behind.get(size + 2..).unwrap_or_default();
    }
    body
}

/// A stream of events.
#[derive(Debug)]
pub(crate) struct Events {
    reader: BufReader<TcpStream>,
}

impl Events {
    /// Reads until `wanted` is in what was sent since the last call; what that was, or how far it
    /// came.
    pub(crate) fn until(&mut self, wanted: &str, patience: Duration) -> Result<String, String> {
        let started = Instant::now();
        let mut text = String::new();
        while started.elapsed() < patience {
            let left = patience.saturating_sub(started.elapsed()).max(Duration::from_millis(1));
            self.reader.get_ref().set_read_timeout(Some(left)).unwrap();
            let mut line = String::new();
            match self.reader.read_line(&mut line) {
                Ok(0) => break,
                Ok(_) => text.push_str(&line),
                Err(_) => continue,
            }
            if text.contains(wanted) {
                return Ok(text);
            }
        }
        Err(text)
    }

    /// Whether the stream ends within `patience`.
    pub(crate) fn ends(&mut self, patience: Duration) -> bool {
        self.reader.get_ref().set_read_timeout(Some(patience)).unwrap();
        let mut rest = Vec::new();
        self.reader.read_to_end(&mut rest).is_ok()
    }
}
