//! The sockets that are open now: those that processes hold, through the kernel's iterator over
//! descriptors, and the others (orphans, connections that nobody has accepted yet) through
//! `sock_diag`.

use std::collections::HashSet;
use std::io::{self, Read};

use libbpf_rs::{Iter, Link, Object};
use registry::{Port, Proto};
use sockets::{
    Endpoint, Event, EventKind, Evidence, NetnsId, NetnsScope, Opened, Query, Role, Socket, Source,
    State,
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

    /// Tells of every socket that is open now, after the programs that hold them. Of several that
    /// hold one the first counts, in order of pid.
    ///
    /// # Errors
    /// [`sockets::Error`] if the kernel does not list them.
    pub(super) fn run(
        &self,
        programs: &mut Programs,
        events: &mut Vec<Event>,
    ) -> Result<(), sockets::Error> {
        let query = Query { netns: NetnsScope::All, ..Query::default() };
        let mut listed = sockets::host().sockets(&query)?.sockets;
        listed.retain(holds_port);
        let rows = self.rows().map_err(|source| sockets::Error::Watch {
            what: "list the sockets that processes hold",
            source,
        })?;
        let listening = listening(&listed);
        let (mut told, mut holders) = (HashSet::new(), HashSet::new());
        for Found { at, opened, opener, is_of_unknown_role } in record::survey(&rows) {
            if !told.insert(opened.cookie) {
                continue;
            }
            if let Some(key) = opener.filter(|key| holders.insert(key.program())) {
                let program = programs.find(key).map(EventKind::Program);
                events.extend(program.map(|kind| Event { at, kind }));
            }
            let role = match is_of_unknown_role {
                true => role(&listening, opened.netns, opened.local.port),
                false => opened.role,
            };
            events.push(Event { at, kind: EventKind::Opened(Opened { role, ..opened }) });
        }
        let at = super::now();
        let others = listed.iter().filter(|socket| !told.contains(&socket.cookie));
        let opened = others.map(|socket| opened(socket, &listening));
        events.extend(opened.map(|opened| Event { at, kind: EventKind::Opened(opened) }));
        Ok(())
    }

    fn rows(&self) -> io::Result<Vec<u8>> {
        let mut iterator = Iter::new(&self.iterator).map_err(io::Error::other)?;
        let mut rows = Vec::new();
        iterator.read_to_end(&mut rows)?;
        Ok(rows)
    }
}

/// The ports that are listened on.
type Listening = HashSet<(NetnsId, Port)>;

fn listening(sockets: &[Socket]) -> Listening {
    let listeners = sockets.iter().filter(|socket| socket.state == State::Listen);
    listeners.map(|socket| (socket.netns, socket.local.port)).collect()
}

/// Whose side a connection was made from: where somebody listens on its port, the other.
fn role(listening: &Listening, netns: NetnsId, port: Port) -> Role {
    if listening.contains(&(netns, port)) { Role::Incoming } else { Role::Outgoing }
}

/// Whether a socket has a port that is its own: in `TIME-WAIT` and `SYN-RECV` there is none yet or
/// any more.
fn holds_port(socket: &Socket) -> bool {
    !matches!(socket.state, State::TimeWait | State::SynRecv) && socket.local.port != Port::NONE
}

/// A socket that no process was found to hold.
fn opened(socket: &Socket, listening: &Listening) -> Opened {
    let canonical = |end: Endpoint| Endpoint { addr: end.canonical(), ..end };
    Opened {
        cookie: socket.cookie,
        netns: socket.netns,
        proto: socket.proto,
        family: socket.family,
        v6only: socket.v6only.unwrap_or_default(),
        local: canonical(socket.local),
        remote: (socket.remote.port != Port::NONE).then(|| canonical(socket.remote)),
        role: match (socket.proto, socket.state) {
            (_, State::Bound | State::Close) => Role::Bound,
            (_, State::Listen) => Role::Listening,
            (Proto::Udp, _) | (_, State::SynSent) => Role::Outgoing,
            _ => role(listening, socket.netns, socket.local.port),
        },
        uid: socket.maker().unwrap_or(Opened::NO_UID),
        opener: None,
        evidence: Evidence::OpenAtStart,
    }
}
