//! What is told while something takes long: on standard error, if that is a terminal, and gone when
//! it is done.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Does `work`, and says that `what` goes on if it takes longer than a second.
pub(crate) fn patiently<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    thread::scope(|scope| {
        let (done, waiting) = channel();
        scope.spawn(move || tell(what, &waiting, FIRST, &mut io::stderr()));
        let result = work();
        // The line has to be gone before the answer is printed: the scope waits for that.
        drop(done);
        result
    })
}

/// Says how long it has taken, again and again, until whoever works drops the other end.
fn tell(what: &str, work: &Receiver<()>, first: Duration, out: &mut impl Write) {
    let started = Instant::now();
    let mut pause = first;
    let mut told = false;
    while work.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let seconds = started.elapsed().as_secs();
        let _told_or_not = write!(out, "\r{what} … {seconds} s").and_then(|()| out.flush());
        (told, pause) = (true, AGAIN);
    }
    if told {
        let _gone_or_not = write!(out, "\r\x1b[K").and_then(|()| out.flush());
    }
}

const FIRST: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    fn told(takes: Duration) -> String {
        let (done, waiting) = channel();
        let worker = thread::spawn(move || {
            thread::sleep(takes);
            drop(done);
        });
        let mut out = Vec::new();
        tell("searching", &waiting, Duration::from_millis(50), &mut out);
        worker.join().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_quick_is_not_talked_about() {
        assert_eq!(told(Duration::ZERO), "");
    }

    #[test]
    fn what_takes_long_is_told_of_and_the_line_is_gone_in_the_end() {
        let text = told(Duration::from_millis(300));
        assert!(text.starts_with("\rsearching … 0 s") && text.ends_with("\r\x1b[K"), "{text:?}");
    }
}
