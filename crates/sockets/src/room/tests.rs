//! Tests of the room that sockets leave.

use std::time::Duration;

use registry::PortRange;

use super::*;
use crate::{Timer, TimerKind};

const HERE: NetnsId = NetnsId(1);

fn settings(first: u16, last: u16) -> PortSettings {
    PortSettings {
        ephemeral: PortRange::new(Port(first), Port(last)).unwrap(),
        reserved: Vec::new(),
        unprivileged_start: Port(1024),
    }
}

fn end(text: &str) -> Endpoint {
    let addr: std::net::SocketAddr = text.parse().unwrap();
    Endpoint { addr: addr.ip(), port: Port(addr.port()) }
}

fn socket(proto: Proto, local: &str, remote: &str, state: State) -> Socket {
    let local = end(local);
    Socket {
        proto,
        family: if local.addr.is_ipv4() { Family::V4 } else { Family::V6 },
        v6only: None,
        local,
        remote: end(remote),
        state,
        recv_q: 0,
        send_q: 0,
        uid: 0,
        inode: 7,
        cookie: 0,
        netns: HERE,
        cgroup: None,
        device: None,
        timer: None,
    }
}

fn tcp(local: &str, remote: &str) -> Socket {
    socket(Proto::Tcp, local, remote, State::Established)
}

fn room(sockets: &[Socket], settings: &PortSettings) -> Room {
    Room::of(HERE, sockets, settings, TimeWaitReuse::NEVER)
}

#[test]
fn ports_are_counted_towards_each_destination() {
    let sockets = [
        tcp("10.0.0.1:40000", "10.0.0.9:80"),
        tcp("10.0.0.1:40002", "10.0.0.9:80"),
        tcp("10.0.0.2:40002", "10.0.0.9:80"),
        tcp("[::ffff:10.0.0.1]:40004", "[::ffff:10.0.0.9]:80"),
        tcp("10.0.0.1:39999", "10.0.0.9:80"),
        Socket { netns: NetnsId(2), ..tcp("10.0.0.1:40006", "10.0.0.9:80") },
    ];
    let room = room(&sockets, &settings(40000, 40009));
    let counts: Vec<_> = room.destinations.iter().map(|d| (d.source, d.taken, d.of)).collect();
    let source = |last| IpAddr::from([10, 0, 0, last]);
    assert_eq!(counts, [(source(1), 3, 10), (source(2), 1, 10)]);
    assert_eq!((room.handed_out, room.closed, room.tcp.ports), (10, 0, 3));
    assert_eq!(room.destinations[0].first, Half { taken: 3, of: 5 });
    assert_eq!(room.destinations[0].sockets, [0, 1, 3]);
}

#[test]
fn a_port_that_is_bound_or_listened_on_is_closed_to_connect() {
    let none = "0.0.0.0:0";
    let sockets = [
        socket(Proto::Tcp, "0.0.0.0:40000", none, State::Listen),
        socket(Proto::Tcp, "127.0.0.1:40001", none, State::Bound),
        // Came in on the listener.
        tcp("10.0.0.1:40000", "10.0.0.9:555"),
        tcp("10.0.0.1:40002", "10.0.0.9:80"),
        // UDP's ports are others.
        socket(Proto::Udp, "0.0.0.0:40005", none, State::Close),
    ];
    let mut settings = settings(40000, 40009);
    settings.reserved = vec![PortRange::from(Port(40009)), PortRange::from(Port(50000))];
    let room = room(&sockets, &settings);
    assert_eq!((room.handed_out, room.closed, room.open()), (9, 2, 7));
    assert_eq!(room.destinations.len(), 1);
    assert_eq!((room.destinations[0].taken, room.destinations[0].of), (1, 7));
    assert_eq!((room.tcp.ports, room.udp.ports), (3, 1));
    assert_eq!(room.tcp.states.of(State::Listen), 1);
}

