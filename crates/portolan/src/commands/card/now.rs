//! NOW: what each socket has to do with the port, in a sentence and in a table.

use std::collections::HashSet;

use registry::{PortRange, Proto, Target};
use sockets::{Endpoint, Netns, Owners, Process, Socket, State};
use web::Role;

use super::Card;
use crate::label::{self, HIDDEN_PROCESS, Scene, Who};
use crate::output::{Column, Columns, Tint};
use crate::tongue::Tongue;

/// What the roles of sockets are told by.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) target: &'a Target,
    pub(super) scene: &'a Scene<'a>,
    ephemeral: Option<PortRange>,
    tongue: Tongue,
    /// The two ends of every connection, its own first.
    connections: HashSet<(Endpoint, Endpoint)>,
}

impl<'a> View<'a> {
    pub(super) fn of(card: &'a Card, scene: &'a Scene<'a>) -> View<'a> {
        let ends = |socket: &Socket| (plain(socket.local), plain(socket.remote));
        View {
            target: &card.target,
            scene,
            ephemeral: card.settings.as_ref().map(|settings| settings.ephemeral),
            tongue: card.tongue,
            connections: card.snapshot.sockets.iter().map(ends).collect(),
        }
    }

    /// The sockets with what they have to do with the port, the weightiest role first.
    pub(super) fn rows(&self, sockets: &'a [Socket]) -> Vec<(Role, &'a Socket)> {
        let mut rows: Vec<_> = sockets.iter().map(|socket| (self.role(socket), socket)).collect();
        rows.sort_by_key(|(role, s)| (*role, s.proto, s.family, s.local, s.remote));
        rows
    }

    /// What `socket` has to do with the port.
    fn role(&self, socket: &Socket) -> Role {
        if !self.target.contains(socket.local.port) {
            return if self.is_here(socket) { Role::Client } else { Role::Talks };
        }
        local_role(socket, self.scene, self.ephemeral)
    }

    /// Whether the far end of `socket` is on this host for sure: at a loopback address, at our own,
    /// or one of the sockets is it.
    fn is_here(&self, socket: &Socket) -> bool {
        let (near, far) = (plain(socket.local), plain(socket.remote));
        far.addr.is_loopback() || far.addr == near.addr || self.connections.contains(&(far, near))
    }

    /// What the sockets of each role mean, a clause each: "sshd (812) listens on it".
    pub(super) fn clauses(&self, rows: &[(Role, &Socket)]) -> Vec<String> {
        rows.chunk_by(|a, b| a.0 == b.0).map(|chunk| self.clause(chunk)).collect()
    }

    fn clause(&self, rows: &[(Role, &Socket)]) -> String {
        let one = self.target.port().is_some();
        let it = if one { "it" } else { "some of them" };
        let ports = label::ranges(&self.target.ports);
        let far = format!("somebody's {ports}");
        let connections = label::count(rows.len(), "connection");
        let (s, have) = if rows.len() == 1 { ("s", "has") } else { ("", "have") };
        let over = rows.iter().all(|(_, socket)| socket.state == State::TimeWait);
        let queued = rows.iter().all(|(_, socket)| label::is_unaccepted(socket));
        let who = subject(rows, self.scene, self.tongue);
        let someone = || who.clone().unwrap_or_else(|| nobodys(self.tongue));
        let (id, english) = match (rows[0].0, &who) {
            (Role::Listens, _) => ("card-listens", format!("{} listens on {it}", someone())),
            (Role::Bound, _) => {
                ("card-bound", format!("{} has {it} bound and does not listen", someone()))
            }
            (Role::Incoming, _) => ("card-incoming", format!("{connections} came in on {it}")),
            (Role::Outgoing, Some(who)) if rows.len() == 1 => {
                ("card-outgoing-one", format!("an outgoing connection of {who} has {it}"))
            }
            (Role::Outgoing, Some(who)) => {
                ("card-outgoing", format!("{connections} of {who} went out from {it}"))
            }
            (Role::Connected, Some(who)) => {
                ("card-connected", format!("{connections} of {who} {have} {it}"))
            }
            (Role::Outgoing | Role::Connected, None) => {
                ("card-connected-nobody", format!("{connections} without a process {have} {it}"))
            }
            (Role::Lingers, _) => {
                ("card-lingers", format!("{connections} closed and still in TIME-WAIT on {it}"))
            }
            (Role::Client, _) if queued => {
                ("card-queued", format!("{connections} from {it} wait{s} to be accepted here"))
            }
            (Role::Client, _) if over => (
                "card-client-over",
                format!("{connections} to {it} from here closed, in TIME-WAIT"),
            ),
            (Role::Client, Some(who)) => {
                ("card-client", format!("{who} is connected to {it} from here"))
            }
            (Role::Client, None) => {
                ("card-client-nobody", format!("{connections} to {it} from here {have} no process"))
            }
            (Role::Talks, _) if over => {
                ("card-talks-over", format!("{connections} to {far} closed, in TIME-WAIT"))
            }
            (Role::Talks, Some(who)) => ("card-talks", format!("{who} talks to {far}")),
            (Role::Talks, None) => {
                ("card-talks-nobody", format!("{connections} to {far} {have} no process"))
            }
        };
        let args = [
            ("many", if one { "one" } else { "many" }.into()),
            ("count", rows.len().into()),
            ("ports", ports.into()),
            ("who", someone().into()),
        ];
        self.tongue.say(id, &args, || english)
    }
}

/// What is said of a socket that no process has.
fn nobodys(tongue: Tongue) -> String {
    tongue.say("card-nobodys-socket", &[], || "a socket without a process".to_owned())
}

/// What `socket` has to do with its own port.
pub(crate) fn local_role(socket: &Socket, scene: &Scene<'_>, ephemeral: Option<PortRange>) -> Role {
    match socket.state {
        State::Listen => Role::Listens,
        State::Close if socket.proto == Proto::Udp => Role::Listens,
        State::Close | State::Bound => Role::Bound,
        State::TimeWait => Role::Lingers,
        _ if scene.listener_of(socket).is_some() => Role::Incoming,
        _ if went_out(socket, ephemeral) => Role::Outgoing,
        _ => Role::Connected,
    }
}

/// Whether a connection without a listener went out: the kernel gave it the port, and not the far
/// end its own. What came in on a listener that closed is told from it by that.
fn went_out(socket: &Socket, ephemeral: Option<PortRange>) -> bool {
    let given = |port| ephemeral.is_some_and(|range| range.contains(port));
    given(socket.local.port) && !given(socket.remote.port) || matches!(socket.state, State::SynSent)
}

/// An end with its mapped address as the IPv4 one that it is.
fn plain(end: Endpoint) -> Endpoint {
    Endpoint { addr: end.canonical(), port: end.port }
}

/// The distinct processes behind some sockets.
fn owners<'a>(rows: &[(Role, &'a Socket)], scene: &'a Scene<'a>) -> Vec<&'a Process> {
    let mut found: Vec<&Process> = Vec::new();
    for (_, socket) in rows {
        if let Owners::Known(holders) = scene.who(socket).owners {
            for holder in holders {
                if !found.iter().any(|process| process.pid == holder.process.pid) {
                    found.push(holder.process);
                }
            }
        }
    }
    found
}

