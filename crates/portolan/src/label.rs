//! How a socket, its ends and its owners read in a line of text.

use std::collections::HashMap;
use std::fmt;

use log::Tenure;
use registry::{Port, PortRange};
use sockets::{
    Endpoint, Family, Holder, Netns, NetnsId, Owners, Ownership, Place, Process, Socket, State,
    User,
};

use crate::output::Escaped;
use crate::tongue::Tongue;

/// A range as people write it, with a dash that is not a minus.
pub(crate) fn range(range: PortRange) -> String {
    if range.count() == 1 {
        return range.first().to_string();
    }
    format!("{}–{}", range.first(), range.last())
}

/// Ranges, with commas between them.
pub(crate) fn ranges(ranges: &[PortRange]) -> String {
    ranges.iter().map(|one| range(*one)).collect::<Vec<_>>().join(", ")
}

/// A count with its noun: `1 socket`, `2,048 sockets`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(n))
}

/// A number with its thousands apart: `28,232`.
pub(crate) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The local end of a socket: `*:22` takes IPv4 and IPv6, `[::]:22` IPv6 alone.
pub(crate) fn local(socket: &Socket) -> End<'_> {
    let any_family = socket.family == Family::V6
        && socket.v6only == Some(false)
        && socket.local.addr.is_unspecified();
    let device = socket.device.as_ref().map(|device| &*device.name);
    End { end: socket.local, device, any_family }
}

/// The local end that a socket had.
pub(crate) fn past_local(tenure: &Tenure) -> End<'static> {
    let any_family =
        tenure.family == Family::V6 && !tenure.v6only && tenure.local.addr.is_unspecified();
    End { end: tenure.local, device: None, any_family }
}

/// The far end of a socket; nothing where there is none.
pub(crate) fn remote(socket: &Socket) -> Option<End<'_>> {
    let link_local =
        matches!(socket.remote.addr, std::net::IpAddr::V6(a) if a.is_unicast_link_local());
    let device = socket.device.as_ref().filter(|_| link_local).map(|device| &*device.name);
    (!socket.remote.is_none()).then_some(End { end: socket.remote, device, any_family: false })
}

/// An endpoint with what is special about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'a> {
    end: Endpoint,
    device: Option<&'a str>,
    any_family: bool,
}

impl fmt::Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (addr, port) = (self.end.canonical(), self.end.port);
        let at = if self.device.is_some() { "%" } else { "" };
        let device = Escaped(self.device.unwrap_or_default().as_bytes());
        match addr {
            _ if self.any_family => write!(f, "*{at}{device}:{port}"),
            std::net::IpAddr::V4(addr) => write!(f, "{addr}{at}{device}:{port}"),
            std::net::IpAddr::V6(addr) => write!(f, "[{addr}{at}{device}]:{port}"),
        }
    }
}

/// A network namespace: its name where it has one, else its number.
pub(crate) fn netns(id: NetnsId, known: &[Netns]) -> String {
    let name = known.iter().find(|netns| netns.id == id).and_then(|netns| netns.name.as_ref());
    name.map_or_else(|| id.0.to_string(), |name| Escaped(name.as_bytes()).to_string())
}

/// A process: `nginx (812)`.
pub(crate) fn process(process: &Process) -> String {
    format!("{} ({})", Escaped(&process.comm), process.pid)
}

/// A user's name, or number where there is none.
pub(crate) fn user(user: &User) -> String {
    let number = || user.uid.to_string();
    user.name.as_ref().map_or_else(number, |name| Escaped(name.as_bytes()).to_string())
}

/// Processes as the subject of a sentence: `nginx (812)`, `nginx (812) with 1 other`.
pub(crate) fn subject(processes: &[&Process], tongue: Tongue) -> String {
    let first = processes.first().map(|first| process(first)).unwrap_or_default();
    let others = processes.len().saturating_sub(1);
    let english = match others {
        0 => return first,
        1 => format!("{first} with 1 other"),
        n => format!("{first} with {} others", thousands(n)),
    };
    tongue.say("card-with-others", &[("who", first.into()), ("count", others.into())], || english)
}

