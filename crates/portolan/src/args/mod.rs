//! The command line: every command, option and help text. Completions and manual pages are
//! generated from these definitions. Commands with many options have a file each.

mod chart;
mod doctor;
mod lease;
mod ls;
mod owners_pin;
mod pilot;
mod range;
mod record;
mod room;
mod serve;
mod stop;
mod watch;
mod who;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use chart::ChartArgs;
pub(crate) use doctor::{DoctorArgs, DoctorFormat};
pub(crate) use lease::{FreeArgs, LeaseArgs, LeaseCommand, LeaseRunArgs, LeaseServeArgs};
pub(crate) use ls::{LsArgs, SortKey};
pub(crate) use owners_pin::OwnersPinArgs;
pub(crate) use pilot::{PilotArgs, PilotCgroup, PilotCommand, PilotOnArgs, PilotRunArgs, PilotWay};
pub(crate) use range::{
    RangeArgs, RangeCommand, RangePlanArgs, RangeSetArgs, RangeUndoArgs, SYSCTL_DIR, SystemName,
};
pub(crate) use record::{RecordArgs, SourceName, StatusArgs};
pub(crate) use room::RoomArgs;
pub(crate) use serve::{FeedbackArgs, Listen, ServeArgs};
pub(crate) use stop::StopArgs;
pub(crate) use watch::WatchArgs;
pub(crate) use who::WhoArgs;

/// What is on a port: what it is, who holds it now, and whether you can bind it.
#[derive(Debug, Parser)]
#[command(
    name = "portolan",
    version,
    max_term_width = 100,
    subcommand_precedence_over_arg = true,
    disable_help_subcommand = true,
    after_help = EXIT_STATUSES,
)]
pub(crate) struct Cli {
    /// The port to look up, as you have it: 60440, 53/udp, ssh, localhost:3000, 8000-8100, a URL.
    /// Without it: an overview of this machine
    #[arg(value_name = "PORT", allow_negative_numbers = true)]
    pub(crate) target: Option<OsString>,

    #[command(flatten)]
    pub(crate) card: CardArgs,

    #[command(flatten)]
    pub(crate) look: LookArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of the card alone.
#[derive(Debug, Args)]
pub(crate) struct CardArgs {
    /// Answer by exit status: 0 somebody holds the port, 1 nobody does, 3 it cannot be known
    #[arg(long, requires = "target")]
    pub(crate) held: bool,

    /// Print nothing; for use with --held
    #[arg(short, long, requires = "held")]
    pub(crate) quiet: bool,

    /// The language of the card: en, ur, es, de or zh [default: by LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, value_name = "LANG", requires = "target")]
    pub(crate) lang: Option<String>,

    /// Do not try to bind the port; tell from the socket table alone
    #[arg(long, requires = "target")]
    pub(crate) no_probe: bool,

    /// The directory of the records that tell of the past [default: /var/lib/portolan, else
    /// ~/.local/state/portolan]
    #[arg(long, value_name = "STORE", requires = "target")]
    pub(crate) dir: Option<PathBuf>,
}

/// How far to look.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct LookArgs {
    /// Look into every network namespace of this machine, not only ours (root)
    #[arg(long)]
    pub(crate) all_netns: bool,

    /// Search every process for holders, even once the likely ones are found
    #[arg(long)]
    pub(crate) full_walk: bool,
}

/// How to print.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct OutputArgs {
    /// Print one JSON object (schema portolan/1)
    #[arg(long, global = true, display_order = LAST)]
    pub(crate) json: bool,

    /// When to use colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t = ColorWhen::Auto,
        display_order = LAST + 1
    )]
    pub(crate) color: ColorWhen,

    /// Never use colour; the same as --color=never
    #[arg(long, global = true, conflicts_with = "color", display_order = LAST + 2)]
    pub(crate) no_color: bool,
}

/// When to colour the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set; everywhere if CLICOLOR_FORCE is
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List every socket with its owner
    Ls(Box<LsArgs>),
    /// Tell who held a port, or which ports somebody held, at a time or between two
    Who(Box<WhoArgs>),
    /// Search IANA's registry of services and ports
    Registry(RegistryArgs),
    /// Record who holds which port, from now on
    Record(RecordArgs),
    /// Say how the recorder does
    Status(StatusArgs),
    /// Show what happens to sockets, as it happens
    Watch(Box<WatchArgs>),
    /// Draw all ports as one chart, now or at a time that was recorded
    Chart(Box<ChartArgs>),
    /// Serve the chart and a page for every port to a browser on this machine
    Serve(Box<ServeArgs>),
    /// Say what readers thought of the pages that were served
    Feedback(FeedbackArgs),
    /// Print sockets as `ss` of iproute2 does, byte for byte
    #[command(disable_help_flag = true)]
    Ss(ToolArgs),
    /// Print sockets as `netstat` of net-tools does, byte for byte
    #[command(disable_help_flag = true)]
    Netstat(ToolArgs),
    /// Print sockets as `lsof -i` does, byte for byte
    #[command(disable_help_flag = true)]
    Lsof(ToolArgs),
    /// Take a port that stays yours: for a program, under a name, or until standard input ends
    Lease(Box<LeaseArgs>),
    /// Print ports that are free now
    Free(FreeArgs),
    /// End whoever listens on a port, and wait until it is free
    Stop(StopArgs),
    /// Say how much room is left for connections, and when it will have run out
    Room(RoomArgs),
    /// Show the ephemeral range, change it safely, or plan it
    Range(Box<RangeArgs>),
    /// Say what is wrong with this machine's ports, and what helps
    Doctor(DoctorArgs),
    /// Keep connect() quick when the ports towards a destination run out
    Pilot(PilotArgs),
    /// Let a group see the owners of all sockets, until the next boot (root)
    OwnersPin(OwnersPinArgs),
    /// Print the completion script of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual, or write all its pages into a directory
    Man {
        /// Where to write portolan.1 and a page for each command
        #[arg(value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// The arguments of a tool that portolan stands in for, which it parses itself.
#[derive(Debug, Args)]
pub(crate) struct ToolArgs {
    /// The tool's own arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<OsString>,
}

/// What to search the registry for.
#[derive(Debug, Args)]
#[command(after_help = "Example: portolan registry postgres")]
pub(crate) struct RegistryArgs {
    /// A service, a port, a range or words of a description
    #[arg(value_name = "TERM", required = true, allow_negative_numbers = true)]
    pub(crate) term: Vec<OsString>,

    /// Print every match; otherwise the best 50 on a terminal
    #[arg(long)]
    pub(crate) all: bool,
}

/// Where options that every command has stand in its help: behind its own.
const LAST: usize = 900;

const EXIT_STATUSES: &str = "\
Exit status: 0 answered, 1 nobody or nothing found, 2 wrong use or failure, 3 cannot be known.
Examples: portolan 60440 · portolan ssh · portolan ls -tl · portolan registry 6000-6063";
