//! What goes on around those who want a port: until standard input ends.

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

static ENDED: AtomicBool = AtomicBool::new(false);

/// So many outgoing connections a second, each closed at once without leaving a TIME-WAIT behind, by
/// two threads. Each does both sides, so that none waits for another's turn on a busy machine.
pub(crate) fn connect(per_second: u32) {
    watch_stdin();
    let began = Instant::now();
    let threads = [1, 2].map(|last| {
        let address = SocketAddr::from(([127, 0, 0, last], 1));
        thread::spawn(move || connect_to(address, f64::from(per_second) / 2.0))
    });
    let [one, other] = threads.map(|thread| thread.join().unwrap());
    let (made, failed) = (one.0 + other.0, one.1 + other.1);
    let rate = f64::from(made) / began.elapsed().as_secs_f64();
    println!(r#"{{"made": {made}, "failed": {failed}, "per_second": {rate:.0}}}"#);
}

/// How many connections were made, and how many could not be.
fn connect_to(address: SocketAddr, per_second: f64) -> (u32, u32) {
    let listener = TcpListener::bind(address).unwrap();
    let began = Instant::now();
    let (mut made, mut failed) = (0_u32, 0_u32);
    while !ENDED.load(Ordering::Relaxed) {
        let due = began.elapsed().mul_f64(per_second).as_secs();
        while u64::from(made + failed) < due {
            match TcpStream::connect(address) {
                Ok(stream) => {
                    sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
                    drop((stream, listener.accept().unwrap()));
                    made += 1;
                }
                Err(_) => failed += 1,
            }
        }
        thread::sleep(Duration::from_micros(500));
    }
    (made, failed)
}

/// Binds port 0 and listens, again and again, a hundred at a time.
pub(crate) fn bind() {
    watch_stdin();
    let mut made = 0_u64;
    let mut held = std::collections::VecDeque::new();
    while !ENDED.load(Ordering::Relaxed) {
        if let Ok(listener) = TcpListener::bind("0.0.0.0:0") {
            held.push_back(listener);
            made += 1;
        }
        if held.len() > 100 {
            held.pop_front();
        }
        thread::sleep(Duration::from_micros(500));
    }
    println!(r#"{{"made": {made}}}"#);
}

fn watch_stdin() {
    thread::spawn(|| {
        _ = std::io::stdin().read_to_end(&mut Vec::new());
        ENDED.store(true, Ordering::Relaxed);
    });
}
