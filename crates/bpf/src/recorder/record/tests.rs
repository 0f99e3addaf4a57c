//! Tests of records read from bytes.

use super::*;

fn head(kind: u8, flags: u8, ending: u8) -> Vec<u8> {
    let mut bytes = vec![kind, flags, ending, 0, 0, 0, 0, 0];
    bytes.extend(7_000_000_000_u64.to_ne_bytes());
    bytes.extend(42_u64.to_ne_bytes());
    bytes
}

fn key_bytes(pid: u32) -> Vec<u8> {
    let mut bytes = pid.to_ne_bytes().to_vec();
    bytes.extend(3_u32.to_ne_bytes());
    bytes.extend(123_456_789_012_u64.to_ne_bytes());
    bytes
}

fn opened_bytes(kind: u8, flags: u8, family: u8, local: [u8; 16]) -> Vec<u8> {
    let mut bytes = [head(kind, flags, 4), key_bytes(100)].concat();
    bytes.extend(4_026_531_833_u32.to_ne_bytes());
    bytes.extend(1000_u32.to_ne_bytes());
    bytes.extend(8080_u16.to_ne_bytes());
    bytes.extend(0_u16.to_ne_bytes());
    bytes.extend([family, 6, 1, 1]);
    bytes.extend(local);
    bytes.extend([0; 16]);
    bytes
}

fn key(pid: u32) -> ProgramKey {
    ProgramKey { pid: Pid(pid), start_ticks: 12_345, exec: 3 }
}

const MAPPED: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1];
const AT: BootTime = BootTime(7_000_000_000);

fn expected(evidence: Evidence) -> Opened {
    Opened {
        cookie: 42,
        netns: NetnsId(4_026_531_833),
        proto: Proto::Tcp,
        family: Family::V6,
        v6only: true,
        local: Endpoint { addr: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), port: Port(8080) },
        remote: None,
        role: Role::Listening,
        uid: 1000,
        opener: Some(key(100)),
        evidence,
    }
}

#[test]
fn a_socket_without_a_port_says_where_it_lies() {
    let mut bytes = head(AWAITED, 0, 0);
    bytes.extend(0xffff_8881_0000_1000_u64.to_ne_bytes());
    assert_eq!(bytes.len(), AWAITED_LEN);
    let awaited = Record::Awaited { at: AT, cookie: 42, socket: 0xffff_8881_0000_1000 };
    assert_eq!(read(&bytes), Some(awaited));
    assert_eq!(read(&bytes[..AWAITED_LEN - 1]), None);
}

#[test]
fn every_field_of_an_opened_socket() {
    let bytes = opened_bytes(OPENED, 0, AF_INET6, MAPPED);
    assert_eq!(bytes.len(), OPENED_LEN);
    let opened = expected(Evidence::Exact);
    assert_eq!(read(&bytes), Some(Record::Opened { at: AT, opened }));
    assert_eq!(read(&bytes[..OPENED_LEN - 1]), None);
    assert_eq!(read(&opened_bytes(OPENED, 0, 1, MAPPED)), None);
}

#[test]
fn a_socket_told_of_at_its_end() {
    let mut bytes = opened_bytes(WHOLE, FOUND, AF_INET6, MAPPED);
    bytes.extend(9_u64.to_ne_bytes());
    bytes.extend(key_bytes(101));
    assert_eq!(bytes.len(), WHOLE_LEN);
    let opened = expected(Evidence::OpenAtStart);
    let closed = Closed { cookie: 42, closer: Some(key(101)), ending: Ending::Refused };
    let whole = Record::Whole { at: AT, opened, until: BootTime(9), closed };
    assert_eq!(read(&bytes), Some(whole));
    assert_eq!(read(&bytes[..WHOLE_LEN - 1]), None);
}

#[test]
fn a_connect_that_found_no_port() {
    let mut bytes = opened_bytes(NO_PORT, 0, AF_INET6, MAPPED);
    assert_eq!(read(&bytes), None, "it has no far end");
    bytes[REMOTE_PORT..REMOTE_PORT + 2].copy_from_slice(&443_u16.to_ne_bytes());
    bytes[REMOTE..REMOTE + 16].copy_from_slice(&MAPPED);
    let source = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let remote = Endpoint { addr: source, port: Port(443) };
    let no_port = NoPort { netns: NetnsId(4_026_531_833), source, remote };
    assert_eq!(read(&bytes), Some(Record::NoPort { at: AT, no_port }));
}

#[test]
fn a_closed_socket_tells_closer_or_taker() {
    let closed = |ending, closer| Closed { cookie: 42, closer, ending };
    for (flags, closer, taker) in [
        (0, Some(key(9)), None),
        (TAKEN_FLAG, Some(key(9)), Some(key(9))),
        (TAKER_FLAG, None, Some(key(9))),
    ] {
        let bytes = [head(CLOSED, flags, 3), key_bytes(9)].concat();
        let closed = closed(Ending::Reset, closer);
        let expected = Record::Closed { at: AT, closed, taker, is_unused: false };
        assert_eq!(read(&bytes), Some(expected));
    }
    let bytes = [head(CLOSED, TAKER_FLAG | UNUSED, 1), vec![0; 16]].concat();
    let closed = closed(Ending::TimeWait, None);
    let by_nobody = Record::Closed { at: AT, closed, taker: None, is_unused: true };
    assert_eq!(read(&bytes), Some(by_nobody));
    assert_eq!(read(&bytes[..39]), None);
}

#[test]
fn a_program_with_lengths_that_lie() {
    let mut bytes = [head(PROGRAM, EXECUTED | CUT, 0), key_bytes(9), vec![0; 16]].concat();
    bytes.extend(33_u32.to_ne_bytes());
    bytes.extend([0xff; 4]);
    bytes.extend(b"curl\0rest of it");
    bytes.resize(PROGRAM_LEN, b'x');
    let Some(Record::Program(program)) = read(&bytes) else { panic!("no program") };
    assert_eq!((program.comm, program.uid, program.parent), (&b"curl"[..], 33, None));
    assert_eq!(program.parent_comm, [b'x'; 16]);
    assert!(program.executed && program.cut);
    assert_eq!((program.cmdline.len(), program.path.len()), (512, 384));
    assert_eq!(read(&bytes[..PROGRAM_LEN - 1]), None);
}

#[test]
fn the_survey_is_read_row_by_row() {
    let mut bytes = opened_bytes(OPENED, FOUND, AF_INET6, MAPPED);
    bytes.extend(opened_bytes(OPENED, FOUND, 1, MAPPED));
    bytes.extend(opened_bytes(OPENED, FOUND, AF_INET6, MAPPED));
    bytes.extend([0; 17]);
    let rows: Vec<Found> = survey(&bytes).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].opened, expected(Evidence::OpenAtStart));
}

#[test]
fn what_is_no_record_is_none() {
    for bytes in [&[][..], &[OPENED; 23], &[0; 200], &[NO_PORT; 200], &[10; 200]] {
        assert_eq!(read(bytes), None);
    }
}
