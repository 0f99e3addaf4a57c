//! The card as the web shows it: the same facts as plain data, in no language.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use log::Viewer;
use registry::{Port, Target};
use sockets::{Outcome, Owners, Process, Socket, Source};
use web::{
    Bind, BindAnswer, Moment, PortAsked, PortNow, PortSettings, Printed, ProcessView, SocketView,
    Who, WhoAt,
};

use super::before::Before;
use super::now::{self, View};
use super::told::note_view;
use super::{Card, bind, text};
use crate::args::LookArgs;
use crate::label::{self, Scene};
use crate::output::{Escaped, Paint, Terminal};
use crate::tongue::Tongue;
use crate::{compat, netns, when};

/// What is so of a port by `source`. Nothing is bound: who looks at a page changes nothing.
pub(crate) fn port_now(source: &impl Source, asked: PortAsked) -> anyhow::Result<PortNow> {
    let target =
        Target { ports: vec![asked.port.into()], proto: asked.proto, host: None, service: None };
    let mut card = Card::draw(source, target, true, LookArgs::default())?;
    if asked.port == Port::NONE {
        // A far end of none is told as port 0.
        card.snapshot.sockets.clear();
        card.binds.clear();
    }
    let scene = Scene::of(&card.snapshot.sockets, &card.ownership);
    let view = View::of(&card, &scene);
    let rows = view.rows(&card.snapshot.sockets);
    let processes = now::processes(&rows, &scene, PROCESSES);
    Ok(PortNow {
        asked,
        settings: card.settings.as_ref().map(|settings| PortSettings {
            ephemeral: settings.ephemeral,
            handed_out: settings.hands_out(asked.port),
            reserved: settings.ephemeral.contains(asked.port) && settings.is_reserved(asked.port),
            unprivileged_start: settings.unprivileged_start,
        }),
        sockets: rows.iter().map(|(role, socket)| socket_view(*role, socket, &scene)).collect(),
        processes: processes.into_iter().map(process_view).collect(),
        binds: bind::groups(&card).iter().map(|group| bind_view(&card, &scene, group)).collect(),
        notes: card.notes.iter().map(note_view).collect(),
        printed: printed(&card, asked),
    })
}

/// The card of `target` by `source` as JSON, its past by the store in `dir` as far as `viewer` may
/// know it. Nothing is bound.
pub(crate) fn card_json(
    source: &impl Source,
    target: Target,
    dir: Option<&Path>,
    viewer: Viewer,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let asked = Before::ask(&target, netns::own().ok(), dir.map(Path::to_owned));
    let mut card = Card::draw(source, target, true, LookArgs::default())?;
    card.before = asked.answer(started).seen_by(viewer);
    Ok(super::json::write(&card, out)?)
}

/// What tools print of what the card shows.
fn printed(card: &Card, asked: PortAsked) -> Printed {
    let mut portolan = Vec::new();
    let terminal = Terminal { width: Some(PAGE), height: None };
    let written = text::write_present(card, &mut portolan, Paint::PLAIN, terminal);
    written.expect("a Vec takes every write");
    let own = bind::own_sockets(&card.snapshot);
    let protos = super::protos(&card.target);
    let sockets: Vec<&Socket> = own.iter().take(ROWS).collect();
    Printed {
        portolan: if asked.port == Port::NONE {
            String::new()
        } else {
            String::from_utf8_lossy(&portolan).into_owned()
        },
        ss: compat::ss::table_of(&sockets, &card.ownership, &protos),
        lsof: compat::lsof::table_of(&sockets, &card.ownership),
    }
}

/// A socket that has to do with a port.
pub(crate) fn socket_view(role: web::Role, socket: &Socket, scene: &Scene<'_>) -> SocketView {
    let who = scene.who(socket);
    let far = !socket.remote.is_none();
    SocketView {
        role,
        proto: socket.proto,
        state: socket.state.name(),
        local: label::local(socket).to_string(),
        remote: label::remote(socket).map(|end| end.to_string()),
        remote_port: far.then_some(socket.remote.port),
        local_port: socket.local.port,
        user: who.user(),
        place: who.place(),
        who: holders(&who),
    }
}

/// Who is behind a socket.
fn holders(who: &label::Who<'_>) -> Who {
    match &who.owners {
        Owners::Known(_) => Who::Known(who.names()),
        Owners::Hidden { .. } => Who::Hidden(who.names()),
        Owners::Gone => Who::Gone,
        Owners::Kernel if who.waits_to_be_accepted() => Who::Unaccepted(who.names()),
        Owners::Kernel => Who::Kernel,
    }
}

/// A process.
pub(crate) fn process_view(process: &Process) -> ProcessView {
    let args = process.cmdline.as_deref().unwrap_or_default();
    let args: Vec<String> = args.iter().map(|arg| Escaped(arg).to_string()).collect();
    let parent = |parent: &sockets::Ancestor| format!("{} ({})", Escaped(&parent.comm), parent.pid);
    ProcessView {
        name: label::process(process),
        started: moment(process.started),
        runs: args.join(" "),
        parents: process.ancestry.iter().map(parent).collect(),
        user: label::user(&process.user),
        place: label::place(&process.place),
    }
}

fn moment(at: std::time::SystemTime) -> Moment {
    Moment(jiff::Timestamp::try_from(at).map_or(0, |at| when::moment(at).0))
}

fn bind_view(card: &Card, scene: &Scene<'_>, group: &bind::Group<'_>) -> Bind {
    let verdict = group.verdicts[0];
    let stands = verdict.reason.filter(|_| verdict.outcome != Outcome::Yes);
    let culprit = verdict.culprit.and_then(|at| card.snapshot.sockets.get(at));
    let holder = culprit.filter(|_| stands.and_then(|reason| reason.predicate()).is_some());
    Bind {
        proto: verdict.proto,
        addresses: group.addresses(),
        answer: match verdict.outcome {
            Outcome::Yes => BindAnswer::Yes,
            Outcome::No => BindAnswer::No,
            Outcome::Unknown => BindAnswer::Unknown,
        },
        reason: stands.map(|reason| reason.code()),
        because: stands
            .map(|reason| bind::because(Tongue::default(), scene, reason, culprit))
            .unwrap_or_default(),
        holder: holder.and_then(|socket| who_at(scene, socket)),
        remedy: verdict.remedy.map(|remedy| remedy.code()),
    }
}

fn who_at(scene: &Scene<'_>, socket: &Socket) -> Option<WhoAt> {
    let who = scene.who(socket);
    if who.is_hidden() {
        return Some(WhoAt::Hidden);
    }
    let names = who.names();
    names.first().map(|first| WhoAt::Known(first.clone(), names.len() - 1))
}

/// How wide a terminal a page shows.
const PAGE: usize = 100;
/// How many sockets the tools are shown with.
const ROWS: usize = 50;
/// How many processes a page tells of.
const PROCESSES: usize = 32;
