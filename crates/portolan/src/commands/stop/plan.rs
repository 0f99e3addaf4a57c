//! Whom to end, and how: decided before anything is done.

use std::collections::BTreeMap;

use registry::Port;
use sockets::{Owners, Pid, Process, Socket};

use super::scene::{Part, Scenery, descends};
use crate::args::StopArgs;
use crate::exit::Exit;
use crate::label;
use crate::output::Escaped;

/// The way in which an owner ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// The service manager stops this unit: the system's, or of the user with this name.
    Unit { unit: String, user: Option<String> },
    /// A container's runtime stops it: `docker:4f5c…`.
    Container(String),
    /// The container that publishes the port, which its runtime knows.
    Published,
    /// It is sent a signal.
    Signal(Pid),
}

/// Whom to end, and how.
#[derive(Debug)]
pub(super) struct Plan {
    /// Each way once, with the processes that it ends.
    pub(super) ways: BTreeMap<Way, Vec<Process>>,
}

/// Why nothing is to be done.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) exit: Exit,
}

impl Plan {
    /// Decides whom to end: those who listen, and with `clients` those who have the port otherwise.
    pub(super) fn make(scenery: &Scenery, clients: bool) -> Result<Plan, Refusal> {
        let mut sockets: Vec<&Socket> = scenery.playing(Part::Listener).collect();
        if clients {
            sockets.extend(scenery.playing(Part::Client));
        }
        if sockets.is_empty() {
            return Err(nobody(scenery));
        }
        let mut holders: BTreeMap<Pid, Process> = BTreeMap::new();
        for socket in sockets {
            match scenery.owners(socket) {
                Owners::Known(known) => {
                    let known = known.into_iter().map(|holder| holder.process);
                    holders.extend(known.map(|process| (process.pid, process.clone())));
                }
                Owners::Hidden { uid } => return Err(hidden(scenery, socket, uid)),
                Owners::Kernel => return Err(kernel(scenery.port)),
                Owners::Gone => {}
            }
        }
        let own = own_place();
        let mut ways: BTreeMap<Way, Vec<Process>> = BTreeMap::new();
        for process in holders.values() {
            if process.pid == Pid(1) {
                return Err(first_process(scenery.port, process));
            }
            // Who began the others ends them: a master its workers.
            let topmost = || holders.values().find(|other| descends(process, other));
            let way = match way(process, &own) {
                Way::Signal(pid) => Way::Signal(topmost().map_or(pid, |master| master.pid)),
                way => way,
            };
            ways.entry(way).or_default().push(process.clone());
        }
        if ways.is_empty() {
            let why = format!("whoever listened on {} has ended just now", scenery.port);
            return Err(Refusal { why, exit: Exit::No });
        }
        Ok(Plan { ways })
    }

    /// What will be done and to whom, a line each.
    pub(super) fn lines(&self, port: Port, args: &StopArgs) -> Vec<String> {
        let line = |(way, processes): (&Way, &Vec<Process>)| {
            let who: Vec<String> = processes
                .iter()
                .map(|process| {
                    format!("{} of {}", label::process(process), label::user(&process.user))
                })
                .collect();
            format!("{port}: {}: {}", who.join(", "), way.described(args))
        };
        self.ways.iter().map(line).collect()
    }

    /// Every process that is to end.
    pub(super) fn processes(&self) -> impl Iterator<Item = &Process> {
        self.ways.values().flatten()
    }
}

impl Way {
    fn described(&self, args: &StopArgs) -> String {
        let grace = args.grace.as_secs();
        let then = if args.force {
            format!("SIGKILL after {grace} s")
        } else {
            format!("{grace} s to end")
        };
        match self {
            Way::Signal(pid) => format!("SIGTERM to {pid}, {then}"),
            Way::Published => {
                "it publishes the port of a container: docker stop that container".to_owned()
            }
            way => way
                .command(args)
                .map(|words| {
                    words.iter().map(|word| Escaped(word.as_bytes()).to_string()).collect()
                })
                .map_or_else(String::new, |words: Vec<String>| words.join(" ")),
        }
    }

    /// The command that does it; `None` where none is known.
    pub(super) fn command(&self, args: &StopArgs) -> Option<Vec<String>> {
        let grace = args.grace.as_secs().to_string();
        let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        match self {
            Way::Unit { unit, user: None } => words(&["systemctl", "stop", "--", unit]),
            Way::Unit { unit, user: Some(user) } if user.is_empty() => {
                words(&["systemctl", "--user", "stop", "--", unit])
            }
            Way::Unit { unit, user: Some(user) } => words(&[
                "systemctl",
                "--user",
                &format!("--machine={user}@.host"),
                "stop",
                "--",
                unit,
            ]),
            Way::Container(container) => {
                let (runtime, id) = container.split_once(':')?;
                match runtime {
                    "docker" | "podman" => words(&[runtime, "stop", "--time", &grace, "--", id]),
                    "containerd" => words(&["nerdctl", "stop", "--time", &grace, "--", id]),
                    "cri-o" | "kubernetes" => {
                        words(&["crictl", "stop", "--timeout", &grace, "--", id])
                    }
                    "nspawn" => words(&["machinectl", "poweroff", "--", id]),
                    "lxc" => words(&["lxc-stop", "--timeout", &grace, "--name", id]),
                    _ => None,
                }
            }
            Way::Published | Way::Signal(_) => None,
        }
    }
}

