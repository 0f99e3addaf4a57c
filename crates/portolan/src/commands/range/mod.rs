//! `portolan range`: the ephemeral range, what it means, and how to change it safely.

mod change;
mod elsewhere;
mod next_boot;
mod plan;
mod plot;
mod settings;
mod show;
mod undo;

use std::io::Write;

use crate::args::{OutputArgs, RangeArgs, RangeCommand};
use crate::exit::Exit;

/// Shows or changes it.
pub(crate) fn run(
    args: &RangeArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    match &args.command {
        None => show::run(args, output, out),
        Some(RangeCommand::Set(args)) => change::run(args, output, out),
        Some(RangeCommand::Undo(args)) => undo::run(args, output, out),
        Some(RangeCommand::Plan(args)) => plan::run(args, output, out),
    }
}
