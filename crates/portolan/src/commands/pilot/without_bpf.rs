//! What cannot be done without programs in the kernel.

use std::io::Write;

use crate::args::{OutputArgs, PilotCgroup, PilotOnArgs};
use crate::exit::Exit;
use crate::program::Program;

/// Refuses.
pub(super) fn on(_args: &PilotOnArgs, _out: &mut impl Write) -> anyhow::Result<Exit> {
    anyhow::bail!("{WITHOUT}")
}

/// Refuses.
pub(super) fn off(_place: &PilotCgroup, _out: &mut impl Write) -> anyhow::Result<Exit> {
    anyhow::bail!("{WITHOUT}")
}

/// Refuses.
pub(super) fn status(
    _place: &PilotCgroup,
    _output: OutputArgs,
    _out: &mut impl Write,
) -> anyhow::Result<Exit> {
    anyhow::bail!("{WITHOUT}")
}

/// Refuses.
pub(super) fn supervise(_program: &Program) -> anyhow::Result<Exit> {
    anyhow::bail!("{WITHOUT}")
}

const WITHOUT: &str = "this portolan was built without the programs that run in the kernel (its feature bpf): \
     `portolan pilot run --with preload` does without them";
