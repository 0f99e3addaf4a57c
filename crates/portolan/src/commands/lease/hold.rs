//! `portolan lease --hold`: the port on standard output, and the lease until standard input ends.

use std::io::{self, Write};

use super::{json, take, wish};
use crate::args::{LeaseRunArgs, OutputArgs};
use crate::exit::Exit;

/// Holds the ports.
pub(super) fn run(
    args: &LeaseRunArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let lease = match take(&wish(args)?)? {
        Ok(lease) => lease,
        Err(exit) => return Ok(exit),
    };
    if output.json {
        json::write_ports(lease.ports(), out)?;
    } else {
        for port in lease.ports() {
            writeln!(out, "{port}")?;
        }
    }
    out.flush()?;
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(Exit::Answered)
}
