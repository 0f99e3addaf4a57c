//! The leases, as a page shows them.

use std::os::unix::ffi::OsStrExt;

use web::{LeaseView, LeasesNow, Moment, Server, Viewer};

use super::{Eyes, sees};
use crate::commands::lease::{Leased, Leases, moment_of};
use crate::label;
use crate::output::Escaped;

/// The leases, as far as `viewer` may know.
pub(super) fn look(viewer: Viewer) -> anyhow::Result<Leases> {
    Ok(Leases::look(&Eyes(viewer))?.narrowed(|process| sees(viewer, process)))
}

/// What a page shows of `leases`.
pub(super) fn view(leases: &Leases) -> LeasesNow {
    LeasesNow { leases: leases.leased.iter().map(|leased| lease(leased, leases)).collect() }
}

fn lease(leased: &Leased, leases: &Leases) -> LeaseView {
    let said = leased.tenancy.label.as_ref();
    let identity = said.and_then(|label| label.identity.as_ref());
    let protos = said.map(|label| label.protos.iter().map(ToString::to_string).collect::<Vec<_>>());
    let project = |path: &std::path::Path| Escaped(path.as_os_str().as_bytes()).to_string();
    let server = |socket: &sockets::Socket| {
        let holders = leases.ownership.holders(socket.inode);
        let known = holders.first().map(|holder| Server::Known(label::process(holder.process)));
        known.unwrap_or(Server::Hidden)
    };
    let since = said.and_then(|label| jiff::Timestamp::try_from(moment_of(label.since)).ok());
    LeaseView {
        port: leased.port,
        protos: protos.unwrap_or_default().join(","),
        name: identity.map(|identity| identity.name.to_string()).unwrap_or_default(),
        project: identity.map(|identity| project(&identity.project)).unwrap_or_default(),
        since: since.and_then(|at| i64::try_from(at.as_nanosecond()).ok()).map(Moment),
        holder: leased.tenancy.holder.as_ref().map(label::process),
        user: leased.user.as_ref().map(label::user).unwrap_or_default(),
        server: leased.server.as_ref().map(server),
    }
}
