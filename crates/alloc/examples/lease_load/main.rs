//! The loads that `bench/lease` measures under: those who lease, those who hope, and those in their way.
//!
//! Called with a mode and its numbers; prints a line of JSON.
#![expect(clippy::unwrap_used, reason = "a load fails by panicking")]

mod around;
mod worker;

use std::io::{Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::process::Command;
use std::time::{Duration, Instant};

use alloc::lease::Lease;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["rate", ms] => rate(Duration::from_millis(ms.parse().unwrap())),
        ["ask", address, count] => ask(address, count.parse().unwrap()),
        ["work", way, times, log] => worker::work(way, times.parse().unwrap(), log),
        ["connect", per_second] => around::connect(per_second.parse().unwrap()),
        ["bind"] => around::bind(),
        _ => panic!(
            "rate MS | ask ADDRESS COUNT | work lease|bind TIMES LOG | connect PER_SECOND | bind"
        ),
    }
}

/// How many leases a second one thread takes and ends.
fn rate(lasts: Duration) {
    let began = Instant::now();
    let mut taken = 0_u64;
    while began.elapsed() < lasts {
        drop(Lease::take().unwrap());
        taken += 1;
    }
    let rate = u128::from(taken) * 1_000_000_000 / began.elapsed().as_nanos();
    println!(r#"{{"leases": {taken}, "per_second": {rate}}}"#);
}

/// How many ports a second a portserver gives, to one client at a time, for a process that ends afterwards.
fn ask(address: &str, count: u32) {
    let address = SocketAddr::from_abstract_name(address.trim_start_matches('@')).unwrap();
    let mut tenant = Command::new("sleep").arg("600").spawn().unwrap();
    let request = format!("{}\n", tenant.id());
    let mut refused = 0;
    let began = Instant::now();
    for _ in 0..count {
        let mut client = UnixStream::connect_addr(&address).unwrap();
        client.write_all(request.as_bytes()).unwrap();
        let mut answer = [0; 16];
        refused += u32::from(client.read(&mut answer).unwrap() == 0);
    }
    let rate = u128::from(count) * 1_000_000_000 / began.elapsed().as_nanos();
    tenant.kill().unwrap();
    tenant.wait().unwrap();
    println!(r#"{{"asked": {count}, "refused": {refused}, "per_second": {rate}}}"#);
}
