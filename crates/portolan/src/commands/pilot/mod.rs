//! `portolan pilot`: programs with quick connects, however full the ephemeral range is.

#[cfg(feature = "bpf")]
mod cgroup;
#[cfg(feature = "bpf")]
mod guide;
#[cfg(feature = "bpf")]
mod json;
mod linkage;
mod preload;
mod run;
#[cfg(feature = "bpf")]
mod status;
#[cfg(feature = "bpf")]
mod supervise;
#[cfg(feature = "bpf")]
mod switch;
#[cfg(feature = "bpf")]
mod text;
#[cfg(not(feature = "bpf"))]
mod without_bpf;

use std::io::Write;

use crate::args::{OutputArgs, PilotArgs, PilotCommand};
use crate::exit::Exit;

#[cfg(not(feature = "bpf"))]
use without_bpf::{off, on, status, supervise};
#[cfg(feature = "bpf")]
use {
    status::status,
    supervise::supervise,
    switch::{off, on},
};

/// Runs one of its commands.
pub(crate) fn run(
    args: &PilotArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    match &args.command {
        PilotCommand::Run(args) => run::run(args, out),
        PilotCommand::On(args) => on(args, out),
        PilotCommand::Off(place) => off(place, out),
        PilotCommand::Status(place) => status(place, output, out),
    }
}
