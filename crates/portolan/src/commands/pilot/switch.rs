//! `portolan pilot on` and `off`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use anyhow::bail;
use bpf::pilot::{self, Policy};

use super::cgroup;
use super::guide::{Guide, Reach};
use crate::args::{PilotCgroup, PilotOnArgs};
use crate::exit::Exit;
use crate::output::Escaped;
use crate::report;

/// Pilots a cgroup, or the whole machine.
pub(super) fn on(args: &PilotOnArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    ask_root("pilot on")?;
    if args.sources.len() > Policy::SOURCES {
        let many = args.sources.len();
        bail!("--source was given {many} times: {} source addresses at most", Policy::SOURCES);
    }
    let cgroup = cgroup::named(args.place.cgroup.as_deref())?;
    let policy = Policy { quota: args.quota, sources: args.sources.clone() };
    let mut wish = Wish { cgroup, policy, granted: None };
    wish.grant()?;
    let guide = Guide::new(Reach::All);
    writeln!(out, "every program in {} is piloted from now on", shown(&wish.cgroup))?;
    if args.stay {
        out.flush()?;
        guide.stay(wish)?;
    }
    Ok(Exit::Answered)
}

/// A cgroup that is to be piloted.
#[derive(Debug)]
pub(super) struct Wish {
    cgroup: PathBuf,
    policy: Policy,
    /// The number of the cgroup that was piloted last. One that is made anew has another.
    granted: Option<u64>,
}

impl Wish {
    fn grant(&mut self) -> anyhow::Result<()> {
        let there = self.there();
        pilot::on(&self.cgroup)?;
        pilot::set_policy(&self.policy)?;
        self.granted = there;
        Ok(())
    }

    /// Pilots the cgroup again if it was removed and made anew, as systemd does with that of a unit that starts
    /// again. One that somebody took the pilot off is left alone.
    pub(super) fn grant_again(&mut self) -> anyhow::Result<()> {
        let there = self.there();
        if there.is_none() || there == self.granted {
            return Ok(());
        }
        self.grant()?;
        report::line(format_args!("portolan: {} is new, and piloted", shown(&self.cgroup)));
        Ok(())
    }

    fn there(&self) -> Option<u64> {
        fs::metadata(&self.cgroup).ok().map(|metadata| metadata.ino())
    }
}

/// Stops piloting a cgroup, or everything.
pub(super) fn off(place: &PilotCgroup, out: &mut impl Write) -> anyhow::Result<Exit> {
    ask_root("pilot off")?;
    let wanted = place.cgroup.as_deref().map(|path| cgroup::named(Some(path))).transpose()?;
    let detached = pilot::off(wanted.as_deref())?;
    for path in &detached {
        cgroup::remove_if_left(path);
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
