//! `portolan pilot run`: which way, and off.

use std::io::Write;

use anyhow::bail;

use super::{linkage, preload, supervise};
use crate::args::{PilotRunArgs, PilotWay};
use crate::exit::Exit;
use crate::program::Program;
use crate::report;

/// Runs the program; its exit status is ours.
pub(super) fn run(args: &PilotRunArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let program = match Program::find(&args.command) {
        Ok(program) => program,
        Err(absent) => return Ok(absent.explain(&args.command[0])),
    };
    out.flush()?;
    let by_kernel = match args.with {
        PilotWay::Ebpf => true,
        PilotWay::Preload => false,
        PilotWay::Auto => cfg!(feature = "bpf") && rustix::process::geteuid().is_root(),
    };
    if by_kernel {
        let supervised = supervise(&program);
        let Err(error) = supervised else { return supervised };
        if args.with == PilotWay::Ebpf {
            return Err(error);
        }
        report::notes(&[format!("the kernel cannot pilot it, so the library does: {error:#}")]);
    }
    if let Some(obstacle) = linkage::obstacle(&program.path) {
        bail!("{obstacle}: as root, `portolan pilot run --with ebpf` can pilot it");
    }
    preload::become_program(&program)
}
