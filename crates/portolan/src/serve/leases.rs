//! The leases, as a page shows them.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use web::{LeaseView, LeasesNow, Moment, Server, Viewer};

use super::{Eyes, sees};
use crate::commands::lease::{Leased, Leases};
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
    let identity = leased.identity();
    let project = |path: &Path| Escaped(path.as_os_str().as_bytes()).to_string();
    let since = leased.since().and_then(|at| jiff::Timestamp::try_from(at).ok());
    let server = |process| Server::Known(label::process(process));
    LeaseView {
        port: leased.port,
        protos: leased.protos().unwrap_or_default().join(","),
        name: identity.map(|identity| identity.name.to_string()).unwrap_or_default(),
        project: identity.map(|identity| project(&identity.project)).unwrap_or_default(),
        since: since.and_then(|at| i64::try_from(at.as_nanosecond()).ok()).map(Moment),
        holder: leased.tenancy.holder.as_ref().map(label::process),
        user: leased.user.as_ref().map(label::user).unwrap_or_default(),
        server: leases.server(leased).map(|it| it.map_or(Server::Hidden, server)),
    }
}
