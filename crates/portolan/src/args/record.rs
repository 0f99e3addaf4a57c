//! What `portolan record` and `status` take.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// What to record, and where to.
#[derive(Debug, Args)]
#[command(after_help = RECORD_EXAMPLES)]
pub(crate) struct RecordArgs {
    /// Where to keep the record; default: /var/lib/portolan for root, else
    /// ~/.local/state/portolan
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,

    /// How long to keep what has ended: 30d, 12h, 8w
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = crate::quantity::age)]
    pub(crate) keep: Duration,

    /// How much room to take on disk: 500M, 2G
    #[arg(long, value_name = "SIZE", default_value = "2G", value_parser = crate::quantity::size)]
    pub(crate) max_size: u64,

    /// Where to answer questions; default: /run/portolan/recorder.sock for root,
    /// $XDG_RUNTIME_DIR/portolan/recorder.sock for others, DIR/recorder.sock with --dir
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,

    /// How to learn what happens
    #[arg(long, value_name = "SOURCE", value_enum, default_value_t = SourceName::Auto)]
    pub(crate) source: SourceName,

    /// Answer Prometheus here, over HTTP: 127.0.0.1:9188
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) metrics: Option<SocketAddr>,

    /// Let --metrics be reached from other machines: whoever reaches it sees whom this one talks to
    #[arg(long, requires = "metrics")]
    pub(crate) metrics_public: bool,

    /// How much the kernel may hold for us until we come round to take it; default: 8M, for
    /// sampling 16M
    #[arg(long, value_name = "SIZE", value_parser = crate::quantity::buffer)]
    pub(crate) buffer: Option<u32>,
}

/// How to learn what happens to sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SourceName {
    /// From programs in the kernel where they may run, else by sampling
    Auto,
    /// From programs in the kernel (eBPF): every socket with its owner (root)
    Kernel,
    /// By looking again and again: misses what is short
    Sampling,
}

/// Whom to ask how it goes.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The store whose recorder to ask; default: that of the whole machine, else your own
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

const RECORD_EXAMPLES: &str = "\
Runs in the foreground until SIGTERM or Ctrl-C. `portolan status` tells how it goes.
Examples: portolan record · portolan record --dir /srv/ports --keep 90d --max-size 10G";
