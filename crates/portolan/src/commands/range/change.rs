//! `range set`: what would change, whether that makes sense, and the change.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use registry::{Port, PortRange};
use serde::Serialize;
use sockets::{
    NetnsId, Ownership, PortSettings, Query, Room, Search, Socket, Source, TimeWaitReuse,
};

use super::settings::{Settings, sysctl_file};
use super::{elsewhere, next_boot, undo};
use crate::args::{OutputArgs, RangeSetArgs, SYSCTL_DIR};
use crate::exit::Exit;
use crate::label;
use crate::netns::NetnsName;
use crate::output::json::{RangeJson, SCHEMA};
use crate::output::{Escaped, Paint, Terminal, Tint, hanging};
use crate::servers::serves;

/// Shows the consequences, and changes the range unless that is a dry run.
pub(super) fn run(
    args: &RangeSetArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    if let Some(system) = args.system {
        elsewhere::write(system, args.range, &args.reserve, output, out)?;
        return Ok(Exit::Answered);
    }
    if args.persist {
        refuse_to_persist(args)?;
    }
    if !args.dry_run && !rustix::process::geteuid().is_root() {
        bail!("only root may change the range; --dry-run shows what would change");
    }
    let netns = args.netns.as_ref();
    let change = crate::netns::inside(netns, || Change::of(args))?;
    change.refuse_nonsense()?;
    if !output.json {
        change.write(out, Paint::for_stdout(output), Terminal::of_stdout())?;
        out.flush()?;
    }
    if !args.dry_run && !change.is_none(args) {
        crate::netns::inside(netns, || undo::apply(&change.before, &change.after, args))?;
    }
    if output.json {
        change.write_json(args, out)?;
    } else {
        writeln!(out, "{}", change.done(args))?;
    }
    Ok(Exit::Answered)
}

/// Refuses to have the settings of a namespace that ends before the next boot set for the whole machine
/// then. A directory of one's own choice is the business of whoever chose it.
fn refuse_to_persist(args: &RangeSetArgs) -> anyhow::Result<()> {
    if args.netns.is_some() {
        bail!(
            "--persist is for the whole machine: a network namespace has no settings of the next boot"
        );
    }
    if args.sysctl_dir == Path::new(SYSCTL_DIR) && crate::netns::is_machines() == Some(false) {
        bail!(
            "--persist is for the whole machine, and this is another network namespace than its own, which has no \
             settings of the next boot; leave --persist out"
        );
    }
    Ok(())
}

/// What is, what would be, and whom it concerns.
struct Change {
    before: Settings,
    after: Settings,
    unprivileged: Port,
    netns: NetnsId,
    sockets: Vec<Socket>,
    /// Those of servers, as the range is now.
    listeners: Vec<Socket>,
    ownership: Ownership,
    /// What the next boot reads after our file, where one is wanted.
    later: Vec<PathBuf>,
}

impl Change {
    /// What `args` ask for, in the namespace of this thread.
    fn of(args: &RangeSetArgs) -> anyhow::Result<Change> {
        let host = sockets::host();
        let settings = host.port_settings().context("the port settings could not be read")?;
        let snapshot =
            host.sockets(&Query::default()).context("the sockets could not be listed")?;
        let netns = snapshot.netns.first().map_or(NetnsId(0), |netns| netns.id);
        let serving = snapshot.sockets.iter().filter(|socket| serves(socket, &settings));
        let listeners: Vec<Socket> = serving.cloned().collect();
        let PortSettings { ephemeral, reserved, unprivileged_start } = settings;
        let ownership = host.owners(&listeners, Search::Full);
        let mut wanted = reserved.clone();
        wanted.extend(&args.reserve);
        if args.reserve_listeners {
            let inside = listeners.iter().map(|s| s.local.port).filter(|p| args.range.contains(*p));
            wanted.extend(inside.map(PortRange::from));
        }
        Ok(Change {
            before: Settings::new(ephemeral, &reserved),
            after: Settings::new(args.range, &wanted),
            unprivileged: unprivileged_start,
            netns,
            sockets: snapshot.sockets,
            listeners,
            ownership,
            later: match args.persist {
                true => next_boot::later(&sysctl_file(&args.sysctl_dir)),
                false => Vec::new(),
            },
        })
    }

