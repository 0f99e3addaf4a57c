//! What `portolan serve` takes.

use std::path::PathBuf;

use clap::Args;

/// Where to serve.
#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub(crate) struct ServeArgs {
    /// Where to listen: an address of loopback and a port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7678")]
    pub(crate) listen: std::net::SocketAddr,

    /// The directory of the records that tell of the past [default: /var/lib/portolan, else
    /// ~/.local/state/portolan]
    #[arg(long, value_name = "STORE")]
    pub(crate) dir: Option<PathBuf>,
}

const SERVE_EXAMPLES: &str = "\
Runs in the foreground until SIGTERM or Ctrl-C. The port spells PORT on a telephone's keys.
Examples: portolan serve · portolan serve --listen 127.0.0.1:8642";
