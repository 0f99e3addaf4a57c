//! Listeners that were told of before the kernel had given them a port: those that were not bound. The
//! kernel is asked for it a moment later, by where the socket lies in its memory.

use std::fmt;

use libbpf_rs::{Object, ProgramInput};
use registry::Port;
use sockets::{BootTime, Event, EventKind, Opened};

/// Those whose port is not known yet.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    waiting: Vec<Listener>,
}

/// A listener whose port is not known yet.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) at: BootTime,
    pub(super) opened: Opened,
    /// Where the kernel has the socket.
    pub(super) socket: u64,
}

impl Listeners {
    /// Takes one in, unless there are so many that somebody makes them on purpose: it is told at its
    /// end then.
    pub(super) fn add(&mut self, listener: Listener) {
        if self.waiting.len() < MOST {
            self.waiting.push(listener);
        }
    }

    /// Forgets one that ended: its end said all.
    pub(super) fn forget(&mut self, cookie: u64) {
        self.waiting.retain(|listener| listener.opened.cookie != cookie);
    }

    /// Tells of those that `ports` finds a port for. Who has none after a second, or a listener for
    /// as long, ended or never got one.
    pub(super) fn tell(&mut self, now: BootTime, ports: &impl Ports, events: &mut Vec<Event>) {
        self.waiting.retain_mut(|Listener { at, opened, socket }| {
            let port = ports.port_of(*socket, opened.cookie);
            if port == Port::NONE {
                return now.0.saturating_sub(at.0) < PATIENCE_NS;
            }
            let mut opened = opened.clone();
            opened.local.port = port;
            events.push(Event { at: *at, kind: EventKind::Opened(opened) });
            false
        });
    }
}

/// Who knows the ports of listeners.
pub(super) trait Ports: fmt::Debug {
    /// The port of the listener with this cookie that lies at `socket`, if it is one still and has
    /// one, else [`Port::NONE`].
    fn port_of(&self, socket: u64, cookie: u64) -> Port;
}

impl Ports for Object {
    fn port_of(&self, socket: u64, cookie: u64) -> Port {
        let program = self.progs_mut().find(|program| program.name() == PROGRAM);
        let program = program.expect("the object has the programs it was compiled with");
        let mut context = [socket.to_ne_bytes(), cookie.to_ne_bytes()].concat();
        let input = ProgramInput { context_in: Some(&mut context), ..ProgramInput::default() };
        let answer = program.test_run(input).ok();
        let port = answer.and_then(|answer| u16::try_from(answer.return_value).ok());
        port.map_or(Port::NONE, Port)
    }
}

/// The program that is asked; it is attached nowhere.
pub(super) const PROGRAM: &str = "port_of_listener";
/// How many are waited for at a time.
const MOST: usize = 1024;
/// The kernel needs microseconds, if nothing interrupts it.
const PATIENCE_NS: u64 = 1_000_000_000;
