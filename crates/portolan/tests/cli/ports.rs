//! Settings of a test's own network namespace, and connections that fill its range.

use std::fs;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::Command;

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};

/// Sets a setting below `/proc/sys/net/ipv4` of the namespace of this thread.
pub(crate) fn set(name: &str, value: &str) {
    fs::write(format!("/proc/sys/net/ipv4/{name}"), value).unwrap();
}

/// A setting, without its newline.
pub(crate) fn setting(name: &str) -> String {
    let text = fs::read_to_string(format!("/proc/sys/net/ipv4/{name}")).unwrap();
    text.trim().replace('\t', " ")
}

/// Connections to a listener outside of the range, from there on held.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) listener: TcpListener,
    pub(crate) held: Vec<TcpStream>,
}

impl Load {
    /// A listener at 127.0.0.1:7000, which nobody talks to yet.
    pub(crate) fn new() -> Load {
        Load { listener: TcpListener::bind("127.0.0.1:7000").unwrap(), held: Vec::new() }
    }

    /// Connects until so many connections are held, or no port is left; how many are.
    pub(crate) fn fill(&mut self, count: usize) -> usize {
        while self.held.len() < 2 * count {
            let Ok(client) = TcpStream::connect("127.0.0.1:7000") else { break };
            self.held.push(client);
            self.held.push(self.listener.accept().unwrap().0);
        }
        self.held.len() / 2
    }

    /// Connects and closes at once, so that ports are left in `TIME-WAIT`.
    pub(crate) fn churn(&self, count: usize) {
        for _ in 0..count {
            let client = TcpStream::connect("127.0.0.1:7000").unwrap();
            let (server, _) = self.listener.accept().unwrap();
            // To drop it would not do: a process that another test starts just then has it, too, until
            // it runs its program, and the server's end would be the first to close, and wait.
            client.shutdown(Shutdown::Both).unwrap();
            server.shutdown(Shutdown::Both).unwrap();
        }
    }
}

/// A connection whose socket was bound to `source` before.
pub(crate) fn bound_connection(source: &str, to: &str) -> OwnedFd {
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let socket =
        socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    bind(&socket, &address(source)).unwrap();
    connect(&socket, &address(to)).unwrap();
    socket
}

/// How many connections `ss` counts to a port.
pub(crate) fn counted_by_ss(port: u16) -> usize {
    let output = Command::new("ss")
        .args(["-tanH", &format!("dport = :{port}")])
        .output()
        .expect("ss is installed");
    assert!(output.status.success());
    output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count()
}
