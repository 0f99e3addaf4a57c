//! What `portolan who` takes.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::filter::EndFilter;
use crate::netns::NetnsName;

/// Which port, when, and whose.
#[derive(Debug, Args)]
#[command(after_help = WHO_EXAMPLES)]
pub(crate) struct WhoArgs {
    /// The port, in any spelling: 60440, 53/udp, ssh, 8000-8100. Without it: every port that what
    /// else is asked for held
    #[arg(value_name = "PORT", allow_negative_numbers = true)]
    pub(crate) target: Option<OsString>,

    /// At this time: 14:03:11, 'yesterday 14:03', '10m ago', 2026-11-23T14:03:11Z, a log's own
    /// way; all of the second or minute that is written. Without any time: ever, the newest first
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        conflicts_with_all = ["from", "to"]
    )]
    pub(crate) at: Option<OsString>,

    /// Between this time and --to, else now
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) from: Option<OsString>,

    /// Between --from, else when recording began, and the end of this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) to: Option<OsString>,

    /// Only with a far end that is ADDR, ADDR/PREFIX, :PORT or both: 10.0.0.0/8:443
    #[arg(long, value_name = "END", value_delimiter = ',')]
    pub(crate) remote: Vec<EndFilter>,

    /// Only by processes whose name or program has this in it
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) process: Vec<String>,

    /// Only by this process
    #[arg(long, value_name = "PID", value_delimiter = ',', value_parser = crate::filter::pid)]
    pub(crate) pid: Vec<u32>,

    /// Only by this user, by name or number
    #[arg(long, value_name = "USER", value_delimiter = ',', value_parser = crate::filter::user)]
    pub(crate) user: Vec<u32>,

    /// Only in this systemd unit; .service may be left out
    #[arg(long, value_name = "UNIT", value_delimiter = ',')]
    pub(crate) unit: Vec<String>,

    /// Only in this container, by the start of its id or by name
    #[arg(long, value_name = "CONTAINER", value_delimiter = ',')]
    pub(crate) container: Vec<String>,

    /// Only in this network namespace, by name, number or `own`
    #[arg(long, value_name = "NETNS")]
    pub(crate) netns: Option<NetnsName>,

    /// The directory of the records [default: /var/lib/portolan, else ~/.local/state/portolan]
    #[arg(long, value_name = "STORE")]
    pub(crate) dir: Option<PathBuf>,

    /// At most so many tenures, the newest; or `all`, of which a recorder tells 100,000 at once
    #[arg(long, value_name = "N", default_value = "50", value_parser = limit)]
    pub(crate) limit: Limit,
}

#[cfg(test)]
impl WhoArgs {
    /// The arguments in `words`, which spaces divide; an underscore is a space in one.
    pub(crate) fn of_words(words: &str) -> Result<WhoArgs, String> {
        #[derive(Debug, clap::Parser)]
        struct Alone {
            #[command(flatten)]
            args: WhoArgs,
        }
        let words = words.split(' ').filter(|word| !word.is_empty());
        let args = std::iter::once("who").chain(words).map(|word| word.replace('_', " "));
        let read = <Alone as clap::Parser>::try_parse_from(args);
        read.map(|alone| alone.args).map_err(|error| error.to_string())
    }
}

/// How many tenures to tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) usize);

fn limit(text: &str) -> Result<Limit, String> {
    let number = || text.parse().ok().filter(|most| *most > 0);
    let most = if text == "all" { Some(usize::MAX) } else { number() };
    most.map(Limit).ok_or_else(|| "it takes a number from 1 on, or all".to_owned())
}

const WHO_EXAMPLES: &str = "\
Exit status 1: nobody held it; 3: it was not recorded then, so nobody can tell.
Examples: portolan who 60440 --at 14:03:11 · portolan who 443/tcp --from '10m ago'
          portolan who --process curl --at 'yesterday 14:03' · portolan who 22 --remote 203.0.113.7";
