//! `portolan lease` and `portolan free`: ports that stay somebody's, and ports that are free now.

mod hold;
mod json;
mod list;
mod pass;
mod refusal;
mod run;
mod serve;
mod text;

use std::io::Write;

use alloc::lease::{Identity, Lease, Wish};
use anyhow::{Context, bail};

use crate::args::{FreeArgs, LeaseArgs, LeaseCommand, LeaseRunArgs, OutputArgs};
use crate::exit::Exit;
use crate::report;

pub(crate) use json::write as write_leases;
pub(crate) use list::{Leased, Leases};
pub(crate) use pass::become_program;
pub(crate) use refusal::moment as moment_of;

/// Runs one of its commands.
pub(crate) fn run(
    args: &LeaseArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    match &args.command {
        Some(LeaseCommand::Ls) => list::run(output, out),
        Some(LeaseCommand::Serve(args)) => serve::run(args, out),
        None if args.run.hold => hold::run(&args.run, output, out),
        None if args.run.command.is_empty() => bail!(
            "a lease lasts as long as something: give a program to run behind --, or --hold to keep it until \
             standard input ends"
        ),
        None if output.json => {
            bail!("--json goes with lease ls and --hold: CMD has the output to itself")
        }
        None => run::run(&args.run, out),
    }
}

/// Prints ports that are free now.
pub(crate) fn free(
    args: &FreeArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let ports = match take(&args.wish.wish())? {
        Ok(lease) => lease.ports().to_vec(),
        Err(exit) => return Ok(exit),
    };
    if output.json {
        json::write_ports(&ports, out)?;
    } else {
        for port in ports {
            writeln!(out, "{port}")?;
        }
    }
    out.flush()?;
    report::notes(&["free now, and promised to nobody: `portolan lease` keeps a port"]);
    Ok(Exit::Answered)
}

/// What `args` ask for.
fn wish(args: &LeaseRunArgs) -> anyhow::Result<Wish> {
    let wish = args.wish.wish();
    let Some(name) = &args.name else { return Ok(wish) };
    let project = match &args.project {
        Some(directory) => {
            let project = directory.canonicalize();
            let project = project
                .with_context(|| format!("--project: there is no {}", directory.display()))?;
            Identity { project, name: name.clone() }
        }
        None => {
            let here = std::env::current_dir().context("the current directory is gone")?;
            Identity::within(&here, name.clone())
        }
    };
    Ok(wish.with_identity(project))
}

/// Takes a lease; an answer that there is none is said, and how to end.
fn take(wish: &Wish) -> anyhow::Result<Result<Lease, Exit>> {
    match wish.take() {
        Ok(lease) => {
            report::notes(lease.remarks());
            Ok(Ok(lease))
        }
        Err(error) => refusal::explain(error).map(Err),
    }
}
