//! Answers in the program's own JSON, and lists: the commands' own arguments, read by the commands'
//! own parsers, asked of what one viewer sees.

use std::ffi::OsString;
use std::io;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser};
use web::{Filters, JsonAsked, ListAsked, ListNow, Trouble, Viewer};

use super::local::failed;
use super::{Local, Sight, past};
use crate::args::{LookArgs, LsArgs, OutputArgs, WhoArgs};
use crate::commands::{card, doctor, lease, ls, overview, registry, room, status, who};
use crate::report::on_one_line;

/// Arguments of a command without the rest of the command line.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true, disable_version_flag = true)]
struct Alone<A: Args> {
    #[command(flatten)]
    args: A,
    #[command(flatten)]
    // Options of the arguments exclude some of these: they must be there.
    output: OutputArgs,
}

/// The sockets that `asked` is about.
pub(super) fn list(sight: &Sight, asked: &ListAsked) -> Result<ListNow, Trouble> {
    let args: LsArgs = read(&asked.filters, LS, None)?;
    let listing = ls::list(sight, &args).map_err(refused)?;
    let settings = sight.survey.settings.as_ref().ok();
    Ok(listing.view(asked.most, settings.map(|settings| settings.ephemeral)))
}

/// An answer in JSON.
pub(super) fn json(local: &Local, asked: &JsonAsked, viewer: Viewer) -> Result<Vec<u8>, Trouble> {
    let mut out = Vec::new();
    let (dir, of_log) = (local.dir(), past::viewer(viewer));
    let unwritten = |error: io::Error| failed(error.into());
    match asked {
        JsonAsked::Port(text) => {
            let target = crate::usage::target(&OsString::from(text)).map_err(refused)?;
            card::card_json(&local.sight(viewer)?, target, dir, of_log, &mut out)
                .map_err(failed)?;
        }
        JsonAsked::Overview => {
            let sight = local.sight(viewer)?;
            overview::write_json(&sight, LookArgs::default(), &mut out).map_err(failed)?;
        }
        JsonAsked::Sockets(filters) => {
            let args: LsArgs = read(filters, LS, None)?;
            let listing = ls::list(&local.sight(viewer)?, &args).map_err(refused)?;
            listing.write_json(&mut out).map_err(unwritten)?;
        }
        JsonAsked::Who(filters) => {
            let args: WhoArgs = read(filters, WHO, Some("port"))?;
            let inquiry = who::Inquiry::of(&args).map_err(refused)?;
            who::write_json(inquiry, dir, of_log, &mut out)?;
        }
        JsonAsked::Registry(term) => registry::answer_json(term, &mut out).map_err(refused)?,
        JsonAsked::Status => status::write_json(dir, &mut out).map_err(failed)?,
        JsonAsked::Room => {
            room::write_line(&local.rooms(viewer)?.survey, &mut out).map_err(unwritten)?;
        }
        JsonAsked::Doctor => {
            doctor::write_json(&*local.diagnosis(viewer)?, &mut out).map_err(unwritten)?;
        }
        JsonAsked::Leases => {
            lease::write_leases(&Local::leased(viewer)?, &mut out).map_err(unwritten)?;
        }
    }
    Ok(out)
}

/// Whether `viewer` may be told of the recorder, whose store and disk are the operator's affair.
pub(super) fn may_ask(asked: &JsonAsked, viewer: Viewer) -> bool {
    !matches!(asked, JsonAsked::Status) || viewer.is_operator()
}

/// The arguments that `filters` are, if each is among those `accepted`; `last` stands without a name.
fn read<A: Args>(filters: &Filters, accepted: &[&str], last: Option<&str>) -> Result<A, Trouble> {
    let mut args = Vec::new();
    let mut behind = Vec::new();
    for (name, value) in &filters.0 {
        if !accepted.contains(&name.as_str()) {
            let name = on_one_line(name);
            let accepted = accepted.join(", ");
            return Err(Trouble::Asked(format!(
                "there is no filter '{name}'; there are {accepted}"
            )));
        }
        if FLAGS.contains(&name.as_str()) {
            match value.as_str() {
                "" | "1" | "true" | "on" => args.push(format!("--{name}")),
                "0" | "false" | "off" => {}
                _ => {
                    let value = on_one_line(value);
                    let message = format!("{name} is '{value}', and takes true or false");
                    return Err(Trouble::Asked(message));
                }
            }
        } else if value.is_empty() {
            // A field of a form that was left empty.
        } else if Some(name.as_str()) == last {
            behind = vec!["--".to_owned(), value.clone()];
        } else {
            args.push(format!("--{name}={value}"));
        }
    }
    args.append(&mut behind);
    match Alone::<A>::try_parse_from(args) {
        Ok(alone) => Ok(alone.args),
        Err(error) => Err(Trouble::Asked(on_one_line(&unread(&error)))),
    }
}

