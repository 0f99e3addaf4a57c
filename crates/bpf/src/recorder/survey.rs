//! The sockets that are open now: those that processes hold, through the kernel's iterator over
//! descriptors, and the others (orphans, connections that nobody has accepted yet) through
//! `sock_diag`.

use std::collections::HashSet;
use std::io::{self, Read};

use libbpf_rs::{Iter, Link, Object};
use registry::{Port, Proto};
use sockets::{
    Event, EventKind, Evidence, Listening, NetnsScope, Opened, Query, Role, Socket, Source, State,
};

use super::programs::Programs;
use super::record::{self, Found};
use crate::Error;

/// Lists what is open.
#[derive(Debug)]
pub(super) struct Survey {
    iterator: Link,
}

impl Survey {
    /// The survey of a recorder that was loaded.
    ///
    /// # Errors
    /// [`Error::Attach`].
    pub(super) fn new(object: &Object) -> Result<Survey, Error> {
        let mut programs = object.progs_mut();
        let program = programs.find(|program| program.name() == "survey");
        let link = program.expect("the object has the programs it was compiled with").attach();
        let attach = |source| Error::Attach { program: "survey".into(), source };
        Ok(Survey { iterator: link.map_err(attach)? })
    }

    /// Lists every socket that is open now. This takes a second on a host with 300,000; calls
    /// `meanwhile` every some thousand sockets.
    ///
    /// # Errors
    /// [`sockets::Error`] if the kernel does not list them.
    pub(super) fn list(&self, mut meanwhile: impl FnMut()) -> Result<Sockets, sockets::Error> {
        let query = Query { netns: NetnsScope::All, ..Query::default() };
        let mut listed = sockets::host().sockets(&query)?.sockets;
        listed.retain(holds_port);
        meanwhile();
        let mut rows = Vec::new();
        let read = self.read(&mut rows, meanwhile);
        read.map_err(|source| sockets::Error::Watch {
            what: "list the sockets that processes hold",
            source,
        })?;
        Ok(Sockets { rows, listed })
    }

    fn read(&self, rows: &mut Vec<u8>, mut meanwhile: impl FnMut()) -> io::Result<()> {
        let mut iterator = Iter::new(&self.iterator).map_err(io::Error::other)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let len = iterator.read(&mut chunk)?;
            if len == 0 {
                return Ok(());
            }
            rows.extend_from_slice(&chunk[..len]);
            meanwhile();
        }
    }
}

/// The sockets that were open.
#[derive(Debug)]
pub(super) struct Sockets {
    /// Those that processes hold, as the iterator tells.
    rows: Vec<u8>,
    /// All that have a port.
    listed: Vec<Socket>,
}

impl Sockets {
    /// Tells of each, after the program that holds it. Of several that do the first counts, in
    /// order of pid.
    pub(super) fn tell(&self, programs: &mut Programs, events: &mut Vec<Event>) {
        let listening = Listening::among(&self.listed);
        let (mut told, mut holders) = (HashSet::new(), HashSet::new());
        for Found { at, opened, opener, is_of_unknown_role } in record::survey(&self.rows) {
            if !told.insert(opened.cookie) {
                continue;
            }
            if let Some(key) = opener.filter(|key| holders.insert(key.program())) {
                let program = programs.find(key).map(EventKind::Program);
                events.extend(program.map(|kind| Event { at, kind }));
            }
            let role = match is_of_unknown_role {
                true => listening.role(opened.netns, opened.local.port),
                false => opened.role,
            };
            events.push(Event { at, kind: EventKind::Opened(Opened { role, ..opened }) });
        }
        let at = super::now();
        let others = self.listed.iter().filter(|socket| !told.contains(&socket.cookie));
        let opened = others.map(|socket| opened(socket, &listening));
        events.extend(opened.map(|opened| Event { at, kind: EventKind::Opened(opened) }));
    }
}

/// Whether a socket has a port that is its own: in `TIME-WAIT` and `SYN-RECV` there is none yet or
/// any more. What the kernel keeps of an orphan in `FIN-WAIT-2` has the cookie of the socket, which
/// ended before, and the timer of one in `TIME-WAIT`: nothing will tell of its end.
fn holds_port(socket: &Socket) -> bool {
    let is_remnant = socket.time_wait_left().is_some();
    let is_not_yet = matches!(socket.state, State::TimeWait | State::SynRecv);
    !is_remnant && !is_not_yet && socket.local.port != Port::NONE
}

/// A socket that no process was found to hold.
fn opened(socket: &Socket, listening: &Listening) -> Opened {
    let role = match (socket.proto, socket.state) {
        (_, State::Bound | State::Close) => Role::Bound,
        (_, State::Listen) => Role::Listening,
        (Proto::Udp, _) | (_, State::SynSent) => Role::Outgoing,
        _ => listening.role(socket.netns, socket.local.port),
    };
    Opened::listed(socket, role, Evidence::OpenAtStart)
}

/// How much is read at a time: 700 sockets.
const CHUNK: usize = 64 * 1024;
