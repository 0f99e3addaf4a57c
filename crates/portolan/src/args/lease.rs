//! What `portolan lease` and `portolan free` take.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use alloc::lease::{Name, Wish};
use clap::{Args, Subcommand};
use registry::{PortRange, Proto};

/// A lease, and what it is for.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = LEASE)]
pub(crate) struct LeaseArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LeaseCommand>,

    #[command(flatten)]
    pub(crate) run: LeaseRunArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LeaseCommand {
    /// List the leases of this host: which port, for whom, by whom and since when
    Ls,
    /// Lease ports to programs that ask as Google's portserver is asked (python portpicker, Bazel)
    Serve(LeaseServeArgs),
}

/// Which ports, and for how long.
#[derive(Debug, Args)]
pub(crate) struct LeaseRunArgs {
    /// A name within the project: it gets the same port again whenever that is free
    #[arg(value_name = "NAME", value_parser = name)]
    pub(crate) name: Option<Name>,

    #[command(flatten)]
    pub(crate) wish: WishArgs,

    /// The directory of the project; default: the nearest one upwards with a .git, else the current
    #[arg(long, value_name = "DIR", requires = "name")]
    pub(crate) project: Option<PathBuf>,

    /// The variable that tells CMD the port, and with _1, _2 and so on each of several
    #[arg(long, value_name = "NAME", default_value = "PORT", value_parser = variable)]
    pub(crate) env: String,

    /// Let go of the port when CMD starts: for a server that does not set SO_REUSEADDR
    #[arg(long, conflicts_with_all = ["pass", "hold"])]
    pub(crate) drop: bool,

    /// Pass the port to CMD as an open socket, as systemd does (LISTEN_FDS)
    #[arg(long, conflicts_with = "hold")]
    pub(crate) pass: bool,

    /// Without CMD: print the port, and keep it until standard input ends
    #[arg(long, conflicts_with = "command_line")]
    pub(crate) hold: bool,

    /// The program to run and its arguments, in which {port}, {port_1} and so on are replaced
    #[arg(value_name = "CMD", id = "command_line", last = true)]
    pub(crate) command: Vec<OsString>,
}

/// Which ports.
#[derive(Debug, Args)]
pub(crate) struct WishArgs {
    /// How many ports: all or none
    #[arg(short = 'n', long, value_name = "N", default_value = "1", value_parser = count)]
    pub(crate) count: usize,

    /// Consecutive ports
    #[arg(long)]
    pub(crate) block: bool,

    /// What has to be free: tcp, udp or tcp,udp
    #[arg(
        long,
        value_name = "PROTO",
        value_delimiter = ',',
        default_value = "tcp",
        value_parser = crate::filter::proto
    )]
    pub(crate) proto: Vec<Proto>,

    /// From these ports: 20000-20999; default: outside the ephemeral range, and of no known service
    #[arg(long, value_name = "RANGE", value_parser = range)]
    pub(crate) range: Option<PortRange>,

    /// On these addresses; default: all, of IPv4 and IPv6
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    pub(crate) address: Vec<IpAddr>,
}

impl WishArgs {
    /// What is asked of the lease by these.
    pub(crate) fn wish(&self) -> Wish {
        let wish = Wish::default().with_protos(self.proto.iter().copied());
        let wish =
            if self.block { wish.with_block(self.count) } else { wish.with_count(self.count) };
        let wish = match self.range {
            Some(range) => wish.with_range(range),
            None => wish,
        };
        if self.address.is_empty() {
            return wish;
        }
        wish.with_addresses(self.address.iter().copied())
    }
}

/// Which ports to print.
#[derive(Debug, Args)]
#[command(after_help = FREE)]
pub(crate) struct FreeArgs {
    #[command(flatten)]
    pub(crate) wish: WishArgs,
}

/// Where to serve, and what.
#[derive(Debug, Args)]
#[command(after_help = SERVE)]
pub(crate) struct LeaseServeArgs {
    /// A path, or @NAME in the abstract namespace; default: $PORTSERVER_ADDRESS
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<OsString>,

    /// From these ports: 20000-20999; default: outside the ephemeral range, and of no known service
    #[arg(long, value_name = "RANGE", value_parser = range)]
    pub(crate) range: Option<PortRange>,

    /// Hold each port for as long as it is leased: for clients that all set SO_REUSEADDR
    #[arg(long)]
    pub(crate) hold: bool,
}

fn name(text: &str) -> Result<Name, String> {
    text.parse().map_err(|error: alloc::lease::NameError| error.to_string())
}

fn count(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("it takes a number from 1 to {MOST}"))
}

fn range(text: &str) -> Result<PortRange, String> {
    let range: PortRange = text.parse().map_err(|error| format!("{error}"))?;
    if range.last() == registry::Port::NONE {
        return Err("port 0 is none: it asks the kernel for any".to_owned());
    }
    Ok(range)
}

fn variable(text: &str) -> Result<String, String> {
    let may = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = text.chars().next().is_some_and(|c| !c.is_ascii_digit());
    if begins && text.chars().all(may) {
        return Ok(text.to_owned());
    }
    Err("a variable has letters, digits and _, and begins with no digit".to_owned())
}

/// As many as one process may well hold.
const MOST: usize = 4096;

const LEASE: &str = "\
Without NAME a port is taken that nobody else uses. A server in CMD binds it if it sets
SO_REUSEADDR, as nearly all do (Node, Go, Java, Python's http.server, nginx); for others there are
--drop and --pass.
Exit status: that of CMD; 126 if CMD cannot be run, 127 if there is none of that name; 1 if the
name is leased already or no port is free; 2 wrong use or failure.
Examples: portolan lease web -- npm run dev · portolan lease -- python3 -m http.server {port}
          portolan lease -n 3 --block -- ./cluster.sh · portolan lease ls";
const FREE: &str = "\
What is printed is free now and promised to nobody: the next moment somebody may have it.
`portolan lease` keeps it. Exit status 1: not so many are free.
Example: portolan free -n 3";
const SERVE: &str = "\
A client connects, sends its process id and a newline, and gets a port and a newline. The port is
the process's until it ends, free for TCP and UDP, and nobody else's who leases. It is not held, as
clients may bind it in any way; --hold holds it. Runs in the foreground until SIGTERM or Ctrl-C.
Example: export PORTSERVER_ADDRESS=@portserver; portolan lease serve & pytest";
