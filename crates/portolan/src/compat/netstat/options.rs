//! The flags of `netstat` that are spoken here, and what they come to.
//!
//! Source of truth: `netstat(8)`, and what `netstat` 2.10 prints for every mix of them. The order of
//! flags does not matter; `-a` is stronger than `-l`.

use std::ffi::OsString;

use crate::compat::refused::Refused;
use lexopt::{Arg, Parser};
use sockets::{Family, ProcNetTable};

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    tcp: bool,
    udp: bool,
    listening: bool,
    all: bool,
    ipv4: bool,
    ipv6: bool,
    /// Numbers instead of names.
    pub(super) numeric: bool,
    /// A column for processes.
    pub(super) programs: bool,
    /// Columns for users and inodes.
    pub(super) extend: bool,
    /// Addresses in full.
    pub(super) wide: bool,
}

/// Which sockets are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those without a far end.
    Servers,
    /// Those with a far end.
    Connected,
    /// All.
    All,
}

impl Options {
    /// Reads the arguments after the name `netstat`.
    ///
    /// # Errors
    /// [`Refused`] names the first argument that is not spoken here.
    pub(super) fn parse(args: &[OsString]) -> Result<Options, Refused> {
        let mut options = Options::default();
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next().map_err(|error| Refused(error.to_string()))? {
            let flag = match arg {
                Arg::Short('t') | Arg::Long("tcp") => &mut options.tcp,
                Arg::Short('u') | Arg::Long("udp") => &mut options.udp,
                Arg::Short('l') | Arg::Long("listening") => &mut options.listening,
                Arg::Short('n') | Arg::Long("numeric") => &mut options.numeric,
                Arg::Short('a') | Arg::Long("all") => &mut options.all,
                Arg::Short('p') | Arg::Long("programs") => &mut options.programs,
                Arg::Short('e') | Arg::Long("extend") => &mut options.extend,
                Arg::Short('W') | Arg::Long("wide") => &mut options.wide,
                Arg::Short('4') | Arg::Long("inet") => &mut options.ipv4,
                Arg::Short('6') | Arg::Long("inet6") => &mut options.ipv6,
                other => return Err(refuse(&other)),
            };
            *flag = true;
        }
        Ok(options)
    }

    /// Which sockets are wanted.
    pub(super) fn scope(&self) -> Scope {
        match (self.all, self.listening) {
            (true, _) => Scope::All,
            (false, true) => Scope::Servers,
            (false, false) => Scope::Connected,
        }
    }

    /// The Internet tables wanted, in the order in which they are printed.
    pub(super) fn tables(&self) -> Vec<(ProcNetTable, Family)> {
        let tables: &[ProcNetTable] = match (self.tcp, self.udp) {
            (true, true) => &[ProcNetTable::Tcp, ProcNetTable::Udp],
            (true, false) => &[ProcNetTable::Tcp],
            (false, true) => &[ProcNetTable::Udp],
            (false, false) => {
                &[ProcNetTable::Tcp, ProcNetTable::Udp, ProcNetTable::UdpLite, ProcNetTable::Raw]
            }
        };
        let families: &[Family] = match (self.ipv4, self.ipv6) {
            (true, false) => &[Family::V4],
            (false, true) => &[Family::V6],
            _ => &[Family::V4, Family::V6],
        };
        tables.iter().flat_map(|table| families.iter().map(|family| (*table, *family))).collect()
    }

    /// Whether Unix sockets are wanted too: where nothing asked for Internet sockets alone.
    pub(super) fn unix(&self) -> bool {
        !(self.tcp || self.udp || self.ipv4 || self.ipv6)
    }
}

impl Scope {
    /// The words in the headings.
    pub(super) fn heading(self) -> &'static str {
        match self {
            Scope::Servers => "(only servers)",
            Scope::Connected => "(w/o servers)",
            Scope::All => "(servers and established)",
        }
    }

    /// Whether a socket is wanted that is a server, or is not.
    pub(super) fn wants(self, server: bool) -> bool {
        match self {
            Scope::Servers => server,
            Scope::Connected => !server,
            Scope::All => true,
        }
    }
}

fn refuse(arg: &Arg<'_>) -> Refused {
    let shown = match arg {
        Arg::Short(letter) => format!("-{letter}"),
        Arg::Long(name) => format!("--{name}"),
        Arg::Value(value) => value.to_string_lossy().into_owned(),
    };
    let shown = crate::output::Escaped(shown.as_bytes());
    Refused(format!("{shown} is not spoken here; accepted are -[{LETTERS}] in any mix"))
}

const LETTERS: &str = "tulnapeW46";

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options, Refused> {
        Options::parse(&args.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn every_letter_is_read_alone_and_in_a_mix() {
        let together = parse(&["-tulnapeW46"]).unwrap();
        let apart: Vec<String> = LETTERS.chars().map(|letter| format!("-{letter}")).collect();
        let apart: Vec<&str> = apart.iter().map(String::as_str).collect();
        assert_eq!(parse(&apart).unwrap(), together);
        for left_out in 0..apart.len() {
            let mut fewer = apart.clone();
            fewer.remove(left_out);
            assert_ne!(parse(&fewer).unwrap(), together, "{fewer:?}");
        }
    }

    #[test]
    fn what_is_not_spoken_is_named() {
        for (args, named) in [
            (&["-tx"][..], "-x"),
            (&["-n", "-c"], "-c"),
            (&["--route"], "--route"),
            (&["eth0"], "eth0"),
            (&["\x1b[2J"], "\\x1b[2J"),
        ] {
            let refused = parse(args).unwrap_err();
            assert!(refused.0.starts_with(&format!("{named} ")), "{refused:?}");
            assert!(refused.0.ends_with("-[tulnapeW46] in any mix"));
        }
    }

    #[test]
    fn unix_sockets_come_where_nothing_asks_for_others() {
        for (args, unix, tables) in [
            (&["-n"][..], true, 8),
            (&["-alpneW"], true, 8),
            (&["-4"], false, 4),
            (&["-46"], false, 8),
            (&["-t"], false, 2),
            (&["-tu6"], false, 2),
        ] {
            let options = parse(args).unwrap();
            assert_eq!((options.unix(), options.tables().len()), (unix, tables), "{args:?}");
        }
    }
}
