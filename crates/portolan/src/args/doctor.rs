//! What `portolan doctor` takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::netns::NetnsName;

/// Where to look, and how to say what was found.
#[derive(Debug, Args)]
#[command(after_help = DOCTOR_EXAMPLES)]
pub(crate) struct DoctorArgs {
    /// Look into every network namespace of this machine, not only ours (root)
    #[arg(long, conflicts_with = "netns")]
    pub(crate) all_netns: bool,

    /// Look into this network namespace, by name or number (root)
    #[arg(long, value_name = "NETNS")]
    pub(crate) netns: Option<NetnsName>,

    /// Print the page of a finding: what it means, why it matters, what helps and what that costs.
    /// Without ID: the list of all
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["format", "netns", "all_netns"])]
    pub(crate) explain: Option<String>,

    /// Print findings for a program that runs tests
    #[arg(long, value_name = "FORMAT", value_enum, conflicts_with = "json")]
    pub(crate) format: Option<DoctorFormat>,

    /// How far apart the two looks are that tell what happens
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = crate::quantity::pause)]
    pub(crate) over: Duration,

    /// The store whose recorder to ask; default: that of the whole machine, else your own
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// Formats of programs that run tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// Workflow commands of GitHub Actions: annotations
    Github,
    /// JUnit's XML: a test case for each check
    Junit,
}

const DOCTOR_EXAMPLES: &str = "\
Exit status: 0 healthy, 1 there are warnings or errors (notes alone are healthy), 2 it could not look.
Examples: portolan doctor · portolan doctor --explain listener-in-range · portolan doctor --format junit";
