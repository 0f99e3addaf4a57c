//! Sockets that were told of before the kernel had given them a port: listeners that were not bound, and
//! UDP sockets that connect. A moment later the kernel is asked to tell of them, by where they lie in
//! its memory.

use std::fmt;

use libbpf_rs::{Object, ProgramInput};
use rustc_hash::FxHashMap;
use sockets::BootTime;

/// Those that were not told of with their port yet, by cookie.
#[derive(Debug, Default)]
pub(super) struct Awaited {
    waiting: FxHashMap<u64, Waiting>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    since: BootTime,
    /// Where the kernel has the socket.
    socket: u64,
}

impl Awaited {
    /// Takes one in, unless there are so many that somebody makes them on purpose: it is told of when it
    /// is used, or at its end.
    pub(super) fn add(&mut self, cookie: u64, socket: u64, since: BootTime) {
        if self.waiting.len() < MOST {
            self.waiting.insert(cookie, Waiting { since, socket });
        }
    }

    /// Forgets one that was told of.
    pub(super) fn forget(&mut self, cookie: u64) {
        if !self.waiting.is_empty() {
            self.waiting.remove(&cookie);
        }
    }

    /// Asks for each; whether there was any, so that there may be more to read. Who has no port after a
    /// second ended or never got one.
    pub(super) fn ask(&mut self, now: BootTime, kernel: &impl Kernel) -> bool {
        let had_any = !self.waiting.is_empty();
        self.waiting.retain(|cookie, Waiting { since, socket }| {
            !kernel.has_told(*socket, *cookie) && now.0.saturating_sub(since.0) < PATIENCE_NS
        });
        had_any
    }
}

/// Who can tell of a socket.
pub(super) trait Kernel: fmt::Debug {
    /// Asks to tell of the socket with this cookie that lies at `socket`; whether there is nothing to
    /// wait for any more, which there is while it has no port.
    fn has_told(&self, socket: u64, cookie: u64) -> bool;
}

impl Kernel for Object {
    fn has_told(&self, socket: u64, cookie: u64) -> bool {
        let program = self.progs_mut().find(|program| program.name() == PROGRAM);
        let program = program.expect("the object has the programs it was compiled with");
        let mut context = [socket.to_ne_bytes(), cookie.to_ne_bytes()].concat();
        let input = ProgramInput { context_in: Some(&mut context), ..ProgramInput::default() };
        program.test_run(input).is_ok_and(|answer| answer.return_value != 0)
    }
}

/// The program that is asked; it is attached nowhere.
pub(super) const PROGRAM: &str = "tell_of_awaited";
/// How many are waited for at a time.
const MOST: usize = 4096;
/// The kernel needs microseconds, if nothing interrupts it.
const PATIENCE_NS: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A kernel in which the sockets with even cookies have a port.
    #[derive(Debug)]
    struct Even;

    impl Kernel for Even {
        fn has_told(&self, _: u64, cookie: u64) -> bool {
            cookie.is_multiple_of(2)
        }
    }

    #[test]
    fn each_is_asked_for_until_it_is_told_of_or_for_a_second() {
        let mut awaited = Awaited::default();
        (1..=4).for_each(|cookie| awaited.add(cookie, 0, BootTime(10)));
        awaited.forget(3);
        assert!(awaited.ask(BootTime(20), &Even));
        assert_eq!(awaited.waiting.keys().collect::<Vec<_>>(), [&1]);
        assert!(awaited.ask(BootTime(10 + PATIENCE_NS), &Even));
        assert!(!awaited.ask(BootTime(11 + PATIENCE_NS), &Even), "it never got one");
    }
}
