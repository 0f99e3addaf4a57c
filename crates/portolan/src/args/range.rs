//! What `portolan range` takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use registry::PortRange;

use crate::netns::NetnsName;

/// Shows the ephemeral range, or changes it.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = RANGE)]
pub(crate) struct RangeArgs {
    /// Look into every network namespace of this machine, not only ours (root)
    #[arg(long, conflicts_with = "netns")]
    pub(crate) all_netns: bool,

    /// Look into this network namespace, by name or number (root)
    #[arg(long, value_name = "NETNS")]
    pub(crate) netns: Option<NetnsName>,

    #[command(subcommand)]
    pub(crate) command: Option<RangeCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RangeCommand {
    /// Change the range, or show what that would do (root)
    Set(RangeSetArgs),
    /// Put back what the last `range set` found (root)
    Undo(RangeUndoArgs),
    /// Work out how many ports and addresses it takes
    Plan(RangePlanArgs),
}

/// What to change.
#[derive(Debug, Args)]
#[command(after_help = SET)]
pub(crate) struct RangeSetArgs {
    /// The first and the last port, as 32768-60999
    #[arg(value_name = "LO-HI", value_parser = range)]
    pub(crate) range: PortRange,

    /// Reserve the ports of the servers that listen inside, so that no connection is given them
    #[arg(long)]
    pub(crate) reserve_listeners: bool,

    /// Reserve these ports, too: 51820,40000-40010
    #[arg(long, value_name = "PORTS", value_delimiter = ',', value_parser = range)]
    pub(crate) reserve: Vec<PortRange>,

    /// In this network namespace, by name or number
    #[arg(long, value_name = "NETNS")]
    pub(crate) netns: Option<NetnsName>,

    /// Write it down for the next boot, too: a file in --sysctl-dir
    #[arg(long)]
    pub(crate) persist: bool,

    /// Where the settings of the next boot are
    #[arg(long, value_name = "DIR", default_value = SYSCTL_DIR)]
    pub(crate) sysctl_dir: PathBuf,

    /// Show what would change, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print the commands for another system instead; nothing is changed here
    #[arg(long = "for", value_name = "SYSTEM", value_enum, conflicts_with_all = ["netns", "persist", "reserve_listeners"])]
    pub(crate) system: Option<SystemName>,

    #[arg(long, value_name = "DIR", hide = true, default_value = UNDO_DIR)]
    pub(crate) undo_dir: PathBuf,
}

/// What to put back.
#[derive(Debug, Args)]
pub(crate) struct RangeUndoArgs {
    /// In this network namespace, by name or number
    #[arg(long, value_name = "NETNS")]
    pub(crate) netns: Option<NetnsName>,

    #[arg(long, value_name = "DIR", hide = true, default_value = UNDO_DIR)]
    pub(crate) undo_dir: PathBuf,
}

/// What is to be carried.
#[derive(Debug, Args)]
#[command(after_help = PLAN)]
pub(crate) struct RangePlanArgs {
    /// New connections a second, of all destinations together
    #[arg(long, value_name = "R", value_parser = rate)]
    pub(crate) rate: f64,

    /// How long one lasts: 500ms, 10s, 5m
    #[arg(long, value_name = "T", value_parser = crate::quantity::lasting)]
    pub(crate) hold: Duration,

    /// Over how many destinations they spread
    #[arg(long, value_name = "D", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) destinations: u32,

    /// How long a port is kept after that; 0s where the far end closes first
    #[arg(long, value_name = "W", default_value = "60s", value_parser = crate::quantity::lasting)]
    pub(crate) time_wait: Duration,

    /// From how many addresses they go out
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) sources: u32,

    /// The range; default: this machine's, without what is reserved or listened on
    #[arg(long, value_name = "LO-HI", value_parser = range)]
    pub(crate) range: Option<PortRange>,

    /// The probability of finding no port that is acceptable
    #[arg(long, value_name = "P", default_value = "0.000001", value_parser = probability)]
    pub(crate) risk: f64,

    /// Draw fill and probability over the rate into this file, of the kind that its name ends in:
    /// .svg or .png
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
}

/// Other systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SystemName {
    /// Windows since Vista and Server 2008
    Windows,
    /// macOS
    Macos,
    /// FreeBSD
    Freebsd,
}

fn range(text: &str) -> Result<PortRange, String> {
    let range: PortRange = text.parse().map_err(|error| format!("{error}"))?;
    if range.first() == registry::Port::NONE {
        return Err("port 0 means any port: a range begins at 1 or above".to_owned());
    }
    Ok(range)
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.trim().parse::<f64>().ok().filter(|rate| *rate > 0.0 && *rate <= 1e9);
    rate.ok_or_else(|| "it takes a number of connections a second, above 0: 250 or 0.5".to_owned())
}

fn probability(text: &str) -> Result<f64, String> {
    let risk = text.trim().parse::<f64>().ok().filter(|risk| (1e-12..1.0).contains(risk));
    risk.ok_or_else(|| "it takes a probability between 0.000000000001 and 1: 0.001".to_owned())
}

/// Where the machine keeps the settings of its next boot.
pub(crate) const SYSCTL_DIR: &str = "/etc/sysctl.d";
/// Where it is kept what to put back; root's alone, unlike the recorder's store.
const UNDO_DIR: &str = "/var/lib/portolan-range";

const RANGE: &str = "\
Without a command: the range, what is reserved, who listens inside, what other systems do.
Examples: portolan range · portolan range set 20000-60999 --reserve-listeners --dry-run";
const SET: &str = "\
Shows first who falls in or out and how many connections to one destination are possible before and
after. If a step fails, what was done is undone. `portolan range undo` goes back, also after a reboot.
Examples: portolan range set 32768-60999 --reserve-listeners --persist
          portolan range set 49152-65535 --for windows";
const PLAN: &str = "\
Ports are worked out for each destination: by Erlang's formula, and by playing it out.
Example: portolan range plan --rate 800 --hold 2s --destinations 1 --time-wait 60s --plot plan.svg";
