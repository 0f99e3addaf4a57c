//! User names, from `/etc/passwd` (`passwd(5)`).
//!
//! Users that only another name service knows (LDAP, `systemd-homed`) have no name here: asking it
//! would mean loading its library, or waiting for the network.

use std::collections::HashMap;
use std::sync::Arc;

use crate::User;

/// The users of this host.
#[derive(Debug, Default)]
pub struct Users {
    names: HashMap<u32, Arc<str>>,
    uids: HashMap<Arc<str>, u32>,
}

impl Users {
    /// Reads the users; none where the file cannot be read.
    #[must_use]
    pub fn load() -> Users {
        std::fs::read("/etc/passwd").map_or_else(|_| Users::default(), |text| Users::parse(&text))
    }

    /// The users in the text of a passwd file. The first of several names for a number counts, as
    /// in `getpwuid(3)`, and the first of several numbers for a name; lines that are none are
    /// skipped.
    #[must_use]
    pub fn parse(text: &[u8]) -> Users {
        let mut users = Users::default();
        for (uid, name) in text.split(|byte| *byte == b'\n').filter_map(entry) {
            let name: Arc<str> = Arc::from(String::from_utf8_lossy(name));
            users.names.entry(uid).or_insert_with(|| name.clone());
            users.uids.entry(name).or_insert(uid);
        }
        users
    }

    /// The user with the number `uid`.
    #[must_use]
    pub fn user(&self, uid: u32) -> User {
        User { uid, name: self.names.get(&uid).cloned() }
    }

    /// The number of the user called `name`, also where it is the second name of one.
    #[must_use]
    pub fn uid(&self, name: &str) -> Option<u32> {
        self.uids.get(name).copied()
    }

    /// Every user's name, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.uids.keys().map(|name| &**name)
    }
}

/// The number of the group called `name` in `/etc/group` (`group(5)`), whose lines begin as those
/// of users do; `None` where there is none.
#[must_use]
pub fn group_id(name: &str) -> Option<u32> {
    Users::parse(&std::fs::read("/etc/group").ok()?).uid(name)
}

/// The names of the members of the group called `name` in `/etc/group`; those whose primary group
/// it is are not listed there. None where the file cannot be read.
#[must_use]
pub fn group_members(name: &str) -> Vec<String> {
    std::fs::read("/etc/group").map(|text| members(&text, name)).unwrap_or_default()
}

/// The members that the text of a group file gives to the group called `name`.
pub(super) fn members(text: &[u8], name: &str) -> Vec<String> {
    let mut lines = text.split(|byte| *byte == b'\n');
    let line = lines.find(|line| entry(line).is_some_and(|(_, it)| it == name.as_bytes()));
    let list = line.and_then(|line| line.split(|byte| *byte == b':').nth(3)).unwrap_or_default();
    let names = list.split(|byte| *byte == b',').filter(|name| !name.is_empty());
    names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

/// The number and the name of one line, `name:password:uid:gid:…`.
fn entry(line: &[u8]) -> Option<(u32, &[u8])> {
    let mut fields = line.split(|byte| *byte == b':');
    let (name, _password, uid) = (fields.next()?, fields.next()?, fields.next()?);
    let is_name = !name.is_empty() && !b"+-#".contains(&name[0]);
    is_name.then_some((super::number(uid)?, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &[u8] = b"root:x:0:0:root:/root:/bin/bash\n\
        toor:x:0:0::/root:/bin/sh\n\
        # nobody:x:1:1\n\
        \n\
        odd:x:minus:1\n\
        :x:3:3\n\
        +nis:x:4:4\n\
        al\xffce:x:1000:1000:,,,:/home/a:/bin/sh\n\
        last:x:65534:65534";

    #[test]
    fn the_first_name_of_a_number_counts() {
        let users = Users::parse(PASSWD);
        let name = |uid| users.user(uid).name;
        assert_eq!(name(0).as_deref(), Some("root"));
        assert_eq!(name(1000).as_deref(), Some("al\u{fffd}ce"));
        assert_eq!(name(65534).as_deref(), Some("last"));
        for none in [1, 3, 4, 5] {
            assert_eq!(name(none), None, "{none}");
        }
    }

    #[test]
    fn a_group_is_found_by_its_name() {
        assert_eq!(group_id("root"), Some(0));
        assert_eq!(group_id("no such group"), None);
    }

    #[test]
    fn a_group_has_the_members_of_its_line() {
        let text = b"root:x:0:\nportolan:x:990:alice,bob\nportolan2:x:991:eve\nodd";
        assert_eq!(members(text, "portolan"), ["alice", "bob"]);
        for none in ["root", "odd", "x", ""] {
            assert_eq!(members(text, none), Vec::<String>::new(), "{none}");
        }
    }

    #[test]
    fn every_name_has_its_number() {
        let users = Users::parse(PASSWD);
        assert_eq!((users.uid("root"), users.uid("toor")), (Some(0), Some(0)));
        assert_eq!((users.uid("last"), users.uid("odd"), users.uid("")), (Some(65534), None, None));
        assert_eq!(users.names().count(), 4);
    }
}
