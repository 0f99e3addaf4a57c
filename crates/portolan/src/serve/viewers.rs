//! Who connects, and what is theirs to see: by the kernel's word alone.

use std::net::SocketAddr;

use registry::{Port, Proto};
use sockets::{Endpoint, Linux, Tuple, Users, group_id, group_members};
use web::Viewer;

/// As whom the user `uid` looks: root, the user who serves, and the members of the group `portolan`
/// see everything, others their own.
pub(super) fn of_user(uid: u32) -> Viewer {
    let serves = rustix::process::geteuid().as_raw();
    if uid == 0 || uid == serves || is_member(uid) {
        return Viewer::Everything;
    }
    Viewer::User(uid)
}

/// Whose socket is connected from `theirs` to `ours`, on this machine: the kernel says who made it.
pub(super) fn at(ours: SocketAddr, theirs: SocketAddr) -> Viewer {
    let end = |end: SocketAddr| Endpoint { addr: end.ip(), port: Port(end.port()) };
    let tuple = Tuple { proto: Proto::Tcp, local: end(theirs), remote: end(ours), cookie: None };
    let found = Linux.look_up(&[tuple]).ok().and_then(|mut found| found.pop().flatten());
    // One that nobody has any more is said to be root's.
    let held = found.filter(|socket| {
        socket.inode != 0
            && (socket.local.port, socket.remote.port) == (tuple.local.port, tuple.remote.port)
    });
    held.map_or(Viewer::Nobody, |socket| of_user(socket.uid))
}

fn is_member(uid: u32) -> bool {
    if group_id(GROUP).is_none() {
        return false;
    }
    let name = Users::load().user(uid).name;
    name.is_some_and(|name| group_members(GROUP).iter().any(|member| **member == *name))
}

const GROUP: &str = "portolan";

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_kernel_says_who_connects() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        let (ours, theirs) = (server.local_addr().unwrap(), server.peer_addr().unwrap());
        assert_eq!(at(ours, theirs), Viewer::Everything);
        drop(client);
        assert_eq!(at(ours, theirs), Viewer::Nobody);
        assert_eq!(at(ours, "127.0.0.1:1".parse().unwrap()), Viewer::Nobody);
    }

    #[test]
    fn others_see_their_own() {
        assert_eq!(of_user(0), Viewer::Everything);
        assert_eq!(of_user(65_531), Viewer::User(65_531));
    }
}
