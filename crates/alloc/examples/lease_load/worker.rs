//! One of many processes that get a port, start a server on it a little later, and end it.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use alloc::lease::Lease;

/// Gets `times` ports by leasing them or by binding port 0, and logs from when until when each was its own.
pub(crate) fn work(way: &str, times: u32, log: &str) {
    let mut log = std::io::BufWriter::new(std::fs::File::create(log).unwrap());
    let (mut in_use, mut failed) = (0, 0);
    for _ in 0..times {
        let lease = match way {
            "lease" => Some(Lease::take().unwrap()),
            _ => None,
        };
        let port = match &lease {
            Some(lease) => lease.port().number(),
            None => match TcpListener::bind("0.0.0.0:0") {
                Ok(listener) => listener.local_addr().unwrap().port(),
                Err(_) => {
                    failed += 1;
                    continue;
                }
            },
        };
        let from = now_ns();
        pause();
        let server = TcpListener::bind(("0.0.0.0", port));
        in_use += u32::from(server.is_err());
        pause();
        writeln!(log, "{port} {from} {}", now_ns()).unwrap();
        drop((server, lease));
    }
    log.flush().unwrap();
    println!(r#"{{"times": {times}, "in_use": {in_use}, "failed": {failed}}}"#);
}

/// As long as a program takes to start, or a test to run: nothing to 20 ms.
fn pause() {
    thread::sleep(Duration::from_micros(fastrand::u64(0..20_000)));
}

/// The monotonic clock, which all processes share.
fn now_ns() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