/// The way of one process. What we run in ourselves is not stopped as a whole: it would end us.
fn way(process: &Process, own: &Own) -> Way {
    let place = &process.place;
    if let Some(container) = &place.container
        && own.container.as_ref() != Some(container)
    {
        return Way::Container(container.to_string());
    }
    if process.comm == b"docker-proxy" {
        return Way::Published;
    }
    match &place.unit {
        Some(unit)
            if unit.ends_with(".service")
                && place.container.is_none()
                && !unit.starts_with("user@")
                && own.unit.as_ref() != Some(unit) =>
        {
            Way::Unit { unit: unit.to_string(), user: manager(process) }
        }
        _ => Way::Signal(process.pid),
    }
}

/// The user whose own service manager has the process; empty for our own; `None` for the system's.
fn manager(process: &Process) -> Option<String> {
    let of_user = process.place.cgroup.split('/').find_map(|part| part.strip_prefix("user@"))?;
    let uid: u32 = of_user.strip_suffix(".service")?.parse().ok()?;
    if uid == rustix::process::geteuid().as_raw() {
        return Some(String::new());
    }
    let name = (process.user.uid == uid).then(|| process.user.name.clone()).flatten();
    Some(name.map_or_else(|| uid.to_string(), |name| name.to_string()))
}

/// Where we run ourselves.
#[derive(Debug, Default)]
struct Own {
    unit: Option<std::sync::Arc<str>>,
    container: Option<std::sync::Arc<str>>,
}

fn own_place() -> Own {
    let processes = sockets::Processes::open().ok();
    let own = processes.and_then(|mut all| all.process(Pid(std::process::id())));
    own.map_or_else(Own::default, |process| Own {
        unit: process.place.unit,
        container: process.place.container,
    })
}

/// Nobody listens: who has the port otherwise.
fn nobody(scenery: &Scenery) -> Refusal {
    let port = scenery.port;
    let whose = |part| {
        let mut names: Vec<String> = Vec::new();
        for socket in scenery.playing(part) {
            let name = match scenery.owners(socket) {
                Owners::Known(holders) => label::process(holders[0].process),
                Owners::Hidden { .. } => label::HIDDEN_PROCESS.to_owned(),
                Owners::Gone | Owners::Kernel => "the kernel".to_owned(),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        (!names.is_empty()).then(|| names.join(", "))
    };
    let rest = if let Some(names) = whose(Part::Client) {
        format!("{names} merely has the number, as a client: --clients would end that, too")
    } else if let Some(names) = whose(Part::Silent) {
        format!(
            "{names} has it bound and does not listen: `portolan lease ls` says whether it is leased"
        )
    } else if whose(Part::Lingering).is_some() {
        "connections that are over have it, in TIME-WAIT: a server with SO_REUSEADDR can bind it"
            .to_owned()
    } else {
        "nobody has it".to_owned()
    };
    Refusal { why: format!("nobody listens on {port}: {rest}"), exit: Exit::No }
}

fn hidden(scenery: &Scenery, socket: &Socket, uid: u32) -> Refusal {
    let port = scenery.port;
    let user = scenery
        .ownership
        .user_of(socket)
        .map_or_else(|| uid.to_string(), |user| label::user(&user));
    let place = scenery.ownership.place_of(socket).map(label::place).unwrap_or_default();
    let place = if place.is_empty() { place } else { format!(" in {place}") };
    let who = if user == "root" {
        "root could stop it".to_owned()
    } else {
        format!("{user} or root could stop it")
    };
    let why =
        format!("{port} is listened on by a process of {user}{place} that you may not see: {who}");
    Refusal { why, exit: Exit::Unknown }
}

fn kernel(port: Port) -> Refusal {
    let why = format!(
        "the kernel itself listens on {port}: an NFS server, a tunnel or the like, which has a command of its own"
    );
    Refusal { why, exit: Exit::No }
}

fn first_process(port: Port, process: &Process) -> Refusal {
    let name = label::process(process);
    let rest = if process.comm == b"systemd" {
        "for a service that it starts when somebody connects: `systemctl list-sockets` names the socket unit \
         to stop"
    } else {
        "the first process, with which everything here would end: stop it from outside"
    };
    Refusal { why: format!("{port} is listened on by {name}, {rest}"), exit: Exit::No }
}
