//! Wrong use, explained in one line: what was read, what is accepted, what to do.

use std::ffi::OsStr;
use std::io::{self, Write};

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use registry::Target;

use crate::args::Cli;
use crate::exit::Exit;
use crate::output::Escaped;
use crate::{report, suggest};

/// Reads what a card is asked for; a word that is nearly a command is taken for one.
pub(crate) fn target(text: &OsStr) -> anyhow::Result<Target> {
    let text = text.to_string_lossy();
    text.parse::<Target>().map_err(|error| {
        let cli = Cli::command();
        let commands = cli.get_subcommands().map(|command| command.get_name());
        match suggest::nearest(&text, commands) {
            Some(name) => anyhow::anyhow!("{error}; or did you mean 'portolan {name}'?"),
            None => anyhow::anyhow!("{error}"),
        }
    })
}

/// Prints help where it was asked for, else one line about what is wrong.
pub(crate) fn explain(error: &clap::Error) -> Exit {
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
    report::error(line(error));
    Exit::Failed
}

fn line(error: &clap::Error) -> String {
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
        ErrorKind::UnknownArgument => {
            format!(
                "unexpected '{read}': portolan takes one PORT or one command (see portolan --help)"
            )
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
        _ => first_line(error),
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
    Escaped(text.as_bytes()).to_string()
}