/// Sockets and their owners, as the place to ask who is behind one of them.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    ownership: &'a Ownership,
    listeners: HashMap<(NetnsId, Port), Vec<&'a Socket>>,
}

impl<'a> Scene<'a> {
    /// `sockets` with what is known of their owners.
    pub(crate) fn of(sockets: &'a [Socket], ownership: &'a Ownership) -> Scene<'a> {
        let mut listeners: HashMap<_, Vec<&Socket>> = HashMap::new();
        for listener in sockets.iter().filter(|socket| socket.state == State::Listen) {
            listeners.entry((listener.netns, listener.local.port)).or_default().push(listener);
        }
        Scene { ownership, listeners }
    }

    /// Who is behind `socket`.
    pub(crate) fn who(&'a self, socket: &'a Socket) -> Who<'a> {
        Who { socket, scene: self, owners: self.ownership.of(socket) }
    }

    /// The listener that `connection` came in on, if it is among the sockets.
    pub(crate) fn listener_of(&self, connection: &Socket) -> Option<&'a Socket> {
        let there = self.listeners.get(&(connection.netns, connection.local.port))?;
        there.iter().copied().find(|listener| could_take(listener, connection))
    }
}

/// Whether `connection` could have come in on `listener`, of the same port and namespace.
fn could_take(listener: &Socket, connection: &Socket) -> bool {
    let (own, wanted) = (listener.local.canonical(), connection.local.canonical());
    let dual = listener.family == Family::V6 && listener.v6only != Some(true);
    let any = own.is_unspecified() && (dual || own.is_ipv6() == wanted.is_ipv6());
    listener.proto == connection.proto && (own == wanted || any)
}

/// Who is behind a socket, looked up once and told in words.
#[derive(Debug)]
pub(crate) struct Who<'a> {
    socket: &'a Socket,
    scene: &'a Scene<'a>,
    /// Who holds it.
    pub(crate) owners: Owners<'a>,
}

