//! Clients that mean harm, or have no sense: they never hold up recording, nor those who ask.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::at_work::{Recorder, store_dir};
use crate::netns::{Run, in_own_netns};

/// A frame's head with the version, kind and length given.
fn head(version: u8, kind: u8, length: u32) -> Vec<u8> {
    [&[b'p', b't', version, kind][..], &length.to_le_bytes()].concat()
}

fn connect(dir: &Path) -> UnixStream {
    UnixStream::connect(dir.join("recorder.sock")).unwrap()
}

/// Whether the recorder answers somebody else, soon.
#[track_caller]
fn assert_answers(recorder: &Recorder) {
    let started = Instant::now();
    let run = recorder.ask(&["status"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn garbage_is_turned_away() {
    let dir = store_dir();
    let recorder = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
    let garbage = [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0; 100_000],
        head(99, 1, 0),
        head(1, 1, u32::MAX),
        head(1, 77, 0),
        [head(1, 1, 5), b"xxxxx".to_vec()].concat(),
        [head(1, 2, 3), b"abc".to_vec()].concat(),
        head(1, 3, 0).repeat(1000),
    ];
    for bytes in garbage {
        let mut client = connect(dir.path());
        // The recorder may close before it has taken all of it.
        let _ = client.write_all(&bytes);
        let _ = client.shutdown(std::net::Shutdown::Write);
        client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut told = Vec::new();
        let _ = client.read_to_end(&mut told);
        assert!(told.is_empty() || told.starts_with(b"pt"), "{told:?}");
    }
    assert_answers(&recorder);
}

#[test]
fn those_who_stop_half_way_hold_nobody_up() {
    let dir = store_dir();
    let recorder = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
    let mut half: Vec<UnixStream> = (0..20).map(|_| connect(dir.path())).collect();
    for client in &mut half {
        client.write_all(&head(1, 1, 60_000)[..6]).unwrap();
    }
    assert_answers(&recorder);
    let mut deaf = connect(dir.path());
    deaf.write_all(&head(1, 4, 0)).unwrap();
    let mut greedy = connect(dir.path());
    greedy.write_all(&head(1, 3, 0).repeat(10)).unwrap();
    assert_answers(&recorder);
}

#[test]
fn ten_thousand_callers_leave_room_for_others() {
    let dir = store_dir();
    let recorder = Recorder::start(dir.path(), &["--source", "sampling"]).unwrap();
    let mut callers = Vec::new();
    for _ in 0..10_000 {
        let caller = connect(dir.path());
        callers.push(caller);
        if callers.len() > 200 {
            callers.remove(0);
        }
    }
    let threads = std::fs::read_dir(format!("/proc/{}/task", recorder.pid())).unwrap().count();
    assert!(threads < 200, "{threads} threads");
    drop(callers);
    let run = recorder.ask_until(&["status"], |run| run.status == 0);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn one_who_watches_and_never_reads_costs_nothing_and_is_told_what_it_missed() {
    in_own_netns("deaf", || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel("deaf", dir.path()) else { return };
        let mut deaf = connect(dir.path());
        deaf.write_all(&head(1, 4, 0)).unwrap();
        for _ in 0..SOCKETS {
            drop(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
        }
        let ended = |run: &Run| run.json()["recorder"]["ended"].as_u64().unwrap();
        let run = recorder.ask_until(&["status", "--json"], |run| ended(run) >= SOCKETS);
        assert!(ended(&run) >= SOCKETS && run.json()["recorder"]["lost"] == 0, "{}", run.stdout);
        deaf.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (mut told, mut more) = (Vec::new(), vec![0; 1 << 20]);
        while !kinds(&told).contains(&MISSED) {
            match deaf.read(&mut more) {
                Ok(count) if count > 0 => told.extend_from_slice(&more[..count]),
                end => panic!("{end:?} after {} bytes", told.len()),
            }
        }
        assert_eq!(recorder.end(Signal::TERM).0, 0);
    });
}

/// The kinds of the frames in `bytes`, as far as they are whole.
fn kinds(mut bytes: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        kinds.push(head[3]);
        bytes = rest.get(length..).unwrap_or_default();
    }
    kinds
}

/// Enough to fill every queue on the way to one who watches: 65,536 changes and a socket's buffer.
const SOCKETS: u64 = 60_000;

/// The kind of a message that says how many changes were missed.
const MISSED: u8 = 5;
