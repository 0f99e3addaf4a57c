//! The command line: every command, option and help text. Completions and manual pages are
//! generated from these definitions.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::filter::{EndFilter, NetnsName, StateName};

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

    /// Do not try to bind the port; tell from the socket table alone
    #[arg(long, requires = "target")]
    pub(crate) no_probe: bool,
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
    /// Search IANA's registry of services and ports
    Registry(RegistryArgs),
    /// Print sockets as `ss` of iproute2 does, byte for byte
    #[command(disable_help_flag = true)]
    Ss(ToolArgs),
    /// Print sockets as `netstat` of net-tools does, byte for byte
    #[command(disable_help_flag = true)]
    Netstat(ToolArgs),
    /// Print sockets as `lsof -i` does, byte for byte
    #[command(disable_help_flag = true)]
    Lsof(ToolArgs),
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

/// Which sockets to list, and how.
#[derive(Debug, Args)]
#[command(after_help = LS_EXAMPLES)]
pub(crate) struct LsArgs {
    /// Only TCP
    #[arg(short = 't', long)]
    pub(crate) tcp: bool,

    /// Only UDP
    #[arg(short = 'u', long)]
    pub(crate) udp: bool,

    /// Only sockets that wait for others: listening TCP, unconnected UDP
    #[arg(short = 'l', long)]
    pub(crate) listening: bool,

    /// Only IPv4
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub(crate) ipv4: bool,

    /// Only IPv6
    #[arg(short = '6', long)]
    pub(crate) ipv6: bool,

    /// Owners: always shown; accepted because fingers type it
    #[arg(short = 'p', hide = true)]
    pub(crate) owners: bool,

    /// Numbers: always shown; accepted because fingers type it
    #[arg(short = 'n', hide = true)]
    pub(crate) numeric: bool,

    /// All states: always shown; accepted because fingers type it
    #[arg(short = 'a', hide = true)]
    pub(crate) all: bool,

    /// Only sockets with this port, range or service at either end; several with commas
    #[arg(long, value_name = "PORT", value_parser = crate::filter::ports)]
    pub(crate) port: Vec<registry::Target>,

    /// Only sockets whose own end is ADDR, ADDR/PREFIX, :PORT or both: 127.0.0.1:8000-8100
    #[arg(long, value_name = "END", value_delimiter = ',')]
    pub(crate) local: Vec<EndFilter>,

    /// Only sockets whose far end is ADDR, ADDR/PREFIX, :PORT or both: 10.0.0.0/8:443
    #[arg(long, value_name = "END", value_delimiter = ',')]
    pub(crate) remote: Vec<EndFilter>,

    /// Only sockets in this state: listen, established, time-wait, bound, connected, …
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub(crate) state: Vec<StateName>,

    /// Only this protocol: tcp or udp
    #[arg(long, value_name = "PROTO", value_delimiter = ',', value_parser = crate::filter::proto)]
    pub(crate) proto: Vec<registry::Proto>,

    /// Only sockets that this process holds
    #[arg(long, value_name = "PID", value_delimiter = ',', value_parser = crate::filter::pid)]
    pub(crate) pid: Vec<u32>,

    /// Only sockets of processes whose name or program has this in it
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) process: Vec<String>,

    /// Only sockets of this user, by name or number
    #[arg(long, value_name = "USER", value_delimiter = ',', value_parser = crate::filter::user)]
    pub(crate) user: Vec<u32>,

    /// Only sockets of this systemd unit; .service may be left out
    #[arg(long, value_name = "UNIT", value_delimiter = ',')]
    pub(crate) unit: Vec<String>,

    /// Only sockets of this container, by the start of its id or by name
    #[arg(long, value_name = "CONTAINER", value_delimiter = ',')]
    pub(crate) container: Vec<String>,

    /// Only sockets of this network namespace, by name, number or `own`; looks into it (root)
    #[arg(long, value_name = "NETNS")]
    pub(crate) netns: Option<NetnsName>,

    /// What to order by
    #[arg(long, value_name = "KEY", value_enum, default_value_t = SortKey::Port)]
    pub(crate) sort: SortKey,

    /// Look again every second, or every SECONDS; in a pipe, print what came and what went
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        value_parser = crate::filter::seconds
    )]
    pub(crate) watch: Option<std::time::Duration>,

    /// Print comma-separated values with a header line
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,

    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// What `ls` can order by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortKey {
    /// Protocol, then local port
    Port,
    /// Local address, then port
    Local,
    /// Remote address, then port
    Remote,
    /// State
    State,
    /// Process id of the first owner
    Pid,
    /// Name of the first owner
    Process,
    /// User
    User,
    /// Bytes (or connections) waiting to be read, most first
    RecvQ,
    /// Bytes waiting to be sent, most first
    SendQ,
    /// The kernel's own order
    None,
}

/// Where options that every command has stand in its help: behind its own.
const LAST: usize = 900;

const EXIT_STATUSES: &str = "\
Exit status: 0 answered, 1 nobody or nothing found, 2 wrong use or failure, 3 cannot be known.
Examples: portolan 60440 · portolan ssh · portolan ls -tl · portolan registry 6000-6063";

const LS_EXAMPLES: &str = "\
Filters of different kinds must all hold; of one kind, any. Exit status 1: none matched;
3: none that can be seen, but some have hidden owners.
Examples: portolan ls -tl · portolan ls --process nginx --state established --sort remote
          portolan ls --port 8000-8100 --json · portolan ls --remote 10.0.0.0/8:443 --watch";
