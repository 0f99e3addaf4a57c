//! What `portolan ls` takes.

use clap::{Args, ValueEnum};

use super::LookArgs;
use crate::filter::{EndFilter, StateName};
use crate::netns::NetnsName;

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

const LS_EXAMPLES: &str = "\
Filters of different kinds must all hold; of one kind, any. Exit status 1: none matched;
3: none that can be seen, but some have hidden owners.
Examples: portolan ls -tl · portolan ls --process nginx --state established --sort remote
          portolan ls --port 8000-8100 --json · portolan ls --remote 10.0.0.0/8:443 --watch";
