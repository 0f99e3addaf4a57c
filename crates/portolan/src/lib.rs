//! The program: arguments in, answers out. `main` picks a command; each command is one file.

mod compat;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let program = args.next().unwrap_or_default();
    let args: Vec<OsString> = args.collect();
    if let Some(tool) = Path::new(&program).file_name().and_then(compat::Tool::named) {
        return tool.run(&args);
    }
    if let Some(tool) = args.first().and_then(|name| compat::Tool::named(name)) {
        return tool.run(&args[1..]);
    }
    ExitCode::SUCCESS
}
