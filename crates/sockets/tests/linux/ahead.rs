//! A census that was taken before it was asked for.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::time::Duration;

use sockets::{BootTime, Census, Counted, Held, Linux, Method, Pid, Search};

use crate::owners::{holders, sockets_on};

/// Tells, once, what it saw a moment ago; is asked in vain for more.
#[derive(Debug)]
struct Ahead {
    seen: RefCell<Option<Vec<Counted>>>,
    asked: Cell<u32>,
}

impl Ahead {
    fn new(seen: Vec<Counted>) -> Ahead {
        Ahead { seen: RefCell::new(Some(seen)), asked: Cell::new(0) }
    }
}

impl Census for Ahead {
    fn delay(&self) -> Option<Duration> {
        Some(Duration::ZERO)
    }

    fn take(&self, _: &mut dyn FnMut(&Counted)) -> io::Result<()> {
        self.asked.set(self.asked.get() + 1);
        Err(io::ErrorKind::Unsupported.into())
    }

    fn taken(&self) -> Option<Vec<Counted>> {
        self.seen.take()
    }
}

/// What a census says of a descriptor of ours.
fn ours(inode: u64, fd: u32) -> Counted {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let ticks: u64 = stat.rsplit(')').next().unwrap().split(' ').nth(20).unwrap().parse().unwrap();
    Counted {
        held: Held { inode, pid: Pid(std::process::id()), fd },
        started: BootTime(ticks * 10_000_000),
        uid: 0,
        comm: *b"whoever\0\0\0\0\0\0\0\0\0",
    }
}

#[test]
fn what_it_saw_is_believed_where_it_saw_all() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let sockets = sockets_on(server.local_addr().unwrap().port());
    let told = ours(sockets[0].inode, 1000);
    let census = Ahead::new(vec![told]);
    let ownership = Linux.owners_with(&sockets, Search::Full, &census);
    assert_eq!(ownership.method(), Method::Iterator);
    // No such descriptor: nobody but the census can have told of it.
    assert_eq!(holders(&ownership, &sockets[0]), [(std::process::id(), 1000)]);
    assert_eq!(census.asked.get(), 0);
}

#[test]
fn a_socket_opened_since_is_looked_for_anew() {
    let servers = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let listed = |server: &TcpListener| sockets_on(server.local_addr().unwrap().port());
    let sockets = servers.iter().flat_map(listed).collect::<Vec<_>>();
    for search in [Search::Full, Search::Likely { budget: Duration::ZERO }] {
        let census = Ahead::new(vec![ours(sockets[0].inode, 1000)]);
        let ownership = Linux.owners_with(&sockets, search, &census);
        for (server, socket) in servers.iter().zip(&sockets) {
            let fd = server.as_raw_fd().cast_unsigned();
            assert_eq!(holders(&ownership, socket), [(std::process::id(), fd)], "{search:?}");
        }
        assert!(census.taken().is_none());
    }
}
