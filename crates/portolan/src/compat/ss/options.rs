//! The flags of `ss` that are spoken here, and what they come to.
//!
//! Source of truth: `ss(8)` and the requests that `ss` 6.1 was seen to send for every mix of them.
//! The order of flags matters: the last of `-l` and `-a` wins, and so does the last of `-4` and `-6`
//! wherever only one family is asked for.

use std::ffi::OsString;

use crate::compat::refused::Refused;
use lexopt::{Arg, Parser};
use sockets::{Family, State, States};

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    tcp: bool,
    udp: bool,
    pub(super) numeric: bool,
    pub(super) processes: bool,
    pub(super) no_header: bool,
    pub(super) version: Version,
    scope: Option<Scope>,
    ipv4: bool,
    ipv6: bool,
    /// The last of `-4` and `-6`.
    last_family: Option<Family>,
}

/// Which states a flag asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// `-l`.
    Listening,
    /// `-a`.
    All,
}

/// Whose format to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Version {
    /// 6.1, as on Debian 12.
    #[default]
    V6_1,
    /// 7.3, as on Debian sid in 2026: no column for processes without `-p`, their names without
    /// control characters, `COLUMNS` heeded off a terminal, where else no line ends in padding, and
    /// also sockets that are bound and do nothing; those and `SYN-RECV` need no `-a`.
    V7_3,
}

/// A list of sockets that `ss` can print, in the order in which it prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Netlink,
    Packet,
    Unix,
    Raw,
    Udp,
    Tcp,
    Mptcp,
}

impl Options {
    /// Reads the arguments after the name `ss`.
    ///
    /// # Errors
    /// [`Refused`] names the first argument that is not spoken here.
    pub(super) fn parse(args: &[OsString]) -> Result<Options, Refused> {
        let mut options = Options::default();
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next().map_err(|error| Refused(error.to_string()))? {
            match arg {
                Arg::Short('t') | Arg::Long("tcp") => options.tcp = true,
                Arg::Short('u') | Arg::Long("udp") => options.udp = true,
                Arg::Short('l') | Arg::Long("listening") => options.scope = Some(Scope::Listening),
                Arg::Short('a') | Arg::Long("all") => options.scope = Some(Scope::All),
                Arg::Short('n') | Arg::Long("numeric") => options.numeric = true,
                Arg::Short('p') | Arg::Long("processes") => options.processes = true,
                Arg::Short('H') | Arg::Long("no-header") => options.no_header = true,
                Arg::Short('4') | Arg::Long("ipv4") => options.want(Family::V4),
                Arg::Short('6') | Arg::Long("ipv6") => options.want(Family::V6),
                Arg::Long("ss-version") => {
                    let value = parser.value().map_err(|error| Refused(error.to_string()))?;
                    options.version = Version::parse(&value.to_string_lossy())?;
                }
                other => return Err(refuse(&other)),
            }
        }
        Ok(options)
    }

    fn want(&mut self, family: Family) {
        match family {
            Family::V4 => self.ipv4 = true,
            Family::V6 => self.ipv6 = true,
        }
        self.last_family = Some(family);
    }

    /// The states to list.
    pub(super) fn states(&self) -> States {
        let wanted = |state: &State| match self.scope {
            Some(Scope::Listening) => matches!(state, State::Listen | State::Close),
            _ if self.one_state() => *state == State::Established,
            Some(Scope::All) if *state != State::Bound => true,
            None if CONNECTED.contains(state) => true,
            _ => self.version == Version::V7_3 && NEWLY_LISTED.contains(state),
        };
        State::ALL.into_iter().filter(wanted).collect()
    }

    /// Whether the flags leave only one state, which is then not said: `-u` alone.
    pub(super) fn one_state(&self) -> bool {
        self.scope.is_none() && self.udp && !self.tcp && self.last_family.is_none()
    }

    /// The lists to print, in order.
    pub(super) fn lists(&self) -> Vec<List> {
        let bound = self.states().contains(State::Close);
        let any_family = self.last_family.is_none();
        ALL_LISTS
            .into_iter()
            .filter(|list| match list {
                _ if self.tcp || self.udp => {
                    *list == List::Tcp && self.tcp || *list == List::Udp && self.udp
                }
                List::Netlink | List::Packet => any_family && bound,
                List::Unix => any_family,
                List::Raw | List::Udp | List::Tcp | List::Mptcp => true,
            })
            .collect()
    }

    /// The family that dumps are of; `None` is both.
    pub(super) fn last_family(&self) -> Option<Family> {
        self.last_family
    }

    /// The families to dump, one after the other.
    pub(super) fn dumped_families(&self) -> Vec<Family> {
        self.last_family.map_or_else(|| vec![Family::V4, Family::V6], |family| vec![family])
    }

