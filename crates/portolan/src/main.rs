//! The `portolan` program; all of it lives in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    portolan::main()
}
