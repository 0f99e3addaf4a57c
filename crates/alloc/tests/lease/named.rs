//! Names: the same port again, and one holder at a time.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;

use alloc::lease::{Identity, LeaseError, Remark, Wish};
use registry::Port;

use crate::{apart, range};

/// A directory that is gone with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("portolan-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// The wish for the lease called `name`, remembered here.
    pub(crate) fn wish(&self, name: &str) -> Wish {
        let identity = Identity { project: self.0.clone(), name: name.parse().unwrap() };
        Wish::default().with_identity(identity).with_memory(self.0.join("state/leases"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_name_has_its_port_again_and_others_have_others() {
    apart(|| {
        let folder = Folder::new("again");
        let port = folder.wish("web").take().unwrap().port();
        let other = folder.wish("db").take().unwrap();
        assert_ne!(other.port(), port);
        for _ in 0..5 {
            let lease = folder.wish("web").take().unwrap();
            assert_eq!((lease.port(), lease.remarks()), (port, &[][..]));
        }
    });
}

#[test]
fn a_name_that_is_held_is_refused_and_its_holder_told() {
    apart(|| {
        let folder = Folder::new("held");
        let lease = folder.wish("web").take().unwrap();
        let Err(LeaseError::Taken { by: Some(by), .. }) = folder.wish("web").take() else {
            panic!("it was not taken, or nobody was seen");
        };
        assert_eq!(by.ports(), lease.ports());
        assert_eq!(by.holder.unwrap().pid.0, std::process::id());
        drop(lease);
        assert!(folder.wish("web").take().is_ok());
    });
}

/// The first choice is taken when a name is new: what it gets instead is its own from then on.
#[test]
fn what_a_name_got_first_is_what_it_keeps() {
    apart(|| {
        let folder = Folder::new("first");
        let wish = || folder.wish("web").with_range(range("20000-20009"));
        let follows = wish().with_memory(folder.0.join("other/leases")).take().unwrap().port();
        let in_the_way = TcpListener::bind(("127.0.0.1", follows.number())).unwrap();
        let first = wish().take().unwrap().port();
        assert_ne!(first, follows);
        drop(in_the_way);
        assert_eq!(wish().take().unwrap().port(), first);
        let _in_the_way = TcpListener::bind(("127.0.0.1", first.number())).unwrap();
        let moved = wish().take().unwrap();
        assert_eq!(moved.remarks(), [Remark::Moved { had: vec![first] }]);
        drop(moved);
        drop(_in_the_way);
        assert_eq!(wish().take().unwrap().port(), first);
    });
}

/// A server that closed first leaves its port in TIME-WAIT for a minute.
#[test]
fn connections_of_the_last_server_do_not_move_a_name() {
    apart(|| {
        let folder = Folder::new("lingering");
        let lease = folder.wish("web").take().unwrap();
        let port = lease.port();
        let server = TcpListener::bind(("127.0.0.1", port.number())).unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", port.number())).unwrap();
        drop(server.accept().unwrap());
        client.read_exact(&mut [0]).unwrap_err();
        drop((client, server, lease));
        let lingers = TcpListener::bind(("127.0.0.1", port.number())).unwrap();
        drop(lingers);
        let mut again = folder.wish("web").take().unwrap();
        assert_eq!(again.port(), port);
        again.listen(port).unwrap();
    });
}

#[test]
fn several_ports_of_a_name_stay_together() {
    apart(|| {
        let folder = Folder::new("block");
        let ports = folder.wish("web").with_block(4).take().unwrap().ports().to_vec();
        assert_eq!(folder.wish("web").with_block(4).take().unwrap().ports(), ports);
        assert!(ports.windows(2).all(|pair| pair[1] == Port(pair[0].0 + 1)));
        assert_eq!(folder.wish("web").with_count(2).take().unwrap().ports().len(), 2);
    });
}
