//! What `portolan watch` takes.

use std::path::PathBuf;

use clap::Args;

use super::SourceName;
use crate::filter::EndFilter;
use crate::netns::NetnsName;

/// What to show of what happens.
#[derive(Debug, Args)]
#[command(after_help = WATCH_EXAMPLES)]
pub(crate) struct WatchArgs {
    /// Only sockets with this port, range or service at either end; several with commas
    #[arg(value_name = "PORT", value_parser = crate::filter::ports)]
    pub(crate) target: Option<registry::Target>,

    /// Only TCP
    #[arg(short = 't', long)]
    pub(crate) tcp: bool,

    /// Only UDP
    #[arg(short = 'u', long)]
    pub(crate) udp: bool,

    /// Only listeners, and sockets of UDP that wait for anybody
    #[arg(short = 'l', long)]
    pub(crate) listening: bool,

    /// Only IPv4
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub(crate) ipv4: bool,

    /// Only IPv6
    #[arg(short = '6', long)]
    pub(crate) ipv6: bool,

    /// The same as PORT
    #[arg(long, value_name = "PORT", value_parser = crate::filter::ports)]
    pub(crate) port: Vec<registry::Target>,

    /// Only sockets whose own end is ADDR, ADDR/PREFIX, :PORT or both: 127.0.0.1:8000-8100
    #[arg(long, value_name = "END", value_delimiter = ',')]
    pub(crate) local: Vec<EndFilter>,

    /// Only sockets whose far end is ADDR, ADDR/PREFIX, :PORT or both: 10.0.0.0/8:443
    #[arg(long, value_name = "END", value_delimiter = ',')]
    pub(crate) remote: Vec<EndFilter>,

    /// Only this protocol: tcp or udp
    #[arg(long, value_name = "PROTO", value_delimiter = ',', value_parser = crate::filter::proto)]
    pub(crate) proto: Vec<registry::Proto>,

    /// Only sockets that this process opened, took over or closed
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

    /// Only sockets of this network namespace, by name, number or `own`
    #[arg(long, value_name = "NETNS")]
    pub(crate) netns: Option<NetnsName>,

    /// The store whose recorder to ask; default: that of the whole machine, else your own
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,

    /// How to learn what happens where no recorder runs
    #[arg(long, value_name = "SOURCE", value_enum, default_value_t = SourceName::Auto)]
    pub(crate) source: SourceName,
}

const WATCH_EXAMPLES: &str = "\
Filters of different kinds must all hold; of one kind, any. Ends with Ctrl-C.
Examples: portolan watch · portolan watch 5432 · portolan watch --process curl --json";
