//! Where a fix is to be made: in our own network namespace as it stands, in another by its name, by its
//! number, or through a process that lives there.

use std::collections::HashMap;
use std::path::PathBuf;

use sockets::{Netns, NetnsId};

use crate::netns;

/// What it takes to name namespaces in commands.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Our own; `None` where that is not known.
    pub(crate) own: Option<NetnsId>,
    /// Whether our own has settings of the next boot: those are the machine's.
    pub(crate) persists: bool,
    /// What leads into the others.
    pub(crate) doors: HashMap<NetnsId, PathBuf>,
}

impl Places {
    /// Those of this process, and what leads into `others`, if there are any.
    pub(crate) fn look<'a>(mut others: impl Iterator<Item = &'a Netns>) -> Places {
        let own = netns::own().ok();
        let is_far = others.any(|netns| own.is_some_and(|own| own != netns.id));
        Places {
            own,
            persists: netns::is_machines() != Some(false),
            doors: if is_far { netns::doors() } else { HashMap::new() },
        }
    }

    /// Whether a namespace is ours.
    pub(crate) fn is_own(&self, netns: &Netns) -> bool {
        self.own.is_none_or(|own| own == netns.id)
    }

    /// The option that has a command of ours look into `netns`, with a space before; nothing for our own.
    pub(crate) fn option(&self, netns: &Netns) -> String {
        if self.is_own(netns) { String::new() } else { format!(" --netns {}", typed(netns)) }
    }

    /// `portolan range set` there, for the next boot too where there is one to it.
    pub(crate) fn range_set(&self, netns: &Netns, change: &str) -> String {
        let persist = if self.is_own(netns) && self.persists { " --persist" } else { "" };
        format!("portolan range set {change}{persist}{}", self.option(netns))
    }

    /// `sysctl -w` there.
    pub(crate) fn sysctl(&self, netns: &Netns, setting: &str) -> String {
        self.within(netns, &format!("sysctl -w {setting}"))
    }

    /// A command of another program there.
    pub(crate) fn within(&self, netns: &Netns, command: &str) -> String {
        match (name(netns), self.doors.get(&netns.id)) {
            _ if self.is_own(netns) => command.to_owned(),
            (Some(name), _) => format!("ip netns exec {name} {command}"),
            (None, Some(door)) => format!("nsenter --net={} {command}", door.display()),
            (None, None) => format!("{command}  # in network namespace {}", netns.id.0),
        }
    }
}

/// The name, or the number where there is none.
fn typed(netns: &Netns) -> String {
    name(netns).map_or_else(|| netns.id.0.to_string(), str::to_owned)
}

/// The name of a namespace, where a shell and our own options take it as it stands.
fn name(netns: &Netns) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let plain = |name: &&str| {
        name.bytes().all(is_plain)
            && !name.is_empty()
            && !name.starts_with(['-', '.'])
            && *name != "own"
    };
    netns.name.as_deref().filter(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn netns(id: u64, name: Option<&str>) -> Netns {
        Netns { id: NetnsId(id), name: name.map(Into::into) }
    }

    fn places(persists: bool) -> Places {
        let doors = HashMap::from([(NetnsId(3), PathBuf::from("/proc/61/ns/net"))]);
        Places { own: Some(NetnsId(1)), persists, doors }
    }

    #[test]
    fn a_change_of_the_range_names_its_namespace() {
        let set = |persists, id, name| places(persists).range_set(&netns(id, name), "2000-9000");
        assert_eq!(set(true, 1, None), "portolan range set 2000-9000 --persist");
        assert_eq!(set(false, 1, Some("red")), "portolan range set 2000-9000");
        assert_eq!(set(true, 2, Some("blue")), "portolan range set 2000-9000 --netns blue");
        for name in [None, Some("own"), Some("-x"), Some("a b"), Some("$(id)")] {
            assert_eq!(set(true, 3, name), "portolan range set 2000-9000 --netns 3");
        }
    }

    #[test]
    fn a_setting_is_set_in_its_namespace() {
        let sysctl = |id, name| places(true).sysctl(&netns(id, name), "a.b=2");
        assert_eq!(sysctl(1, None), "sysctl -w a.b=2");
        assert_eq!(sysctl(2, Some("blue")), "ip netns exec blue sysctl -w a.b=2");
        assert_eq!(sysctl(3, None), "nsenter --net=/proc/61/ns/net sysctl -w a.b=2");
        assert_eq!(sysctl(4, None), "sysctl -w a.b=2  # in network namespace 4");
    }
}
