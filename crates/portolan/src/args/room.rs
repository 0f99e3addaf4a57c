//! What `portolan room` takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::netns::NetnsName;

/// Where to look, and how closely.
#[derive(Debug, Args)]
#[command(after_help = ROOM_EXAMPLES)]
pub(crate) struct RoomArgs {
    /// Look into every network namespace of this machine, not only ours (root)
    #[arg(long, conflicts_with = "netns")]
    pub(crate) all_netns: bool,

    /// Look into this network namespace, by name or number (root)
    #[arg(long, value_name = "NETNS")]
    pub(crate) netns: Option<NetnsName>,

    /// How many destinations to show of each namespace, those first that hurt first
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) top: u32,

    /// Look twice so far apart to see how fast connections are begun: 0 for one look, 10s for slow
    /// ones. A recorder that runs knows without [default: 100ms]
    #[arg(long, value_name = "TIME", value_parser = crate::quantity::pause)]
    pub(crate) over: Option<Duration>,

    /// Measure what a connect to the fullest destination costs: 100 connects at that fill, to a
    /// listener in a network namespace made for it (root)
    #[arg(long)]
    pub(crate) probe: bool,

    #[arg(long, hide = true)]
    pub(crate) probe_inside: bool,

    /// Look again every second, or every SECONDS
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        conflicts_with = "probe",
        value_parser = crate::filter::seconds
    )]
    pub(crate) watch: Option<Duration>,

    /// Print metrics, for node_exporter's textfile collector
    #[arg(long, conflicts_with_all = ["json", "watch", "probe"])]
    pub(crate) prometheus: bool,

    /// The store whose recorder to ask; default: that of the whole machine, else your own
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

const ROOM_EXAMPLES: &str = "\
Exit status: 0, however little room there is: `portolan doctor` answers by exit status.
Examples: portolan room · portolan room --over 10s · portolan room --watch
          portolan room --prometheus > /var/lib/node_exporter/portolan.prom";
