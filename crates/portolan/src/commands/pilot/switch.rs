//! `portolan pilot on` and `off`.

use std::io::Write;

use anyhow::bail;
use bpf::pilot::{self, Policy};

use super::cgroup;
use super::guide::{Guide, Reach};
use crate::args::{PilotCgroup, PilotOnArgs};
use crate::exit::Exit;
use crate::output::Escaped;

/// Pilots a cgroup, or the whole machine.
pub(super) fn on(args: &PilotOnArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    ask_root("pilot on")?;
    if args.sources.len() > Policy::SOURCES {
        let many = args.sources.len();
        bail!("--source was given {many} times: {} source addresses at most", Policy::SOURCES);
    }
    let cgroup = cgroup::named(args.place.cgroup.as_deref())?;
    pilot::on(&cgroup)?;
    let policy = Policy { quota: args.quota, sources: args.sources.clone() };
    pilot::set_policy(&policy)?;
    let guide = Guide::new(Reach::All);
    writeln!(out, "every program in {} is piloted from now on", shown(&cgroup))?;
    if args.stay {
        out.flush()?;
        guide.stay()?;
    }
    Ok(Exit::Answered)
}

/// Stops piloting a cgroup, or everything.
pub(super) fn off(place: &PilotCgroup, out: &mut impl Write) -> anyhow::Result<Exit> {
    ask_root("pilot off")?;
    let wanted = place.cgroup.as_deref().map(|path| cgroup::named(Some(path))).transpose()?;
    let detached = pilot::off(wanted.as_deref())?;
    for path in &detached {
        path.parent().map(cgroup::sweep);
        writeln!(out, "{} is piloted no more", shown(path))?;
    }
    match wanted {
        Some(cgroup) if detached.is_empty() => writeln!(out, "{} was not piloted", shown(&cgroup))?,
        None if detached.is_empty() => writeln!(out, "nothing was piloted")?,
        _ => {}
    }
    Ok(Exit::Answered)
}

/// Refuses to go on without root.
pub(super) fn ask_root(command: &str) -> anyhow::Result<()> {
    if !rustix::process::geteuid().is_root() {
        bail!(
            "{command} has to do with programs in the kernel and needs root; \
             `portolan pilot run --with preload` does not"
        );
    }
    Ok(())
}

/// A path, safe to print.
pub(super) fn shown(path: &std::path::Path) -> String {
    Escaped(path.as_os_str().as_encoded_bytes()).to_string()
}
