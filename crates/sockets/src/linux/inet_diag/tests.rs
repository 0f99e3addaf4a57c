//! Tests of sockets read from the kernel's answers.

use super::*;

/// A row of a socket on `[::1]:8080` and its peer on `[::1]:40000`, taken apart by field.
fn row(family: u8, state: u8, timer: u8, remote_port: u16) -> Vec<u8> {
    let mut row = vec![family, state, timer, 2];
    row.extend(8080_u16.to_be_bytes());
    row.extend(remote_port.to_be_bytes());
    let addr = if family == AF_INET { [127, 0, 0, 1] } else { [0; 4] };
    for _ in 0..2 {
        row.extend(addr);
        row.extend([0; 11]);
        row.push(1);
    }
    row.extend(3_u32.to_ne_bytes());
    row.extend(0x89ab_cdef_u32.to_ne_bytes());
    row.extend(0x0123_4567_u32.to_ne_bytes());
    for field in [1500_u32, 11, 12, 1000, 31337] {
        row.extend(field.to_ne_bytes());
    }
    assert_eq!(row.len(), ROW_LEN);
    row
}

fn attribute(number: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(4 + payload.len()).unwrap();
    let mut bytes = [len.to_ne_bytes(), number.to_ne_bytes()].concat();
    bytes.extend(payload);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn parse(row: &[u8], proto: Proto) -> Option<Socket> {
    socket(row, proto, NetnsId(7), |index| Device { index, name: "eth0".into() })
}

#[test]
fn every_field_of_a_row() {
    let mut bytes = row(AF_INET6, 1, 2, 40000);
    bytes.extend(attribute(8, &[0]));
    bytes.extend(attribute(ATTRIBUTE_V6ONLY, &[1]));
    bytes.extend(attribute(ATTRIBUTE_CGROUP, &99_u64.to_ne_bytes()));
    let localhost = IpAddr::V6(Ipv6Addr::LOCALHOST);
    let expected = Socket {
        proto: Proto::Tcp,
        family: Family::V6,
        v6only: Some(true),
        local: Endpoint { addr: localhost, port: Port(8080) },
        remote: Endpoint { addr: localhost, port: Port(40000) },
        state: State::Established,
        recv_q: 11,
        send_q: 12,
        uid: 1000,
        inode: 31337,
        cookie: 0x0123_4567_89ab_cdef,
        netns: NetnsId(7),
        cgroup: Some(CgroupId(99)),
        device: Some(Device { index: 3, name: "eth0".into() }),
        timer: Some(Timer {
            kind: TimerKind::KeepAlive,
            expires: Duration::from_millis(1500),
            retransmits: 2,
        }),
    };
    assert_eq!(parse(&bytes, Proto::Tcp), Some(expected));
}

#[test]
fn an_ipv4_row_without_attributes() {
    let socket = parse(&row(AF_INET, 7, 0, 0), Proto::Udp).unwrap();
    assert_eq!(socket.local.to_string(), "127.0.0.1:8080");
    assert_eq!((socket.v6only, socket.cgroup, socket.timer), (None, None, None));
    assert_eq!(socket.state, State::Close);
}

#[test]
fn a_closed_tcp_socket_is_a_bound_one() {
    assert_eq!(parse(&row(AF_INET, 7, 0, 0), Proto::Tcp).unwrap().state, State::Bound);
    assert_eq!(parse(&row(AF_INET, 12, 0, 0), Proto::Tcp).unwrap().state, State::SynRecv);
}

#[test]
fn sctp_associations_have_states_of_their_own() {
    let state = |number, remote| parse(&row(AF_INET, number, 0, remote), Proto::Sctp);
    assert_eq!(state(10, 0).unwrap().state, State::Listen);
    assert_eq!(state(3, 5000).unwrap().state, State::Established);
    assert_eq!(state(7, 5000).unwrap().state, State::LastAck);
    assert_eq!(state(8, 5000), None);
}

#[test]
fn damaged_rows_are_left_out() {
    let whole = row(AF_INET, 1, 0, 40000);
    assert!(parse(&whole, Proto::Tcp).is_some());
    assert_eq!(parse(&whole[..ROW_LEN - 1], Proto::Tcp), None);
    assert_eq!(parse(&row(1, 1, 0, 0), Proto::Tcp), None);
    assert_eq!(parse(&row(AF_INET, 0, 0, 0), Proto::Tcp), None);
    assert_eq!(parse(&row(AF_INET, 14, 0, 0), Proto::Udp), None);
}

#[test]
fn a_destroyed_socket_names_its_protocol() {
    let mut bytes = row(AF_INET, 7, 0, 40000);
    assert_eq!(destroyed(&bytes, NetnsId(7)), None);
    bytes.extend(attribute(ATTRIBUTE_PROTOCOL, &[6]));
    bytes.extend(attribute(2, &[0; 280]));
    let socket = destroyed(&bytes, NetnsId(7)).unwrap();
    assert_eq!((socket.proto, socket.state), (Proto::Tcp, State::Bound));
    assert_eq!(socket.cookie, 0x0123_4567_89ab_cdef);
    let raw = attribute(ATTRIBUTE_PROTOCOL, &[255]);
    assert_eq!(destroyed(&[&bytes[..ROW_LEN], &raw].concat(), NetnsId(7)), None);
}

#[test]
fn a_request_names_protocol_family_and_states() {
    let body = Table::One(Proto::Sctp, Family::V6).request(1 << 13 | 1 << 10);
    assert_eq!(body.len(), 56);
    assert_eq!(body[..4], [10, 132, 0, 0]);
    assert_eq!(body[4..8], 0x2400_u32.to_ne_bytes());
    assert!(body[8..].iter().all(|byte| *byte == 0));
}

#[test]
fn a_request_for_one_socket_has_its_ends_and_its_cookie() {
    let end = |text: &str, port| Endpoint { addr: text.parse().unwrap(), port: Port(port) };
    let mut tuple = Tuple {
        proto: Proto::Tcp,
        local: end("::ffff:192.0.2.1", 0x1234),
        remote: end("192.0.2.2", 0x5678),
        cookie: Some(0x0123_4567_89ab_cdef),
    };
    let body = exact_request(&tuple);
    assert_eq!(body.len(), 56);
    assert_eq!(body[..2], [AF_INET, 6]);
    assert_eq!(body[8..12], [0x12, 0x34, 0x56, 0x78]);
    assert_eq!((&body[12..16], &body[28..32]), (&[192, 0, 2, 1][..], &[192, 0, 2, 2][..]));
    assert_eq!(body[48..52], 0x89ab_cdef_u32.to_ne_bytes());
    assert_eq!(body[52..], 0x0123_4567_u32.to_ne_bytes());
    tuple = Tuple { proto: Proto::Udp, remote: end("::", 0), cookie: None, ..tuple };
    let body = exact_request(&tuple);
    assert_eq!(body[..2], [AF_INET6, 17]);
    assert_eq!(body[8..12], [0, 0, 0x12, 0x34]);
    assert_eq!(body[28..44], tuple_octets("::ffff:192.0.2.1"));
    assert!(body[48..].iter().all(|byte| *byte == 0xff));
}

fn tuple_octets(text: &str) -> [u8; 16] {
    text.parse::<Ipv6Addr>().unwrap().octets()
}

#[test]
fn the_older_request_has_its_states_behind_the_socket() {
    let body = Table::Tcp.request(1 << 10);
    assert_eq!(body.len(), 60);
    assert_eq!(body[52..56], 0x400_u32.to_ne_bytes());
    assert!(body[..52].iter().chain(&body[56..]).all(|byte| *byte == 0));
}
