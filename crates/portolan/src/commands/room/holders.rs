//! Who holds the ports towards a destination, process by process.

use std::collections::HashMap;

use sockets::{Destination, Owners, Ownership, Pid, Place, Process, Socket, State, User};

/// Somebody who holds ports towards a destination.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeldBy {
    pub(crate) holder: Holder,
    /// How many sockets.
    pub(crate) sockets: u32,
}

/// Who.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Holder {
    /// This process; of several that share the sockets, the one with the lowest number.
    Process(Box<Process>),
    /// A process of this user that is not for us to see, where its socket was made.
    Hidden { user: Option<User>, place: Option<Place> },
    /// Nobody any more: the kernel keeps the port in `TIME-WAIT`.
    TimeWait,
    /// Nobody: the kernel's own, not accepted yet, or closed a moment ago.
    Kernel,
}

/// What holders are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Process(Pid),
    Hidden(u32),
    TimeWait,
    Kernel,
}

impl Key {
    fn of(socket: &Socket, ownership: &Ownership) -> Key {
        if let Some(first) = ownership.first_holder(socket.inode) {
            return Key::Process(first.process.pid);
        }
        match ownership.of(socket) {
            _ if socket.state == State::TimeWait => Key::TimeWait,
            Owners::Hidden { uid } => Key::Hidden(uid),
            Owners::Known(_) | Owners::Gone | Owners::Kernel => Key::Kernel,
        }
    }
}

/// Who holds the sockets of `destination`, those with the most first.
pub(crate) fn holders(
    destination: &Destination,
    sockets: &[Socket],
    ownership: &Ownership,
) -> Vec<HeldBy> {
    let mut found: HashMap<Key, HeldBy> = HashMap::new();
    for socket in destination.sockets.iter().map(|at| &sockets[*at as usize]) {
        let key = Key::of(socket, ownership);
        let new = || HeldBy { holder: Holder::new(key, socket, ownership), sockets: 0 };
        found.entry(key).or_insert_with(new).sockets += 1;
    }
    let mut held: Vec<(Key, HeldBy)> = found.into_iter().collect();
    held.sort_by_key(|(key, held)| (std::cmp::Reverse(held.sockets), *key));
    held.into_iter().map(|(_, held)| held).collect()
}

impl Holder {
    fn new(key: Key, socket: &Socket, ownership: &Ownership) -> Holder {
        match (key, ownership.first_holder(socket.inode)) {
            (Key::Process(_), Some(first)) => Holder::Process(Box::new(first.process.clone())),
            (Key::Hidden(_), _) => Holder::Hidden {
                user: ownership.user_of(socket),
                place: ownership.place_of(socket).cloned(),
            },
            (Key::TimeWait, _) => Holder::TimeWait,
            (Key::Process(_) | Key::Kernel, _) => Holder::Kernel,
        }
    }

    /// Where it runs, as far as is known.
    pub(crate) fn place(&self) -> Option<&Place> {
        match self {
            Holder::Process(process) => Some(&process.place),
            Holder::Hidden { place, .. } => place.as_ref(),
            Holder::TimeWait | Holder::Kernel => None,
        }
    }
}