    /// Whether nothing would be other than it is, now and at the next boot.
    fn is_none(&self, args: &RangeSetArgs) -> bool {
        self.before == self.after && !args.persist
    }

    fn done(&self, args: &RangeSetArgs) -> String {
        if self.is_none(args) {
            return "nothing was changed: it is so already".to_owned();
        }
        let file = sysctl_file(&args.sysctl_dir);
        match (args.dry_run, args.persist) {
            (true, _) => "nothing was changed: --dry-run".to_owned(),
            (false, true) => {
                format!(
                    "changed, also for the next boot ({}): `portolan range undo` goes back",
                    file.display()
                )
            }
            (false, false) => match &args.netns {
                Some(NetnsName::Other(name)) => format!(
                    "changed for as long as the namespace is there: `portolan range undo --netns {}` goes back",
                    Escaped(name.as_bytes())
                ),
                _ => "changed until the next boot (--persist: beyond): `portolan range undo` goes back"
                    .to_owned(),
            },
        }
    }

    /// How many ports connect(2) can hand out towards one destination.
    fn capacity(&self, settings: &Settings) -> u32 {
        let ports = PortSettings {
            ephemeral: settings.range(),
            reserved: settings.reserved(),
            unprivileged_start: self.unprivileged,
        };
        Room::of(self.netns, &self.sockets, &ports, TimeWaitReuse::NEVER).open()
    }

    fn refuse_nonsense(&self) -> anyhow::Result<()> {
        let (range, unprivileged) = (self.after.range(), self.unprivileged);
        refuse_low(range)?;
        if range.first() < unprivileged {
            bail!(
                "{range} begins below net.ipv4.ip_unprivileged_port_start, which is {unprivileged} here; the kernel \
                 refuses that"
            );
        }
        refuse_few(range, self.capacity(&self.after) as usize)
    }

    /// The servers that may lose their port under `settings`, by port.
    fn exposed(&self, settings: &Settings) -> BTreeMap<Port, &Socket> {
        let reserved = settings.reserved();
        let given = |port: Port| {
            settings.range().contains(port) && !reserved.iter().any(|range| range.contains(port))
        };
        self.listeners
            .iter()
            .filter(|socket| given(socket.local.port))
            .map(|socket| (socket.local.port, socket))
            .collect()
    }

    fn named(&self, ports: &BTreeMap<Port, &Socket>) -> Vec<String> {
        let scene = label::Scene::of(&self.sockets, &self.ownership);
        let name = |(port, socket): (&Port, &&Socket)| {
            format!("{port}/{} ({})", socket.proto, scene.who(socket).holds(1))
        };
        ports.iter().map(name).collect()
    }

