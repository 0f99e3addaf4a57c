//! `portolan lease ls`: who leases which port, for whom, and since when.

use std::collections::HashMap;
use std::io::Write;
use std::time::SystemTime;

use alloc::lease::{Identity, Tenancy, leases};
use anyhow::Context;
use registry::{Port, PortRange};
use sockets::{Ownership, Ports, Process, Query, Search, Snapshot, Socket, Source, State, User};

use super::refusal::moment;
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

impl Leased {
    /// The leased ports of `tenancies`, and what `sockets` of the same namespace have to do with them.
    pub(crate) fn each(
        tenancies: Vec<Tenancy>,
        sockets: &[&Socket],
        ownership: &Ownership,
    ) -> Vec<Leased> {
        let mut by_port: HashMap<Port, Vec<&Socket>> = HashMap::new();
        for socket in sockets.iter().filter(|socket| waits(socket)) {
            by_port.entry(socket.local.port).or_default().push(socket);
        }
        let leased = |tenancy: Tenancy| {
            let port = tenancy.port?;
            let there = || by_port.get(&port).into_iter().flatten().copied();
            let is_own = |socket: &Socket| {
                let holder = tenancy.holder.as_ref().map(|holder| holder.pid);
                let holders = ownership.holders(socket.inode);
                holders.iter().any(|held| Some(held.process.pid) == holder)
            };
            let serves = |socket: &&Socket| socket.state != State::Bound && !is_own(socket);
            let user = match &tenancy.holder {
                Some(holder) => Some(holder.user.clone()),
                None => {
                    let bound = there().find(|socket| socket.state == State::Bound);
                    bound.and_then(|socket| ownership.user_of(socket))
                }
            };
            let server = there().find(serves).cloned();
            Some(Leased { port, user, server, tenancy })
        };
        tenancies.into_iter().filter_map(leased).collect()
    }

    /// The name that it was leased by, where that is known.
    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.tenancy.label.as_ref()?.identity.as_ref()
    }

    /// The protocols, where they are known.
    pub(crate) fn protos(&self) -> Option<Vec<String>> {
        let label = self.tenancy.label.as_ref()?;
        Some(label.protos.iter().map(ToString::to_string).collect())
    }

    /// Since when it is leased, where that is known.
    pub(crate) fn since(&self) -> Option<SystemTime> {
        self.tenancy.label.as_ref().map(|label| moment(label.since))
    }
}

/// Whether a socket holds a port, or waits for others there.
fn waits(socket: &Socket) -> bool {
    matches!(socket.state, State::Listen | State::Bound | State::Close)
}

impl Leases {
    /// The process that serves on a leased port; `Some(None)` where one does that is not for us to see.
    pub(crate) fn server(&self, leased: &Leased) -> Option<Option<&Process>> {
        let socket = leased.server.as_ref()?;
        Some(self.ownership.holders(socket.inode).first().map(|holder| holder.process))
    }

    /// Looks for them, with `source` to tell sockets and owners.
    pub(crate) fn look(source: &impl Source) -> anyhow::Result<Leases> {
        let tenancies = leases()?;
        let ports: Vec<Port> = tenancies.iter().filter_map(|tenancy| tenancy.port).collect();
        let ends = ports.first().zip(ports.last());
        let span = ends.and_then(|(first, last)| PortRange::new(*first, *last));
        let Some(span) = span else {
            return Ok(Leases { leased: Vec::new(), ownership: Ownership::default() });
        };
        let query = Query { ports: Ports::Local(span), ..Query::default() };
        let Snapshot { mut sockets, .. } = source.sockets(&query)?;
        sockets.retain(|it| waits(it) && ports.binary_search(&it.local.port).is_ok());
        let ownership = source.owners(&sockets, Search::Full);
        let leased = Leased::each(tenancies, &sockets.iter().collect::<Vec<_>>(), &ownership);
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
