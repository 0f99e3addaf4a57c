//! The arguments of `lsof` that are spoken here: `-i [ADDRESS]`, `-n`, `-P`, `-t`, `-F[FIELDS]`.
//!
//! Source of truth: `lsof(8)` and what `lsof` 4.95 takes. The values of `-i` and `-F` may be glued to
//! their letter or be the next argument, unless that begins with `-` or `+`.

use std::ffi::OsString;

use sockets::Family;

use super::address::Address;
use super::fields::Fields;
use crate::compat::refused::Refused;

/// What to list, and how to print it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// Which sockets to list besides those of `addresses`.
    pub(super) class: Class,
    /// The addresses asked for, in the order given.
    pub(super) addresses: Vec<Address>,
    /// `-n`.
    pub(super) numeric_hosts: bool,
    /// `-P`.
    pub(super) numeric_ports: bool,
    /// How to print them.
    pub(super) form: Form,
}

/// The sockets that `-i`, `-i4` and `-i6` ask for, by the family they were made with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Class {
    /// None of these was given.
    #[default]
    None,
    /// Of one family.
    Only(Family),
    /// Of either.
    All,
}

/// How to print what was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// In columns under a header.
    #[default]
    Table,
    /// `-t`: the ids of the processes.
    Pids,
    /// `-F`: a field a line.
    Fields(Fields),
}

impl Options {
    /// Reads the arguments after the name `lsof`.
    ///
    /// # Errors
    /// [`Refused`] names the first argument that is not spoken here.
    pub(super) fn parse(args: &[OsString]) -> Result<Options, Refused> {
        let mut options = Options::default();
        let mut args = args.iter().map(|arg| arg.to_string_lossy()).peekable();
        while let Some(arg) = args.next() {
            if arg == "--" {
                break;
            }
            let flags = arg.strip_prefix('-').filter(|flags| !flags.is_empty());
            let Some(flags) = flags.filter(|flags| !flags.starts_with('-')) else {
                return Err(refuse(&arg));
            };
            let Some((letter, glued)) = options.switches(flags)? else { continue };
            let value = match glued {
                "" => args.next_if(|next| !next.starts_with(['-', '+'])),
                glued => Some(glued.into()),
            };
            options.valued(letter, value.as_deref())?;
        }
        match args.next() {
            Some(name) => Err(refuse(&name)),
            None => options.checked(),
        }
    }

    /// Takes the flags without a value that `flags` begins with; returns a letter that may have one,
    /// with what is glued to it.
    fn switches<'a>(&mut self, flags: &'a str) -> Result<Option<(char, &'a str)>, Refused> {
        let mut letters = flags.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'n' => self.numeric_hosts = true,
                'P' => self.numeric_ports = true,
                't' if matches!(self.form, Form::Fields(_)) => return Err(both_forms()),
                't' => self.form = Form::Pids,
                'i' | 'F' => return Ok(Some((letter, letters.as_str()))),
                other => return Err(refuse(&format!("-{other}"))),
            }
        }
        Ok(None)
    }

    fn valued(&mut self, letter: char, value: Option<&str>) -> Result<(), Refused> {
        if letter == 'F' {
            let fields = match self.form {
                Form::Pids => return Err(both_forms()),
                Form::Fields(fields) => fields,
                Form::Table => Fields::default(),
            };
            self.form = Form::Fields(fields.with(value.unwrap_or_default()).map_err(Refused)?);
            return Ok(());
        }
        match value {
            None => self.class = Class::All,
            Some("4") => self.class.add(Family::V4),
            Some("6") => self.class.add(Family::V6),
            Some(text) => {
                let address = Address::parse(text, self.class.only()).map_err(Refused)?;
                // Twice the same text counts once.
                if !self.addresses.contains(&address) {
                    self.addresses.push(address);
                }
            }
        }
        Ok(())
    }

    fn checked(self) -> Result<Options, Refused> {
        if self.class == Class::None && self.addresses.is_empty() {
            return Err(Refused(format!("without -i nothing is listed: {ACCEPTED}")));
        }
        Ok(self)
    }
}

impl Class {
    /// Asks for `family` too: both families are all, and one after all is that one.
    fn add(&mut self, family: Family) {
        *self = match *self {
            Class::Only(other) if other != family => Class::All,
            _ => Class::Only(family),
        };
    }

    /// The one family, if it is one; addresses that follow are of it.
    fn only(self) -> Option<Family> {
        match self {
            Class::Only(family) => Some(family),
            Class::None | Class::All => None,
        }
    }

    /// Whether sockets of `family` are asked for.
    pub(super) fn wants(self, family: Family) -> bool {
        match self {
            Class::None => false,
            Class::Only(wanted) => wanted == family,
            Class::All => true,
        }
    }
}

fn refuse(arg: &str) -> Refused {
    let shown = arg.escape_debug();
    match arg.starts_with(['-', '+']) {
        true => Refused(format!("{shown} is not supported: {ACCEPTED}")),
        false => Refused(format!("\"{shown}\" is not supported, nor any file: {ACCEPTED}")),
    }
}

fn both_forms() -> Refused {
    Refused("-F and -t exclude each other".to_owned())
}

/// What the error line offers.
const ACCEPTED: &str = "give -i, alone or with [4|6][tcp|udp|udplite][@host][:port[,port|-port]], \
     and any of -n -P -t -F[fields]";

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &str) -> Result<Options, Refused> {
        Options::parse(&args.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn values_are_glued_or_apart() {
        let glued = parse("-nPi:80").unwrap();
        for args in ["-n -P -i :80", "-nP -i:80", "-Pni :80", "-i :80 -nP --"] {
            assert_eq!(parse(args).unwrap(), glued, "{args}");
        }
        assert_eq!(parse("-i -n").unwrap().class, Class::All);
        assert_eq!(parse("-ti :80").unwrap().form, Form::Pids);
        assert_eq!(parse("-i -F pcn").unwrap(), parse("-Fpcn -i").unwrap());
        assert_eq!(parse("-i -F p -F cn").unwrap(), parse("-Fpcn -i").unwrap());
    }

    #[test]
    fn families_add_up_as_in_lsof() {
        for (args, class) in [
            ("-i", Class::All),
            ("-i4", Class::Only(Family::V4)),
            ("-i4 -i6", Class::All),
            ("-i -i4", Class::Only(Family::V4)),
            ("-i4 -i", Class::All),
            ("-i6 -i -i4", Class::Only(Family::V4)),
            ("-i4 -i4", Class::Only(Family::V4)),
            ("-i :80", Class::None),
        ] {
            assert_eq!(parse(args).unwrap().class, class, "{args}");
        }
    }

    #[test]
    fn what_is_not_spoken_is_named() {
        for (args, named) in [
            ("-n", "without -i"),
            ("-i -s", "-s is not supported"),
            ("-ix\u{1b}", "x\\u{1b}"),
            ("-nQ", "-Q is not supported"),
            ("+i", "+i is not supported"),
            ("--help", "--help is not supported"),
            ("-i :80 /tmp", "\"/tmp\" is not supported"),
            ("-i -- x", "\"x\" is not supported"),
            ("-", "- is not supported"),
            ("-tiF", "unknown protocol \"F\""),
            ("-t -i -F", "exclude"),
            ("-F -i -t", "exclude"),
            ("-Fx", "field \"x\""),
        ] {
            let Refused(line) = parse(args).unwrap_err();
            assert!(line.contains(named) && !line.contains(char::is_control), "{line}");
        }
    }
}
