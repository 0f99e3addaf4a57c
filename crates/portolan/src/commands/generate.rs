//! `portolan completions` and `portolan man`: made from the same definitions as the command line.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::CommandFactory;

use crate::args::Cli;
use crate::exit::Exit;

/// Prints the completion script of `shell`.
pub(crate) fn completions(
    shell: clap_complete::Shell,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "portolan", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Answered)
}

/// Prints the manual page, or writes one for each command into `dir`.
pub(crate) fn man(dir: Option<&Path>, out: &mut impl Write) -> anyhow::Result<Exit> {
    match dir {
        None => clap_mangen::Man::new(Cli::command()).render(out)?,
        Some(dir) => {
            fs::create_dir_all(dir).with_context(|| format!("could not make {}", dir.display()))?;
            clap_mangen::generate_to(Cli::command(), dir)
                .with_context(|| format!("could not write manual pages to {}", dir.display()))?;
        }
    }
    Ok(Exit::Answered)
}
