//! The commands people's fingers know: `ss`, `netstat` and `lsof`, the same bytes out.
//!
//! Each tool parses its own arguments, which clash with ours, and accepts only what it prints
//! exactly; anything else is an error that names the flag.

mod bsd_state;
mod descriptor;
mod ended;
mod hosts;
mod inet_ntop;
pub(crate) mod lsof;
pub(crate) mod netstat;
mod refused;
pub(crate) mod services;
pub(crate) mod ss;

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

/// A tool that portolan stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// `ss` of iproute2 6.1.
    Ss,
    /// `netstat` of net-tools 2.10.
    Netstat,
    /// `lsof` 4.95.
    Lsof,
}

impl Tool {
    /// The tool called `name`, by which portolan was linked or called.
    pub(crate) fn named(name: &OsStr) -> Option<Tool> {
        match name.to_str()? {
            "ss" => Some(Tool::Ss),
            "netstat" => Some(Tool::Netstat),
            "lsof" => Some(Tool::Lsof),
            _ => None,
        }
    }

    /// Runs the tool with the arguments after its name.
    pub(crate) fn run(self, args: &[OsString]) -> ExitCode {
        match self {
            Tool::Ss => ss::run(args),
            Tool::Netstat => netstat::run(args),
            Tool::Lsof => lsof::run(args),
        }
    }

    /// What is wrong with arguments, if anything is: for fuzzing.
    pub(crate) fn refusal(self, args: &[OsString]) -> Option<String> {
        match self {
            Tool::Ss => ss::refusal(args),
            Tool::Netstat => netstat::refusal(args),
            Tool::Lsof => lsof::refusal(args),
        }
    }
}
