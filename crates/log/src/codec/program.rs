//! Endpoints and programs as bytes.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use registry::Port;
use sockets::{Ancestor, BootTime, Endpoint, Pid, Place, Process, Program, ProgramKey, User};

use super::bytes::{Put as _, Take, put_list, put_option};
use crate::Error;

/// Appends an address and a port; whether it is IPv6 must be known otherwise.
#[inline]
pub(crate) fn put_endpoint(out: &mut Vec<u8>, end: Endpoint) {
    match end.addr {
        std::net::IpAddr::V4(addr) => out.extend_from_slice(&addr.octets()),
        std::net::IpAddr::V6(addr) => out.extend_from_slice(&addr.octets()),
    }
    out.extend_from_slice(&end.port.0.to_le_bytes());
}

#[inline]
pub(crate) fn take_endpoint(take: &mut Take<'_>, is_v6: bool) -> Result<Endpoint, Error> {
    let addr = if is_v6 {
        std::net::IpAddr::from(take.array::<16>()?)
    } else {
        std::net::IpAddr::from(take.array::<4>()?)
    };
    Ok(Endpoint { addr, port: Port(u16::from_le_bytes(take.array()?)) })
}

pub(crate) fn put_program(out: &mut Vec<u8>, program: &Program) {
    let Program { key, since, process } = program;
    out.number(key.pid.0.into());
    out.number(key.start_ticks);
    out.number(key.exec.into());
    out.number(since.0);
    out.signed(nanos(process.started));
    out.text(&process.comm);
    put_option(out, process.exe.as_ref(), |out, exe| out.text(exe.as_os_str().as_bytes()));
    put_option(out, process.cmdline.as_ref(), |out, arguments| {
        put_list(out, arguments, |out, argument| out.text(argument));
    });
    out.number(process.user.uid.into());
    put_option(out, process.user.name.as_ref(), |out, name| out.text(name.as_bytes()));
    put_list(out, &process.ancestry, |out, ancestor| {
        out.number(ancestor.pid.0.into());
        out.text(&ancestor.comm);
    });
    let Place { cgroup, unit, container } = &process.place;
    out.text(cgroup.as_bytes());
    put_option(out, unit.as_ref(), |out, unit| out.text(unit.as_bytes()));
    put_option(out, container.as_ref(), |out, container| out.text(container.as_bytes()));
}

pub(crate) fn take_program(take: &mut Take<'_>) -> Result<Program, Error> {
    let key =
        ProgramKey { pid: Pid(take.small()?), start_ticks: take.number()?, exec: take.small()? };
    let since = BootTime(take.number()?);
    let started = take.signed()?;
    let process = Process {
        pid: key.pid,
        start_ticks: key.start_ticks,
        started: time(started).ok_or_else(|| take.error("a time is out of range"))?,
        comm: take.text()?.to_vec(),
        exe: take.option(|take| Ok(OsStr::from_bytes(take.text()?).into()))?,
        cmdline: take.option(|take| take.list(|take| Ok(take.text()?.to_vec())))?,
        user: User { uid: take.small()?, name: take.option(shared)? },
        ancestry: take
            .list(|take| Ok(Ancestor { pid: Pid(take.small()?), comm: take.text()?.to_vec() }))?,
        place: Place {
            cgroup: shared(take)?,
            unit: take.option(shared)?,
            container: take.option(shared)?,
        },
    };
    Ok(Program { key, since, process })
}

fn shared(take: &mut Take<'_>) -> Result<Arc<str>, Error> {
    take.string().map(Arc::from)
}

/// Nanoseconds since 1970.
fn nanos(time: SystemTime) -> i64 {
    let count = |span: Duration| i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => count(after),
        Err(before) => -count(before.duration()),
    }
}

fn time(nanos: i64) -> Option<SystemTime> {
    let span = Duration::from_nanos(nanos.unsigned_abs());
    if nanos < 0 { UNIX_EPOCH.checked_sub(span) } else { UNIX_EPOCH.checked_add(span) }
}