#[test]
fn time_wait_takes_a_port_unless_the_kernel_lends_it() {
    let waits = |port: u16, left| Socket {
        state: State::TimeWait,
        timer: Some(Timer {
            kind: TimerKind::TimeWait,
            expires: Duration::from_millis(left),
            retransmits: 0,
        }),
        ..tcp(&format!("127.0.0.1:{port}"), "127.0.0.1:80")
    };
    let sockets = [waits(40000, 59_500), waits(40002, 58_000)];
    let reuse = TimeWaitReuse { reuse: Reuse::Loopback, ..TimeWaitReuse::NEVER };
    let lent = &Room::of(HERE, &sockets, &settings(40000, 40003), reuse).destinations[0];
    assert_eq!((lent.taken, lent.reusable, lent.free()), (2, 1, 3));
    assert_eq!((lent.first, lent.cliff()), (Half { taken: 1, of: 2 }, Cliff::Far));
    let kept = &room(&sockets, &settings(40000, 40003)).destinations[0];
    assert_eq!((kept.taken, kept.reusable, kept.free()), (2, 0, 2));
    assert_eq!((kept.cliff(), kept.states.of(State::TimeWait)), (Cliff::Past, 2));
}

#[test]
fn the_cliff_is_where_the_parity_of_the_low_end_is_used_up() {
    let with = |count: u16, step: u16| {
        let port = |n: u16| 40001 + n * step;
        let sockets: Vec<_> =
            (0..count).map(|n| tcp(&format!("10.0.0.1:{}", port(n)), "10.0.0.9:80")).collect();
        room(&sockets, &settings(40001, 41000)).destinations[0].cliff()
    };
    assert_eq!((with(399, 2), with(400, 2), with(500, 2)), (Cliff::Far, Cliff::Near, Cliff::Past));
    // Half of the ports, but of both parities.
    assert_eq!(with(500, 1), Cliff::Far);
}

#[test]
fn there_is_no_cliff_where_the_parity_tried_first_is_reserved() {
    let even = (40000..40010).step_by(2).map(|port| PortRange::from(Port(port)));
    let settings = PortSettings { reserved: even.collect(), ..settings(40000, 40009) };
    let sockets = [tcp("10.0.0.1:40001", "10.0.0.9:80"), tcp("10.0.0.1:40003", "10.0.0.9:80")];
    let destination = &room(&sockets, &settings).destinations[0];
    assert_eq!((destination.taken, destination.of), (2, 5));
    assert_eq!((destination.first, destination.cliff()), (Half::default(), Cliff::Far));
}

#[test]
fn udp_gives_a_port_to_one_socket_whatever_it_talks_to() {
    let udp = |local, remote| socket(Proto::Udp, local, remote, State::Established);
    let sockets = [
        udp("10.0.0.1:40000", "10.0.0.9:53"),
        udp("10.0.0.1:40001", "10.0.0.9:53"),
        udp("10.0.0.1:40002", "10.0.0.8:53"),
        Socket { v6only: Some(true), ..udp("[::1]:40003", "[::1]:53") },
    ];
    let room = room(&sockets, &settings(40000, 40009));
    let counts: Vec<_> = room.destinations.iter().map(|d| (d.remote.addr, d.taken, d.of)).collect();
    let v4 = |last| IpAddr::from([10, 0, 0, last]);
    let v6 = IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(counts, [(v4(9), 2, 9), (v6, 1, 7), (v4(8), 1, 8)]);
    assert_eq!(room.destinations[0].cliff(), Cliff::Far);
}

#[test]
fn a_fully_reserved_range_has_no_room() {
    let mut settings = settings(40000, 40001);
    settings.reserved = vec![settings.ephemeral];
    let room = room(&[tcp("10.0.0.1:40000", "10.0.0.9:80")], &settings);
    assert_eq!((room.open(), room.destinations.len()), (0, 0));
}

#[test]
fn several_source_addresses_are_pooled() {
    let sockets = [
        tcp("10.0.0.1:40000", "10.0.0.9:80"),
        tcp("10.0.0.1:40001", "10.0.0.9:80"),
        tcp("[::ffff:10.0.0.2]:40001", "[::ffff:10.0.0.9]:80"),
        socket(Proto::Tcp, "10.0.0.3:40001", "10.0.0.9:80", State::TimeWait),
        tcp("10.0.0.1:40000", "10.0.0.9:81"),
        socket(Proto::Udp, "10.0.0.1:40000", "10.0.0.9:53", State::Established),
        socket(Proto::Udp, "10.0.0.2:40001", "10.0.0.9:53", State::Established),
    ];
    let pools = room(&sockets, &settings(40000, 40009)).pools;
    assert_eq!(pools.len(), 1, "one address is no pool, and UDP has none: {pools:?}");
    let sources: Vec<String> = pools[0].sources.iter().map(ToString::to_string).collect();
    assert_eq!(sources, ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    assert_eq!(pools[0].remote, end("10.0.0.9:80"));
    assert_eq!((pools[0].taken, pools[0].of, pools[0].free()), (4, 30, 26));
}