    /// The families of raw sockets, which unlike the others heed `-4` and `-6` together.
    pub(super) fn families(&self) -> Vec<Family> {
        let wanted = |family: &Family| match family {
            Family::V4 => self.ipv4 || !self.ipv6,
            Family::V6 => self.ipv6 || !self.ipv4,
        };
        [Family::V4, Family::V6].into_iter().filter(wanted).collect()
    }
}

impl Version {
    fn parse(text: &str) -> Result<Version, Refused> {
        match text {
            "6.1" => Ok(Version::V6_1),
            "7.3" => Ok(Version::V7_3),
            _ => Err(Refused(format!("--ss-version={}: give 6.1 or 7.3", text.escape_debug()))),
        }
    }
}

fn refuse(arg: &Arg<'_>) -> Refused {
    let named = match arg {
        Arg::Short(flag) => format!("-{}", flag.escape_debug()),
        Arg::Long(flag) => format!("--{}", flag.escape_debug()),
        Arg::Value(value) => format!("filter \"{}\"", value.to_string_lossy().escape_debug()),
    };
    Refused(format!("{named} is not supported: {ACCEPTED}"))
}

/// What the error line offers.
const ACCEPTED: &str = "give any of -t -u -l -n -a -p -H -4 -6 (also as --tcp, --udp, --listening, \
     --numeric, --all, --processes, --no-header, --ipv4, --ipv6) and --ss-version=6.1|7.3";

/// The states of a socket that has a far end: what neither `-l` nor `-a` asks for.
const CONNECTED: [State; 7] = [
    State::Established,
    State::SynSent,
    State::FinWait1,
    State::FinWait2,
    State::CloseWait,
    State::LastAck,
    State::Closing,
];

/// What 7.3 lists besides, but for `-l`.
const NEWLY_LISTED: [State; 2] = [State::SynRecv, State::Bound];

const ALL_LISTS: [List; 7] =
    [List::Netlink, List::Packet, List::Unix, List::Raw, List::Udp, List::Tcp, List::Mptcp];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &str) -> Options {
        Options::parse(&args.split(' ').map(OsString::from).collect::<Vec<_>>()).unwrap()
    }

    fn mask(args: &str) -> u32 {
        State::ALL
            .into_iter()
            .filter(|state| parse(args).states().contains(*state))
            .fold(0, |mask, state| mask | 1 << state as u32)
    }

    /// The masks that `ss` was seen to send, without bit 0, which no socket has; 7.3 asks for bit 12
    /// (`NEW_SYN_RECV`) where we say `SYN_RECV`.
    #[test]
    fn states_are_those_of_ss() {
        for (args, seen) in [
            ("-t", 0xb36),
            ("-tu", 0xb36),
            ("-u4", 0xb36),
            ("-u", 0x2),
            ("-4", 0xb36),
            ("-tl", 0x480),
            ("-tal", 0x480),
            ("-tla", 0xffe),
            ("-u -a", 0xffe),
            ("-ta --ss-version=7.3", 0x2ffe),
            ("-t --ss-version=7.3", 0x2b3e),
            ("-tl --ss-version=7.3", 0x480),
        ] {
            assert_eq!(mask(args), seen, "{args}");
        }
    }

    #[test]
    fn the_last_family_wins() {
        assert_eq!(parse("-t46").last_family(), Some(Family::V6));
        assert_eq!(parse("-6t4").last_family(), Some(Family::V4));
        assert_eq!(parse("-t").last_family(), None);
    }

    #[test]
    fn lists_come_in_the_order_of_ss() {
        use List::{Mptcp, Netlink, Packet, Raw, Tcp, Udp, Unix};
        assert_eq!(parse("-tu").lists(), [Udp, Tcp]);
        assert_eq!(parse("-l").lists(), [Netlink, Packet, Unix, Raw, Udp, Tcp, Mptcp]);
        assert_eq!(parse("-n").lists(), [Unix, Raw, Udp, Tcp, Mptcp]);
        assert_eq!(parse("-a6").lists(), [Raw, Udp, Tcp, Mptcp]);
    }

    #[test]
    fn long_flags_are_the_short_ones() {
        let long = "--tcp --udp --listening --numeric --all --processes --no-header --ipv4 --ipv6";
        assert_eq!(parse(long), parse("-tulnapH46"));
        assert_eq!(parse("-t --ss-version=7.3").version, Version::V7_3);
    }

    #[test]
    fn what_is_not_spoken_is_named() {
        for (arg, named) in [
            ("-tx", "-x is not supported"),
            ("--extended", "--extended is not supported"),
            ("dport = :80", "filter \"dport = :80\" is not supported"),
            ("--tcp=yes", "--tcp"),
            ("--ss-version=5\n", "--ss-version=5\\n: give 6.1 or 7.3"),
        ] {
            let Refused(line) = Options::parse(&[OsString::from(arg)]).unwrap_err();
            assert!(line.contains(named) && !line.contains('\n'), "{line}");
        }
    }
}
