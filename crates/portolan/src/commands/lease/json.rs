//! Leases and free ports for programs: `docs/json.md`.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

use registry::Port;
use serde::Serialize;

use super::list::{Leased, Leases};
use crate::label;
use crate::output::json::{ProcessJson, SCHEMA};

#[derive(Serialize)]
struct LeasesJson<'a> {
    schema: &'static str,
    leases: Vec<LeaseJson<'a>>,
}

#[derive(Serialize)]
struct LeaseJson<'a> {
    port: u16,
    ports: Vec<u16>,
    protos: Option<Vec<String>>,
    name: Option<&'a str>,
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_hex: Option<String>,
    since: Option<String>,
    tenant: Option<u32>,
    user: Option<String>,
    uid: Option<u32>,
    holder: Option<ProcessJson<'a>>,
    servers: Vec<ProcessJson<'a>>,
}

#[derive(Serialize)]
struct PortsJson {
    schema: &'static str,
    ports: Vec<u16>,
}

/// Writes one object.
pub(crate) fn write(leases: &Leases, out: &mut impl Write) -> io::Result<()> {
    let leases = leases.leased.iter().map(|leased| lease(leased, leases)).collect();
    serde_json::to_writer_pretty(&mut *out, &LeasesJson { schema: SCHEMA, leases })?;
    writeln!(out)
}

/// Writes the ports that somebody got.
pub(super) fn write_ports(ports: &[Port], out: &mut impl Write) -> io::Result<()> {
    let ports = ports.iter().map(|port| port.number()).collect();
    serde_json::to_writer_pretty(&mut *out, &PortsJson { schema: SCHEMA, ports })?;
    writeln!(out)
}

fn lease<'a>(leased: &'a Leased, leases: &'a Leases) -> LeaseJson<'a> {
    let said = leased.tenancy.label.as_ref();
    let identity = leased.identity();
    let path = identity.map(|identity| identity.project.as_os_str().as_bytes());
    let odd = path.filter(|path| str::from_utf8(path).is_err());
    let servers = leased.server.iter().flat_map(|socket| leases.ownership.holders(socket.inode));
    LeaseJson {
        port: leased.port.number(),
        ports: leased.tenancy.ports().iter().map(|port| port.number()).collect(),
        protos: leased.protos(),
        name: identity.map(|identity| identity.name.as_str()),
        project: path.map(|path| String::from_utf8_lossy(path).into_owned()),
        project_hex: odd.map(|path| path.iter().map(|byte| format!("{byte:02x}")).collect()),
        since: leased.since().and_then(|at| Some(jiff::Timestamp::try_from(at).ok()?.to_string())),
        tenant: said.and_then(|label| label.tenant).map(|pid| pid.0),
        user: leased.user.as_ref().map(label::user),
        uid: leased.user.as_ref().map(|user| user.uid),
        holder: leased.tenancy.holder.as_ref().map(|process| ProcessJson::new(process, Vec::new())),
        servers: servers.map(|holder| ProcessJson::new(holder.process, vec![holder.fd])).collect(),
    }
}
