//! `portolan owners-pin`: lets a group see the owners of all sockets, until the next boot.

use std::io::Write;

use anyhow::{anyhow, bail};

use crate::args::OwnersPinArgs;
use crate::exit::Exit;
use crate::host;

/// Pins the reader of owners for a group, or takes it away.
pub(crate) fn run(args: &OwnersPinArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let chosen = if args.remove { None } else { Some(group(args.group.as_deref())?) };
    if !rustix::process::geteuid().is_root() {
        bail!("owners-pin puts a program into the kernel for good and needs root");
    }
    match chosen {
        Some((gid, name)) => {
            let path = host::pin(gid)?;
            writeln!(out, "the group {name} now sees every socket's owners, through {path}")?;
        }
        None if host::unpin()? => writeln!(out, "nobody but root sees all owners any more")?,
        None => writeln!(out, "nothing was pinned")?,
    }
    Ok(Exit::Answered)
}

/// The number and the name of the group that was asked for, by default `portolan`.
fn group(asked: Option<&str>) -> anyhow::Result<(u32, &str)> {
    let name = asked.unwrap_or(GROUP);
    let gid = sockets::group_id(name).or_else(|| name.parse().ok());
    let gid = gid.ok_or_else(|| match asked {
        Some(name) => anyhow!("there is no group called '{name}' in /etc/group"),
        None => anyhow!(
            "there is no group called '{GROUP}': make it with 'groupadd --system {GROUP}', or name \
             another with --group"
        ),
    })?;
    Ok((gid, name))
}

/// Whose members see what portolan sees.
const GROUP: &str = "portolan";
