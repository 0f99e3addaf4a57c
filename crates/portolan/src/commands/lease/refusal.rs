//! What is said where there is no lease.

use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, SystemTime};

use alloc::lease::{Identity, LeaseError, Tenancy};
use registry::Port;
use rustix::time::{ClockId, clock_gettime};
use sockets::BootTime;

use crate::exit::Exit;
use crate::label;
use crate::output::Escaped;
use crate::report;

/// Says that the answer is no, where it is; everything else remains an error.
pub(super) fn explain(error: LeaseError) -> anyhow::Result<Exit> {
    match error {
        LeaseError::Taken { identity, by } => report::error(taken(&identity, by.as_deref())),
        LeaseError::Exhausted { .. } | LeaseError::TooFew { .. } => {
            report::error(format_args!("{error}; --range names others"));
        }
        error => return Err(error.into()),
    }
    Ok(Exit::No)
}

fn taken(identity: &Identity, by: Option<&Tenancy>) -> String {
    let project = Escaped(identity.project.as_os_str().as_bytes());
    let name = &identity.name;
    let Some(by) = by else {
        return format!(
            "'{name}' of {project} is leased already, by a process that we may not look into"
        );
    };
    let ports: Vec<String> = by.ports().iter().map(Port::to_string).collect();
    let port = match ports.len() {
        0 => String::new(),
        1 => format!(": port {}", ports[0]),
        _ => format!(": ports {}", ports.join(", ")),
    };
    let holder = by.holder.as_ref().map_or_else(String::new, |holder| {
        format!(", by {} of {}", label::process(holder), label::user(&holder.user))
    });
    let since = by.label.as_ref().map_or_else(String::new, |label| {
        format!(" since {}", crate::time::short(moment(label.since)))
    });
    format!("'{name}' of {project} is leased already{port}{holder}{since}")
}

/// A moment of boot's clock by the clock on the wall, as it goes now.
pub(crate) fn moment(at: BootTime) -> SystemTime {
    let now = clock_gettime(ClockId::Boottime);
    let seconds = Duration::from_secs(u64::try_from(now.tv_sec).unwrap_or(0));
    let now = seconds + Duration::from_nanos(u64::try_from(now.tv_nsec).unwrap_or(0));
    SystemTime::now() - now.saturating_sub(Duration::from_nanos(at.0))
}
