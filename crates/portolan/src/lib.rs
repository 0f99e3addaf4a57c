//! The program: arguments in, answers out. [`main`] picks a command; each command is one file.

mod about;
mod args;
mod child;
mod commands;
mod compat;
mod exit;
mod filter;
#[cfg(test)]
mod fixture;
#[doc(hidden)]
pub mod fuzz;
mod history;
mod host;
mod label;
mod metrics;
mod netns;
mod output;
mod own_status;
mod past;
mod picture;
mod portserver;
mod process_filter;
mod program;
mod progress;
mod quantity;
mod reader;
mod recorder;
mod report;
mod serve;
mod servers;
mod suggest;
mod time;
mod tongue;
mod trial;
mod usage;
mod when;

use std::ffi::{OsStr, OsString};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use compat::Tool;
use exit::Exit;
use reader::Reader;

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    if let Some(exit) = commands::lease::become_program(&args) {
        return exit.into();
    }
    if let Some((tool, rest)) = tool(&args) {
        return tool.run(rest);
    }
    match Cli::try_parse_from(&args) {
        Ok(cli) => run(cli).into(),
        Err(error) => usage::explain(&error, &args).into(),
    }
}

/// The tool that portolan is called as: through a link of its name, or as its first argument.
fn tool(args: &[OsString]) -> Option<(Tool, &[OsString])> {
    let named = |name: &OsStr| Tool::named(name);
    let link = args.first().and_then(|program| Path::new(program).file_name()).and_then(named);
    if let Some(tool) = link {
        return Some((tool, &args[1..]));
    }
    let tool = args.get(1).and_then(|name| named(name))?;
    Some((tool, &args[2..]))
}

/// Runs a command and turns what went wrong into a line and a status.
fn run(cli: Cli) -> Exit {
    let mut out = Reader::new(BufWriter::with_capacity(1 << 16, io::stdout().lock()));
    let done = dispatch(cli, &mut out).and_then(|exit| Ok(out.flush().map(|()| exit)?));
    done.unwrap_or_else(|error| {
        report::error(format_args!("{error:#}"));
        Exit::Failed
    })
}

fn dispatch(cli: Cli, out: &mut Reader<impl Write>) -> anyhow::Result<Exit> {
    let Cli { target, card, look, output, command } = cli;
    if let Some(command) = command {
        if target.is_some() || look.all_netns || look.full_walk {
            anyhow::bail!("options of a command stand behind its name: portolan ls --all-netns");
        }
        return match command {
            Command::Ls(args) => commands::ls::run(&args, output, out),
            Command::Who(args) => commands::who::run(&args, output, out),
            Command::Registry(args) => commands::registry::run(&args, output, out),
            Command::Lease(args) => commands::lease::run(&args, output, out),
            Command::Free(args) => commands::lease::free(&args, output, out),
            Command::Stop(args) => commands::stop::run(&args, output, out),
            Command::OwnersPin(args) => commands::owners_pin::run(&args, out),
            Command::Room(args) => commands::room::run(&args, output, out),
            Command::Doctor(args) => commands::doctor::run(&args, output, out),
            Command::Range(args) => commands::range::run(&args, output, out),
            Command::Pilot(args) => commands::pilot::run(&args, output, out),
            Command::Record(args) => commands::record::run(&args),
            Command::Serve(args) => commands::serve::run(&args, out),
            Command::Feedback(args) => commands::feedback::run(&args, output, out),
            Command::Chart(args) => commands::chart::run(&args, output, out),
            Command::Status(args) => commands::status::run(&args, output, out),
            Command::Watch(args) => commands::watch::run(&args, output, out),
            Command::Ss(_) | Command::Netstat(_) | Command::Lsof(_) => {
                anyhow::bail!(
                    "ss, netstat and lsof print their own formats: no option stands before them"
                )
            }
            Command::Completions { shell } => commands::generate::completions(shell, out),
            Command::Man { dir } => commands::generate::man(dir.as_deref(), out),
        };
    }
    match target {
        None => commands::overview::run(look, output, out),
        Some(text) => match usage::target(&text) {
            Ok(target) => commands::card::run(target, &card, look, output, out),
            Err(error) => Err(error),
        },
    }
}
