//! Wrong use, explained in one line: what was read, what is accepted, what to do.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use registry::{ParseTargetError, Target};

use crate::args::Cli;
use crate::exit::Exit;
use crate::output::Escaped;
use crate::{report, suggest};

/// Reads what a card is asked for; a word that is nearly a command is taken for one, unless a
/// service is nearer.
pub(crate) fn target(text: &OsStr) -> anyhow::Result<Target> {
    let text = text.to_string_lossy();
    text.parse::<Target>().map_err(|error| match near_command(&text) {
        Some(command) => meant(&text, &command, &error),
        None => anyhow::anyhow!("{error}"),
    })
}

/// What may be meant by `text`, which is nearly `command` and perhaps more nearly a service.
fn meant(text: &str, command: &str, error: &ParseTargetError) -> anyhow::Error {
    let read = text.to_lowercase();
    let distance = |name: &str| strsim::osa_distance(&read, &name.to_lowercase());
    match error.nearest() {
        Some(service) if distance(service) < distance(command) => anyhow::anyhow!("{error}"),
        _ => anyhow::anyhow!(
            "'{}' is neither a command nor a port; did you mean 'portolan {command}'?",
            quoted(text)
        ),
    }
}

/// The command that `text` nearly is.
fn near_command(text: &str) -> Option<String> {
    let cli = Cli::command();
    let commands = cli.get_subcommands().map(clap::Command::get_name);
    suggest::nearest(text, commands).map(str::to_owned)
}

/// Prints help where it was asked for, else one line about what is wrong with `args`.
pub(crate) fn explain(error: &clap::Error, args: &[OsString]) -> Exit {
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| io::stdout().flush());
        return match printed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                report::error(error);
                Exit::Failed
            }
            // A reader who closes the pipe has seen enough of the help.
            _ => Exit::Answered,
        };
    }
    report::error(line(error, args));
    Exit::Failed
}

fn line(error: &clap::Error, args: &[OsString]) -> String {
    let of = |kind| error.get(kind).map(value).unwrap_or_default();
    let read = of(ContextKind::InvalidArg);
    let near =
        [ContextKind::SuggestedArg, ContextKind::SuggestedValue, ContextKind::SuggestedSubcommand]
            .into_iter()
            .find_map(|kind| error.get(kind))
            .map(|near| format!("; did you mean '{}'?", value(near)))
            .unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if read.starts_with('-') => {
            format!("unknown option '{read}'{near}{}", or_help(&near))
        }
        ErrorKind::UnknownArgument => unexpected(&read, args),
        ErrorKind::InvalidSubcommand => {
            let read = of(ContextKind::InvalidSubcommand);
            match group(args) {
                Some((group, _)) if !near.is_empty() => format!("{group} has no '{read}'{near}"),
                Some((group, of)) => format!("{group} has no '{read}'; it needs {of}"),
                None => unexpected(&read, args),
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let given = of(ContextKind::InvalidValue);
            let why =
                std::error::Error::source(error).map(|e| format!(": {e}")).unwrap_or_default();
            let accepted = of(ContextKind::ValidValue);
            let list =
                if accepted.is_empty() { String::new() } else { format!(": one of {accepted}") };
            format!("'{given}' does not fit {read}{why}{near}{list}")
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            group(args)
                .map_or_else(|| first_line(error), |(group, of)| format!("{group} needs {of}"))
        }
        _ => first_line(error),
    }
}

/// The command among `args` that is a group of commands, and which those are.
fn group(args: &[OsString]) -> Option<(String, String)> {
    let cli = Cli::command();
    let group = args.iter().skip(1).find_map(|arg| cli.find_subcommand(arg))?;
    let names: Vec<&str> = group.get_subcommands().map(clap::Command::get_name).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| *name != "help").collect();
    let (last, others) = names.split_last()?;
    let name = group.get_name().to_owned();
    let of = format!("one of {} and {last} (see portolan {name} --help)", others.join(", "));
    Some((name, of))
}

/// What is wrong with the word `read`, for which there is no place in `args`.
fn unexpected(read: &str, args: &[OsString]) -> String {
    let cli = Cli::command();
    let words: Vec<_> = args.iter().skip(1).map(|arg| arg.to_string_lossy()).collect();
    let command = words.iter().find(|word| cli.find_subcommand(word.as_ref()).is_some());
    let before = words.iter().position(|word| *word == read).and_then(|at| at.checked_sub(1));
    let timed = |at: usize| matches!(&*words[at], "--at" | "--from" | "--to");
    if let Some(at) = before.filter(|at| *at > 0 && timed(*at - 1)) {
        let (option, word) = (&words[at - 1], &words[at]);
        return format!(
            "unexpected '{read}': a time of several words stands in quotes: {option} '{} {read}'",
            quoted(word)
        );
    }
    if before.is_some_and(|at| words[at] == "--watch") {
        return format!("unexpected '{read}': seconds join the option, as in --watch={read}");
    }
    match command {
        Some(command) if command == "ls" && read.parse::<Target>().is_ok() => {
            format!("unexpected '{read}': ls takes no PORT; write portolan ls --port {read}")
        }
        Some(command) => {
            format!(
                "unexpected '{read}': {command} takes no more words (see portolan {command} --help)"
            )
        }
        None => match words.iter().find(|word| !word.starts_with('-')) {
            Some(first) if let Some(near) = near_command(first) => {
                format!("there is no command '{}'; did you mean 'portolan {near}'?", quoted(first))
            }
            _ => format!(
                "unexpected '{read}': portolan takes one PORT or one command (see portolan --help)"
            ),
        },
    }
}

fn or_help(near: &str) -> &'static str {
    if near.is_empty() { " (portolan --help lists them)" } else { "" }
}

/// The first line of what clap would say, without its prefix.
fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    lines.fold(first, |all, line| format!("{all} {line}"))
}

fn value(value: &ContextValue) -> String {
    let text = match value {
        ContextValue::Strings(all) => all.join(", "),
        other => other.to_string(),
    };
    quoted(&text)
}

/// What somebody typed, fit to be quoted: escaped, and cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    let kept = text.char_indices().nth(QUOTED).map_or(text, |(end, _)| &text[..end]);
    let cut = if kept.len() < text.len() { "…" } else { "" };
    format!("{}{cut}", Escaped(kept.as_bytes()))
}

/// How many characters of what was typed an error quotes: enough for every list of ours.
const QUOTED: usize = 80;
