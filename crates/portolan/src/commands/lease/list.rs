//! `portolan lease ls`: who leases which port, for whom, and since when.

use std::io::Write;

use alloc::lease::{Tenancy, leases};
use anyhow::Context;
use registry::{Port, PortRange};
use sockets::{Ownership, Ports, Process, Query, Search, Snapshot, Socket, Source, State, User};

use super::{json, text};
use crate::args::OutputArgs;
use crate::exit::Exit;
use crate::output::{Paint, Terminal};
use crate::report;

/// A leased port and what is on it.
#[derive(Debug)]
pub(crate) struct Leased {
    pub(crate) port: Port,
    pub(crate) tenancy: Tenancy,
    /// Who holds it: by the process where that is known, else by the socket that holds it.
    pub(crate) user: Option<User>,
    /// The socket that listens there, or waits for datagrams, the lease's own aside.
    pub(crate) server: Option<Socket>,
}

/// The leases, and who serves on them.
#[derive(Debug)]
pub(crate) struct Leases {
    pub(crate) leased: Vec<Leased>,
    pub(crate) ownership: Ownership,
}

/// Lists them.
pub(super) fn run(output: OutputArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let leases = Leases::look(&crate::host::host()).context("the leases could not be listed")?;
    if output.json {
        json::write(&leases, out)?;
        return Ok(Exit::Answered);
    }
    text::write(&leases, out, Paint::for_stdout(output), Terminal::of_stdout())?;
    out.flush()?;
    let hidden = leases.leased.iter().filter(|leased| leased.tenancy.holder.is_none()).count();
    if hidden > 0 {
        report::notes(&[format!(
            "of {} the holder is not for us to see: another user's, or of another pid namespace; root sees more",
            crate::label::count(hidden, "port")
        )]);
    }
    Ok(Exit::Answered)
}

impl Leases {
    /// Looks for them, with `source` to tell sockets and owners.
    pub(crate) fn look(source: &impl Source) -> anyhow::Result<Leases> {
        let tenancies: Vec<(Port, Tenancy)> =
            leases()?.into_iter().filter_map(|tenancy| Some((tenancy.port?, tenancy))).collect();
        let ends = tenancies.first().zip(tenancies.last());
        let span = ends.and_then(|(first, last)| PortRange::new(first.0, last.0));
        let Some(span) = span else {
            return Ok(Leases { leased: Vec::new(), ownership: Ownership::default() });
        };
        let query = Query { ports: Ports::Local(span), ..Query::default() };
        let Snapshot { mut sockets, .. } = source.sockets(&query)?;
        let has =
            |socket: &Socket| tenancies.binary_search_by_key(&socket.local.port, |(port, _)| *port);
        let waits =
            |socket: &Socket| matches!(socket.state, State::Listen | State::Bound | State::Close);
        sockets.retain(|socket| waits(socket) && has(socket).is_ok());
        let ownership = source.owners(&sockets, Search::Full);
        let leased = tenancies
            .into_iter()
            .map(|(port, tenancy)| {
                let there = || sockets.iter().filter(|socket| socket.local.port == port);
                let is_own = |socket: &Socket| {
                    let holder = tenancy.holder.as_ref().map(|holder| holder.pid);
                    ownership
                        .holders(socket.inode)
                        .iter()
                        .any(|held| Some(held.process.pid) == holder)
                };
                let serves = |socket: &&Socket| socket.state != State::Bound && !is_own(socket);
                let user = match &tenancy.holder {
                    Some(holder) => Some(holder.user.clone()),
                    None => {
                        let bound = there().find(|socket| socket.state == State::Bound);
                        bound.and_then(|socket| ownership.user_of(socket))
                    }
                };
                Leased { port, user, server: there().find(serves).cloned(), tenancy }
            })
            .collect();
        Ok(Leases { leased, ownership })
    }

    /// The same without who holds a port and what for, where they may not be seen.
    pub(crate) fn narrowed(mut self, sees: impl Fn(&Process) -> bool) -> Leases {
        for tenancy in self.leased.iter_mut().map(|leased| &mut leased.tenancy) {
            if tenancy.holder.as_ref().is_none_or(|holder| !sees(holder)) {
                tenancy.holder = None;
                if let Some(label) = &mut tenancy.label {
                    (label.identity, label.tenant) = (None, None);
                }
            }
        }
        self
    }
}