    fn fall(&self) -> Fall<'_> {
        let (before, mut after) = (self.exposed(&self.before), self.exposed(&self.after));
        let mut fell_out = before.clone();
        fell_out.retain(|port, _| !after.contains_key(port));
        let mut stays = before;
        stays.retain(|port, _| after.contains_key(port));
        after.retain(|port, _| !stays.contains_key(port));
        Fall { stays, fell_in: after, fell_out }
    }

    fn write(&self, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
        let head = |text| paint.tint(Tint::Heading, text);
        let (before, after) = (&self.before, &self.after);
        let mut line =
            |lead: &'static str, text: &str| hanging(out, terminal, 10, head(lead), text);
        line("RANGE     ", &arrow(&label::range(before.range()), &label::range(after.range())))?;
        let list = |settings: &Settings| match settings.reserved().as_slice() {
            [] => "none".to_owned(),
            ranges => label::ranges(ranges),
        };
        line("RESERVED  ", &arrow(&list(before), &list(after)))?;
        let room = |settings: &Settings| label::thousands(self.capacity(settings) as usize);
        let count =
            |settings: &Settings| format!("{} connections to one destination", room(settings));
        let connections = match room(before) == room(after) {
            true => format!("{}, as before", count(after)),
            false => format!("{} → {}", room(before), count(after)),
        };
        line("ROOM      ", &connections)?;
        let fall = self.fall();
        for (lead, ports, what) in [
            (
                "FALL IN   ",
                &fall.fell_in,
                "may lose their port to a connection while they are down; --reserve-listeners keeps it for them",
            ),
            ("FALL OUT  ", &fall.fell_out, "safe from then on"),
            (
                "STAY IN   ",
                &fall.stays,
                "may still lose their port; --reserve-listeners keeps it for them",
            ),
        ] {
            if !ports.is_empty() {
                line(lead, &format!("{} {what}", self.named(ports).join(", ")))?;
            }
        }
        let left = self.left_behind();
        if left > 0 {
            line(
                "ALSO      ",
                &format!(
                    "{} from ports outside go on as they are",
                    label::count(left, "connection")
                ),
            )?;
        }
        for file in &self.later {
            let text = format!(
                "{} sets the same at the next boot, later, and so has the last word: change it there, too",
                Escaped(file.as_os_str().as_encoded_bytes())
            );
            line("ALSO      ", &text)?;
        }
        if (after.range().first().number() ^ after.range().last().number()) & 1 == 0 {
            line(
                "ALSO      ",
                "first and last port have the same parity: the kernel prefers different ones, and will say so in its log",
            )?;
        }
        Ok(())
    }

    /// Connections that were given a port which will no longer be given out.
    fn left_behind(&self) -> usize {
        let (before, after) = (self.before.range(), self.after.range());
        let out = |socket: &&Socket| {
            let port = socket.local.port;
            !socket.remote.is_none() && before.contains(port) && !after.contains(port)
        };
        self.sockets.iter().filter(out).count()
    }

    fn write_json(&self, args: &RangeSetArgs, out: &mut impl Write) -> anyhow::Result<()> {
        let state = |settings: &Settings| StateJson {
            range: settings.range().into(),
            reserved: settings.reserved().into_iter().map(RangeJson::from).collect(),
            room: self.capacity(settings),
        };
        let fall = self.fall();
        let json = ChangeJson {
            schema: SCHEMA,
            changed: !args.dry_run && !self.is_none(args),
            persisted: !args.dry_run && args.persist,
            before: state(&self.before),
            after: state(&self.after),
            fall_in: self.named(&fall.fell_in),
            fall_out: self.named(&fall.fell_out),
            stay_in: self.named(&fall.stays),
            left_behind: self.left_behind(),
            overridden_by: self.later.iter().map(|file| file.display().to_string()).collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &json)?;
        Ok(writeln!(out)?)
    }
}

/// Whom a change concerns.
struct Fall<'a> {
    stays: BTreeMap<Port, &'a Socket>,
    fell_in: BTreeMap<Port, &'a Socket>,
    fell_out: BTreeMap<Port, &'a Socket>,
}

#[derive(Serialize)]
struct ChangeJson {
    schema: &'static str,
    changed: bool,
    persisted: bool,
    before: StateJson,
    after: StateJson,
    fall_in: Vec<String>,
    fall_out: Vec<String>,
    stay_in: Vec<String>,
    left_behind: usize,
    overridden_by: Vec<String>,
}

#[derive(Serialize)]
struct StateJson {
    range: RangeJson,
    reserved: Vec<RangeJson>,
    room: u32,
}

/// Refuses a range that begins among the ports of root's services, whatever the system.
pub(super) fn refuse_low(range: PortRange) -> anyhow::Result<()> {
    if range.first() < Port(1024) {
        bail!(
            "{range} begins below 1024, so that connections would be given the ports of ssh, DNS and other \
             services of root; begin at 1024 or above"
        );
    }
    Ok(())
}

/// Refuses a range of which so few ports are left for connections.
pub(super) fn refuse_few(range: PortRange, left: usize) -> anyhow::Result<()> {
    if left < LEAST {
        bail!(
            "{range} would leave {} for connections to one destination, and so few are soon used up; give at \
             least {}",
            label::count(left, "port"),
            label::thousands(LEAST)
        );
    }
    Ok(())
}

fn arrow(before: &str, after: &str) -> String {
    if before == after { format!("{after}, as before") } else { format!("{before} → {after}") }
}

/// With fewer ports something else is meant.
const LEAST: usize = 1000;
