//! The options of `portolan owners-pin`.

use clap::Args;

/// Who is to see the owners of all sockets.
#[derive(Debug, Args)]
#[command(after_help = OWNERS_PIN)]
pub(crate) struct OwnersPinArgs {
    /// The group, by name or number; without it the group `portolan`
    #[arg(long, value_name = "GROUP", conflicts_with = "remove")]
    pub(crate) group: Option<String>,

    /// Take it away from everybody again
    #[arg(long)]
    pub(crate) remove: bool,
}

const OWNERS_PIN: &str = "\
Its members then learn of every process on this machine which sockets it holds: pid, name, user,
start, descriptor and inode. They gain nothing else. What it makes: /run/portolan-owners.
Example: groupadd --system portolan; usermod -aG portolan alice; portolan owners-pin";
