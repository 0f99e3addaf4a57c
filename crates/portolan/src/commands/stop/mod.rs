//! `portolan stop`: ends whoever listens on a port, in the way that its owner has, and waits until it is free.

mod act;
mod plan;
mod scene;
mod wait;

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::bail;
use registry::Port;

use crate::args::{OutputArgs, StopArgs};
use crate::exit::Exit;
use crate::report;
use crate::usage;

use plan::Plan;
use scene::Scenery;

/// Ends them.
pub(crate) fn run(
    args: &StopArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    if output.json {
        bail!("--json goes with questions: what came of stop is its exit status");
    }
    let target = usage::target(&args.target)?;
    let Some(port) = target.port().filter(|port| *port != Port::NONE) else {
        bail!("stop takes one port: portolan stop 8080");
    };
    let scenery = Scenery::look(port, target.proto)?;
    let plan = match Plan::make(&scenery, args.clients) {
        Ok(plan) => plan,
        Err(refusal) => {
            report::error(refusal.why);
            return Ok(refusal.exit);
        }
    };
    for line in plan.lines(port, args) {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    if !args.yes && !agreed(&mut io::stdin().lock())? {
        report::error("nothing was done");
        return Ok(Exit::Failed);
    }
    wait::end(&plan, &scenery, args, out)
}

/// Whether a person says yes; without one there is `--yes`.
fn agreed(answers: &mut impl BufRead) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        bail!("nobody is there to be asked: --yes does it without asking");
    }
    write!(io::stderr(), "go ahead? [y/N] ")?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
