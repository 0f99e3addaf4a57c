//! NOW: what each socket has to do with the port, in a sentence and in a table.

use registry::{Proto, Target};
use sockets::{Netns, Owners, Process, Socket, State};

use crate::label::{self, Scene};
use crate::output::{Column, Columns, Tint};

/// What a socket has to do with the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// It waits there: a TCP listener, an unconnected UDP socket.
    Listens,
    /// It has the port without listening.
    Bound,
    /// A connection that came in on the port.
    Incoming,
    /// A connection that went out from the port.
    Outgoing,
    /// A closed connection that still has the port.
    Lingers,
    /// The port is the far end's, and the far end is on this host: it talks to whoever listens.
    Client,
    /// The port is the far end's, somewhere else: we talk to somebody's.
    Talks,
}

impl Role {
    /// What `socket` has to do with the ports of `target`, told by the scene they
    /// are in.
    pub(super) fn of(socket: &Socket, target: &Target, scene: &Scene<'_>) -> Role {
        if !target.contains(socket.local.port) {
            return if is_here(socket) { Role::Client } else { Role::Talks };
        }
        match socket.state {
            State::Listen => Role::Listens,
            State::Close if socket.proto == Proto::Udp => Role::Listens,
            State::Close | State::Bound => Role::Bound,
            State::TimeWait => Role::Lingers,
            _ if scene.listener_of(socket).is_some() => Role::Incoming,
            _ => Role::Outgoing,
        }
    }
}

/// Whether the far end of `socket` is on this host for sure: at a loopback address or our own.
fn is_here(socket: &Socket) -> bool {
    let far = socket.remote.canonical();
    far.is_loopback() || far == socket.local.canonical()
}

/// The sockets with what they have to do with the port, the weightiest role first.
pub(super) fn by_role<'a>(
    sockets: &'a [Socket],
    target: &Target,
    scene: &Scene<'_>,
) -> Vec<(Role, &'a Socket)> {
    let mut rows: Vec<_> =
        sockets.iter().map(|socket| (Role::of(socket, target, scene), socket)).collect();
    rows.sort_by_key(|(role, s)| (*role, s.proto, s.family, s.local, s.remote));
    rows
}

/// What the sockets of each role mean, a clause each: "sshd (812) listens on it".
pub(super) fn clauses(rows: &[(Role, &Socket)], scene: &Scene<'_>, target: &Target) -> Vec<String> {
    let it = if target.port().is_some() { "it" } else { "some of them" };
    rows.chunk_by(|a, b| a.0 == b.0).map(|chunk| clause(chunk, scene, target, it)).collect()
}

fn clause(rows: &[(Role, &Socket)], scene: &Scene<'_>, target: &Target, it: &str) -> String {
    let who = subject(rows, scene);
    let connections = label::count(rows.len(), "connection");
    let far = || format!("somebody's {}", label::ranges(&target.ports));
    let over = rows.iter().all(|(_, socket)| socket.state == State::TimeWait);
    match rows[0].0 {
        Role::Listens => format!("{who} listens on {it}"),
        Role::Bound => format!("{who} has {it} bound and does not listen"),
        Role::Incoming => format!("{connections} came in on {it}"),
        Role::Outgoing if rows.len() == 1 => format!("an outgoing connection of {who} has {it}"),
        Role::Outgoing => format!("{connections} of {who} went out from {it}"),
        Role::Lingers => format!("{connections} closed and still in TIME-WAIT on {it}"),
        Role::Client if rows.iter().all(|(_, socket)| label::is_unaccepted(socket)) => {
            format!("{connections} from {it} wait to be accepted here")
        }
        Role::Client if over => format!("{connections} to {it} from here closed, in TIME-WAIT"),
        Role::Client => format!("{who} is connected to {it} from here"),
        Role::Talks if over => format!("{connections} to {} closed, in TIME-WAIT", far()),
        Role::Talks => format!("{who} talks to {}", far()),
    }
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

/// Who is behind some sockets: one by name, several by number, or why it is not said.
fn subject(rows: &[(Role, &Socket)], scene: &Scene<'_>) -> String {
    let processes = owners(rows, scene);
    if !processes.is_empty() {
        return label::subject(&processes);
    }
    match scene.who(rows[0].1).owners {
        Owners::Hidden { .. } => {
            format!("a process of {}, hidden from you,", scene.who(rows[0].1).user())
        }
        Owners::Gone => "a process that is gone".to_owned(),
        _ => "the kernel".to_owned(),
    }
}

/// The table of sockets; those of one role stand together. `most` rows of each role at most.
pub(super) fn table(
    rows: &[(Role, &Socket)],
    scene: &Scene<'_>,
    most: usize,
    namespaces: &[Netns],
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
            columns.cell(Tint::Accent, who.holds(1));
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
