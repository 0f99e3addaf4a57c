//! Exit statuses, the same for every command.

use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The question was answered.
    Answered,
    /// The answer is no, nobody or nothing.
    No,
    /// Wrong use, or the environment failed us.
    Failed,
    /// The answer cannot be known.
    Unknown,
    /// As a program that was run for somebody ended.
    Of(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Answered => 0,
            Exit::No => 1,
            Exit::Failed => 2,
            Exit::Unknown => 3,
            Exit::Of(status) => status,
        })
    }
}
