//! The socket table against `ss(8)`, row by row.

use registry::Proto;
use sockets::{Family, Query, Socket, State};

use crate::load::{Load, list};
use crate::namespace::{in_fresh_netns, run};

/// A row as `ss -e` tells it; the timer aside, which runs.
fn ss(args: &str) -> Vec<String> {
    let text = run(&["ss", "-H", "-n", "-e", args]);
    text.lines().map(|line| line.split_whitespace().map(row_word).collect()).collect()
}

/// One word of a row of `ss`, with a blank; nothing for what is not compared here.
fn row_word(word: &str) -> String {
    match word.split_once(':') {
        Some(("timer" | "cgroup" | "fwmark", _)) => String::new(),
        _ if word == "<->" || word == "-->" || word == "<--" => String::new(),
        _ => format!("{word} "),
    }
}

/// The same row, told by us.
fn ours(socket: &Socket) -> String {
    let mut row = format!("{} {} {} {} ", socket.proto, socket.state, socket.recv_q, socket.send_q);
    row += &format!("{} {} ", end(socket, true), end(socket, false));
    if socket.uid != 0 {
        row += &format!("uid:{} ", socket.uid);
    }
    row += &format!("ino:{} sk:{:x} ", socket.inode, socket.cookie);
    if let Some(only) = socket.v6only {
        row += &format!("v6only:{} ", u8::from(only));
    }
    row
}

/// One end in the notation of `ss`: `*` for an unspecified address that takes both families.
fn end(socket: &Socket, is_local: bool) -> String {
    let end = if is_local { socket.local } else { socket.remote };
    let port = if end.port.number() == 0 { "*".to_owned() } else { end.port.to_string() };
    let both = socket.v6only == Some(false) && end.addr.is_unspecified();
    match socket.family {
        Family::V6 if both => format!("*:{port}"),
        Family::V6 => format!("[{}]:{port}", end.addr),
        Family::V4 => format!("{}:{port}", end.addr),
    }
}

fn in_the_order_of_ss(family: Option<Family>) -> Vec<String> {
    let states = State::ALL.into_iter().filter(|state| *state != State::Bound).collect();
    let protos = [Proto::Udp, Proto::Tcp];
    let query = |proto| Query { protos: vec![proto], states, family, ..Query::default() };
    protos.iter().flat_map(|proto| list(&query(*proto))).map(|socket| ours(&socket)).collect()
}

#[test]
fn every_socket_that_ss_shows_in_its_order() {
    in_fresh_netns(|| {
        let load = Load::open();
        assert_eq!((load.listeners.len(), load.streams.len()), (3, 8));
        let all = in_the_order_of_ss(None);
        assert_eq!(all.len(), 3 + 8 + 4 + load.datagrams.len());
        assert_eq!(all.iter().filter(|row| row.contains("TIME-WAIT")).count(), 4);
        assert_eq!(all, ss("-tuna"));
        assert_eq!(in_the_order_of_ss(Some(Family::V4)), ss("-tuna4"));
        assert_eq!(in_the_order_of_ss(Some(Family::V6)), ss("-tuna6"));
    });
}

#[test]
fn nobody_sees_the_same_sockets_as_root() {
    in_fresh_netns(|| {
        let _load = Load::open();
        let before = list(&Query::default());
        let nobody = rustix::fs::Uid::from_raw(65534);
        rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
        let mut after = list(&Query::default());
        for (socket, earlier) in after.iter_mut().zip(&before) {
            socket.timer = earlier.timer;
        }
        assert_eq!(after, before);
    });
}
