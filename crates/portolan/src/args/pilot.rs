//! What `portolan pilot` takes.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Keeps connect() quick when the ports towards a destination run out.
#[derive(Debug, Args)]
#[command(after_help = PILOT)]
pub(crate) struct PilotArgs {
    #[command(subcommand)]
    pub(crate) command: PilotCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PilotCommand {
    /// Run a program, and whatever it starts, with quick connects
    Run(PilotRunArgs),
    /// Pilot every program of this machine, or of one cgroup, until `off` or the next boot (root)
    On(PilotOnArgs),
    /// Stop piloting; connections stay as they are (root)
    Off(PilotCgroup),
    /// Say what is piloted, and what it came to (root)
    Status(PilotCgroup),
}

/// Which program, and how.
#[derive(Debug, Args)]
#[command(after_help = RUN)]
pub(crate) struct PilotRunArgs {
    /// How
    #[arg(long, value_name = "WAY", value_enum, default_value_t = PilotWay::Auto)]
    pub(crate) with: PilotWay,

    /// The program and its arguments
    #[arg(
        value_name = "CMD",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) command: Vec<OsString>,
}

/// How a program is piloted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PilotWay {
    /// By the kernel where we may, else by a library
    Auto,
    /// By a small library that is loaded with it: any user; not for static programs, nor Go's
    Preload,
    /// By programs in the kernel: any program (root)
    Ebpf,
}

/// What is to be piloted, and what is asked beyond speed.
#[derive(Debug, Args)]
#[command(after_help = ON)]
pub(crate) struct PilotOnArgs {
    #[command(flatten)]
    pub(crate) place: PilotCgroup,

    /// Let each cgroup hold so many connections to one destination, and refuse more
    #[arg(long, value_name = "N", value_parser = quota)]
    pub(crate) quota: Option<NonZeroU32>,

    /// Go on from this source address where a destination is full; may be given up to 16 times
    #[arg(long = "source", value_name = "ADDRESS", value_parser = address)]
    pub(crate) sources: Vec<IpAddr>,

    /// Stay until a signal, and follow routes that change and a cgroup that is made anew; the pilot stays on after
    /// that, too
    #[arg(long)]
    pub(crate) stay: bool,
}

/// Which cgroup.
#[derive(Debug, Args)]
pub(crate) struct PilotCgroup {
    /// The cgroup (v2) of a service or container, as a directory or from the root of the tree:
    /// /system.slice/nginx.service; default: all
    #[arg(long, value_name = "PATH")]
    pub(crate) cgroup: Option<PathBuf>,
}

fn quota(text: &str) -> Result<NonZeroU32, &'static str> {
    text.parse().map_err(|_| "a number of connections, 1 or more")
}

fn address(text: &str) -> Result<IpAddr, &'static str> {
    let address: IpAddr =
        text.parse().map_err(|_| "an address of this host, as 192.0.2.7 or 2001:db8::7")?;
    let plain = address.to_canonical();
    let is_broadcast = plain == IpAddr::V4(Ipv4Addr::BROADCAST);
    if plain.is_multicast() || plain.is_unspecified() || is_broadcast {
        return Err("no connection comes from a multicast, broadcast or unspecified address");
    }
    Ok(address)
}

const PILOT: &str = "\
Linux's connect() becomes 50 to 200 times slower once half of the ephemeral ports are taken towards a
destination. What is piloted does not. Example: portolan pilot run -- wrk -c 20000 http://10.0.0.2/";
const RUN: &str = "\
Exit status: that of CMD; 128 and the signal's number if one ended it; 126 if CMD cannot be run, 127
if there is none of that name; 2 if it cannot be piloted.
Example: portolan pilot run -- curl http://127.0.0.1:8080/";
const ON: &str = "\
What it makes: /run/portolan-pilot, and programs attached to the cgroup. `portolan pilot off` takes all
of it away. Once routes have changed, connects are left to the kernel where it chooses the source address,
within the host excepted, unless something stays and follows, or `on` is run again. The policies hold for everything that is piloted; without them there are none.";

#[cfg(test)]
mod tests {
    use super::*;

    /// The kernel binds a socket to some of them, and then no connect succeeds.
    #[test]
    fn a_source_is_an_address_that_connections_can_come_from() {
        for right in ["192.0.2.7", "127.0.0.9", "2001:db8::7", "::1", "::ffff:192.0.2.7"] {
            assert!(address(right).is_ok(), "{right}");
        }
        for wrong in ["224.0.0.1", "239.1.2.3", "255.255.255.255", "0.0.0.0", "::", "ff02::1"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
        for mapped in ["::ffff:224.0.0.1", "::ffff:255.255.255.255", "::ffff:0.0.0.0"] {
            assert!(address(mapped).is_err(), "{mapped}");
        }
        assert!(address("nonsense").is_err());
    }
}
