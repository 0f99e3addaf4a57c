//! What `portolan stop` takes.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;

/// Whose port, and how it is to end.
#[derive(Debug, Args)]
#[command(after_help = STOP)]
pub(crate) struct StopArgs {
    /// The port whose listener is to end: 8080, 53/udp, localhost:3000
    #[arg(value_name = "PORT", allow_negative_numbers = true)]
    pub(crate) target: OsString,

    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// How long to wait for an orderly end
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = grace)]
    pub(crate) grace: Duration,

    /// Kill (SIGKILL) what has not ended by then
    #[arg(long)]
    pub(crate) force: bool,

    /// End those, too, who have the port without listening: clients that were given its number
    #[arg(long)]
    pub(crate) clients: bool,
}

fn grace(text: &str) -> Result<Duration, String> {
    let seconds: Option<u64> = text.parse().ok().filter(|seconds| *seconds <= 3600);
    seconds.map(Duration::from_secs).ok_or_else(|| "it takes 0 to 3600 seconds".to_owned())
}

const STOP: &str = "\
Says what it will do and to whom, and asks. A service is stopped through systemctl, a container
through its runtime, any other process with SIGTERM. Then it waits until the port can be bound again.
Exit status: 0 the port is free; 1 nobody listens there, or it is not free, and why; 2 wrong use, or
not agreed to; 3 not permitted, and who could.
Examples: portolan stop 8080 · portolan stop 8080 --yes --grace 3 --force";