/// What `error` says first, with the argument called what it is called in an address.
fn unread(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let Some(ContextValue::String(arg)) = error.get(ContextKind::InvalidArg) else {
        return line.to_owned();
    };
    let name = arg.trim_start_matches('-').split(' ').next().unwrap_or_default();
    line.replacen(&format!("'{arg}'"), name, 1)
}

fn refused(error: anyhow::Error) -> Trouble {
    Trouble::Asked(in_an_address(&on_one_line(&format!("{error:#}"))))
}

/// What a command says of its arguments, with each called what it is called in an address, and without
/// the line to type instead. What is quoted was asked, and stays.
fn in_an_address(text: &str) -> String {
    let (ours, quoted) = text.split_at(text.find('\'').unwrap_or(text.len()));
    let ours = ours.split(": portolan ").next().unwrap_or_default();
    format!("{}{quoted}", ours.replace("--", ""))
}

/// What `ls` can be asked for from afar: nothing that makes it look longer.
const LS: &[&str] = &[
    "port",
    "proto",
    "state",
    "listening",
    "tcp",
    "udp",
    "ipv4",
    "ipv6",
    "local",
    "remote",
    "pid",
    "process",
    "user",
    "unit",
    "container",
    "sort",
];
/// And `who`.
const WHO: &[&str] =
    &["port", "at", "from", "to", "remote", "process", "pid", "user", "unit", "container", "limit"];
/// Those that take no value.
const FLAGS: &[&str] = &["listening", "tcp", "udp", "ipv4", "ipv6"];

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(pairs: &[(&str, &str)]) -> Filters {
        Filters(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn filters_are_read_as_the_command_reads_them() {
        let asked = filters(&[("port", "443"), ("listening", ""), ("udp", "false"), ("user", "")]);
        let args: LsArgs = read(&asked, LS, None).unwrap();
        assert_eq!(
            (args.port.len(), args.listening, args.udp, args.user.len()),
            (1, true, false, 0)
        );
        let asked = filters(&[("port", "60440"), ("at", "14:03:11")]);
        let args: WhoArgs = read(&asked, WHO, Some("port")).unwrap();
        assert_eq!((args.target, args.at), (Some("60440".into()), Some("14:03:11".into())));
    }

    #[test]
    fn what_cannot_be_meant_is_told_by_the_name_in_the_address() {
        for (asked, told) in [
            (filters(&[("port", "22"), ("at", "--foo")]), "at: cannot read '--foo' as a time"),
            (filters(&[("port", "22"), ("to", "noonish")]), "to: cannot read 'noonish' as a time"),
            (filters(&[("from", "2026-01-02"), ("to", "2026-01-01")]), "lies after to, which is"),
            (filters(&[("limit", "3")]), "a time (at) or a filter (process)"),
            (filters(&[("remote", "*%eth0")]), "remote: devices are not recorded"),
        ] {
            let args: WhoArgs = read(&asked, WHO, Some("port")).unwrap();
            let Err(Trouble::Asked(line)) = who::Inquiry::of(&args).map_err(refused) else {
                panic!("{asked:?}")
            };
            let options = line.replace("'--foo'", "");
            assert!(line.contains(told) && !options.contains("--"), "{line}");
            assert!(!line.contains("portolan who"), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_in_a_line() {
        for (asked, told) in [
            (filters(&[("port", "http\u{1b}[31m")]), r"\u{1b}[31m"),
            (filters(&[("dir", "/etc")]), "there is no filter 'dir'; there are port"),
            (filters(&[("all-netns", "")]), "there is no filter"),
            (filters(&[("tcp", "perhaps")]), "takes true or false"),
            (filters(&[("sort", "beauty")]), "invalid value 'beauty' for sort"),
            (filters(&[("port", "99999")]), "99999"),
        ] {
            let Err(Trouble::Asked(line)) = read::<LsArgs>(&asked, LS, None) else {
                panic!("{asked:?}")
            };
            assert!(line.contains(told) && !line.contains('\n'), "{line}");
        }
    }
}