impl Who<'_> {
    /// The holders; at most `most` processes by name.
    pub(crate) fn holds(&self, most: usize) -> String {
        self.holds_in(Tongue::default(), most)
    }

    /// The same in another language.
    pub(crate) fn holds_in(&self, tongue: Tongue, most: usize) -> String {
        match &self.owners {
            Owners::Known(holders) => holders_text(holders, most),
            Owners::Hidden { .. } => self.hidden(tongue, most),
            Owners::Gone => tongue.word("card-gone", "gone").into_owned(),
            Owners::Kernel if is_unaccepted(self.socket) => self.waits_for(tongue, most),
            Owners::Kernel => tongue.word("card-kernel", "kernel").into_owned(),
        }
    }

    /// The holders as the subject of a sentence; `None` where no process is to be named.
    pub(crate) fn subject(&self, tongue: Tongue) -> Option<String> {
        match &self.owners {
            Owners::Known(holders) => {
                Some(subject(&distinct(holders.iter().map(|holder| holder.process)), tongue))
            }
            Owners::Hidden { .. } => {
                Some(tongue.say("card-hidden-process", &[], || HIDDEN_PROCESS.to_owned()))
            }
            Owners::Kernel | Owners::Gone => None,
        }
    }

    /// Whether there is an owner that is not ours to see.
    pub(crate) fn is_hidden(&self) -> bool {
        matches!(self.owners, Owners::Hidden { .. })
    }

    /// For an owner that is not ours to see: who it may be.
    fn hidden(&self, tongue: Tongue, most: usize) -> String {
        match self.scene.ownership.suspects_of(self.socket) {
            [] => tongue.word("card-hidden", "hidden").into_owned(),
            suspects => {
                let who = processes_text(suspects.iter(), most);
                let args = [("who", (&who).into())];
                tongue.say("card-hidden-maybe", &args, || format!("hidden, maybe {who}"))
            }
        }
    }

    /// For a connection that nobody accepted: who should.
    fn waits_for(&self, tongue: Tongue, most: usize) -> String {
        let listener = self.scene.listener_of(self.socket);
        match listener.map(|listener| self.scene.ownership.of(listener)) {
            Some(Owners::Known(holders)) => {
                let who = holders_text(&holders, most);
                let args = [("who", (&who).into())];
                tongue.say("card-unaccepted-by", &args, || format!("not accepted yet by {who}"))
            }
            _ => tongue.word("card-unaccepted", "not accepted yet").into_owned(),
        }
    }

    /// The processes by name: the holders, those of whom one may be it, those who should accept it.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.owners {
            Owners::Known(holders) => names(holders),
            Owners::Hidden { .. } => {
                self.scene.ownership.suspects_of(self.socket).iter().map(process).collect()
            }
            Owners::Kernel if self.waits_to_be_accepted() => {
                let listener = self.scene.listener_of(self.socket);
                match listener.map(|listener| self.scene.ownership.of(listener)) {
                    Some(Owners::Known(holders)) => names(&holders),
                    _ => Vec::new(),
                }
            }
            Owners::Kernel | Owners::Gone => Vec::new(),
        }
    }

    /// The holders by name; none where they are not known.
    pub(crate) fn known_names(&self) -> Vec<String> {
        if matches!(self.owners, Owners::Known(_)) { self.names() } else { Vec::new() }
    }

    /// Whether it is a connection that nobody accepted yet.
    pub(crate) fn waits_to_be_accepted(&self) -> bool {
        is_unaccepted(self.socket)
    }

    /// The user: the first holder's, or the socket's maker; nobody for what the kernel keeps.
    pub(crate) fn user(&self) -> String {
        match &self.owners {
            Owners::Known(holders) => user(&holders[0].process.user),
            _ => self.scene.ownership.user_of(self.socket).as_ref().map(user).unwrap_or_default(),
        }
    }

    /// Where the owner runs: its container, else its systemd unit; for one that is not known, where
    /// the socket was made.
    pub(crate) fn place(&self) -> String {
        let place = match &self.owners {
            Owners::Known(holders) => Some(&holders[0].process.place),
            _ => self.scene.ownership.place_of(self.socket),
        };
        place.map(self::place).unwrap_or_default()
    }
}

/// Where something runs: its container, else its systemd unit; nothing for neither.
pub(crate) fn place(place: &Place) -> String {
    let name = place.container.as_ref().or(place.unit.as_ref());
    name.map(|name| Escaped(name.as_bytes()).to_string()).unwrap_or_default()
}

/// An owner that is not ours to see, as the subject of a sentence.
pub(crate) const HIDDEN_PROCESS: &str = "a process hidden from you";

/// Whether a connection still waits in its listener's queue: it lives, and has no descriptor.
pub(crate) fn is_unaccepted(socket: &Socket) -> bool {
    socket.inode == 0 && matches!(socket.state, State::Established | State::CloseWait)
}

/// The processes among `holders`, each once.
fn names(holders: &[Holder<'_>]) -> Vec<String> {
    distinct(holders.iter().map(|holder| holder.process)).into_iter().map(process).collect()
}

fn holders_text(holders: &[Holder<'_>], most: usize) -> String {
    processes_text(holders.iter().map(|holder| holder.process), most)
}

fn processes_text<'a>(processes: impl Iterator<Item = &'a Process>, most: usize) -> String {
    let distinct = distinct(processes);
    let named: Vec<String> = distinct.iter().take(most).map(|p| process(p)).collect();
    let more = distinct.len() - named.len();
    let rest = if more > 0 { format!(" +{more}") } else { String::new() };
    format!("{}{rest}", named.join(", "))
}

/// Each process once, of processes ordered by pid.
fn distinct<'a>(processes: impl Iterator<Item = &'a Process>) -> Vec<&'a Process> {
    let mut distinct: Vec<&Process> = processes.collect();
    distinct.dedup_by_key(|process| process.pid);
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(n), text);
        }
        assert_eq!(count(1, "socket"), "1 socket");
        assert_eq!(count(0, "socket"), "0 sockets");
    }
}
