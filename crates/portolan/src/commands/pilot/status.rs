//! `portolan pilot status`: what is piloted, and what it came to.

use std::io::Write;
use std::net::IpAddr;

use alloc::dialer::{Dialer, Fill, Settings};
use anyhow::Context;
use bpf::pilot::{self, Destination, Status};

use super::{cgroup, json, switch, text};
use crate::args::{OutputArgs, PilotCgroup};
use crate::exit::Exit;
use crate::output::{Paint, Terminal};

/// A destination, and how full the ports towards it are, where that can be seen from here.
pub(super) struct Seen<'a> {
    pub(super) destination: &'a Destination,
    pub(super) fill: Option<Fill>,
}

/// Prints it; status 1 where nothing is piloted.
pub(super) fn status(
    place: &PilotCgroup,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    switch::ask_root("pilot status")?;
    let wanted = place.cgroup.as_deref().map(|path| cgroup::named(Some(path))).transpose()?;
    let found = pilot::status()?.filter(|status| {
        wanted
            .as_ref()
            .is_none_or(|wanted| status.cgroups.iter().any(|one| wanted.starts_with(one)))
    });
    let Some(found) = found else {
        match output.json {
            true => json::write_nothing(out)?,
            false => writeln!(out, "nothing is piloted: portolan pilot on, or pilot run -- CMD")?,
        }
        return Ok(Exit::No);
    };
    let seen = destinations(&found)?;
    if output.json {
        json::write(&found, &seen, out)?;
    } else {
        text::write(&found, &seen, out, Paint::for_stdout(output), Terminal::of_stdout())?;
    }
    Ok(Exit::Answered)
}

fn destinations(status: &Status) -> anyhow::Result<Vec<Seen<'_>>> {
    let measured = |(at, destination): (usize, &'_ Destination)| {
        let ours = destination.netns_cookie == status.netns_cookie;
        (at < MEASURED && ours).then(|| fill(destination.source, destination)).flatten()
    };
    let _ = Dialer::new(Settings::default()).context("could not read the range of ports")?;
    let all = status.destinations.iter();
    Ok(all
        .enumerate()
        .map(|(at, destination)| Seen { destination, fill: measured((at, destination)) })
        .collect())
}

/// How many ports are taken from there to the destination; `None` where the kernel does not tell.
fn fill(source: IpAddr, destination: &Destination) -> Option<Fill> {
    let dialer = Dialer::new(Settings::default().with_sources([source])).ok()?;
    dialer.fill(destination.destination).ok()
}

/// How many destinations are measured: each takes a look at all sockets to its port.
const MEASURED: usize = 20;