/// Who is behind some sockets: one by name, several by number, and whether more are hidden. `None`
/// where no process is.
fn subject(rows: &[(Role, &Socket)], scene: &Scene<'_>, tongue: Tongue) -> Option<String> {
    let processes = owners(rows, scene);
    let hidden = rows.iter().map(|(_, socket)| scene.who(socket)).find(Who::is_hidden);
    let seen = label::subject(&processes, tongue);
    match (processes.is_empty(), hidden) {
        (true, Some(who)) => {
            let user = who.user();
            let english = || format!("{HIDDEN_PROCESS} (its socket made by {user})");
            Some(tongue.say("card-hidden-by", &[("user", (&user).into())], english))
        }
        (true, None) => None,
        (false, Some(_)) => {
            let english = || format!("{seen} and {HIDDEN_PROCESS}");
            Some(tongue.say("card-and-hidden", &[("who", (&seen).into())], english))
        }
        (false, None) => Some(seen),
    }
}

/// The table of sockets; those of one role stand together. `most` rows of each role at most.
pub(super) fn table(
    rows: &[(Role, &Socket)],
    scene: &Scene<'_>,
    most: usize,
    namespaces: &[Netns],
    tongue: Tongue,
) -> Columns {
    let mut columns = vec![
        Column::fixed("PROTO"),
        Column::fixed("STATE"),
        Column::fixed("LOCAL").shrinking(15).keeping_end(),
        Column::fixed("REMOTE").shrinking(15).keeping_end(),
        Column::fixed("OWNER").shrinking(22),
        Column::fixed("USER").shrinking(6).leaving(1),
        Column::fixed("WHERE").shrinking(10).leaving(2),
    ];
    let foreign = namespaces.len() > 1;
    if foreign {
        columns.push(Column::fixed("NETNS"));
    }
    let mut columns = Columns::new(columns);
    for chunk in rows.chunk_by(|a, b| a.0 == b.0) {
        for (role, socket) in chunk.iter().take(most) {
            let who = scene.who(socket);
            columns.cell(Tint::Plain, socket.proto);
            columns.cell(tint(*role), socket.state);
            columns.cell(Tint::Plain, label::local(socket));
            columns.cell(Tint::Plain, opt(label::remote(socket)));
            columns.cell(Tint::Accent, who.holds_in(tongue, 1));
            columns.cell(Tint::Plain, who.user());
            columns.cell(Tint::Plain, who.place());
            if foreign {
                columns.cell(Tint::Dim, label::netns(socket.netns, namespaces));
            }
        }
    }
    columns
}

fn tint(role: Role) -> Tint {
    match role {
        Role::Listens => Tint::Good,
        Role::Bound | Role::Lingers => Tint::Odd,
        _ => Tint::Plain,
    }
}

fn opt(value: Option<impl std::fmt::Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Details of the processes behind the sockets: since when they run, what they run, who started
/// them. At most `most` of them.
pub(super) fn processes<'a>(
    rows: &[(Role, &'a Socket)],
    scene: &'a Scene<'a>,
    most: usize,
) -> Vec<&'a Process> {
    let mut found = owners(rows, scene);
    found.truncate(most);
    found
}
